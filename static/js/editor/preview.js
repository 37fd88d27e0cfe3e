// The phone follows every key: the server composes, this asks again. One request is under way at a time, and the last
// thing typed is always the last thing shown.

const editor = document.querySelector("[data-editor]");
const dress = editor.querySelector("[data-dress]");
const token = editor.querySelector("[name=csrfmiddlewaretoken]").value;
/** Drawing a picture costs the server more than a message: it follows once the typing pauses. */
const PAUSE = 500;
/** What could not be asked for is asked for again. */
const AGAIN = 5000;

let busy = false;
let again = false;
let drawing = 0;
let late = 0;

function body() {
  const data = new URLSearchParams({ visit: editor.dataset.visit });
  for (const control of editor.querySelectorAll("[data-field]")) {
    if (!["radio", "checkbox"].includes(control.type) || control.checked) data.set(control.dataset.field, control.value);
  }
  for (const [name, value] of new FormData(dress)) data.set(name, value);
  return data;
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  clearTimeout(late);
  let behind;
  do {
    again = false;
    behind = !(await ask());
  } while (again);
  busy = false;
  late = behind ? setTimeout(refresh, AGAIN) : 0;
}

/** False when the phone is behind what is typed and asking again may help. Meanwhile the state line says why. */
async function ask() {
  try {
    const answer = await fetch(editor.dataset.preview, {
      method: "POST",
      body: body(),
      headers: { "X-CSRFToken": token },
      signal: AbortSignal.timeout(10000),
    });
    // Logged out, or the shop is no longer theirs: asking again helps nobody.
    if (answer.redirected || [403, 404].includes(answer.status)) return true;
    if (answer.ok) show(await answer.text());
    return answer.ok;
  } catch {
    return false;
  }
}

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  keepPicture(fresh.content);
  const focused = document.activeElement?.dataset?.edit;
  for (const part of fresh.content.querySelectorAll("[data-slot]")) {
    const slot = editor.querySelector(`[data-slot="${part.dataset.slot}"]`);
    if (slot.innerHTML !== part.innerHTML) slot.replaceChildren(...part.childNodes);
  }
  mark();
  if (focused && document.activeElement === document.body) {
    editor.querySelector(`[data-slot] [data-edit="${focused}"]`)?.focus({ preventScroll: true });
  }
}

/** The picture stays where it is and changes when the next one has arrived, so that nothing flickers. */
function keepPicture(content) {
  const shown = editor.querySelector('[data-slot="phone"] img');
  const next = content.querySelector("img");
  if (!shown || !next || shown.width !== next.width) return;
  const source = next.getAttribute("src");
  next.replaceWith(shown);
  clearTimeout(drawing);
  if (shown.getAttribute("src") === source) return;
  drawing = setTimeout(() => {
    const arriving = new Image();
    arriving.addEventListener("load", () => shown.setAttribute("src", source));
    arriving.src = source;
  }, PAUSE);
}

/** What is being edited is shown on the phone. */
function mark() {
  for (const place of editor.querySelectorAll("[data-slot] [data-edit]")) {
    const open = place.dataset.edit === editor.dataset.editing;
    if (open) place.setAttribute("aria-current", "true");
    else place.removeAttribute("aria-current");
  }
}

editor.addEventListener("input", (event) => {
  if (event.target.dataset.field) refresh();
});
editor.addEventListener("draft:shown", refresh);
editor.addEventListener("draft:changed", refresh);
editor.addEventListener("sheet:changed", mark);
dress.addEventListener("change", () => {
  const phone = editor.querySelector(".phone");
  phone.dataset.handset = dress.elements.handset.value;
  phone.dataset.scheme = dress.elements.scheme.value;
  refresh();
});
window.addEventListener("online", () => late && refresh());
mark();
