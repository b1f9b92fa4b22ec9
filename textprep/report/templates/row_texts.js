"use strict";
// The elements that show the text of a row, or both texts; numbers.js and decisions.js follow.
const shownTexts = (texts) => texts.map((text, place) => {
  const words = document.createElement("bdi");
  words.textContent = text;
  if (texts.length === 1) return words;
  const [line, which, more] = ["span", "span", "span"].map((tag) => document.createElement(tag));
  [line.className, which.className, more.className] = ["of-pair", "which", "sr"];
  more.textContent = " text";
  which.append(place ? "Second" : "First", more);
  line.append(which, " ", words);
  return line;
});
