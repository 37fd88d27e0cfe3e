// The form's controls: reading and writing them, which of them are there, and what is wrong with what they say.

export const desk = document.querySelector("[data-desk]");
export const form = desk.querySelector("#desk");
export const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const defaults = JSON.parse(desk.dataset.known);
export const names = Object.keys(defaults);

/** Numbers that are judged as soon as they have all their digits; other fields when the cursor leaves them. */
const DIGITS = { business_number: 10, owner_mobile: 11 };

let problems = {};

export const controlsOf = (name) => [...form.querySelectorAll(`[data-field="${name}"]`)];
export const focused = () => document.activeElement?.dataset?.field ?? "";

export function read(name) {
  const controls = controlsOf(name);
  if (controls[0].type === "radio") return controls.find((control) => control.checked)?.value ?? "";
  if (controls[0].type !== "checkbox") return controls[0].value;
  return controls.filter((control) => control.checked).map((control) => control.value).join(",");
}

export function write(name, value) {
  const chosen = value.split(",");
  for (const control of controlsOf(name)) {
    if (control.type === "radio") control.checked = control.value === value;
    else if (control.type === "checkbox") control.checked = chosen.includes(control.value);
    else if (control.value !== value) control.value = value;
  }
  shape(name);
}

/** Fields and sentences that are only there while another field has some value. */
export function fit() {
  for (const place of desk.querySelectorAll("[data-when]")) {
    const [name, value] = place.dataset.when.split("=");
    place.hidden = name === "customer" ? !("customer" in desk.dataset) : read(name) !== value;
  }
}

/** What belongs to a field's own text: the counter of the specials, the page's title. */
export function shape(name) {
  if (name === "specials") {
    const lines = read(name).split("\n").filter((line) => line.trim()).length;
    desk.querySelector("[data-counter]").textContent = `${[...read(name)].length}/500자 · ${lines}줄`;
  }
  if (name === "shop_name") desk.querySelector("[data-title]").textContent = read(name).trim() || "새 상담";
}

/** Hyphens of a business number while it is typed at its end; never while something is deleted or put in between. */
export function hyphens(control, event) {
  if (event.isComposing || event.inputType !== "insertText" || control.selectionEnd !== control.value.length) return;
  const digits = control.value.replaceAll("-", "");
  if (!/^\d{3,10}$/.test(digits)) return;
  control.value = [digits.slice(0, 3), digits.slice(3, 5), digits.slice(5)].filter(Boolean).join("-");
}

function unfinished(name) {
  const control = controlsOf(name)[0];
  if (name !== focused() || control.matches("[type=radio], [type=checkbox]")) return false;
  return !(name in DIGITS) || control.value.replace(/\D/g, "").length < DIGITS[name];
}

/** Shows what is wrong, without arguments as it was told last: a field is not judged while it is being typed. */
export function showProblems(found = problems) {
  problems = found;
  for (const place of form.querySelectorAll("[data-error]")) {
    const name = place.dataset.error;
    const words = unfinished(name) ? "" : (problems[name] ?? "");
    if (place.textContent !== words) place.textContent = words;
    for (const control of controlsOf(name)) {
      if (control.type === "radio" || control.type === "checkbox") continue;
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
}

export function showReadBack(answers) {
  for (const place of form.querySelectorAll("[data-read-back]")) {
    const words = answers[place.dataset.readBack] ?? "";
    if (place.textContent !== words) place.textContent = words;
  }
}

/** Puts the cursor into a field, or onto the answer that is chosen. */
export function go(name) {
  const controls = controlsOf(name);
  (controls.find((control) => control.checked) ?? controls[0])?.focus();
}

const shown = (control) => control.checkVisibility({ checkVisibilityCSS: true });

/** The next field after this one, the first button of what may be done after the last. */
export function next(name) {
  const there = names.filter((each) => controlsOf(each).some(shown));
  const order = [...form.querySelectorAll("[data-field]")].map((control) => control.dataset.field);
  there.sort((one, other) => order.indexOf(one) - order.indexOf(other));
  const following = there[there.indexOf(name) + 1];
  if (following) go(following);
  else desk.querySelector("[data-act]")?.focus();
}
