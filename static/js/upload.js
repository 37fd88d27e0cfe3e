// 사진 올리기 (components/picture_upload.html): choose, fit into the frame, send. What was chosen stays until it is up: a
// broken or slow line costs no second choosing. Tells the page by the event "picture:stored", which bubbles.

import { Frame } from "./upload_frame.js";
import { sourceOf } from "./upload_source.js";

const PATIENCE = 120_000; // ms without an answer
const SAID = {
  offline: "인터넷이 끊겼어요. 사진은 그대로 있으니, 연결되면 이어서 올릴게요.",
  slow: "인터넷이 느려서 올리지 못했어요. 사진은 그대로 있으니 다시 올려 주세요.",
  stale: "화면이 오래되었어요. 화면을 새로 고친 뒤 다시 골라 주세요.",
  large: "사진 파일이 너무 커요. 40MB보다 작은 사진을 골라 주세요.",
  failed: "지금은 사진을 올릴 수 없어요. 잠시 뒤에 다시 올려 주세요.",
  stored: "사진을 올렸어요.",
  working: "사진을 여는 중이에요.",
};
// The server's way of saying that the same picture may well be taken on another try.
const WORTH_ANOTHER_TRY = ["busy", "storage_down", "interrupted"];

class Upload {
  #form;
  #frame;
  #body = null;
  #seen = false;
  #request = null;
  #waits = false;

  constructor(form) {
    this.#form = form;
    this.#frame = new Frame(this.#part("canvas"), form.elements.zoom);
    form.addEventListener("change", (event) => {
      if (event.target.type === "file") this.#choose(event.target);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.elements.brightness.addEventListener("input", (event) => {
      this.#frame.light = Number(event.target.value);
    });
    this.#part("[data-cancel]").addEventListener("click", () => this.#request?.abort());
    this.#part("[data-retry]").addEventListener("click", () => this.#send());
    for (const other of form.querySelectorAll("[data-other]")) other.addEventListener("click", () => this.#reset());
    window.addEventListener("online", () => {
      if (this.#waits) this.#send();
    });
  }

  #part(selector) {
    return this.#form.querySelector(selector);
  }

  // One of "choose", "fit", "send" is to be seen.
  #show(step) {
    for (const each of this.#form.querySelectorAll("[data-step]")) each.hidden = each.dataset.step !== step;
  }

  #reset() {
    this.#body = null;
    this.#waits = false;
    this.#trouble("");
    this.#tell("");
    this.#show("choose");
    this.#focusChoice();
  }

  // The camera's button is there on phones only.
  #focusChoice() {
    [...this.#form.querySelectorAll("[data-step=choose] input")].find((input) => input.checkVisibility())?.focus();
  }

  async #choose(input) {
    const [file] = input.files;
    input.value = ""; // the same file may be chosen again
    if (!file) return;
    this.#trouble("");
    this.#tell(SAID.working);
    const { canvas, body } = await sourceOf(file);
    this.#tell("");
    this.#body = body;
    this.#seen = canvas !== null;
    this.#form.elements.brightness.value = 0;
    this.#frame.light = 0;
    if (canvas === null) {
      this.#send();
      return;
    }
    this.#show("fit");
    this.#frame.show(canvas, this.#form.dataset.shape === "message" ? 4 / 3 : null);
    this.#part("canvas").focus({ preventScroll: true });
    this.#part("[data-step=fit]").scrollIntoView({ block: "nearest" });
  }

  #send() {
    if (this.#body === null || this.#request) return;
    this.#waits = false;
    this.#trouble("");
    if (this.#body.size > Number(this.#form.dataset.maxBytes)) {
      this.#refused(SAID.large, false);
      return;
    }
    const request = new XMLHttpRequest(); // fetch tells nothing about how much is up
    this.#request = request;
    request.open("POST", this.#form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.timeout = PATIENCE;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.#progress(event.loaded / event.total);
    });
    request.addEventListener("load", () => this.#answered(request));
    request.addEventListener("error", () => {
      this.#waits = true;
      this.#refused(SAID.offline, true);
    });
    request.addEventListener("timeout", () => this.#refused(SAID.slow, true));
    request.addEventListener("abort", () => this.#stopped());
    request.addEventListener("loadend", () => {
      this.#request = null;
    });
    this.#progress(0);
    this.#show("send");
    this.#part("[data-cancel]").focus();
    request.send(this.#fields());
  }

  #fields() {
    const { csrfmiddlewaretoken, shape, brightness } = this.#form.elements;
    const data = new FormData();
    data.append("csrfmiddlewaretoken", csrfmiddlewaretoken.value);
    data.append("shape", shape.value);
    if (this.#seen) {
      data.append("brightness", brightness.value);
      for (const [side, fraction] of Object.entries(this.#frame.crop)) data.append(`crop_${side}`, fraction.toFixed(6));
    }
    data.append("upload", this.#body, this.#body.name ?? "photo.jpg");
    return data;
  }

  #progress(part) {
    const percent = Math.floor(part * 100);
    this.#part("progress").value = percent;
    // A screen reader says each of these: every tenth is enough.
    const words = part < 1 ? `올리고 있어요 · ${percent - (percent % 10)}%` : "거의 다 됐어요. 사진을 다듬고 있어요.";
    this.#tell(words);
  }

  #answered(request) {
    const told = request.response;
    if (request.status === 200 && told?.value) {
      this.#body = null;
      this.#tell(SAID.stored);
      this.#show("choose");
      this.#focusChoice();
      this.#form.dispatchEvent(new CustomEvent("picture:stored", { bubbles: true, detail: told }));
      return;
    }
    const unknown = { 403: SAID.stale, 413: SAID.large }[request.status] ?? SAID.failed;
    const again = told?.error ? WORTH_ANOTHER_TRY.includes(told.error.code) : unknown === SAID.failed;
    this.#refused(told?.error?.message ?? unknown, again);
  }

  // Back to where it was sent from.
  #stopped() {
    this.#tell("");
    this.#show(this.#seen ? "fit" : "choose");
    if (this.#seen) this.#part("canvas").focus({ preventScroll: true });
    else this.#focusChoice();
  }

  #refused(message, again) {
    this.#stopped();
    if (!again && !this.#seen) this.#body = null;
    this.#trouble(message, again);
  }

  #trouble(message, again = false) {
    this.#part("[data-trouble] p").textContent = message;
    this.#part("[data-retry]").hidden = !again;
    const notice = this.#part("[data-trouble]");
    notice.hidden = !message;
    if (message) notice.scrollIntoView({ block: "nearest" });
  }

  #tell(words) {
    this.#part("[role=status]").textContent = words;
  }
}

// Also for forms that come later: a sheet opened by htmx brings its own.
const known = new WeakSet();
function wire(within) {
  for (const form of within.querySelectorAll("form.picture-upload")) {
    if (known.has(form)) continue;
    known.add(form);
    new Upload(form);
  }
}
wire(document);
document.addEventListener("htmx:afterSettle", () => wire(document));
