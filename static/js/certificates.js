// 증명원 검토 by keyboard: A accepts, R and a digit rejects, → goes on, Z takes back. Keys are places on the keyboard, so that
// a Korean layout is no obstacle. Everything here is a click on what the page shows anyway.

const rejecting = document.querySelector(".rejecting");
let decided = false;

function press(element) {
  if (!element || decided) return false;
  decided = true; // a key that is hit twice decides nothing about the next certificate
  element.click();
  return true;
}

function arm(yes) {
  rejecting?.classList.toggle("armed", yes);
  if (yes) rejecting.querySelector("[data-reason]").focus();
  return Boolean(rejecting);
}

// A paper wider than its place is moved by the arrows while it has the focus.
const scrolls = (element) => element?.matches(".paper") && element.scrollWidth > element.clientWidth;

function done(event) {
  if (event.code === "KeyR") return arm(true);
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    const armed = rejecting?.classList.contains("armed");
    return Boolean(armed) && press(rejecting.querySelector(`[data-reason="${digit}"]`));
  }
  if (event.code === "ArrowRight" && scrolls(event.target)) return false;
  return press(document.querySelector(`[data-key="${CSS.escape(event.code)}"]`));
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.code === "Escape") {
    arm(false);
    typing?.blur();
  } else if (!typing && done(event)) event.preventDefault();
});

// Back from the cache of the browser, everything may be pressed again.
window.addEventListener("pageshow", () => {
  decided = false;
});
