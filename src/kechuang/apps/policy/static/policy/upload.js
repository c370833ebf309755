// Uploading: files are sent as soon as they are chosen or dropped.
(() => {
  "use strict";
  const form = document.querySelector("[data-pol-upload]");
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-pol-drop]");
  const just = document.querySelector(".pol-just");
  const anything = () => (just.hidden = !just.querySelector(".pol-file"));
  anything();

  input.addEventListener("change", () => input.files.length && form.requestSubmit());
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "uploaded") return;
    input.value = "";
    anything();
  });
})();
