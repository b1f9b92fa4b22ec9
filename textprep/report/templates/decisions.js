"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (!data) return;
  const { names, thresholds, counts, chosen, rows } = data;
  const MOST = 20;
  const find = (id) => document.getElementById(id);
  const [slider, select, back, rule, texts, here] =
    ["threshold", "class", "likeliest", "rule", "texts", "here"].map(find);
  const cells = [...document.querySelectorAll(".cell")];
  const movable = counts.length > 0 && slider;
  let step = null; // the place of the threshold, or null where none is set
  let open = null; // the cell whose texts show
  const ofClass = () => Number(select.value);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const percent = (share, digits) => `${(100 * share).toFixed(digits)}%`;

  // A way to decide knows: `decide`, counts under the threshold; `matrix` of them, which the cells show;
  // `hits` of a class: [right, true, named] rows; `right`, the share of rows; and the texts of a cell.
  const oneClass = {
    rest: "The likeliest class decides.",
    decide: () => {
      if (step === null) return data.matrix;
      const moved = names.map(() => names.map(() => 0));
      for (const [truth, other, reached, count] of counts[ofClass()]) {
        moved[truth][reached > step ? ofClass() : other] += count;
      }
      return moved;
    },
    matrix: (table) => table,
    hits: (table, index) => [table[index][index], sum(table[index]), sum(table.map((row) => row[index]))],
    right: (table) => sum(table.map((row, index) => row[index])) / Math.max(sum(table.map(sum)), 1),
    named: ([, first, second, , reached]) => {
      if (step === null) return first;
      if (reached[ofClass()] > step) return ofClass();
      return first === ofClass() ? second : first;
    },
    found: (truth, said) =>
      rows.filter((row) => row[0] === truth && oneClass.named(row) === said).sort((a, b) => b[3] - a[3]),
    title: (truth, said) => `True ${names[truth]}, named ${names[said]}`,
    about: ([, first, , certain]) => `${names[first]} ${percent(certain, 1)}`,
  };
  const severalClasses = {
    rest: "A row has each class whose probability is above one half.",
    decide: () => {
      if (step === null) return { matrices: data.matrices, right: data.right };
      const moved = { matrices: [...data.matrices], right: 0 };
      const mine = (moved.matrices[ofClass()] = [[0, 0], [0, 0]]);
      for (const [has, others, reached, count] of counts[ofClass()]) {
        const given = Number(reached > step);
        mine[has][given] += count;
        if (others && given === has) moved.right += count;
      }
      return moved;
    },
    matrix: (table) => table.matrices[ofClass()],
    hits: ({ matrices }, index) =>
      [matrices[index][1][1], sum(matrices[index][1]), matrices[index][0][1] + matrices[index][1][1]],
    right: ({ matrices, right }) => right / Math.max(sum(matrices[0].map(sum)), 1),
    given: ([, marks, reached]) => (step === null ? marks[ofClass()] : Number(reached[ofClass()] > step)),
    found: (has, said) => {
      const sure = (row) => (said ? 1 : -1) * row[3][ofClass()];
      return rows
        .filter((row) => row[0][ofClass()] === has && severalClasses.given(row) === said)
        .sort((a, b) => sure(b) - sure(a));
    },
    title: (has, said) => `${names[ofClass()]}: ${has ? "has it" : "has it not"}, ${said ? "given" : "not given"}`,
    about: ([labels, , , shares]) =>
      `${percent(shares[ofClass()], 1)}, in truth ${names.filter((_, index) => labels[index]).join(", ") || "none"}`,
  };
  const way = data.several ? severalClasses : oneClass;

  const drawMatrix = (matrix) => {
    for (const cell of cells) {
      const row = matrix[cell.dataset.true];
      const count = row[cell.dataset.named];
      cell.querySelector(".count").textContent = count.toLocaleString("en");
      cell.style.setProperty("--w", (count / Math.max(sum(row), 1)).toFixed(3));
      cell.setAttribute("aria-pressed", String(cell === open));
    }
  };
  const scoresOf = (table, index) => {
    const [right, truth, said] = way.hits(table, index);
    return {
      precision: right / Math.max(said, 1), recall: right / Math.max(truth, 1),
      f1: (2 * right) / Math.max(truth + said, 1), said,
    };
  };
  const drawScores = (table) => {
    for (const [index, line] of document.querySelectorAll("#live tbody tr").entries()) {
      const scores = scoresOf(table, index);
      for (const cell of line.querySelectorAll("td")) cell.textContent = scores[cell.dataset.score].toFixed(4);
    }
    find("accuracy").textContent = percent(way.right(table), 2);
  };
  const drawCurve = (table) => {
    for (const name of document.querySelectorAll(".of-class")) name.textContent = names[ofClass()];
    for (const path of document.querySelectorAll(".curve")) {
      path.setAttribute("visibility", Number(path.dataset.class) === ofClass() ? "visible" : "hidden");
    }
    const { precision, recall, said } = scoresOf(table, ofClass());
    const { left, right, top, bottom } = here.dataset;
    here.setAttribute("cx", Number(left) + recall * (right - left));
    here.setAttribute("cy", bottom - precision * (bottom - top));
    here.setAttribute("visibility", said ? "visible" : "hidden");
  };
  const isChosen = () => chosen !== null && chosen.class === ofClass() && chosen.step === step;
  const drawRule = () => {
    const value = step === null ? null : String(thresholds[step]);
    rule.textContent = value === null
      ? way.rest
      : `${names[ofClass()]} from a probability of ${value} on${isChosen() ? ", which the run decides by" : ""}.`;
    slider.setAttribute("aria-valuetext", value ?? `none: ${way.rest}`);
    back.disabled = step === null;
  };

  const item = (row) => {
    const about = document.createElement("span");
    about.className = "about";
    about.textContent = way.about(row);
    const line = document.createElement("li");
    line.append(about, ...shownTexts(row.at(-1)));
    return line;
  };
  const drawTexts = (matrix) => {
    if (!open) return;
    const [truth, said] = [Number(open.dataset.true), Number(open.dataset.named)];
    const count = matrix[truth][said];
    const found = way.found(truth, said);
    const heading = document.createElement("p");
    const shown = Math.min(found.length, MOST);
    heading.textContent = `${way.title(truth, said)}: ${count.toLocaleString("en")} row${count === 1 ? "" : "s"}`
      + (count && !shown ? "; none of them is among those that this page holds." : count > shown ? `, ${shown} of them here, the surest first.` : ".");
    const list = document.createElement("ul");
    list.append(...found.slice(0, MOST).map(item));
    texts.replaceChildren(heading, list);
  };

  const draw = () => {
    const table = way.decide();
    drawMatrix(way.matrix(table));
    drawTexts(way.matrix(table));
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
