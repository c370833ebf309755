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
      await navigator.clipboard?.writeText(document.getElementById(copy.dataset.polCopy).textContent);
      window.kechuang?.toast(copy.dataset.done);
    }
    const mark = event.target.closest?.("a.pol-mark");
    if (mark) open(mark.hash);
  });
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
