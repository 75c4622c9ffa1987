// The page without this script has all its words, numbers and pictures; with it tables sort and files can be taken.
"use strict";

document.documentElement.classList.add("scripted");

// A column sorts by its numbers, upwards first; what has none goes last.
function order(table, column, down) {
  const body = table.tBodies[0];
  const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  const number = table.tHead.rows[0].cells[column].classList.contains("number");
  const compare = number ? (a, b) => Number(value(a)) - Number(value(b)) : (a, b) => a.localeCompare(b, "en");
  const rows = [...body.rows].map((row, place) => ({ row, place, key: key(row) }));
  rows.sort((a, b) => {
    if ((a.key === "") !== (b.key === "")) return a.key === "" ? 1 : -1;
    const found = a.key === "" ? 0 : compare(a.key, b.key);
    return (Number.isNaN(found) ? 0 : down ? -found : found) || a.place - b.place;
  });
  body.append(...rows.map(({ row }) => row));
}

// Infinities as JavaScript reads them; their difference is no number, and they stay where they are.
const value = (text) => text.replace("inf", "Infinity");

for (const table of document.querySelectorAll("table.sheet")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      order(table, column, down);
    });
  });
  walkable(table);
}

// The first three columns stay in view, or as many of them as leave three tenths of the page, or room for any other column.
function pin(table) {
  const page = table.closest(".scroll").clientWidth;
  const all = [...table.tHead.rows[0].cells].map((cell) => cell.getBoundingClientRect().width);
  const [widths, others] = [all.slice(0, 3), all.slice(3)];
  const room = Math.max(0.7 * page, others.length ? page - Math.max(...others) : 0);
  const ends = widths.map((_, i) => widths.slice(0, i + 1).reduce((sum, width) => sum + width, 0));
  const fitting = ends.filter((end) => end <= room).length;
  table.classList.remove("pin-1", "pin-2", "pin-3");
  if (fitting) table.classList.add(`pin-${fitting}`);
  table.style.setProperty("--second", `${ends[0]}px`);
  table.style.setProperty("--third", `${ends[1]}px`);
}

const pinAll = () => document.querySelectorAll(".scroll > table").forEach(pin);
pinAll();
addEventListener("resize", pinAll);

// One cell with an MCSE is a stop of the Tab key; the arrows go on from there to the others.
function walkable(table) {
  const cells = [...table.querySelectorAll("td[data-error]")];
  cells.forEach((cell, i) => (cell.tabIndex = i ? -1 : 0));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-error]");
    const step = steps[event.key];
    if (!cell || !step) return;
    const next = beside(table, cell, ...step);
    if (next) {
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
    event.preventDefault();
  });
}

function beside(table, cell, down, right) {
  const rows = [...table.tBodies[0].rows];
  let row = rows.indexOf(cell.parentNode) + down;
  let column = cell.cellIndex + right;
  while (rows[row]?.cells[column] && !("error" in rows[row].cells[column].dataset)) {
    row += down;
    column += right;
  }
  return rows[row]?.cells[column];
}

for (const button of document.querySelectorAll("[data-errors]")) {
  button.addEventListener("click", () => {
    const shown = document.getElementById(button.dataset.errors).classList.toggle("errors");
    button.setAttribute("aria-pressed", String(shown));
    pinAll();
  });
}

for (const button of document.querySelectorAll("[data-take]")) {
  button.addEventListener("click", () => {
    const content = document.querySelector(`[data-content="${CSS.escape(button.dataset.take)}"]`).textContent;
    const address = URL.createObjectURL(new Blob([content], { type: button.dataset.kind }));
    const link = Object.assign(document.createElement("a"), { href: address, download: button.dataset.take });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
}

// Paper has no lids.
addEventListener("beforeprint", () => document.querySelectorAll("main > section details").forEach((lid) => (lid.open = true)));
