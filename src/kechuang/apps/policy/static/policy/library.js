// The library and the page of a document: filters, outline, marks, citation.
(() => {
  "use strict";
  const wide = matchMedia("(min-width: 992px)");
  const fold = () => document.querySelectorAll("details[data-pol-open-wide]").forEach((box) => {
    if (wide.matches) box.open = true;
    else if (!box.querySelector(".kc-badge")) box.open = false;
  });
  fold();
  wide.addEventListener("change", fold);

  const text = document.getElementById("text");
  document.addEventListener("click", async (event) => {
    const plain = event.target.closest?.("[data-pol-plain]");
    if (plain && text) plain.setAttribute("aria-pressed", text.classList.toggle("pol-plain"));
    const copy = event.target.closest?.("[data-pol-copy]");
    if (copy) {
      const done = await copied(document.getElementById(copy.dataset.polCopy));
      window.kechuang?.toast(done ? copy.dataset.done : copy.dataset.failed || copy.dataset.done);
    }
    const mark = event.target.closest?.("a.pol-mark");
    if (mark) open(mark.hash);
  });
  // Without TLS a browser offers no clipboard: then the text is selected and copied as a person would do it.
  async function copied(source) {
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(source.textContent);
        return true;
      } catch {
        // refused: try the other way
      }
    }
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  }
  // A link to a finding opens the group that it is in.
  function open(hash) {
    const target = hash && document.querySelector(hash);
    const group = target?.closest("details[data-group]");
    if (group) group.open = true;
  }
  if (location.hash.startsWith("#i-")) {
    open(location.hash);
    document.querySelector(location.hash)?.scrollIntoView({ block: "center" });
  }
  if (location.hash === "#at" || location.search.includes("at=")) {
    document.getElementById("at")?.scrollIntoView({ block: "center" });
  }
})();
