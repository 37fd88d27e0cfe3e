// 제작 by keyboard: J and K go down and up the list, or to the next and the previous application; Enter opens what has the
// focus. Keys are places on the keyboard, so that a Korean layout is no obstacle.

const list = document.querySelector("[data-list]");
const STEPS = { KeyJ: 1, KeyK: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

function walk(step) {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  // From outside the list, down enters it at the top and up at the end.
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[next]?.focus();
  return next in links;
}

function moved(event) {
  if (list) {
    const inside = list.contains(document.activeElement);
    const step = STEPS[event.code] ?? (inside ? ARROWS[event.code] : 0);
    return Boolean(step) && walk(step);
  }
  const link = { KeyJ: "next", KeyK: "prev" }[event.code];
  const found = link && document.querySelector(`a[rel="${link}"]`);
  found?.click();
  return Boolean(found);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select")) return;
  if (moved(event)) event.preventDefault();
});
