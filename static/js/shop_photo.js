// 가게 사진: a picture that is up goes onto the homepage at once, by the page's own form.

const form = document.getElementById("photo-add");

document.addEventListener("picture:stored", (event) => {
  form.elements.picture.value = event.detail.value;
  form.requestSubmit();
});
