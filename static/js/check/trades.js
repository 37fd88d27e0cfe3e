// Suggestions while a trade is typed. The field itself is never written to, so a syllable that is still open stays open.

/** Longer than the pause between two keys of a syllable, shorter than anybody waits. */
const PAUSE = 120;

let waiting = 0;
let asking = null;

/** Show under the field of `root` what `typed` may mean; the last thing typed is the last thing shown. */
export function suggest(root, typed) {
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(root, typed.trim()), PAUSE);
}

/** The same without a pause, for who pressed the button; goes to the first of what was found. */
export async function suggestNow(root, typed) {
  clearTimeout(waiting);
  await ask(root, typed.trim());
  root.querySelector("[data-trades] input")?.focus();
}

async function ask(root, query) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  if (!query) return show(root, { industries: [], not_eligible: null }, "");
  try {
    const address = `${root.dataset.industries}?${new URLSearchParams({ q: query.slice(0, 100) })}`;
    const answer = await fetch(address, { signal });
    if (answer.ok) show(root, await answer.json(), query);
  } catch {
    // The button beside the field still asks for the page.
  }
}

function show(root, { industries, not_eligible: refused }, query) {
  const list = root.querySelector("[data-trades]");
  if (!list) return;
  const shape = root.querySelector("template#trade");
  list.querySelectorAll("label").forEach((label) => label.remove());
  for (const { code, name, matched } of industries) {
    const label = shape.content.cloneNode(true).querySelector("label");
    const radio = label.querySelector("input");
    label.htmlFor = radio.id = `ksic-${code}`;
    radio.value = code;
    const word = label.querySelector("b");
    if (matched === name) word.remove();
    else word.textContent = matched;
    label.querySelector(".trade > span").textContent = name;
    list.append(label);
  }
  list.hidden = !industries.length;
  const none = root.querySelector("[data-none]");
  none.hidden = !query || industries.length > 0;
  none.querySelector(".title").textContent = refused ? none.dataset.refusedTitle : none.dataset.noneTitle;
  const place = root.querySelector("[data-refused]");
  place.replaceChildren();
  if (refused) {
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.dataset.tone = "held";
    notice.append(Object.assign(document.createElement("p"), { textContent: refused.message }));
    place.append(notice);
  }
  const found = industries.length ? `${industries.length}개 업종을 찾았어요.` : query ? "찾은 업종이 없어요." : "";
  document.querySelector("[data-said]").textContent = [refused?.message, found].filter(Boolean).join(" ");
}
