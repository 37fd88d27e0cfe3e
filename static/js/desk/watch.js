// An application that takes no more typing: its activation is watched step by step.

import { desk } from "./fields.js";
import { setSlots } from "./slots.js";

const LOOK = 1000;
const AGAIN = 5000;
let stamp = desk.dataset.stamp;

async function look() {
  let pause = AGAIN;
  try {
    const query = new URLSearchParams({ visit: desk.dataset.visit, stamp });
    const answer = document.hidden
      ? null
      : await fetch(`${desk.dataset.stateUrl}?${query}`, {
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout(8000),
        });
    if (answer?.redirected || answer?.status === 403) return;
    if (!answer || answer.ok) pause = LOOK;
    if (answer?.status === 200) {
      const found = await answer.json();
      if (found.editable) {
        location.reload();
        return;
      }
      stamp = found.stamp;
      setSlots(found.slots, { phone: true });
      if (!found.waits) return;
    }
  } catch { /* the next look may succeed */ }
  setTimeout(look, pause);
}

if ("waits" in desk.dataset) setTimeout(look, LOOK);
