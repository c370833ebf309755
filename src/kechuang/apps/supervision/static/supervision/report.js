// The slider and the number of a progress report move together.
(() => {
  "use strict";
  document.querySelectorAll("[data-sv-percent]").forEach((field) => {
    const slider = field.querySelector("input[type=range]");
    const number = field.querySelector("input[type=number]");
    slider.addEventListener("input", () => (number.value = slider.value));
    number.addEventListener("input", () => (slider.value = Math.min(100, Math.max(0, Number(number.value) || 0))));
  });
})();
