// The review page: marks and cards lead to each other, keys do the work, a selection becomes a finding.
(() => {
  "use strict";
  const work = document.getElementById("work");
  const text = document.getElementById("text");

  // A finished job brings the page that it made ready.
  document.addEventListener("kechuang:job-ended", () => {
    const place = document.querySelector("[data-pol-then]");
    if (place) setTimeout(() => location.assign(place.dataset.polThen), 600);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pol-plain]");
    if (!button || !text) return;
    const plain = text.classList.toggle("pol-plain");
    button.setAttribute("aria-pressed", plain);
  });
  if (!work || !text) return;
  const editable = work.dataset.editable === "1";

  // On a phone the text and the findings take turns.
  const narrow = matchMedia("(max-width: 991.98px)");
  function pane(name) {
    document.body.dataset.pane = name;
    document.querySelectorAll("button[data-pane]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.pane === name));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-pane]");
    if (button) pane(button.dataset.pane);
  });

  // Cards and marks ---------------------------------------------------------------------------------------------------
  const cards = () => [...work.querySelectorAll(`[data-panel]:not([hidden]) .pol-card`)];
  const marksOf = (id) => [...text.querySelectorAll(`[data-items~="${id}"]`)];
  let current = null;

  function openTab(kind) {
    work.querySelectorAll("[data-panel]").forEach((panel) => (panel.hidden = panel.dataset.panel !== kind));
    work.querySelectorAll("[data-tab]").forEach((tab) => tab.setAttribute("aria-selected", tab.dataset.tab === kind));
    watch();
  }

  function choose(card, { scroll = true, reveal = true, focus = true } = {}) {
    if (!card) return;
    document.querySelectorAll(".pol-card.is-active, .pol-mark.is-active").forEach((part) => part.classList.remove("is-active"));
    if (card.closest("[data-panel]")?.hidden) openTab(card.dataset.kind);
    current = card.dataset.item;
    card.classList.add("is-active");
    const marks = marksOf(current);
    marks.forEach((mark) => mark.classList.add("is-active"));
    if (scroll) card.scrollIntoView({ block: "nearest" });
    if (focus) card.focus({ preventScroll: true });
    if (reveal && matchMedia("(min-width: 992px)").matches) marks[0]?.scrollIntoView({ block: "center" });
  }
  const cardNow = () => current && document.getElementById(`i-${current}`);
  const step = (by) => {
    const list = cards();
    const at = list.indexOf(cardNow());
    choose(list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))]);
  };
  function nextWaiting(from) {
    const list = cards();
    const start = Math.max(0, list.indexOf(from));
    return list.slice(start).find((card) => card.dataset.state === "proposed") || list.find((card) => card.dataset.state === "proposed");
  }

  text.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-items]");
    if (!mark || String(getSelection())) return;
    const ids = mark.dataset.items.split(" ");
    const next = ids[(ids.indexOf(current) + 1) % ids.length]; // clicking again goes through overlapping findings
    pane("work");
    choose(document.getElementById(`i-${next}`), { reveal: false });
  });
  work.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) return openTab(tab.dataset.tab);
    const card = event.target.closest(".pol-card");
    if (!card) return;
    const act = event.target.closest("[data-do]")?.dataset.do;
    if (act === "show") {
      choose(card);
      if (narrow.matches) pane("text");
      marksOf(card.dataset.item)[0]?.scrollIntoView({ block: "center" });
    } else if (!act && !event.target.closest("a, button, input, textarea, select, summary, label")) {
      choose(card, { scroll: false });
    }
  });
  work.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const tabs = [...work.querySelectorAll("[data-tab]")];
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + by + tabs.length) % tabs.length];
    next.focus();
    openTab(next.dataset.tab);
  });

  // A mark whose findings are all rejected is no mark any more.
  function fade(id) {
    marksOf(id).forEach((mark) => {
      const states = mark.dataset.items.split(" ").map((other) => document.getElementById(`i-${other}`)?.dataset.state);
      mark.classList.toggle("is-rejected", states.every((state) => state === "rejected"));
    });
  }
  work.querySelectorAll('.pol-card[data-state="rejected"]').forEach((card) => fade(card.dataset.item));

  // Answers of the server --------------------------------------------------------------------------------------------
  let deciding = null;
  const typed = []; // what was pressed while an answer was on its way: done in turn once it is there
  document.addEventListener("htmx:confirm", (event) => {
    const form = event.target.closest?.("form");
    const button = form?.querySelector("[data-ask]");
    if (!button) return;
    event.preventDefault();
    const note = prompt(button.dataset.ask, "");
    if (note === null) return;
    form.querySelector("[name=note]").value = note;
    event.detail.issueRequest(true);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const card = event.target.closest?.(".pol-card");
    if (card) deciding = { id: card.dataset.item, state: card.dataset.state, index: cards().indexOf(card) };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = deciding?.id;
    const card = id && document.getElementById(`i-${id}`);
    if (!card || !work.contains(card)) return;
    const before = deciding;
    deciding = null;
    fade(id);
    if ("editing" in card.dataset) {
      typed.length = 0;
      choose(card);
      card.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    } else if (before.state === "proposed" && card.dataset.state !== "proposed") {
      choose(nextWaiting(card) || card);
    } else {
      choose(card, { reveal: false });
    }
    watch();
    while (typed.length && !deciding) typed.shift()();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => {
      deciding = null;
      typed.length = 0;
    });
  }

  // Keys --------------------------------------------------------------------------------------------------------------
  const help = document.getElementById("shortcuts");
  const press = (name) => cardNow()?.querySelector(`[data-do="${name}"]`)?.click();
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    a: () => press("accept"),
    e: () => press("edit"),
    r: () => press("reject"),
    u: () => press("reconsider"),
    s: () => press("show"),
  };
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-editing]");
    if (form && event.key === "Escape") return form.querySelector('[data-do="cancel"], [data-do="drop-new"]')?.click();
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return form.querySelector('[data-do="save"]')?.click();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select") || document.querySelector("dialog[open]")) return;
    if (/^[1-6]$/.test(event.key)) return work.querySelectorAll("[data-tab]")[Number(event.key) - 1]?.click();
    const arrows = event.key.startsWith("Arrow");
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || (arrows && !event.target.closest?.(".pol-card"))) return;
    event.preventDefault();
    if (deciding) typed.push(act);
    else act();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-pol-help]")) help.showModal();
    if (event.target.closest?.("[data-close-shortcuts]") || event.target === help) help.close();
    if (event.target.closest?.('[data-do="drop-new"]')) document.getElementById("new-place").replaceChildren();
  });

  // All at once only after all were on the screen ---------------------------------------------------------------------
  const seen = new Set();
  const eye = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => seen.add(entry.target.dataset.item));
    work.querySelectorAll("[data-panel]:not([hidden])").forEach(unlock);
  }, { threshold: 0.3 });
  function unlock(panel) {
    const all = panel.querySelector("[data-kc-drawer]");
    if (!all) return;
    const waiting = [...panel.querySelectorAll('.pol-card[data-state="proposed"]')];
    all.closest(".pol-card-foot").hidden = !waiting.length;
    const ready = waiting.every((card) => seen.has(card.dataset.item));
    all.classList.toggle("disabled", !ready);
    all.setAttribute("aria-disabled", !ready);
    all.tabIndex = ready ? 0 : -1;
  }
  function watch() {
    work.querySelectorAll("[data-panel]:not([hidden])").forEach((panel) => {
      panel.querySelectorAll(".pol-card").forEach((card) => eye.observe(card));
      unlock(panel);
    });
  }

  // Selecting words ---------------------------------------------------------------------------------------------------
  const bar = document.getElementById("selection");
  const frame = document.getElementById("text-pane");
  function offsetOf(node, offset) {
    const holder = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-start]");
    if (!holder) return null;
    // Offsets count characters as the server does: one for each code point.
    const before = node.nodeType === Node.TEXT_NODE ? [...node.data.slice(0, offset)].length : 0;
    return Number(holder.dataset.start) + before;
  }
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!text.contains(range.commonAncestorContainer)) return null;
    let start = offsetOf(range.startContainer, range.startOffset);
    let end = offsetOf(range.endContainer, range.endOffset);
    if (start === null || end === null) {
      const pieces = [...text.querySelectorAll("[data-start]")].filter((piece) => range.intersectsNode(piece));
      if (!pieces.length) return null;
      const last = pieces[pieces.length - 1];
      start ??= Number(pieces[0].dataset.start);
      end ??= Number(last.dataset.start) + [...last.textContent].length;
    }
    return end > start ? { start, end, box: range.getBoundingClientRect() } : null;
  }
  let chosen = null;
  document.addEventListener("selectionchange", () => {
    if (!bar) return;
    const now = selected();
    if (!now) {
      if (!bar.contains(document.activeElement)) bar.hidden = true;
      return;
    }
    chosen = now;
    const around = frame.getBoundingClientRect();
    bar.hidden = false;
    bar.style.top = `${now.box.bottom - around.top + frame.scrollTop + 8}px`;
    bar.style.left = `${Math.max(8, Math.min(now.box.left - around.left, around.width - bar.offsetWidth - 24))}px`;
  });
  bar?.addEventListener("mousedown", (event) => event.preventDefault()); // keep the selection
  bar?.addEventListener("click", (event) => {
    const kind = event.target.closest("[data-add]")?.dataset.add;
    if (!kind || !chosen) return;
    const place = document.getElementById("new-place");
    pane("work");
    const url = `${bar.dataset.url}?kind=${kind}&start=${chosen.start}&end=${chosen.end}`;
    window.htmx.ajax("GET", url, { target: place, swap: "innerHTML" }).then(() => {
      place.scrollIntoView({ block: "center" });
      place.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });
    getSelection().removeAllRanges();
    bar.hidden = true;
  });

  // Start: where the address leads ------------------------------------------------------------------------------------
  const asked = new URLSearchParams(location.search);
  const linked = location.hash.startsWith("#i-") && document.querySelector(location.hash);
  if (linked) choose(linked);
  else if (asked.get("tab")) openTab(asked.get("tab"));
  const at = document.getElementById("at");
  if (at && narrow.matches) pane("text");
  at?.scrollIntoView({ block: "center" });
  if (!linked && editable) current = nextWaiting(null)?.dataset.item || null;
  watch();
})();
