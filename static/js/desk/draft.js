// Keeps what is typed: on this computer at once, on the server within a second, merged with what others wrote. One save
// is under way at a time, and an answer that comes late never overwrites a newer one.

import { desk, controlsOf, fit, focused, names, read, showProblems, showReadBack, token, write } from "./fields.js";
import { setSlots } from "./slots.js";

const PAUSE = 400;
const AGAIN = 5000;
const LOOK_WAITING = 1000;
const LOOK = 3000;

const line = desk.querySelector("[data-state]");
const said = desk.querySelector("[data-said]");
const known = JSON.parse(desk.dataset.known);
let revision = Number(desk.dataset.revision);
let stamp = desk.dataset.stamp;
let waits = "waits" in desk.dataset;

/** Fields the server does not have yet: name → {value, base}; those that wait for somebody to choose are held. */
const waiting = new Map();
/** What others wrote in the field in which the cursor stands: shown when it leaves. */
const missed = new Map();
let held = new Set(JSON.parse(desk.dataset.held));
let timer = 0;
let looking = 0;
let sending = null;
let signedOut = false;
/** Counts what was sent: an answer to an older question says less than the page knows. */
let turn = 0;
let asked = "";

const keyOf = (name) => `shopmsg:desk:${desk.dataset.application}:${name}`;

function say(words, tone = "") {
  line.dataset.tone = tone;
  if (line.textContent !== words) line.textContent = words;
}

/** One sentence about what was just done, or why not. */
export function announce(words, tone) {
  said.hidden = !words;
  said.dataset.tone = tone;
  said.textContent = words;
}

function store(name) {
  // Storage may be full or forbidden; the server's copy is then the only one.
  try {
    if (waiting.has(name)) localStorage.setItem(keyOf(name), JSON.stringify(waiting.get(name)));
    else localStorage.removeItem(keyOf(name));
  } catch { /* nothing to be done */ }
}

export function changed(name) {
  const value = read(name);
  if (value === known[name] && !sending && !held.has(name)) waiting.delete(name);
  else waiting.set(name, { value, base: waiting.get(name)?.base ?? revision });
  store(name);
  if (!signedOut) say("저장 중");
  later(controlsOf(name)[0].matches("[type=radio], [type=checkbox]") ? 0 : PAUSE);
}

export const isWaiting = () => waiting.size > 0;

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(flush, pause);
}

const ready = () => [...waiting].filter(([name]) => !held.has(name));

/** Send what waits; resolves to whether everything is kept. */
export async function flush() {
  clearTimeout(timer);
  if (sending) {
    await sending;
    return ready().length ? flush() : !waiting.size;
  }
  const fields = ready();
  if (!fields.length) {
    settle();
    return !waiting.size;
  }
  turn += 1;
  sending = post(desk.dataset.save, bodyOf(fields));
  const answer = await sending;
  sending = null;
  if (!answer) return false;
  for (const [name, sent] of fields) {
    const now = waiting.get(name);
    if (!now) continue;
    if (now.value === sent.value) waiting.delete(name);
    else waiting.set(name, { value: now.value, base: answer.revision });
    known[name] = sent.value;
  }
  take(answer);
  for (const [name] of fields) {
    if (held.has(name) && !waiting.has(name) && read(name) !== answer.fields[name]) {
      waiting.set(name, { value: read(name), base: answer.revision });
    }
    store(name);
  }
  if (ready().length) return flush();
  settle();
  return !waiting.size;
}

function settle() {
  if (signedOut) return;
  if (held.size) say("두 사람이 적은 칸 있음", "held");
  else say("저장됨");
}

function bodyOf(fields) {
  const body = new URLSearchParams({ visit: desk.dataset.visit, base: String(revision) });
  for (const [name, { value, base }] of fields) {
    body.set(name, value);
    body.set(`base.${name}`, String(base));
  }
  return body;
}

/** POST and the answer, null when there is none: the state line then says why, and what waits is sent again. */
export async function post(url, body = new URLSearchParams()) {
  body.set("visit", desk.dataset.visit);
  let answer;
  let found;
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(15000) });
    if (answer.ok && !answer.redirected) found = await answer.json();
  } catch {
    say("서버와 끊김. 적은 것은 이 컴퓨터에 있음", "held");
    later(AGAIN);
    return null;
  }
  if (found) {
    signOut(false);
    return found;
  }
  if (answer.redirected || answer.status === 403) signOut(true);
  else {
    say("저장 못 함. 곧 다시 시도", "held");
    later(AGAIN);
  }
  return null;
}

function signOut(away) {
  signedOut = away;
  desk.querySelector("[data-signed-out]").hidden = !away;
  if (away) say("로그인 시간이 끝남", "held");
}

