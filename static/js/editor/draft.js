// Keeps what is typed: on this phone at once, on the server within a second, and merged with what others wrote.
// Other scripts talk to it by events on the editor: "draft:flush" (detail.wait collects promises of true when all is
// kept) and "draft:changed" (somebody set a control); it says "draft:shown" when it has set controls itself.

import { offer } from "./pictures.js";

const editor = document.querySelector("[data-editor]");
const PAUSE = 400;
const AGAIN = 5000;
const LOOK = 2000;

const state = editor.querySelector("[data-state]");
const undoForm = editor.querySelector("[data-undo]");
const token = editor.querySelector("[name=csrfmiddlewaretoken]").value;
const known = JSON.parse(editor.dataset.fields);
let revision = Number(editor.dataset.revision);

/** Fields the server does not have yet: name → {value, base}; those that wait for somebody to choose are held. */
const waiting = new Map();
const refused = new Set();
/** Fields that somebody else changed while they are being looked at here: shown when the finger leaves them. */
const missed = new Map();
let held = new Set([...editor.querySelectorAll("[data-choose]")].map((form) => form.dataset.choose));
let timer = 0;
let sending = null;
let signedOut = false;
let looking = 0;

const controlsOf = (field) => [...editor.querySelectorAll(`[data-field="${field}"]`)];
const keyOf = (field) => `shopmsg:draft:${editor.dataset.shop}:${field}`;

function read(field) {
  const controls = controlsOf(field);
  if (controls[0].type === "radio") return controls.find((control) => control.checked)?.value ?? "";
  if (controls[0].type === "checkbox") return controls[0].checked ? controls[0].value : "";
  return controls[0].value;
}

function write(field, value) {
  if (field === "picture" && value.startsWith("stored:") && !knows(field, value)) offer(value);
  for (const control of controlsOf(field)) {
    if (control.type === "radio") control.checked = control.value === value;
    else if (control.type === "checkbox") control.checked = value === control.value;
    else if (control.value !== value) control.value = value;
  }
}

/** Whether a control can hold the value; a text can hold any. */
function knows(field, value) {
  const controls = controlsOf(field);
  return controls[0]?.type === "radio" ? controls.some((control) => control.value === value) : controls.length > 0;
}

function say(words, tone = "") {
  state.dataset.tone = tone;
  if (state.textContent !== words) state.textContent = words;
}

function store(field) {
  // Storage may be full or forbidden; the server's copy is then the only one.
  try {
    if (waiting.has(field)) localStorage.setItem(keyOf(field), JSON.stringify(waiting.get(field)));
    else localStorage.removeItem(keyOf(field));
  } catch { /* nothing to be done */ }
}

function changed(field) {
  const value = read(field);
  refused.delete(field);
  if (value === known[field] && !sending && !held.has(field)) waiting.delete(field);
  else waiting.set(field, { value, base: waiting.get(field)?.base ?? revision });
  store(field);
  if (field === "kind") editor.dataset.kind = value;
  editor.dataset.unpublished = "yes";
  if (!signedOut) say("저장하고 있어요");
  // Another kind brings words along: they must not arrive under somebody who is typing already.
  later(field === "kind" ? 0 : PAUSE);
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(flush, pause);
}

const ready = () => [...waiting].filter(([field]) => !held.has(field) && !refused.has(field));

/** Send what waits; resolves to whether everything is kept. One request is under way at a time. */
async function flush() {
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
  sending = post(editor.dataset.save, bodyOf(fields));
  const answer = await sending;
  sending = null;
  if (!answer) return false;
  for (const [field, sent] of fields) {
    const now = waiting.get(field);
    if (!now) continue;
    if (now.value === sent.value) waiting.delete(field);
    else waiting.set(field, { value: now.value, base: answer.revision });
    known[field] = sent.value;
  }
  take(answer, { own: fields.some(([field]) => field === "kind") });
  for (const { field, message } of answer.refused) {
    showError(field, message);
    if (controlsOf(field)[0].matches("[type=radio], [type=checkbox]")) continue; // nothing was written: the server's stands
    refused.add(field);
    if (!waiting.has(field)) waiting.set(field, { value: read(field), base: answer.revision });
  }
  for (const [field] of fields) {
    if (held.has(field) && !waiting.has(field) && read(field) !== answer.fields[field]) {
      waiting.set(field, { value: read(field), base: answer.revision });
    }
    if (!refused.has(field)) showError(field, "");
    store(field);
  }
  if (ready().length) return flush();
  settle();
  return !waiting.size;
}

