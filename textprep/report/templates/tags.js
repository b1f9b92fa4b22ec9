"use strict";
(() => {
  const list = document.getElementById("tagged");
  if (!list || !list.querySelector("[data-cells]")) return;
  const STEP = 20;
  const [kind, type, found, more] = ["kind", "type", "found", "more"].map((id) => document.getElementById(id));
  const cells = [...document.querySelectorAll("#confusions .cell")];
  const items = [...list.children].map((line) => [line, line.dataset.cells.split(" ").map((cell) => cell.split(":"))]);
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  let most = STEP;
  let chosen = null;

  const fits = ([outcome, actual, given]) => (chosen
    ? actual === chosen.dataset.true && given === chosen.dataset.said
    : (!kind.value || outcome === kind.value || (kind.value === "wrong" && outcome !== "right"))
      && (!type.value || actual === type.value || given === type.value));

  const draw = () => {
    const fitting = items.filter(([, each]) => each.some(fits)).map(([line]) => line);
    const shown = new Set(fitting.slice(0, most));
    for (const [line] of items) line.hidden = !shown.has(line);
    const what = chosen ? ` with ${chosen.querySelector(".sr").textContent.replace(/: $/, "")}` : "";
    found.textContent = `${counted(fitting.length, "text")}${what}${shown.size < fitting.length ? `, ${shown.size} of them here` : ""}.`;
    const rest = Math.min(STEP, fitting.length - shown.size);
    more.hidden = rest <= 0;
    more.textContent = `Show ${rest} more`;
    return fitting;
  };
  const choose = (cell) => {
    chosen = cell;
    most = STEP;
    for (const each of cells) each.setAttribute("aria-pressed", String(each === cell));
    draw();
  };
  for (const cell of cells) {
    cell.addEventListener("click", () => {
      kind.value = "";
      type.value = "";
      choose(cell === chosen ? null : cell);
    });
  }
  for (const select of [kind, type]) select.addEventListener("change", () => choose(null));
  more.addEventListener("click", () => {
    const next = most;
    most += STEP;
    const line = draw()[next];
    line.tabIndex = -1;
    line.focus();
  });

  for (const span of document.querySelectorAll(".tagged .folded")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.textContent = `… ${span.dataset.what}`;
    const set = (open) => {
      span.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => set(span.hidden));
    span.before(button);
    set(false);
  }
  document.getElementById("filter").hidden = false;
  draw();
})();
