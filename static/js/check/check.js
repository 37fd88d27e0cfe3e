// The check without loading pages: every answer asks for the same address the form would, and what comes back takes the
// old page's place. The address bar follows, so that a result can be shared and "back" goes back an answer.

import { suggest, suggestNow } from "./trades.js";

const said = document.querySelector("[data-said]");
/** Only the last thing asked for is shown. */
let asking = null;

const root = () => document.querySelector("[data-check]");
const gently = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  if (query.has("ksic")) query.delete("q");
  return `${form.action}?${query}`;
}

/** Show an address; `focus` is the id of what to go to, in the new page. Without an answer the browser loads it. */
async function go(address, { focus = "", keep = true } = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  let page;
  try {
    const answer = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(8000)]) });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !page.querySelector("[data-check]")) throw new Error("no page of ours");
  } catch {
    if (!signal.aborted) location.assign(address);
    return;
  }
  if (signal.aborted) return;
  const was = document.activeElement?.id;
  const opened = [...root().querySelectorAll("details[id][open]")].map((details) => details.id);
  root().replaceWith(document.adoptNode(page.querySelector("[data-check]")));
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (keep) history.pushState({ check: true }, "", address);
  arrive(focus, was);
}

function arrive(focus, was) {
  const verdict = document.getElementById("verdict");
  said.textContent = verdict ? verdict.closest("section").querySelector("h2").textContent : "";
  const there = document.getElementById(focus) ?? document.getElementById(was);
  there?.focus({ preventScroll: true });
  const shown = focus === "verdict" ? verdict : focus ? there : null;
  shown?.scrollIntoView({ block: focus === "q" ? "center" : "start", behavior: gently() });
}

document.addEventListener("input", (event) => {
  if (event.target.id === "q") suggest(root(), event.target.value);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-form]");
  if (!form || event.target.id === "q") return;
  const { name } = event.target;
  // The keyboard goes through radios with the arrows: the focus stays where it is, and the result is read out.
  go(addressOf(form), { focus: name === "ksic" ? "revenue-question" : name === "revenue" ? "" : event.target.id }).then(() => {
    if (name === "revenue") document.getElementById("verdict")?.scrollIntoView({ block: "start", behavior: gently() });
  });
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  const search = form.elements.q;
  if (!search || form.querySelector("[name=ksic]:checked")) return go(addressOf(form), { focus: "verdict" });
  history.replaceState(null, "", addressOf(form));
  suggestNow(root(), search.value);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href, { focus: link.dataset.go });
});

addEventListener("popstate", () => go(location.href, { keep: false }));
