// Lets the browser keep the offline page, and the portal be put on the home screen. No page depends on it.

if ("serviceWorker" in navigator) {
  window.addEventListener("load", () => {
    // Private windows and old phones may refuse: then a lost connection shows the browser's own page.
    navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
  });
}
