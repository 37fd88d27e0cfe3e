// The offline page stands in for the page that was asked for, under its address: as soon as the portal answers again, that
// page is loaded. Under its own address it waits for somebody to press the button.

const said = document.querySelector("[data-said]");
const button = document.querySelector("[data-again]");
const AGAIN = 5000;
const standsIn = location.pathname !== button.pathname;
let asking = false;

async function answers() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(8000) })).ok;
  } catch {
    return false;
  }
}

async function tryAgain() {
  if (asking) return;
  asking = true;
  const back = await answers();
  asking = false;
  if (back) location.reload();
}

if (standsIn) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    said.textContent = "다시 이어 보고 있어요.";
    await tryAgain();
    said.textContent = "아직 이어지지 않아요. 이어지면 저절로 열려요.";
  });
  window.addEventListener("online", tryAgain);
  setInterval(() => document.hidden || tryAgain(), AGAIN);
} else {
  button.href = button.dataset.start;
}
