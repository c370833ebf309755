// Behaviour of every page: notices, progress, drawer, evidence quotes, selections in lists, drafts of forms, charts.
// Everything is attached by data attributes, also to what htmx swaps in. No inline handlers, no eval.
(() => {
  "use strict";

  const text = (name) => document.getElementById("toasts").dataset[name];

  // Notices -----------------------------------------------------------------------------------------------------------
  const icons = document.querySelector(".kc-skip") && document.querySelector("use")?.getAttribute("href")?.split("#")[0];
  const notices = {
    success: ["kc-tone-good", "circle-check"],
    info: ["kc-tone-done", "info-circle"],
    warning: ["kc-tone-soon", "alert-triangle"],
    error: ["kc-tone-bad", "alert-triangle"],
  };

  function toast(message, level = "success") {
    const area = document.getElementById("toasts");
    const [tone, icon] = notices[level] || notices.info;
    const box = document.createElement("div");
    box.className = `kc-notice ${tone}`;
    box.innerHTML = `<svg class="kc-icon" aria-hidden="true"><use href="${icons}#${icon}"></use></svg><div></div>` +
      `<button type="button" class="btn-close" aria-label=""></button>`;
    box.querySelector("div").textContent = message;
    const close = box.querySelector("button");
    close.setAttribute("aria-label", area.dataset.close);
    close.addEventListener("click", () => box.remove());
    area.append(box);
    if (level === "success" || level === "info") setTimeout(() => box.remove(), 8000);
  }
  window.kechuang = Object.assign(window.kechuang || {}, { toast });
  document.addEventListener("kechuang:toast", (event) => toast(event.detail.message, event.detail.level));

  // Waiting -----------------------------------------------------------------------------------------------------------
  let waiting = 0;
  const busy = (step) => {
    waiting = Math.max(0, waiting + step);
    document.body.classList.toggle("kc-busy", waiting > 0);
  };
  document.addEventListener("htmx:beforeRequest", () => busy(1));
  document.addEventListener("htmx:afterRequest", () => busy(-1));
  document.addEventListener("htmx:sendError", () => toast(text("offline"), "error"));
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(text("failed"), "error");
  });

  // Drawer ------------------------------------------------------------------------------------------------------------
  const drawer = document.getElementById("drawer");
  let opener = null;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== drawer) return;
    opener = event.detail.requestConfig?.elt || null;
    if (!drawer.open) drawer.showModal();
    drawer.scrollTop = 0;
  });
  drawer?.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-kc-close]")) drawer.close();
  });
  drawer?.addEventListener("close", () => opener?.focus());

  // Evidence quotes ---------------------------------------------------------------------------------------------------
  function place(chip, quote) {
    const at = chip.getBoundingClientRect();
    quote.hidden = false;
    const size = quote.getBoundingClientRect();
    quote.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    const below = at.bottom + 6 + size.height < innerHeight;
    quote.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`;
  }
  const evidenceOf = (event) => event.target instanceof Element && event.target.closest("[data-kc-evidence]");
  const show = (event) => {
    const box = evidenceOf(event);
    if (box) place(box.querySelector(".kc-chip"), box.querySelector(".kc-quote"));
  };
  const hide = (event) => {
    const box = evidenceOf(event);
    if (box && !box.contains(event.relatedTarget)) box.querySelector(".kc-quote").hidden = true;
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && show(event));
  document.addEventListener("pointerout", (event) => event.pointerType === "mouse" && hide(event));
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", hide);
  let lastTouch = "";
  document.addEventListener("pointerdown", (event) => (lastTouch = event.pointerType));
  document.addEventListener("click", (event) => {
    const chip = event.target instanceof Element && event.target.closest(".kc-chip");
    if (!chip || lastTouch !== "touch") return;
    const quote = chip.parentElement.querySelector(".kc-quote");
    if (!quote || chip.dataset.shown) return;
    event.preventDefault(); // the first tap shows the sentence, the second one goes there
    chip.dataset.shown = "1";
    place(chip, quote);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll(".kc-quote:not([hidden])").forEach((quote) => (quote.hidden = true));
  });

  // Filters: what was left empty stays out of the address.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.id !== "rows-filter") return;
    for (const [name, value] of Object.entries(event.detail.parameters)) {
      if (value === "") delete event.detail.parameters[name];
    }
  });

  // Keys --------------------------------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select, [contenteditable]")) return;
    const target = [...document.querySelectorAll("[data-kc-hotkey]")].find((item) => item.dataset.kcHotkey === event.key);
    if (target) {
      event.preventDefault();
      target.matches("input") ? target.focus() : target.click();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-kc-fullscreen]")) {
      document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    }
    if (event.target instanceof Element && event.target.closest("[data-kc-print]")) window.print();
  });

  // Selections in lists -----------------------------------------------------------------------------------------------
  function selection(form) {
    const boxes = [...form.querySelectorAll("input[name=selected]")];
    const chosen = boxes.filter((box) => box.checked).length;
    const all = form.querySelector("[data-kc-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const bar = form.querySelector("[data-kc-bulk]");
    if (bar) bar.hidden = chosen === 0;
    form.querySelectorAll("[data-kc-count]").forEach((place) => (place.textContent = chosen));
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-kc-list]");
    if (!form) return;
    if (event.target.matches("[data-kc-all]")) {
      form.querySelectorAll("input[name=selected]").forEach((box) => (box.checked = event.target.checked));
    }
    selection(form);
  });

  // Forms: one submission, drafts kept in this browser ------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });

  const clock = () => new Date().toTimeString().slice(0, 5);
  const draftFields = (form) => [...form.elements].filter((field) =>
    field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type) && !field.name.startsWith("csrf"));

  function draft(form) {
    const key = `kechuang:${form.dataset.kcDraft}`;
    const status = form.querySelector("[data-kc-saved]");
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    const values = () => draftFields(form).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? [field.value, field.checked] : field.value]);
    if (kept && kept.base === form.dataset.kcBase && JSON.stringify(kept.values) !== JSON.stringify(values())) {
      const offer = form.querySelector("[data-kc-restore]");
      if (offer) {
        offer.hidden = false;
        offer.querySelector("[data-kc-when]").textContent = kept.at;
        offer.querySelector("[data-kc-take]").addEventListener("click", () => {
          const fields = draftFields(form);
          kept.values.forEach(([name, value], index) => {
            const field = fields[index]?.name === name ? fields[index] : null;
            if (!field) return;
            if (Array.isArray(value)) field.checked = value[1];
            else field.value = value;
          });
          offer.hidden = true;
        });
        offer.querySelector("[data-kc-drop]").addEventListener("click", () => {
          localStorage.removeItem(key);
          offer.hidden = true;
        });
      }
    }
    let timer;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        localStorage.setItem(key, JSON.stringify({ at: clock(), base: form.dataset.kcBase, values: values() }));
        if (status) status.textContent = status.dataset.kcSaved.replace("{time}", clock());
      }, 600);
    });
  }
  // A page that says a form went through drops its draft.
  const finished = (root) => root.querySelectorAll("[data-kc-finished]").forEach((mark) => localStorage.removeItem(`kechuang:${mark.dataset.kcFinished}`));

  // Charts ------------------------------------------------------------------------------------------------------------
  let echarts = null;
  const loading = (src) => new Promise((done, fail) => {
    const script = Object.assign(document.createElement("script"), { src, onload: done, onerror: fail });
    document.head.append(script);
  });
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Options may name tokens ("var(--kc-good)"); a canvas needs the colours themselves.
  const resolved = (value) => {
    if (typeof value === "string") return value.replace(/var\((--[\w-]+)\)/g, (_, name) => token(name));
    if (Array.isArray(value)) return value.map(resolved);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v)]));
    return value;
  };

  async function chart(box) {
    if (box.dataset.drawn) return;
    box.dataset.drawn = "1";
    const source = document.getElementById(box.dataset.kcChart);
    const option = source && JSON.parse(source.textContent);
    if (!option) return;
    const base = document.currentScriptBase;
    echarts ||= window.echarts ? Promise.resolve() : loading(`${base}vendor/echarts.js`);
    await echarts;
    const map = option.kcMap;
    delete option.kcMap;
    if (map && !window.echarts.getMap(map.name)) {
      window.echarts.registerMap(map.name, await (await fetch(map.url)).json());
    }
    const instance = window.echarts.init(box, null, { renderer: "svg" });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.webdriver;
    instance.setOption({
      color: [1, 2, 3, 4, 5, 6].map((n) => token(`--kc-chart-${n}`)),
      textStyle: { fontFamily: token("--kc-font"), color: token("--kc-ink") },
      animation: !still,
      ...resolved(option),
    });
    instance.on("click", (event) => event.data?.url && (location.href = event.data.url));
    new ResizeObserver(() => instance.resize()).observe(box);
    addEventListener("beforeprint", () => instance.resize());
  }
  document.currentScriptBase = document.currentScript?.src.replace(/kit\/js\/kit\.js.*$/, "");

  // Start, for the page and for everything htmx brings ---------------------------------------------------------------
  function start(root) {
    root.querySelectorAll("[data-kc-chart]").forEach(chart);
    root.querySelectorAll("form[data-kc-draft]").forEach(draft);
    root.querySelectorAll("[data-kc-list]").forEach(selection);
    if (root.matches?.("[data-kc-list]")) selection(root);
    finished(root);
    root.querySelector("[data-kc-focus]")?.focus();
  }
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && start(event.detail.elt));
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
})();
