// Sheets of figures: a pasted column fills the fields below, choices show at once, parts are added up while typing.
(() => {
  "use strict";

  const number = (text) => {
    const plain = text.replace(/[\s,，]/g, "").match(/^[+-]?\d+(\.\d+)?/);
    return plain ? Number(plain[0]) : null;
  };

  // The value fields of a sheet, top to bottom.
  const fields = (form) => [...form.querySelectorAll("input[name^='value-'], input[data-ind-part]")];

  document.addEventListener("paste", (event) => {
    const field = event.target;
    const form = field.closest?.("[data-ind-sheet], [data-ind-parts]");
    if (!form || !fields(form).includes(field)) return;
    const rows = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "").split("\n");
    if (rows.length < 2) return;
    event.preventDefault();
    const all = fields(form);
    let at = all.indexOf(field);
    for (const row of rows) {
      const cells = row.split("\t").map((cell) => cell.trim());
      const named = cells.length > 1 && all.find((input) => label(input) === cells[0]);
      const target = named || all[at];
      if (!target) break;
      target.value = cells[cells.length - 1];
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.dispatchEvent(new Event("change", { bubbles: true }));
      at += 1;
    }
  });
  const label = (input) => document.querySelector(`label[for="${input.id}"]`)?.textContent.trim();

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-ind-submit]")) event.target.form.requestSubmit();
  });

  function addUp(form) {
    const place = form.querySelector("[data-ind-sum]");
    if (!place) return;
    const values = fields(form).map((input) => number(input.value)).filter((value) => value !== null);
    const sum = Math.round(values.reduce((a, b) => a + b, 0) * 1e4) / 1e4;
    place.textContent = values.length ? sum.toLocaleString("en-US", { maximumFractionDigits: 4 }) : "0";
    const gap = form.querySelector("[data-ind-gap]");
    const whole = number(form.dataset.indWhole || "");
    if (whole === null) return;
    const difference = Math.round((sum - whole) * 1e4) / 1e4;
    const words = difference < 0 ? gap.dataset.indShort : difference > 0 ? gap.dataset.indOver : gap.dataset.indEven;
    gap.textContent = words.replace("{n}", Math.abs(difference).toLocaleString("en-US", { maximumFractionDigits: 4 }));
    gap.className = `kc-badge kc-tone-${difference < 0 ? "soon" : "good"}`;
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-ind-parts]");
    if (form) addUp(form);
  });
  document.querySelectorAll("[data-ind-parts]").forEach(addUp);
})();
