// The keys of the coding rooms. Every key presses, opens or focuses something that stands on the page as well.
"use strict";
(() => {
  const page = document;
  const typing = (el) => el.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");
  const shut = (el) => el.closest("details:not([open])") || el.closest("[hidden]");
  const radios = () => [...page.querySelectorAll("#classes input[type=radio]")].filter((r) => !shut(r));
  // on a keyboard of another script the key counts that stands where the Latin letter is
  const keyOf = (event) => {
    if (event.key.length !== 1 || event.key < "\u0080") return event.key;
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.code.startsWith("Key") ? event.code[3].toLowerCase() : event.key;
  };
  const form = page.getElementById("deciding");
  const words = page.getElementById("words");

  // --- the veil
  const veil = page.querySelector(".veil");
  const veilButton = page.getElementById("veil-button");
  const turn = () => {
    const veiled = veil.classList.toggle("veiled");
    veil.toggleAttribute("aria-hidden", veiled);
    if (veiled) veil.setAttribute("aria-hidden", "true");
    const label = veilButton.querySelector("span");
    [label.textContent, veilButton.dataset.other] = [veilButton.dataset.other, label.textContent];
    const hint = page.getElementById("veil-hint");
    if (hint) hint.hidden = !veiled;
    // once the text is read, Enter is to give the class and not to hide the text again
    const next = veiled ? null : page.querySelector("#classes input[name=code]:checked") || radios()[0];
    if (next) next.focus({ preventScroll: true });
    else if (!veiled) veilButton.blur();
  };
  if (veilButton) veilButton.addEventListener("click", (event) => { event.preventDefault(); turn(); });

  // --- the notes of the chosen class
  const notes = page.getElementById("notes");
  const chosen = page.getElementById("chosen");
  const show = async (code) => {
    if (!notes) return;
    if (code && !notes.querySelector(`[data-code="${code}"]`)) {
      const answer = await fetch(notes.dataset.notes.replace("/X/", `/${code}/`) + "?part=1");
      if (answer.ok && !notes.querySelector(`[data-code="${code}"]`)) {
        notes.insertAdjacentHTML("beforeend", await answer.text());
      }
    }
    const now = form.querySelector("input[name=code]:checked");
    if (!now || now.value !== code) return;
    for (const one of notes.querySelectorAll(".notes")) one.hidden = one.dataset.code !== code;
    page.getElementById("no-notes").hidden = Boolean(code);
    chosen.textContent = now.closest("label").querySelector("code").textContent;
  };
  const choose = (radio) => {
    radio.checked = true;
    radio.focus();
    radio.closest("label").scrollIntoView({ block: "nearest" });
    show(radio.value);
  };
  if (form) {
    form.addEventListener("change", (event) => { if (event.target.name === "code") show(event.target.value); });
    for (const one of notes.querySelectorAll(".notes")) one.hidden = true;
    const first = form.querySelector("input[name=code]:checked");
    if (first) show(first.value);
    notes.addEventListener("click", (event) => {
      const link = event.target.closest("[data-choose]");
      if (!link) return;
      const radio = form.querySelector(`input[name=code][value="${link.dataset.choose}"]`);
      if (!radio) return;
      event.preventDefault();
      for (let up = radio.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
      choose(radio);
    });
  }

  // --- search by typing
  if (words && words.dataset.search) {
    const found = page.getElementById("found");
    let waiting = 0;
    let asked = 0;
    const look = async () => {
      const turn = (asked += 1);
      const answer = await fetch(`${words.dataset.search}?words=${encodeURIComponent(words.value)}`);
      if (answer.ok && turn === asked) found.innerHTML = await answer.text();
    };
    words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 150); });
    words.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") { words.blur(); return; }
      if (event.key !== "Enter" && event.key !== "ArrowDown") return;
      event.preventDefault();
      clearTimeout(waiting);
      await look();
      const first = found.querySelector("input[type=radio]");
      if (first) choose(first);
    });
  }

  // --- help
  const help = page.getElementById("help");
  const helpButton = page.getElementById("help-button");
  if (helpButton) {
    helpButton.hidden = false;
    helpButton.addEventListener("click", () => {
      help.hidden = !help.hidden;
      helpButton.setAttribute("aria-expanded", String(!help.hidden));
      if (help.hidden) helpButton.focus(); else help.focus();
    });
  }

  // --- keys
  const step = (by) => {
    const all = radios();
    if (!all.length) {
      const list = page.getElementById("all");
      if (list) { list.open = true; list.querySelector("details").open = true; }
      if (list && radios().length) choose(radios()[0]);
      return;
    }
    const here = all.findIndex((r) => r.checked);
    choose(all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + by))]);
  };
  const go = (target) => {
    if (target.tagName === "SUMMARY") {
      const box = target.parentElement;
      box.open = !box.open;
      const field = box.open ? box.querySelector("input:not([type=hidden]), select") : null;
      (field || target).focus();
    } else if (target.id === "veil-button" || target.id === "help-button" || target.dataset.key === "n"
        || target.dataset.key === "a" || target.dataset.key === "o") {
      target.click();
    } else {
      target.focus();
      if (target.select) target.select();
    }
  };
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const here = event.target;
    if (event.key === "Escape" && typing(here)) { here.blur(); return; }
    if (typing(here)) return;
    if (event.key === "Enter") {
      if (form && !here.closest("a, button, summary, input")) { event.preventDefault(); page.getElementById("accept").click(); }
      return;
    }
    const key = keyOf(event);
    if (form && (key === "j" || key === "k")) { event.preventDefault(); step(key === "j" ? 1 : -1); return; }
    const target = page.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (target && (target.tagName === "SUMMARY" || !shut(target))) { event.preventDefault(); go(target); }
  });
})();
