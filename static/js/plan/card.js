// 카드 등록: fetches the payment company's script when somebody wants their card page, and not before, and opens it. Without a
// script of ours the button stays hidden and a sentence says so; without theirs the button does.

const button = document.querySelector("[data-card]");
const said = document.querySelector(".card-said");

function fetched(address) {
  if (window.TossPayments) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => {
      script.remove();
      reject(new Error("the script did not come"));
    });
    document.head.append(script);
  });
}

async function open() {
  const { sdk, clientKey, customerKey, success, fail } = button.dataset;
  button.disabled = true;
  said.textContent = "카드 등록 화면을 여는 중이에요.";
  try {
    await fetched(sdk);
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
  document.querySelector("[data-needs-script]").hidden = true;
  button.addEventListener("click", open);
  // Back from their page with the browser's own button: the page is shown as it was left.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    said.textContent = "";
  });
}
