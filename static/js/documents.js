// 서류 올리기 (eligibility/_documents.html): one file after another, with its progress, while the page stays as it is.

const PATIENCE = 120_000; // ms without an answer
const SAID = {
  none: "올릴 파일을 골라 주세요.",
  large: "파일이 너무 큽니다. 10MB보다 작은 파일을 골라 주세요.",
  offline: "인터넷이 끊겼습니다. 연결을 확인하고 다시 올려 주세요.",
  slow: "인터넷이 느려서 올리지 못했습니다. 다시 올려 주세요.",
  stale: "로그인이 끝났거나 화면이 오래되었습니다. 화면을 새로 고친 뒤 다시 올려 주세요.",
  failed: "지금은 올릴 수 없습니다. 잠시 뒤에 다시 올려 주세요.",
  stored: "서류를 올렸습니다.",
};

class Adding {
  #form;
  #list;
  #request = null;

  constructor(form) {
    this.#form = form;
    this.#list = form.closest(".documents").querySelector("[data-documents-list]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.elements.file.addEventListener("change", () => this.#trouble(""));
    this.#part("[data-cancel]").addEventListener("click", () => this.#request?.abort());
  }

  #part(selector) {
    return this.#form.querySelector(selector);
  }

  #send() {
    if (this.#request) return;
    const [file] = this.#form.elements.file.files;
    if (!file) return this.#refused(SAID.none);
    if (file.size > Number(this.#form.dataset.mostBytes)) return this.#refused(SAID.large);
    this.#trouble("");
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
    request.addEventListener("error", () => this.#refused(SAID.offline));
    request.addEventListener("timeout", () => this.#refused(SAID.slow));
    request.addEventListener("abort", () => this.#tell(""));
    request.addEventListener("loadend", () => {
      this.#request = null;
      this.#busy(false);
    });
    this.#busy(true);
    this.#progress(0);
    request.send(new FormData(this.#form));
  }

  #answered(request) {
    const told = request.response;
    if (request.status === 200 && told?.html) {
      this.#list.innerHTML = told.html;
      this.#form.elements.file.value = "";
      this.#tell(SAID.stored);
      return;
    }
    // A login page instead of an answer: the session is over.
    const over = request.status === 403 || (request.status === 200 && !told);
    this.#refused(told?.error?.message ?? (over ? SAID.stale : SAID.failed));
  }

  #busy(yes) {
    for (const part of ["progress", "[data-cancel]"]) this.#part(part).hidden = !yes;
    this.#part("[type=submit]").disabled = yes;
  }

  #progress(part) {
    const percent = Math.floor(part * 100);
    this.#part("progress").value = percent;
    // A screen reader says each of these: every tenth is enough.
    this.#tell(part < 1 ? `올리는 중 ${percent - (percent % 10)}%` : "거의 끝났습니다. 서류를 확인하는 중입니다.");
  }

  #refused(message) {
    this.#tell("");
    this.#trouble(message);
  }

  #trouble(message) {
    const notice = this.#part("[data-trouble]");
    notice.querySelector("p").textContent = message;
    notice.hidden = !message;
    notice.setAttribute("role", "alert");
  }

  #tell(words) {
    this.#part("[role=status]").textContent = words;
  }
}

for (const form of document.querySelectorAll("form.document-add")) new Adding(form);
