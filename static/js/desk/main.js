// The desk: brings together what is typed, what follows from it, and what is pressed.

import { act, begin, changed, choose, flush, isWaiting, leaveField } from "./draft.js";
import { desk, fit, form, go, hyphens, names, shape } from "./fields.js";
import { beginKeys } from "./keys.js";
import { isSeen, refresh } from "./preview.js";
import { beginTrades } from "./trade.js";

let pressed = false;

/** Pressed twice is done once. */
async function press(button) {
  if (pressed) return;
  pressed = true;
  desk.setAttribute("aria-busy", "true");
  const answer = await act(button.formAction);
  pressed = false;
  desk.removeAttribute("aria-busy");
  if (answer?.tone !== "failed") return;
  const first = names.find((name) => answer.missing.includes(name) || name in answer.problems);
  if (first) go(first);
}

/** The sentence to say for the field in which the cursor stands. */
function speak(name) {
  for (const sentence of desk.querySelectorAll("[data-say]")) {
    const now = sentence.dataset.say.split(" ").includes(name);
    if (now) sentence.setAttribute("aria-current", "true");
    else sentence.removeAttribute("aria-current");
  }
}

form.addEventListener("input", (event) => {
  const name = event.target.dataset.field;
  if (!name) return;
  if (name === "business_number") hyphens(event.target, event);
  shape(name);
  fit();
  changed(name);
  if (isSeen(name)) refresh();
});
form.addEventListener("focusin", (event) => event.target.dataset.field && speak(event.target.dataset.field));
form.addEventListener("focusout", (event) => {
  const name = event.target.dataset.field;
  // The next thing has the focus by then.
  if (name) queueMicrotask(() => leaveField(name));
});
desk.addEventListener("desk:shown", refresh);
desk.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.matches("[data-choose]")) {
    event.preventDefault();
    choose(event.target, button?.value ?? "theirs");
  } else if (event.target === form) {
    event.preventDefault();
    if (button?.hasAttribute("formaction")) press(button);
    else flush();
  }
});
// A page that is left by a link has everything kept first.
desk.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-leave]");
  if (!link || !isWaiting() || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  await flush();
  location.assign(link.href);
});

fit();
shape("specials");
beginKeys(press);
beginTrades();
begin();
// Nothing has been typed yet: the talk begins with the first question.
if (desk.dataset.revision === "0") go("kind");
