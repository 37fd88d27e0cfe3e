// The phone follows every key: the server composes, this asks again. One request is under way at a time, and the last
// thing typed is always the last thing shown.

import { desk, read, token } from "./fields.js";
import { setPhone } from "./slots.js";

/** What callers see something of. */
const SEEN = ["kind", "shop_name", "ksic", "line_number", "product", "specials", "address", "hours"];
let busy = false;
let again = false;

export const isSeen = (name) => SEEN.includes(name);

export async function refresh() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    await ask();
  }
  busy = false;
}

async function ask() {
  const body = new URLSearchParams(SEEN.map((name) => [name, read(name)]));
  try {
    const answer = await fetch(desk.dataset.preview, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      signal: AbortSignal.timeout(8000),
    });
    if (answer.ok && !answer.redirected) setPhone(await answer.text(), { picture: false });
  } catch { /* the phone of the next save is right again */ }
}
