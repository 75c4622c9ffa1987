// The pictures of the sum: the bar, the curves over q and their slopes.

import { crossEntropy, crossEntropySlope, entropy, klDivergence, klSlope } from "./maths.js";
import { band, dot, element, frame, line, segment, text, widthOf } from "./figures.js";
import { decimals } from "./state.js";

const over = (count, f) => Array.from({ length: count + 1 }, (_, i) => f(i / count));
export const GRID = 400;
// Points of a curve over [0, 1], close together at the ends, where it is steep.
const curve = (f) => over(GRID, (t) => (1 - Math.cos(Math.PI * t)) / 2).map((x) => [x, f(x)]);

// H(P, Q) as one bar, and under it KL and H(P), which fill the same length. H(P) stands first: it does not move.
export function drawSum(svg, { state, per }) {
  const parts = { H: entropy(state.p) / per, KL: klDivergence(state.p, state.q) / per };
  const whole = crossEntropy(state.p, state.q) / per;
  const width = widthOf(svg);
  const longest = [1, 2, 4, 8].map((step) => (step * 1.2) / per).find((end) => end >= whole) ?? 9.6 / per;
  const at = (value) => 2 + Math.min(1.02, value / longest) * (width - 4);
  const bar = (kind, from, to, y) =>
    element("rect", { class: kind, x: at(from), y, width: Math.max(0, at(to) - at(from)), height: 30, rx: 2 });
  const name = (kind, x, words, y) => text(x, y, words, `label ${kind}`);
  const [first, second] = [24, 92];
  svg.setAttribute("viewBox", `0 0 ${width} 158`);
  svg.setAttribute("height", 158);
  const farEnd = Math.min(at(parts.H), width - 200);
  svg.replaceChildren(
    segment("guide", at(whole), first, at(whole), second + 30),
    name("", 2, `H(P, Q) = ${decimals(whole)} ${state.units}`, first - 8),
    bar("bar-ce", 0, Math.min(whole, longest * 2), first),
    name("h-ink", 2, `H(P) = ${decimals(parts.H)} ${state.units}`, second + 50),
    bar("bar-h", 0, parts.H, second),
    bar("bar-kl", parts.H, Math.min(whole, longest * 2), second),
    name("kl-ink", farEnd, `KL(P‖Q) = ${decimals(parts.KL)} ${state.units}`, second - 8),
  );
}

const highest = (per) => 2 / per;

// CE(q) and KL(q): the gap between them is H(P) at every q, so they are lowest at the same q with the same slope.
export function drawCurves(svg, { state, per, hidden }) {
  const { p, q } = state;
  const ce = (x) => crossEntropy(p, x) / per;
  const kl = (x) => klDivergence(p, x) / per;
  const h = entropy(p) / per;
  const chart = frame(svg, {
    height: 400,
    margin: { top: 46 },
    x: { domain: [0, 1], title: "q, the model's P(heads)" },
    y: { domain: [0, highest(per)], title: state.units },
  });
  const { layer, labels, across, up, area } = chart;
  const [upper, lower] = [ce, kl].map(curve);
  if (!hidden.gap) {
    const finite = (points) => points.filter((point) => Number.isFinite(point[1]));
    layer.append(band("gap", chart, finite(lower), finite(upper)), line("line-h", chart, [[0, h], [1, h]]));
  }
  if (!hidden.minimum) layer.append(...minimum(chart, p, h, hidden.gap));
  layer.append(line("line-ce", chart, upper));
  if (!hidden.gap) layer.append(line("line-kl", chart, lower));
  if (Number.isFinite(ce(q))) layer.append(...hereAndNow(chart, { q, ce: ce(q), kl: kl(q), slopes: slopesAt(p, q, per), hidden }));
  labels.append(...curveNames(chart, { p, q, h, ce, kl, hidden }));
  svg.dataset.left = across.range[0];
  svg.dataset.right = across.range[1];
  return up;
}

const slopesAt = (p, q, per) => ({ ce: crossEntropySlope(p, q) / per, kl: klSlope(p, q) / per });

function minimum({ across, up }, p, h, onlyUpper) {
  const x = across.at(p);
  const points = [dot("dot-ce open", x, up.at(h), 6)];
  if (!onlyUpper) points.push(dot("dot-kl open", x, up.at(0), 6));
  return [segment("guide", x, up.range[0], x, up.range[1]), ...points];
}

