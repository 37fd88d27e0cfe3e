// A part of the phone is tapped: its question opens beside or below, and the part stays in sight above it.

const editor = document.querySelector("[data-editor]");
const dock = editor.querySelector("[data-dock]");
const STRIP = 96;
let opener = null;

const sheetOf = (name) => editor.querySelector(`[data-sheet="${name}"]`);

function open(name, from) {
  const sheet = sheetOf(name);
  if (!sheet) return false;
  close({ back: false });
  opener = from?.dataset?.edit ?? name;
  sheet.show();
  editor.dataset.editing = name;
  editor.dispatchEvent(new CustomEvent("sheet:changed"));
  if (name === "picture") drawThumbnails();
  const first = sheet.querySelector("input:checked, textarea, input:not([type=hidden]), select, a, button");
  first?.focus({ preventScroll: true });
  // A caret at the end: most people go on writing.
  if (first?.matches("textarea, input[type=text]")) first.setSelectionRange(first.value.length, first.value.length);
  fit();
  return true;
}

function close({ back = true } = {}) {
  const sheet = editor.querySelector("dialog[open]");
  if (!sheet) return;
  sheet.close();
  delete editor.dataset.editing;
  editor.dispatchEvent(new CustomEvent("sheet:changed"));
  editor.dispatchEvent(new CustomEvent("draft:flush", { detail: { wait: [] } }));
  if (back) editor.querySelector(`[data-edit="${opener}"]`)?.focus({ preventScroll: true });
  fit();
}

/** Bring the part being edited into the room above the dock, and keep the dock above an on-screen keyboard. */
function fit() {
  const view = window.visualViewport;
  const hidden = view ? Math.max(0, window.innerHeight - view.height - view.offsetTop) : 0;
  const { style } = document.documentElement;
  style.setProperty("--keyboard", `${Math.round(hidden)}px`);
  editor.toggleAttribute("data-typing", hidden > 120);
  const floats = getComputedStyle(dock).position === "fixed";
  const covered = floats ? window.innerHeight - dock.getBoundingClientRect().top : 0;
  style.setProperty("--dock", `${Math.max(0, Math.round(covered))}px`);
  const part = editor.querySelector('.phone [aria-current="true"]');
  if (part) bring(part, covered);
}

/** Between the strip and the dock; of what is too high for that, the beginning. */
function bring(part, covered) {
  const room = window.innerHeight - covered - STRIP;
  const block = part.getBoundingClientRect().height > room ? "start" : "nearest";
  part.scrollIntoView({ block, behavior: "instant" });
}

/** The drawn pictures with the words as they are now. */
function drawThumbnails() {
  const grid = editor.querySelector("[data-pictures]");
  if (!grid) return;
  for (const picture of grid.querySelectorAll("img[data-layout]")) {
    const query = new URLSearchParams({ layout: picture.dataset.layout, width: "240" });
    for (const control of editor.querySelectorAll("[data-field]")) {
      const field = control.dataset.field;
      if (["body", "picture", "shows_hours"].includes(field) || (control.type === "radio" && !control.checked)) continue;
      if (control.value) query.set(field, control.value.slice(0, 80));
    }
    const source = `${grid.dataset.design}?${query}`;
    if (picture.getAttribute("src") !== source) picture.src = source;
  }
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
  const grid = editor.querySelector("[data-pictures]");
  let radio = grid.querySelector("#picture-stored");
  if (!radio) {
    const label = grid.querySelector("label:has(img)").cloneNode(true);
    label.htmlFor = "picture-stored";
    radio = label.querySelector("input");
    radio.id = "picture-stored";
    delete label.querySelector("img").dataset.layout;
    label.querySelector("span:last-child").textContent = "내 사진";
    grid.prepend(label);
  }
  radio.value = value;
  radio.closest("label").querySelector("img").src = url;
  set("picture", value);
}

editor.addEventListener("click", (event) => {
  const link = event.target.closest("[data-edit]");
  if (link && !event.ctrlKey && !event.metaKey && open(link.dataset.edit, link)) event.preventDefault();
  else if (event.target.closest("[data-to-conflicts]")) close({ back: false });
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
