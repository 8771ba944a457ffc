// Pages of security keys: Enter is the button, and what went wrong is said on the page in its language.
"use strict";
(() => {
  const button = document.getElementById("add_key");
  if (button) {
    button.form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.click();
    });
  }
  document.addEventListener("allauth.error", () => {
    const told = document.getElementById("key_told");
    told.textContent = "";
    requestAnimationFrame(() => { told.textContent = told.dataset.words; }); // read out again where it is said again
  });
})();
