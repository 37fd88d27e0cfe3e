// The owner's link follows the draft while somebody writes in it: asks once a second whether there is something new to
// see, says what has changed, and lets nobody say yes to a line that appeared under their thumb.

const review = document.querySelector("[data-review]");
const said = review.querySelector("[data-said]");
const form = document.getElementById("yes");
const PAUSE = 1000;
const AWAY = 5000;
/** So long after a change the button waits for a second look. */
const LOOK_FIRST = 1500;
const SHOWN = 4000;
/** No page came after the button was pressed: it is followed again. */
const GIVEN_UP = 15000;

let timer = 0;
let asking = false;
let changedAt = -Infinity;
let away = false;
let spoken = 0;
let answering = false;

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
}

async function ask() {
  if (document.hidden || asking || answering) return;
  asking = true;
  let pause = PAUSE;
  try {
    const url = new URL(review.dataset.look, location.href);
    url.searchParams.set("seal", review.dataset.seal);
    const answer = await fetch(url, { signal: AbortSignal.timeout(8000) });
    if (answering) return;
    if (answer.status === 410 || answer.status === 403) {
      location.reload();
      return;
    }
    if (answer.status === 200) show(await answer.text());
    if (!answer.ok) pause = AWAY;
    if (answer.ok && away) say("다시 이어졌어요.");
    away = !answer.ok;
  } catch {
    if (!away) say("연결이 끊겼어요. 다시 이어지면 바뀐 내용을 보여 드려요.");
    away = true;
    pause = AWAY;
  } finally {
    asking = false;
  }
  later(pause);
}

function say(words) {
  clearTimeout(spoken);
  said.textContent = words;
  spoken = setTimeout(() => said.replaceChildren(), SHOWN);
}

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const live = fresh.content.querySelector("[data-live]");
  if (!live) return;
  const changed = new Set();
  for (const part of live.querySelectorAll("[data-slot]")) {
    const slot = review.querySelector(`[data-slot="${part.dataset.slot}"]`);
    if (slot.innerHTML === part.innerHTML) continue;
    const marked = compare(slot, part, changed);
    keepPicture(slot, part);
    const focused = slot.contains(document.activeElement);
    slot.replaceChildren(...part.childNodes);
    if (focused) slot.querySelector("a, button:not(:disabled)")?.focus({ preventScroll: true });
    setTimeout(() => marked.forEach((one) => one.classList.remove("changed")), SHOWN);
  }
  review.dataset.seal = live.dataset.seal;
  if (!form) {
    if (changed.size) say([...changed].join(" "));
    return;
  }
  form.elements.seal.value = live.dataset.seal;
  changedAt = performance.now();
  say(changed.size ? `바뀐 곳: ${[...changed].join(", ")}` : "그림이 바뀌었어요.");
}

/** Marks the parts that say something else than before, and names them. */
function compare(slot, part, changed) {
  const before = new Map();
  for (const one of slot.querySelectorAll("[data-part]")) {
    before.set(one.dataset.part, (before.get(one.dataset.part) ?? "") + one.textContent);
  }
  const now = new Map();
  for (const one of part.querySelectorAll("[data-part]")) {
    now.set(one.dataset.part, (now.get(one.dataset.part) ?? "") + one.textContent);
  }
  const marked = [];
  for (const one of part.querySelectorAll("[data-part]")) {
    const name = one.dataset.part;
    if (before.get(name) === now.get(name)) continue;
    changed.add(name);
    one.classList.add("changed");
    marked.push(one);
  }
  for (const name of before.keys()) if (!now.has(name) && form) changed.add(name);
  return marked;
}

/** The picture stays until the next one has arrived, so that nothing flickers. */
function keepPicture(slot, part) {
  const shown = slot.querySelector("img");
  const next = part.querySelector("img");
  if (!shown || !next) return;
  const source = next.getAttribute("src");
  next.replaceWith(shown);
  if (shown.getAttribute("src") === source) return;
  const arriving = new Image();
  arriving.addEventListener("load", () => shown.setAttribute("src", source));
  arriving.src = source;
}

form?.addEventListener("submit", (event) => {
  if (performance.now() - changedAt > LOOK_FIRST) {
    // The page that comes is the answer: a reload now would throw it away.
    answering = true;
    setTimeout(resume, GIVEN_UP);
    return;
  }
  event.preventDefault();
  say("방금 내용이 바뀌었어요. 다시 보고 눌러 주세요.");
});

function resume() {
  answering = false;
  later(0);
}

window.addEventListener("pageshow", (event) => event.persisted && resume());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) later(0);
});
later(PAUSE);
