// What is unreadable about a field is said when it is left, by the server's own sentence; the form works without this.

const form = document.querySelector("[data-apply]");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const CHECKED = ["shop_name", "line_number", "line_owner_name", "address", "owner_name", "owner_mobile", "business_number", "specials"];

form.addEventListener("change", async ({ target }) => {
  if (!CHECKED.includes(target.name)) return;
  const asked = target.value;
  const body = new URLSearchParams({ name: target.name, value: asked, kind: form.elements.kind?.value ?? "" });
  try {
    const answer = await fetch(form.dataset.fieldUrl, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      signal: AbortSignal.timeout(5000),
    });
    // Somebody who has typed on is told about what is there now.
    if (answer.ok && target.value === asked) say(target, (await answer.json()).problem);
  } catch {
    // The next button says the same.
  }
});

function say(field, problem) {
  const box = field.closest(".field");
  const id = `${field.id}_error`;
  box.querySelector(".errors")?.remove();
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((name) => name && name !== id);
  if (problem) {
    const list = document.createElement("ul");
    list.className = "errors";
    list.id = id;
    list.setAttribute("role", "alert");
    list.append(Object.assign(document.createElement("li"), { textContent: problem }));
    box.append(list);
    described.push(id);
    field.setAttribute("aria-invalid", "true");
  } else field.removeAttribute("aria-invalid");
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
}