function settle() {
  if (signedOut) return;
  if (refused.size) say("아직 저장하지 못한 칸이 있어요", "held");
  else if (held.size) say("두 곳에서 고친 글이 있어요", "held");
  else say("저장했어요");
}

function bodyOf(fields) {
  const body = new URLSearchParams({ visit: editor.dataset.visit, base: String(revision) });
  for (const [field, { value, base }] of fields) {
    body.set(field, value);
    body.set(`base.${field}`, String(base));
  }
  return body;
}

/** POST and the answer, null when there is none: the state line then says why, and it is tried again. */
async function post(url, body) {
  let answer;
  let found;
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(15000) });
    if (answer.ok && !answer.redirected) found = await answer.json();
  } catch {
    say("인터넷이 끊겼어요. 적으신 글은 이 휴대폰에 있어요", "held");
    later(AGAIN);
    return null;
  }
  if (found) {
    signOut(false);
    return found;
  }
  // Who works in a shop's place has two hours: then the shop is not there for them any more.
  const over = answer.status === 404 && "delegated" in editor.dataset;
  if (answer.redirected || answer.status === 403 || over) signOut(true);
  else {
    say("저장하지 못했어요. 곧 다시 해 볼게요", "held");
    later(AGAIN);
  }
  return null;
}

function signOut(away) {
  signedOut = away;
  editor.querySelector("[data-signed-out]").hidden = !away;
  if (away) say(editor.querySelector("[data-signed-out] [data-words]").textContent, "held");
}

/** Show what the server holds, except where something is being typed or waits to be sent. `own`: what is new in it was
 * asked for here, also in the field in which the cursor stands. */
function take(answer, { own = false } = {}) {
  revision = answer.revision;
  for (const input of editor.querySelectorAll("[data-sheet-form] [name=base]")) input.value = revision;
  held = new Set(answer.conflicts.map((conflict) => conflict.field));
  editor.querySelector("[data-to-conflicts]").hidden = !held.size;
  let shown = false;
  for (const [field, value] of Object.entries(answer.fields)) {
    missed.delete(field);
    if (!controlsOf(field).length || waiting.has(field) || held.has(field)) continue;
    if (field === "picture" && answer.picture_url) offer(value, answer.picture_url);
    const before = read(field);
    if (before === value) {
      known[field] = value;
    } else if (!own && document.activeElement?.dataset?.field === field) {
      if (value !== known[field].normalize()) missed.set(field, value);
    } else {
      known[field] = value;
      write(field, value);
      shown ||= before.normalize() !== value;
    }
  }
  clearTimeout(looking);
  if (own || !(shown || missed.size)) seen();
  else looking = setTimeout(seen, LOOK);
  editor.dataset.kind = read("kind");
  editor.dataset.unpublished = answer.unpublished || waiting.size ? "yes" : editor.dataset.unchanged;
  undoForm.querySelector("button").disabled = !answer.can_undo;
  editor.querySelector('[data-slot="conflicts"]').innerHTML = answer.conflicts_html;
  if (shown) editor.dispatchEvent(new CustomEvent("draft:shown"));
}

/** Publishing names the revision that was on this screen: what others wrote a moment ago is looked at first. */
function seen() {
  if (missed.size) return;
  for (const input of document.querySelectorAll("[data-revision-input]")) input.value = revision;
}

/** The finger has left the field: what somebody else wrote in it meanwhile. */
function catchUp(field) {
  if (!missed.has(field) || waiting.has(field)) return;
  known[field] = missed.get(field);
  missed.delete(field);
  write(field, known[field]);
  editor.dispatchEvent(new CustomEvent("draft:shown"));
  looking = setTimeout(seen, LOOK);
}

function showError(field, message) {
  const place = editor.querySelector(`[data-error="${field}"]`);
  if (place && place.textContent !== message) place.textContent = message;
  for (const control of controlsOf(field)) control.toggleAttribute("aria-invalid", Boolean(message));
}