/** Show what the server holds, except where something is being typed or waits to be sent. */
export function take(answer) {
  if (answer.revision < revision) return;
  if (!answer.editable) {
    // The form is closed: another page shows it. What could not be sent any more is there again when it is reopened.
    location.reload();
    return;
  }
  revision = answer.revision;
  stamp = answer.stamp;
  waits = answer.waits;
  held = new Set(answer.held);
  for (const [name, value] of Object.entries(answer.fields)) {
    missed.delete(name);
    if (waiting.has(name) || held.has(name)) continue;
    if (read(name) === value) known[name] = value;
    else if (focused() === name && value !== known[name]) missed.set(name, value);
    else if (focused() !== name) show(name, value);
  }
  desk.toggleAttribute("data-customer", answer.customer);
  fit();
  showReadBack(answer.read_back);
  showProblems(answer.problems);
  setSlots(answer.slots, { phone: !waiting.size });
  if (answer.ask_registry && answer.ask_registry !== asked) ask(answer.ask_registry);
}

function show(name, value) {
  known[name] = value;
  write(name, value);
  store(name);
  desk.dispatchEvent(new CustomEvent("desk:shown"));
}

/** The cursor has left the field: what somebody else wrote in it meanwhile. */
export function leaveField(name) {
  if (missed.has(name) && !waiting.has(name)) show(name, missed.get(name));
  missed.delete(name);
  showProblems();
  if (waiting.size) flush();
}

/** The tax office is asked beside everything else; typing goes on. */
async function ask(number) {
  asked = number;
  const at = turn;
  const answer = await post(desk.dataset.registry);
  if (!answer) asked = "";
  else if (turn === at && !sending) take(answer);
  else look();
}

async function look() {
  clearTimeout(looking);
  const at = turn;
  if (!document.hidden && !sending && !signedOut) {
    try {
      const query = new URLSearchParams({ visit: desk.dataset.visit, stamp });
      const answer = await fetch(`${desk.dataset.stateUrl}?${query}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(8000),
      });
      if (answer.redirected || answer.status === 403) signOut(true);
      else if (answer.status === 200) {
        const found = await answer.json();
        if (turn === at && !sending) take(found);
      }
    } catch { /* the next look may succeed; a save says when the server is away */ }
  }
  clearTimeout(looking);
  looking = setTimeout(look, waits ? LOOK_WAITING : LOOK);
}

/** Do something with the application once everything typed is kept. */
export async function act(url) {
  announce("", "");
  if (!(await flush())) {
    const chooses = desk.querySelector("[data-choose]");
    announce(chooses ? "두 사람이 적은 칸을 먼저 골라 주세요." : "아직 저장하지 못한 칸이 있어서 하지 않았습니다.", "error");
    chooses?.scrollIntoView();
    return null;
  }
  turn += 1;
  const answer = await post(url);
  if (!answer) {
    announce("됐는지 알 수 없습니다. 오른쪽 상태를 보고 다시 눌러 주세요.", "error");
    return null;
  }
  take(answer);
  announce(answer.said, answer.tone);
  look();
  return answer;
}

export async function choose(chooser, side) {
  const name = chooser.dataset.choose;
  turn += 1;
  const answer = await post(chooser.action, new URLSearchParams({ change: chooser.elements.change.value, side }));
  if (!answer) return;
  const typed = waiting.get(name);
  waiting.delete(name);
  take(answer);
  if (typed && side === "mine" && typed.value !== answer.fields[name]) {
    // What was typed on after the two texts met belongs to the side that was chosen.
    waiting.set(name, { value: typed.value, base: answer.revision });
  } else if (!held.has(name)) show(name, answer.fields[name]);
  store(name);
  flush();
}

/** What this computer kept when the connection, the session or the page went away. */
function restore() {
  for (const name of names) {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(keyOf(name)));
    } catch { /* unreadable: nothing was kept */ }
    if (typeof kept?.value !== "string") continue;
    if (kept.value === known[name]) {
      store(name);
      continue;
    }
    waiting.set(name, { value: kept.value, base: Number(kept.base) || 0 });
    if (!held.has(name)) write(name, kept.value);
  }
  if (!waiting.size) return;
  fit();
  desk.dispatchEvent(new CustomEvent("desk:shown"));
  say("저장 중");
  flush();
}

/** The page goes away: send without waiting, also beside a save that is under way. */
function leave() {
  const fields = ready();
  if (!fields.length || signedOut) return;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  fetch(desk.dataset.save, { method: "POST", body: bodyOf(fields), headers, keepalive: true }).catch(() => {});
}

/** A visit is one tab, also after a reload: what it saved before is no other person's change. A tab that was made of
 * another has its visit too, and begins one of its own. */
async function claim() {
  const key = `shopmsg:visit:${desk.dataset.application}`;
  const kept = sessionStorage.getItem(key);
  const free = kept && navigator.locks ? await lock(kept) : false;
  if (free) desk.dataset.visit = kept;
  else await lock(desk.dataset.visit);
  sessionStorage.setItem(key, desk.dataset.visit);
}

const lock = (visit) =>
  new Promise((told) => {
    if (!navigator.locks) return told(false);
    navigator.locks.request(`shopmsg:desk:${visit}`, { ifAvailable: true }, (got) => {
      told(Boolean(got));
      return got ? new Promise(() => {}) : undefined; // until the page goes away
    });
  });

export async function begin() {
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : look()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("online", () => waiting.size && flush());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  await claim().catch(() => {}); // storage may be forbidden
  restore();
  if (desk.dataset.askRegistry) ask(desk.dataset.askRegistry);
  looking = setTimeout(look, waits ? LOOK_WAITING : LOOK);
}
