// What can be taken away: a picture as SVG, its numbers as CSV, a text to the clipboard. Nothing leaves the page.

import { crossEntropy, crossEntropySlope, entropy, gStatistic, klDivergence, klSlope } from "./maths.js";
import { approachOf } from "./flip_charts.js";
import { GRID } from "./charts.js";
import { ESTIMANDS } from "./state.js";

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap"];
const LETTERS = ["font-family", "font-size", "font-weight", "font-style"];

// The picture with its colours written on every mark, as programs for slides expect; always the light ones.
export function standaloneSvg(svg, title) {
  const root = svg.closest(".mcdiv-explorer");
  root.classList.add("mcx-light");
  const copy = svg.cloneNode(true);
  const marks = [...svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((mark, i) => {
    const style = getComputedStyle(marks[i]);
    for (const name of mark.localName === "text" ? [...STYLES, ...LETTERS] : STYLES) {
      mark.setAttribute(name, style.getPropertyValue(name));
    }
    mark.removeAttribute("class");
  });
  root.classList.remove("mcx-light");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  for (const name of ["class", "aria-labelledby", "aria-describedby", "role"]) copy.removeAttribute(name);
  const words = document.createElementNS("http://www.w3.org/2000/svg", "title");
  words.textContent = title;
  copy.prepend(words);
  return new XMLSerializer().serializeToString(copy);
}

// The numbers behind each picture: a header and rows. Every digit is kept.
export const TABLES = {
  sum: ({ state, per }) => [
    ["p", "q", "cross_entropy", "kl_divergence", "entropy", "unit"],
    [state.p, state.q, ...[crossEntropy(state.p, state.q), klDivergence(state.p, state.q), entropy(state.p)].map((x) => x / per), state.units],
  ],
  curves: ({ state, per }) => overQ(state, ["cross_entropy", "kl_divergence"], (q) => [crossEntropy(state.p, q) / per, klDivergence(state.p, q) / per]),
  slopes: ({ state, per }) =>
    overQ(state, ["cross_entropy_slope", "kl_slope"], (q) => [crossEntropySlope(state.p, q) / per, klSlope(state.p, q) / per]),
  path: ({ state, flips }) => [
    ["experiment", "sample_size", "heads", "p_hat", "p"],
    ...flips.runs.flatMap(({ path }, i) => path.map((heads, j) => [i + 1, flips.points[j], heads, heads / flips.points[j], state.p])),
  ],
  ...Object.fromEntries(Object.keys(ESTIMANDS).map((name) => [name, (facts) => lawTable(name, facts)])),
  test: ({ state, test }) => [["heads", "g", "probability_if_p_is_q", "probability"], ...gRows(state, [test.ifModel, test.ofCoin])],
  approach: ({ state, per }) => [
    ["sample_size", "estimator", "bias", "sd", "rmse", "unit"],
    ...approachOf(state.estimator, state.p).map((row) => [row.n, state.estimator, row.bias / per, row.sd / per, row.rmse / per, state.units]),
  ],
};

function overQ(state, names, f) {
  const rows = Array.from({ length: GRID + 1 }, (_, i) => [state.p, i / GRID, ...f(i / GRID), state.units]);
  return [["p", "q", ...names, "unit"], ...rows];
}

// Every number of heads that either law gives a probability.
function gRows({ n, q }, laws) {
  const first = Math.min(...laws.map(({ low }) => low));
  const end = Math.max(...laws.map(({ low, weights }) => low + weights.length));
  const heads = Array.from({ length: end - first }, (_, i) => first + i);
  return heads.map((count) => [count, gStatistic(count, n, q), ...laws.map(({ low, weights }) => weights[count - low] ?? 0)]);
}

function lawTable(name, { state, per, laws }) {
  const law = laws[name];
  const rows = [...law.values].map((value, i) => [law.low + i, value / per, law.weights[i], state.units]);
  return [["heads", name, "probability", "unit"], ...rows];
}

export const csv = (rows) => rows.map((row) => `${row.map(cell).join(",")}\n`).join("");

const cell = (value) => (value === Infinity ? "inf" : value === -Infinity ? "-inf" : Number.isNaN(value) ? "" : String(value));

export function download(name, kind, content) {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// True if the text is on the clipboard. Browsers that keep the clipboard from local files get the older way.
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
