// The keys of a provider's cell. Every key presses, ticks or focuses something that stands on the page as well.
"use strict";
(() => {
  const page = document;
  const form = page.getElementById("deciding");
  const items = [...page.querySelectorAll(".evidence > li")];
  const typing = (el) => el.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");
  let here = -1;

  for (const id of ["help-button", "steps", "quote"]) {
    const el = page.getElementById(id);
    if (el) el.hidden = false;
  }

  // --- evidence
  const step = (by) => {
    if (!items.length) return;
    here = Math.min(items.length - 1, Math.max(0, here + by));
    for (const item of items) item.toggleAttribute("data-here", item === items[here]);
    const item = items[here];
    const box = item.querySelector("input");
    const link = item.querySelector("a.to");
    const place = page.getElementById(link.hash.slice(1));
    for (const mark of page.querySelectorAll("mark.here")) mark.classList.remove("here");
    if (place) {
      const fold = place.closest("details");
      if (fold) fold.open = true;
      const mark = place.parentElement.querySelector(`#${place.id} ~ mark`);
      if (mark) mark.classList.add("here");
      if (matchMedia("(min-width: 70rem)").matches) place.scrollIntoView({ block: "center" });
    }
    (box || link).focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  };
  const tick = () => {
    const box = here >= 0 ? items[here].querySelector("input") : null;
    if (box) box.checked = !box.checked;
  };

  // --- words that are selected in a text, with their place
  const offset = (node, at) => {
    const line = (node.nodeType === 1 ? node : node.parentElement).closest("[data-at]");
    if (!line) return null;
    const range = page.createRange();
    range.setStart(line, 0);
    range.setEnd(node, at);
    const part = range.cloneContents();
    for (const ref of part.querySelectorAll(".ref")) ref.remove();
    return Number(line.dataset.at) + [...part.textContent].length;
  };
  const last = { text: "", place: "", document: "" };
  page.addEventListener("selectionchange", () => {
    const selected = page.getSelection();
    if (!selected.rangeCount || selected.isCollapsed) return;
    const range = selected.getRangeAt(0);
    const box = range.commonAncestorContainer;
    const terms = (box.nodeType === 1 ? box : box.parentElement).closest(".terms");
    if (!terms) return;
    const copy = range.cloneContents();
    for (const ref of copy.querySelectorAll(".ref")) ref.remove();
    const lines = [...copy.querySelectorAll("[data-at]")].map((line) => line.textContent);
    last.text = (lines.length ? lines.join("\n") : copy.textContent).trim();
    const start = offset(range.startContainer, range.startOffset);
    const end = offset(range.endContainer, range.endOffset);
    last.place = start === null || end === null ? "" : `${start} ${end}`;
    last.document = terms.dataset.document;
  });
  const quote = () => {
    const told = page.getElementById("quoted");
    if (!last.text) { told.textContent = told.dataset.none; return; }
    const slot = [...page.querySelectorAll(".slot")].find((one) => !one.querySelector("textarea").value.trim());
    if (!slot) { told.textContent = told.dataset.full; return; }
    slot.querySelector("textarea").value = last.text;
    slot.querySelector("select").value = last.document;
    slot.querySelector("input[type=hidden]").value = last.place;
    page.getElementById("own").open = true;
    told.textContent = told.dataset.done;
    last.text = "";
  };
  for (const slot of page.querySelectorAll(".slot")) {
    slot.addEventListener("input", () => { slot.querySelector("input[type=hidden]").value = ""; });
  }

  // --- help, and whether single keys are used
  const help = page.getElementById("help");
  const helpButton = page.getElementById("help-button");
  const on = page.getElementById("keys-on");
  on.checked = localStorage.getItem("provider-keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("provider-keys", on.checked ? "on" : "off"));
  helpButton.addEventListener("click", () => {
    help.hidden = !help.hidden;
    helpButton.setAttribute("aria-expanded", String(!help.hidden));
    (help.hidden ? helpButton : help).focus();
  });

  const deeds = { j: () => step(1), k: () => step(-1), x: tick, q: quote, "?": () => helpButton.click() };
  for (const [key, deed] of Object.entries(deeds)) {
    const button = page.querySelector(`button[data-key="${key}"]`);
    if (button && key !== "?") button.addEventListener("click", deed);
  }
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const at = event.target;
    if (event.key === "Escape" && typing(at)) { at.blur(); return; }
    if (typing(at) || !on.checked) return;
    if (event.key === "Enter") {
      if (form && !at.closest("a, button, summary")) { event.preventDefault(); form.requestSubmit(page.getElementById("accept")); }
      return;
    }
    const target = page.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.type === "radio") { target.checked = true; target.focus(); }
    else if (deeds[event.key]) deeds[event.key]();
    else target.focus();
  });
})();
