"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const slider = document.getElementById("tolerance");
  if (!data || !slider) return;
  const MOST = 8;
  const { count, columns, rows } = data;
  const select = document.getElementById("column");
  const outside = document.getElementById("outside");
  const place = () => (select ? Number(select.value) : 0);
  const whole = (number) => number.toLocaleString("en");
  const parts = () => document.querySelectorAll(`.of-column[data-column="${place()}"]`);
  const find = (selector) => [...parts()].map((part) => part.querySelector(selector)).find(Boolean);

  const sentence = ({ within, high }, tolerance, step) =>
    `${((100 * within[step]) / count).toFixed(1)}% of the rows (${whole(within[step])}) are within ±${tolerance} of the true `
    + `number; ${whole(high[step])} are predicted too high, ${whole(count - within[step] - high[step])} too low.`;

  const drawBand = (tolerance) => {
    const band = find(".band");
    const { left, right, top, bottom, span } = Object.fromEntries(
      Object.entries(band.dataset).map(([name, value]) => [name, Number(value)]));
    const share = Math.min(tolerance / span, 1);
    const [across, up] = [share * (right - left), share * (bottom - top)];
    const corners = [[left, bottom - up], [right - across, top], [right, top],
      [right, top + up], [left + across, bottom], [left, bottom]];
    band.setAttribute("d", `M${corners.map((corner) => corner.join(" ")).join("L")}Z`);
  };

  const item = ([errors, about, texts]) => {
    const words = document.createElement("span");
    words.className = "about";
    words.textContent = `${about[place()]}: too ${errors[place()] > 0 ? "high" : "low"}`;
    const line = document.createElement("li");
    line.append(words, ...shownTexts(texts));
    return line;
  };
  const drawTexts = (tolerance, number) => {
    const far = (row) => Math.abs(row[0][place()]);
    const found = rows.filter((row) => far(row) > tolerance).sort((a, b) => far(a) - far(b)).slice(0, MOST);
    const heading = document.createElement("p");
    heading.textContent = `Outside: ${whole(number)} row${number === 1 ? "" : "s"}`
      + (number > found.length ? `, ${found.length} of them here, those nearest to the tolerance first.` : ".");
    const list = document.createElement("ul");
    list.append(...found.map(item));
    outside.replaceChildren(heading, list);
  };

  const draw = () => {
    const column = columns[place()];
    const step = Number(slider.value);
    const tolerance = column.tolerances[step];
    find(".within").textContent = sentence(column, tolerance, step);
    slider.setAttribute("aria-valuetext", `±${tolerance}`);
    drawBand(tolerance);
    drawTexts(tolerance, count - column.within[step]);
  };
  const choose = () => {
    for (const part of document.querySelectorAll(".of-column")) {
      part.hidden = Number(part.dataset.column) !== place();
    }
    slider.max = columns[place()].tolerances.length - 1;
    slider.value = columns[place()].start;
    draw();
  };
  slider.addEventListener("input", draw);
  if (select) select.addEventListener("change", choose);
  choose();
})();