async function undo() {
  if (!(await flush()) && !held.size) return;
  const answer = await post(undoForm.action, new URLSearchParams({ visit: editor.dataset.visit }));
  if (!answer) return;
  take(answer, { own: true });
  say("되돌렸어요");
}

async function choose(form, side) {
  const field = form.dataset.choose;
  const body = new URLSearchParams({ visit: editor.dataset.visit, edit_id: form.elements.edit_id.value, side });
  const answer = await post(form.action, body);
  if (!answer) return;
  const typed = waiting.get(field);
  waiting.delete(field);
  take(answer, { own: true });
  if (typed && side === "aside" && typed.value !== answer.fields[field]) {
    // What was typed on after the two texts met belongs to the side that was chosen.
    waiting.set(field, { value: typed.value, base: answer.revision });
  } else {
    known[field] = answer.fields[field];
    write(field, answer.fields[field]);
    editor.dispatchEvent(new CustomEvent("draft:shown"));
  }
  store(field);
  flush();
}

/** What this phone kept when the connection, the session or the page went away. */
function restore() {
  let found = false;
  for (const field of Object.keys(known)) {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(keyOf(field)));
    } catch { /* unreadable: nothing was kept */ }
    if (typeof kept?.value !== "string") continue;
    const stored = field === "picture" && /^stored:\d{1,18}$/.test(kept.value);
    if (kept.value === known[field] || !(stored || knows(field, kept.value))) {
      store(field);
      continue;
    }
    waiting.set(field, { value: kept.value, base: Number(kept.base) || 0 });
    if (!held.has(field)) write(field, kept.value);
    found = true;
  }
  if (!found) return;
  editor.dataset.unpublished = "yes";
  editor.dataset.kind = read("kind");
  editor.dispatchEvent(new CustomEvent("draft:shown"));
  say("저장하고 있어요");
  flush();
}

/** The page goes away: send without waiting, also beside a request that is under way. */
function leave() {
  const fields = ready();
  if (fields.length && !signedOut) {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    fetch(editor.dataset.save, { method: "POST", body: bodyOf(fields), headers, keepalive: true }).catch(() => {});
  }
}

editor.addEventListener("input", (event) => {
  if (event.target.dataset.field) changed(event.target.dataset.field);
});
editor.addEventListener("change", (event) => {
  if (event.target.dataset.field && waiting.size) flush();
});
editor.addEventListener("focusout", (event) => {
  if (event.target.dataset.field) catchUp(event.target.dataset.field);
  if (event.target.dataset.field && waiting.size) flush();
});
editor.addEventListener("draft:changed", (event) => changed(event.detail.field));
editor.addEventListener("draft:flush", (event) => event.detail.wait.push(flush()));
editor.addEventListener("submit", (event) => {
  if (event.target === undoForm) {
    event.preventDefault();
    undo();
  } else if (event.target.matches("[data-choose]")) {
    event.preventDefault();
    choose(event.target, event.submitter?.value ?? "kept");
  }
});
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : waiting.size && flush()));
window.addEventListener("pagehide", leave);
window.addEventListener("online", () => waiting.size && flush());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

/** A visit is one open page: a second one with its address would overwrite the first without a word, so it begins
 * another. Without locks (an old browser) it stays what the address said. */
function claim() {
  navigator.locks?.request(`shopmsg:visit:${editor.dataset.visit}`, { ifAvailable: true }, (lock) => {
    if (lock) return new Promise(() => {}); // until the page goes away
    const visit = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    for (const input of editor.querySelectorAll("[name=visit]")) input.value = visit;
    for (const link of editor.querySelectorAll("a[href*='visit=']")) link.href = link.href.replace(editor.dataset.visit, visit);
    editor.dataset.visit = visit;
    undoForm.querySelector("button").disabled = true;
    return claim();
  });
}

// The visit is in the address for pages without scripts; shared or kept, the address would carry it to other devices.
const address = new URL(location.href);
address.searchParams.delete("visit");
history.replaceState(null, "", address);
claim();
// Not before the other scripts listen.
document.addEventListener("DOMContentLoaded", restore);
