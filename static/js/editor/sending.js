// Publishing waits until everything typed is kept; the minute of grace counts down; a test goes to one's own phone.

const editor = document.querySelector("[data-editor]");
const token = editor.querySelector("[name=csrfmiddlewaretoken]").value;
let clock = 0;

async function kept() {
  const detail = { wait: [] };
  editor.dispatchEvent(new CustomEvent("draft:flush", { detail }));
  return (await Promise.all(detail.wait)).every(Boolean);
}

async function publish(form, button) {
  button.disabled = true;
  // Pressed twice is sent once: the button comes back only when nothing has been sent.
  if (await kept()) {
    form.submit();
    return;
  }
  button.disabled = false;
  // The state line says why; what the person has to do something about is brought before them.
  const wrong = editor.querySelector("[data-field][aria-invalid]")?.closest("[data-sheet]");
  if (wrong) editor.dispatchEvent(new CustomEvent("sheet:open", { detail: wrong.dataset.sheet }));
  else editor.querySelector(".conflict")?.scrollIntoView();
}

async function test(form) {
  const result = form.querySelector("[data-result]");
  const button = form.querySelector("button");
  button.disabled = true;
  result.textContent = "보내고 있어요";
  result.dataset.tone = "";
  try {
    if (!(await kept())) {
      result.textContent = "아직 저장하지 못한 글이 있어서 보내지 않았어요. 저장되면 다시 눌러 주세요.";
      result.dataset.tone = "failed";
      return;
    }
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ visit: editor.dataset.visit }),
      headers: { Accept: "application/json", "X-CSRFToken": token },
      signal: AbortSignal.timeout(15000),
    });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const { sent, message, left } = await answer.json();
    result.textContent = message;
    result.dataset.tone = sent ? "sent" : "failed";
    form.querySelector("[data-left]").textContent = left;
  } catch {
    result.textContent = "보냈는지 알 수 없어요. 잠시 뒤에도 안 오면 다시 눌러 주세요.";
    result.dataset.tone = "failed";
  } finally {
    button.disabled = false;
  }
}

/** Counts by the server's clock, and asks the server what has become of it when the time is over. */
function countDown() {
  clearInterval(clock);
  const panel = editor.querySelector("[data-pending]");
  const place = panel?.querySelector("[data-countdown], [data-until]");
  if (!place) return;
  const ahead = Date.parse(panel.dataset.now) - Date.now();
  const end = Date.parse(place.dataset.countdown ?? place.dataset.until);
  const tick = () => {
    const left = Math.ceil((end - Date.now() - ahead) / 1000);
    if (left > 0) place.textContent = place.dataset.countdown ? `${left}초 뒤` : `앞으로 ${left}초`;
    return left;
  };
  tick();
  clock = setInterval(() => tick() <= -2 && ask(panel.dataset.url), 1000);
}

async function ask(url) {
  clearInterval(clock);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10000) });
    if (answer.redirected || answer.status === 403) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const slot = editor.querySelector('[data-slot="publication"]');
    const waited = slot.querySelector("[data-waits]");
    slot.innerHTML = await answer.text();
    // It could not go out: what is written here is out nowhere.
    if (waited && !slot.querySelector("[data-pending]")) editor.dataset.unpublished = "yes";
    countDown();
  } catch {
    setTimeout(() => ask(url), 3000);
  }
}

editor.addEventListener("submit", (event) => {
  if (event.target.matches("[data-publish]")) {
    event.preventDefault();
    publish(event.target, event.submitter ?? event.target.querySelector("[type=submit]"));
  } else if (event.target.matches("[data-test]")) {
    event.preventDefault();
    test(event.target);
  }
});
window.addEventListener("pageshow", () => editor.querySelectorAll("[data-publish] button").forEach((button) => (button.disabled = false)));
countDown();
