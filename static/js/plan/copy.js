// 복사하기: puts what a transfer needs into the clipboard. Without a script the buttons stay hidden and the text can be copied.

const said = document.querySelector(".copy-said");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = `복사했어요: ${button.dataset.copy}`;
    } catch {
      said.textContent = "복사하지 못했어요. 글자를 길게 눌러 복사해 주세요.";
    }
  });
}
