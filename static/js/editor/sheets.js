// A part of the phone is tapped: its question opens beside or below, and the part stays in sight above it.

import { drawThumbnails, offer } from "./pictures.js";

const editor = document.querySelector("[data-editor]");
const dock = editor.querySelector("[data-dock]");
const STRIP = 96;
let opener = null;
let leaving = false;

const sheetOf = (name) => editor.querySelector(`[data-sheet="${name}"]`);

function open(name, from) {
  const sheet = sheetOf(name);
  if (!sheet) return false;
  shut();
  opener = from?.dataset?.edit ?? name;
  sheet.show();
  editor.dataset.editing = name;
  editor.dispatchEvent(new CustomEvent("sheet:changed"));
  if (name === "picture") drawThumbnails();
  const first = sheet.querySelector("input:checked, textarea, input:not([type=hidden]), select, a, button");
  first?.focus({ preventScroll: true });
  // A caret at the end: most people go on writing.
  if (first?.matches("textarea, input[type=text]")) first.setSelectionRange(first.value.length, first.value.length);
  if (!leaving) remember();
  fit();
  const { position } = getComputedStyle(dock);
  if (position === "static") sheet.scrollIntoView({ behavior: "instant" });
  return true;
}

/** The question is answered: back to the part of the phone it came from. */
function close() {
  if (!shut()) return;
  editor.querySelector(`[data-edit="${opener}"]`)?.focus({ preventScroll: true });
  fit();
  if (history.state?.sheet) {
    leaving = true;
    history.back();
  }
}

function shut() {
  const sheet = editor.querySelector("dialog[open]");
  if (!sheet) return false;
  sheet.close();
  delete editor.dataset.editing;
  editor.dispatchEvent(new CustomEvent("sheet:changed"));
  editor.dispatchEvent(new CustomEvent("draft:flush", { detail: { wait: [] } }));
  return true;
}

/** The phone's way back closes the question, and the page stays. */
function remember() {
  if (history.state?.sheet) return;
  history.scrollRestoration = "manual"; // going back must not move the phone
  history.pushState({ sheet: true }, "");
}

/** Bring the part being edited into the room above the dock, and keep the dock above an on-screen keyboard. */
function fit() {
  const view = window.visualViewport;
  // Two fingers that make the page larger are no keyboard.
  const enlarged = view && Math.abs(view.scale - 1) > 0.01;
  const hidden = view ? Math.max(0, window.innerHeight - view.height * view.scale - (enlarged ? 0 : view.offsetTop)) : 0;
  const { style } = document.documentElement;
  const letter = parseFloat(getComputedStyle(document.documentElement).fontSize);
  editor.toggleAttribute("data-cramped", window.innerHeight < 30 * letter);
  style.setProperty("--keyboard", `${Math.round(hidden)}px`);
  editor.toggleAttribute("data-typing", hidden > 120);
  const floats = getComputedStyle(dock).position === "fixed";
  const covered = floats ? window.innerHeight - dock.getBoundingClientRect().top : 0;
  style.setProperty("--dock", `${Math.max(0, Math.round(covered))}px`);
  // Another kind changes the words: they are what is looked at.
  const shown = editor.dataset.editing === "kind" ? '[data-edit="headline"]' : '[aria-current="true"]';
  const part = editor.querySelector(`.phone ${shown}`);
  if (part) bring(part, covered);
}

/** Between the strip and the dock; of what is too high for that, the beginning. */
function bring(part, covered) {
  const room = window.innerHeight - covered - STRIP;
  const block = part.getBoundingClientRect().height > room ? "start" : "nearest";
  part.scrollIntoView({ block, behavior: "instant" });
}

function set(field, value) {
  for (const control of editor.querySelectorAll(`[data-field="${field}"]`)) {
    if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
  editor.dispatchEvent(new CustomEvent("draft:changed", { detail: { field } }));
}

/** A character no phone shows, in every text it stands in; the texts are what the server offered to put right. */
function swap(pairs) {
  for (const control of editor.querySelectorAll("[data-field]:is(textarea, input[type=text])")) {
    let text = control.value.normalize("NFC");
    for (const [char, other] of pairs) text = text.replaceAll(char, other);
    if (text !== control.value.normalize("NFC")) set(control.dataset.field, text);
  }
}

function storedPicture({ value, url }) {
  offer(value, url);
  set("picture", value);
}

editor.addEventListener("click", (event) => {
  const link = event.target.closest("[data-edit]");
  if (link && !event.ctrlKey && !event.metaKey && open(link.dataset.edit, link)) event.preventDefault();
  else if (event.target.closest("[data-to-conflicts]")) {
    event.preventDefault();
    close();
    const conflicts = editor.querySelector("#conflicts");
    conflicts.focus({ preventScroll: true });
    conflicts.scrollIntoView();
  }
  else if (event.target.closest("[data-close]")) {
    event.preventDefault();
    close();
  }
});
editor.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-swaps]")) {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("[data-with]")];
    const wanted = event.submitter?.value === "all" ? buttons : [event.submitter ?? buttons[0]];
    swap(wanted.map((button) => [button.value, button.dataset.with]));
  } else if (form.matches("[data-sheet-form]")) {
    event.preventDefault();
    if (event.submitter?.matches("[data-take]")) {
      set(event.submitter.name, event.submitter.value);
      return;
    }
    if (event.submitter?.name === "period") {
      const [starts, ends = ""] = event.submitter.value === "none" ? [""] : event.submitter.value.split("~");
      set("starts_on", starts);
      set("ends_on", ends);
    }
    close();
  }
});
editor.addEventListener("focusin", (event) => {
  if (event.target.matches(".place")) bring(event.target, parseInt(document.documentElement.style.getPropertyValue("--dock"), 10) || 0);
});
editor.addEventListener("sheet:open", (event) => open(event.detail));
window.addEventListener("popstate", () => {
  history.scrollRestoration = "auto";
  const own = leaving;
  leaving = false;
  if (!own) close();
  else if (editor.querySelector("dialog[open]")) remember();
});
editor.addEventListener("picture:stored", (event) => storedPicture(event.detail));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) close();
});
window.visualViewport?.addEventListener("resize", fit);
window.visualViewport?.addEventListener("scroll", fit);
new ResizeObserver(fit).observe(dock);

const hint = editor.querySelector("[data-hint]");
const HINT = "shopmsg:hint:editor";
let seen = false;
try {
  seen = localStorage.getItem(HINT) === "seen";
} catch { /* without storage the hint comes back */ }
if (seen) hint.remove();
else {
  const done = hint.querySelector("button");
  done.hidden = false;
  done.addEventListener("click", () => {
    try {
      localStorage.setItem(HINT, "seen");
    } catch { /* it comes back the next time */ }
    hint.remove();
  });
}
