// Parts of the page the server draws. What has not changed is left alone, and the focus stays where it is.

import { desk } from "./fields.js";

/** Drawing a picture costs the server more than a message: it follows once the typing pauses. */
const PAUSE = 500;
const drawn = new Map();
let drawing = 0;

export function setSlots(slots, { phone }) {
  for (const [name, html] of Object.entries(slots)) {
    if (name === "phone") setPhone(html, { whole: phone });
    else if (drawn.get(name) !== html) {
      drawn.set(name, html);
      replace(desk.querySelector(`[data-slot="${name}"]`), html);
    }
  }
}

function replace(slot, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const had = slot.contains(document.activeElement) ? trace(document.activeElement) : "";
  slot.replaceChildren(fresh.content);
  if (had) (slot.querySelector(had) ?? desk.querySelector("[data-act]"))?.focus({ preventScroll: true });
}

/** How to find the focused thing again after it was drawn anew. */
function trace(element) {
  for (const mark of ["data-act", "data-go", "data-ask"]) {
    if (element.hasAttribute(mark)) return `[${mark}="${element.getAttribute(mark)}"]`;
  }
  return element.value ? `[value="${element.value}"]` : "a, button";
}

/** `whole`: nothing newer is being typed. Otherwise only the picture follows. */
export function setPhone(html, { whole = true, picture = true } = {}) {
  const slot = desk.querySelector('[data-slot="phone"]');
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const shown = slot.querySelector("img");
  const next = fresh.content.querySelector("img");
  const source = next?.getAttribute("src");
  if (shown && next) {
    // The picture stays where it is and changes when the next one has arrived, so that nothing flickers.
    if (whole) next.replaceWith(shown);
    if (picture) arrive(shown, source);
  }
  if (whole || !shown !== !next) slot.replaceChildren(fresh.content);
}

function arrive(shown, source) {
  clearTimeout(drawing);
  if (shown.getAttribute("src") === source) return;
  drawing = setTimeout(() => {
    const coming = new Image();
    coming.addEventListener("load", () => shown.setAttribute("src", source));
    coming.src = source;
  }, PAUSE);
}
