// By keyboard alone: Enter goes to the next field, function keys do what their buttons do. Nothing is pressed together.

import { controlsOf, desk, form, go, next } from "./fields.js";

const composing = (event) => event.isComposing || event.keyCode === 229;

/** `press(button)` does what a button of the strip is for. */
export function beginKeys(press) {
  form.addEventListener("keydown", (event) => {
    const name = event.target.dataset?.field;
    if (event.key !== "Enter" || !name || event.target.matches("textarea:not([data-line])")) return;
    // Enter ends the syllable first; the input method has taken it, and nothing else may.
    event.preventDefault();
    if (!composing(event)) next(name);
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
    if (event.key === "F8") {
      const second = controlsOf("second_shop")[0];
      if (!second.checkVisibility()) return;
      event.preventDefault();
      second.click();
      return;
    }
    const button = desk.querySelector(`[data-act="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    press(button);
  });
  desk.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go]");
    if (!link) return;
    event.preventDefault();
    go(link.dataset.go);
  });
}
