"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (!data) return;
  const { names, matrix, thresholds, counts, chosen, rows } = data;
  const MOST = 20;
  const find = (id) => document.getElementById(id);
  const [slider, select, back, rule, texts, here] =
    ["threshold", "class", "likeliest", "rule", "texts", "here"].map(find);
  const cells = [...document.querySelectorAll(".cell")];
  const movable = counts.length > 0 && slider;
  let step = null; // the place of the threshold, or null where the likeliest class decides
  let open = null; // the cell whose texts show
  const ofClass = () => Number(select.value);

  const currentMatrix = () => {
    if (step === null) return matrix;
    const moved = names.map(() => names.map(() => 0));
    for (const [truth, other, reached, count] of counts[ofClass()]) {
      moved[truth][reached > step ? ofClass() : other] += count;
    }
    return moved;
  };
  const named = ([, first, second, , reached]) => {
    if (step === null) return first;
    if (reached[ofClass()] > step) return ofClass();
    return first === ofClass() ? second : first;
  };
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const scoresOf = (table, index) => {
    const right = table[index][index];
    const truth = sum(table[index]);
    const said = sum(table.map((row) => row[index]));
    return {
      precision: right / Math.max(said, 1), recall: right / Math.max(truth, 1),
      f1: (2 * right) / Math.max(truth + said, 1), said,
    };
  };

  const drawMatrix = (table) => {
    for (const cell of cells) {
      const row = table[cell.dataset.true];
      const count = row[cell.dataset.named];
      cell.querySelector(".count").textContent = count.toLocaleString("en");
      cell.style.setProperty("--w", (count / Math.max(sum(row), 1)).toFixed(3));
      cell.setAttribute("aria-pressed", String(cell === open));
    }
  };
  const drawScores = (table) => {
    for (const place of document.querySelectorAll("#live tbody tr").entries()) {
      const [index, line] = place;
      const scores = scoresOf(table, index);
      for (const cell of line.querySelectorAll("td")) cell.textContent = scores[cell.dataset.score].toFixed(4);
    }
    const right = sum(table.map((row, index) => row[index]));
    const all = sum(table.map(sum));
    find("accuracy").textContent = `${((100 * right) / Math.max(all, 1)).toFixed(2)}%`;
  };
  const drawCurve = (table) => {
    find("curve-class").textContent = names[ofClass()];
    for (const path of document.querySelectorAll(".curve")) {
      path.setAttribute("visibility", Number(path.dataset.class) === ofClass() ? "visible" : "hidden");
    }
    const { precision, recall, said } = scoresOf(table, ofClass());
    const { left, right, top, bottom } = here.dataset;
    here.setAttribute("cx", Number(left) + recall * (right - left));
    here.setAttribute("cy", bottom - precision * (bottom - top));
    here.setAttribute("visibility", said ? "visible" : "hidden");
  };
  const drawRule = () => {
    const value = step === null ? null : String(thresholds[step]);
    rule.textContent = value === null
      ? "The likeliest class decides."
      : `${names[ofClass()]} from a probability of ${value} on${isChosen() ? ", which the run decides by" : ""}.`;
    slider.setAttribute("aria-valuetext", value ?? "none: the likeliest class decides");
    back.disabled = step === null;
  };
  const isChosen = () => chosen !== null && chosen.class === ofClass() && chosen.step === step;

  const item = (row) => {
    const about = document.createElement("span");
    about.className = "about";
    about.textContent = `${names[row[1]]} ${(100 * row[3]).toFixed(1)}%`;
    const text = document.createElement("bdi");
    text.textContent = row[5];
    const line = document.createElement("li");
    line.append(about, text);
    return line;
  };
  const drawTexts = (table) => {
    if (!open) return;
    const [truth, said] = [Number(open.dataset.true), Number(open.dataset.named)];
    const count = table[truth][said];
    const found = rows.filter((row) => row[0] === truth && named(row) === said).sort((a, b) => b[3] - a[3]);
    const heading = document.createElement("p");
    const shown = Math.min(found.length, MOST);
    heading.textContent = `True ${names[truth]}, named ${names[said]}: ${count.toLocaleString("en")} text${count === 1 ? "" : "s"}`
      + (count && !shown ? "; none of them is among those that this page holds." : count > shown ? `, ${shown} of them here, the surest first.` : ".");
    const list = document.createElement("ul");
    list.append(...found.slice(0, MOST).map(item));
    texts.replaceChildren(heading, list);
  };

  const draw = () => {
    const table = currentMatrix();
    drawMatrix(table);
    drawTexts(table);
    if (!movable) return;
    drawScores(table);
    drawCurve(table);
    drawRule();
  };

  for (const cell of cells) {
    cell.addEventListener("click", () => {
      open = open === cell ? null : cell;
      if (!open) texts.replaceChildren();
      draw();
    });
  }
  if (movable) {
    slider.max = thresholds.length - 1;
    slider.value = chosen ? chosen.step : thresholds.findIndex((value) => value >= 0.5);
    slider.addEventListener("input", () => { step = Number(slider.value); draw(); });
    select.addEventListener("change", draw);
    back.addEventListener("click", () => { step = null; draw(); });
    if (chosen) step = chosen.step;
  }
  draw();
})();
