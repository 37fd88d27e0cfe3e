// 카드 등록: opens the payment company's card page with their script. Without either the button stays hidden, or says so.

const button = document.querySelector("[data-card]");
const said = document.querySelector(".card-said");

async function open() {
  const { clientKey, customerKey, success, fail } = button.dataset;
  button.disabled = true;
  said.textContent = "카드 등록 화면을 여는 중이에요.";
  try {
    const payment = window.TossPayments(clientKey).payment({ customerKey });
    await payment.requestBillingAuth({ method: "CARD", successUrl: success, failUrl: fail });
  } catch (error) {
    // Closing their window is no failure; anything else is a script that did not load or refused.
    said.textContent =
      error?.code === "USER_CANCEL"
        ? "카드 등록을 그만두셨어요. 언제든 다시 등록할 수 있어요."
        : "카드 등록 화면을 열지 못했어요. 인터넷을 확인하고 다시 눌러 주세요. 다른 방법으로도 내실 수 있어요.";
  }
  button.disabled = false;
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", open);
  // Back from their page with the browser's own button: the page is shown as it was left.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    said.textContent = "";
  });
}
