/* Comforts only: a filter over long lists and a switch between light and dark. Every page works without this file. */
"use strict";

const root = document.documentElement;

/* The choice of ground is kept on this device; without one the system's own is followed. */
let kept = null;
try { kept = localStorage.getItem("theme"); } catch { kept = null; }
if (kept === "light" || kept === "dark") root.dataset.theme = kept;

function switcher() {
  const list = document.querySelector(".rooms ul");
  if (!list) return;
  const item = document.createElement("li");
  const button = document.createElement("button");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  button.type = "button";
  button.className = "ground";
  button.setAttribute("aria-label", list.dataset.ground);
  button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(dark()));
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private mode: the choice lasts for this page */ }
  });
  item.append(button);
  list.append(item);
}

const plain = (text) => text.toLocaleLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

function filter(box) {
  const field = box.querySelector("input");
  const count = box.querySelector(".filter-count");
  const rows = [...document.querySelectorAll("tr[data-words]")];
  const groups = [...document.querySelectorAll("[data-filter-group]")];
  box.hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const hit = words.every((word) => plain(row.dataset.words).includes(word));
      row.hidden = !hit;
      if (hit) shown += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("tr[data-words]:not([hidden])");
    count.textContent = !words.length ? "" : shown ? count.dataset.many.replace("{n}", String(shown)) : count.dataset.none;
  });
}

switcher();
for (const box of document.querySelectorAll("[data-filter]")) filter(box);

/* An opened address such as #by-month opens what it points into. */
const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (target && target.matches("details")) target.open = true;
