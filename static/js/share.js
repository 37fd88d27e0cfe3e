// 공유: the phone's own sheet where there is one, else the address is copied. Without a script the button stays hidden.

const button = document.querySelector("[data-share]");
const said = document.querySelector(".share-said");

async function share() {
  const { share: url, title } = button.dataset;
  if (navigator.share) {
    try {
      await navigator.share({ title, url });
      return;
    } catch (error) {
      if (error.name === "AbortError") return;
    }
  }
  try {
    await navigator.clipboard.writeText(url);
    said.textContent = "주소를 복사했어요. 붙여 넣어 보내 주세요.";
  } catch {
    // Neither a sheet nor a clipboard, as in some apps' own browsers: the address can still be copied by hand.
    said.textContent = url;
  }
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", share);
}
