// 업종: a combobox (WAI-ARIA, list with automatic selection). Everyday words find a code; a code may be typed as well.

import { controlsOf, desk, next } from "./fields.js";

const input = controlsOf("ksic")[0];
const box = desk.querySelector("[data-trades-box]");
let request = null;
/** Enter came before the list did: the first of it is taken when it is there. */
let takeFirst = false;
let choosing = false;

const options = () => [...box.querySelectorAll("[role=option]")];
const active = () => options().find((option) => option.getAttribute("aria-selected") === "true");

function mark(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function close() {
  request?.abort();
  request = null;
  takeFirst = false;
  box.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

async function look() {
  request?.abort();
  const query = input.value.trim();
  if (!query) {
    close();
    return;
  }
  const mine = new AbortController();
  request = mine;
  try {
    const answer = await fetch(`${desk.dataset.trades}?${new URLSearchParams({ q: query })}`, {
      signal: AbortSignal.any([mine.signal, AbortSignal.timeout(8000)]),
    });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const html = await answer.text();
    if (request !== mine) return;
    box.innerHTML = html;
    box.hidden = !box.childElementCount;
    input.setAttribute("aria-expanded", String(options().length > 0));
    mark(options()[0]);
  } catch {
    if (request === mine) close();
    return;
  }
  request = null;
  if (takeFirst) finish();
}

function take(option) {
  choosing = true;
  input.value = option.dataset.code;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  choosing = false;
  close();
}

/** Enter: the marked trade is taken, and the cursor goes on. */
function finish() {
  const option = active();
  if (option && !box.hidden) take(option);
  close();
  next("ksic");
}

function step(by) {
  const all = options();
  if (box.hidden || !all.length) {
    look();
    return;
  }
  mark(all[(all.indexOf(active()) + by + all.length) % all.length]);
}

export function beginTrades() {
  if (!input) return;
  input.addEventListener("input", () => choosing || look());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (request) takeFirst = true;
      else finish();
    }
  });
  input.addEventListener("blur", close);
  // A press on the list leaves the cursor where it is.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    take(option);
    next("ksic");
  });
}
