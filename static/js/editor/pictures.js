// The pictures to choose from: the drawn ones with the words as they are now, and the shop's own.

const editor = document.querySelector("[data-editor]");
const grid = editor.querySelector("[data-pictures]");

/** The drawn pictures with the words as they are now. */
export function drawThumbnails() {
  grid?.querySelector("label:has(:checked)")?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  for (const picture of grid?.querySelectorAll("img[data-layout]") ?? []) {
    const query = new URLSearchParams({ layout: picture.dataset.layout, width: "240" });
    for (const control of editor.querySelectorAll("[data-field]")) {
      const field = control.dataset.field;
      if (["body", "picture", "shows_hours"].includes(field) || (control.type === "radio" && !control.checked)) continue;
      if (control.value) query.set(field, control.value.slice(0, 80));
    }
    const source = `${grid.dataset.design}?${query}`;
    if (picture.getAttribute("src") !== source) picture.src = source;
  }
}

/** The shop's own picture as a choice, `value` "stored:<id>". Without `url` its place stays empty until that is known. */
export function offer(value, url = "") {
  if (!grid) return;
  let label = grid.querySelector("label[for=picture-stored]");
  if (!label) {
    label = grid.querySelector("label:has(img)").cloneNode(true);
    label.htmlFor = label.querySelector("input").id = "picture-stored";
    label.querySelector("input").checked = false;
    delete label.querySelector("img").dataset.layout;
    label.querySelector("span:last-child").textContent = "내 사진";
    grid.prepend(label);
  }
  const radio = label.querySelector("input");
  if (url) label.querySelector("img").src = url;
  else if (radio.value !== value) label.querySelector("img").removeAttribute("src");
  radio.value = value;
  grid.scrollLeft = 0;
}