// At the chosen q: the gap as an arrow, a dot on either curve, and the two tangents, which are parallel.
function hereAndNow({ across, up }, { q, ce, kl, slopes, hidden }) {
  const x = across.at(q);
  const steep = ((up.at(1) - up.at(0)) / (across.at(1) - across.at(0))) * slopes.ce;
  const reach = (across.range[1] - across.range[0]) * 0.14 / Math.hypot(1, steep);
  const tangent = (kind, y) => segment(kind, x - reach, y - reach * steep, x + reach, y + reach * steep);
  const marks = [segment("guide now", x, up.range[0], x, up.range[1])];
  if (!hidden.gap) marks.push(segment("arrow-h", x, up.at(kl), x, up.at(ce)));
  if (!hidden.slope) marks.push(tangent("tangent-ce", up.at(ce)));
  if (!hidden.slope && !hidden.gap) marks.push(tangent("tangent-kl", up.at(kl)));
  marks.push(dot("dot-ce", x, up.at(ce)));
  if (!hidden.gap) marks.push(dot("dot-kl", x, up.at(kl)));
  return marks;
}

// Names stand at the side that is farther from p, where the curves are apart.
function curveNames({ across, up, area }, { p, q, h, ce, kl, hidden }) {
  const left = p >= 0.5;
  const side = left ? 0.07 : 0.93;
  const anchor = left ? "start" : "end";
  const low = (value) => Math.max(area.y + 14, Math.min(up.range[0] - 8, value));
  const names = [];
  const visible = over(90, (t) => (left ? 0.02 + t * 0.4 : 0.98 - t * 0.4)).find((x) => ce(x) < up.domain[1] * 0.93) ?? side;
  names.push(text(across.at(visible) + (left ? 10 : -10), low(up.at(ce(visible)) + 4), "H(P, Q)", "label", anchor));
  if (!hidden.gap) {
    const apart = over(180, (t) => (left ? 0.02 + t * 0.9 : 0.98 - t * 0.9)).find((x) => kl(x) < up.domain[1] * 0.12) ?? side;
    const outside = Math.abs(across.at(apart) - across.at(left ? 0 : 1)) > 80; // else there is no room beside the axis
    const beside = left === outside ? { by: -10, anchor: "end" } : { by: 10, anchor: "start" };
    names.push(text(across.at(apart) + beside.by, low(up.at(kl(apart)) + 12), "KL(P‖Q)", "label kl-ink", beside.anchor));
    if (h > 0.02) names.push(text(across.at(left ? 0.01 : 0.99), low(up.at(h) + 18), "H(P)", "label h-ink", anchor));
  }
  const edge = (x) => (x > 0.85 ? "end" : x < 0.15 ? "start" : "middle");
  names.push(text(across.at(q), area.y - 6, `q = ${q}`, "label now", edge(q)));
  if (!hidden.minimum && Math.abs(across.at(p) - across.at(q)) > 80) {
    names.push(text(across.at(p), area.y - 6, `p = ${p}`, "label", edge(p)));
  }
  return names;
}

// The two slopes, each from its own formula: the dashed one lies on the other.
export function drawSlopes(svg, { state, per, hidden }) {
  const { p, q } = state;
  const most = 5 / per;
  const chart = frame(svg, {
    height: 230,
    margin: { top: 30 },
    x: { domain: [0, 1], title: "q, the model's P(heads)" },
    y: { domain: [-most, most], title: `slope, ${state.units} per unit of q` },
  });
  const { layer, labels, across, up, area } = chart;
  layer.append(segment("axis", area.x, up.at(0), area.x + area.width, up.at(0)));
  if (hidden.slope) return;
  if (!hidden.minimum) layer.append(segment("guide", across.at(p), up.range[0], across.at(p), up.range[1]));
  layer.append(
    line("line-ce wide", chart, curve((x) => crossEntropySlope(p, x) / per)),
    line("line-kl dashed", chart, curve((x) => klSlope(p, x) / per)),
  );
  const here = slopesAt(p, q, per);
  if (Number.isFinite(here.ce) && Math.abs(here.ce) <= most) layer.append(dot("dot-ce", across.at(q), up.at(here.ce)));
}
