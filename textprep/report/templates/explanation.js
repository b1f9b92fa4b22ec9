"use strict";
(() => {
  const { tokens } = JSON.parse(document.getElementById("data").textContent);
  const chips = [...document.querySelectorAll(".chip")];
  const inspector = document.querySelector(".inspector");
  const parts = new Map(); // token → every element that shows it
  for (const element of document.querySelectorAll("[data-t]")) {
    for (const token of element.dataset.t.split(" ")) {
      parts.set(token, [...(parts.get(token) ?? []), element]);
    }
  }
  let lit = [];
  let kept = null; // the element that was clicked

  const describe = (token) => {
    const { text, id, seen, origin } = tokens[token];
    const name = document.createElement("strong");
    name.textContent = text;
    const line = document.createElement("span");
    line.append(name, ` · id ${id} · ${seen} · ${origin}`);
    return line;
  };

  const light = (element) => {
    lit.forEach((part) => part.classList.remove("lit"));
    const wanted = element ? element.dataset.t.split(" ") : [];
    lit = wanted.flatMap((token) => parts.get(token));
    lit.forEach((part) => part.classList.add("lit"));
    inspector.hidden = !wanted.length;
    const lines = wanted.slice(0, 3).flatMap((token) => [describe(token), document.createElement("br")]);
    inspector.firstElementChild.replaceChildren(...lines);
  };

  const settle = () => light(kept ?? document.activeElement?.closest("[data-t]"));
  const find = (event) => event.target.closest?.("[data-t]");

  document.addEventListener("pointerover", (event) => {
    const element = find(event);
    if (element) light(element);
    else settle();
  });
  document.addEventListener("focusin", (event) => light(find(event) ?? kept));
  document.addEventListener("focusout", () => light(kept));
  document.addEventListener("click", (event) => {
    const element = find(event);
    kept = element === kept ? null : element;
    if (element?.matches(".chip")) {
      event.preventDefault();
      parts.get(element.dataset.t)[0].scrollIntoView({ block: "nearest" });
    }
    settle();
  });

  // One tab stop for all tokens; arrow keys go from one to the next.
  chips.forEach((chip, place) => { chip.tabIndex = place ? -1 : 0; });
  const go = (place) => {
    const next = chips[Math.min(Math.max(place, 0), chips.length - 1)];
    chips.forEach((chip) => { chip.tabIndex = chip === next ? 0 : -1; });
    next.focus();
  };
  const moves = {
    ArrowRight: (place) => place + 1, ArrowLeft: (place) => place - 1,
    ArrowDown: (place) => place + 1, ArrowUp: (place) => place - 1,
    Home: () => 0, End: () => chips.length - 1,
  };
  document.addEventListener("keydown", (event) => {
    const place = chips.indexOf(document.activeElement);
    if (event.key === "Escape") {
      kept = null;
      settle();
    } else if (place >= 0 && event.key in moves && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      go(moves[event.key](place));
    }
  });
})();
