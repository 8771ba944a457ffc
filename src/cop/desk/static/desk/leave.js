// Leaving the page quickly: no way back to it, and nothing of it to be seen while the next page loads.
"use strict";
const link = document.getElementById("leave");
link?.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.replaceChildren();
  document.title = "";
  window.location.replace(link.href);
});
