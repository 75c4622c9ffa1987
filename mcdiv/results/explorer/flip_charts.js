// The pictures of N flips: the path of p̂, the exact law of each estimate with the experiments on it, and the long way down.

import { centralCounts, samplingDistribution } from "./maths.js";
import { checkpoints } from "./flips.js";
import { band, dot, element, frame, line, segment, steps, text } from "./figures.js";
import { MAX_FLIPS, grouped, shown } from "./state.js";

const PATHS_SHOWN = 20;
export const MANY = 12;
const BINS = 45; // odd: an estimate that never varies falls into the middle one

// p̂ after every flip, on the exact band that holds 95 % of all paths at each number of flips.
export function drawPath(svg, { state, flips, fresh }) {
  const { p, n } = state;
  const end = Math.max(2, n);
  const chart = frame(svg, {
    height: 320,
    margin: { top: 30 },
    x: { domain: [1, end], log: true, title: "flips so far", format: grouped, count: 6 },
    y: { domain: [0, 1], title: "p̂, share of heads" },
  });
  const { layer, labels, across, up } = chart;
  const limits = bandOf(n, p);
  layer.append(
    band("spread", chart, limits.map(([at, low]) => [at, low]), limits.map(([at, , high]) => [at, high])),
    line("level", chart, [[1, p], [end, p]]),
  );
  const { points, runs } = flips;
  const share = ({ path }) => points.map((at, i) => [at, path[i] / at]);
  for (const run of runs.slice(-PATHS_SHOWN - 1, -1)) layer.append(line("path old", chart, share(run)));
  const last = runs.at(-1);
  if (last) {
    const path = line(fresh ? "path fresh" : "path", chart, share(last));
    path.setAttribute("pathLength", 1);
    layer.append(path);
    labels.append(dot("dot-path", across.at(n), up.at(last.heads / n), 5));
  }
  labels.prepend(text(across.range[0] + 6, up.at(p) + (p > 0.9 ? 18 : -8), `p = ${p}`, "label"));
}

const bands = new Map();

function bandOf(N, p) {
  const key = `${N} ${p}`;
  if (!bands.has(key)) {
    if (bands.size > 60) bands.clear();
    const sparse = checkpoints(N).filter((n, i, all) => n < 40 || i % 3 === 0 || i === all.length - 1);
    bands.set(key, sparse.map((n) => [n, ...centralCounts(n, p, 0.95).map((count) => count / n)]));
  }
  return bands.get(key);
}

// The exact law of one estimate as bars, the experiments' shares as a line, and where the truth and the mean are.
export function drawDistribution(svg, { state, per, law, heads, last, domain, symbol, hidden }) {
  const shares = binned(law, law.weights, per, domain);
  const seen = binned(law, sharesOf(heads, law), per, domain);
  const chart = frame(svg, {
    height: 216,
    margin: { top: 24, left: 12, right: 12 },
    x: { domain, title: `${symbol} in ${state.units}`, count: 4 },
    y: { domain: [0, Math.max(...shares, ...seen, 1e-9) * 1.18], bare: true },
  });
  const { layer, labels, across, up, area } = chart;
  layer.append(...bars(`law ${svg.id}`, chart, shares), line("experiments", chart, heads.length > 1 ? outline(seen, domain) : []));
  const mark = (kind, value) => segment(kind, across.at(value), up.range[0], across.at(value), area.y);
  if (law.infinite > 0) labels.append(text(area.x, area.y - 6, `+∞ with probability ${shown(law.infinite)}`, "label"));
  const truth = law.truth / per;
  if (Number.isFinite(truth)) layer.append(mark("truth", truth));
  if (!hidden.bias && Number.isFinite(law.mean)) layer.append(mark("mean", law.mean / per));
  if (Number.isFinite(last)) labels.append(dot("dot-path", across.at(last), up.at(0), 5.5));
}

export const bars = (kind, { across, up }, shares) => {
  const [from, to] = across.domain;
  const size = (to - from) / shares.length;
  return shares.flatMap((share, i) => {
    const left = across.at(from + i * size);
    const width = Math.max(1, across.at(from + (i + 1) * size) - left - 1);
    return share > 1e-5 ? [element("rect", { class: kind, x: left, width, y: up.at(share), height: up.at(0) - up.at(share) })] : [];
  });
};

export const outline = (shares, [from, to]) =>
  steps([0, ...shares, 0].map((share, i) => [from + (Math.max(0, i - 1) * (to - from)) / shares.length, share]));

function sharesOf(heads, { low, weights }) {
  const shares = new Float64Array(weights.length);
  for (const count of heads) shares[Math.max(0, Math.min(shares.length - 1, count - low))] += 1 / heads.length;
  return shares;
}

// Probabilities of the outcomes in bins of the estimate. An outcome's probability fills the way half to its neighbours,
// as in the usual bars of a binomial: else the bins and the lattice of outcomes would make a pattern of their own. Few
// outcomes stay spikes.
export function binned(law, shares, per, [from, to], spread = hasMany(law, MANY)) {
  const { values } = law;
  const bins = new Array(BINS).fill(0);
  const size = (to - from) / BINS;
  const place = (value) => (value / per - from) / size;
  const halfway = (i, j) => (spread && Number.isFinite(values[j]) ? (values[j] - values[i]) / 2 : 0);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || !(shares[i] > 1e-9)) continue;
    const [before, after] = [halfway(i, i - 1), halfway(i, i + 1)];
    const least = place(values[i] + Math.min(0, before, after)) - 1e-3;
    const most = place(values[i] + Math.max(0, before, after)) + 1e-3;
    const density = shares[i] / (most - least);
    for (let bin = Math.max(0, Math.floor(least)); bin < Math.min(BINS, most); bin++) {
      bins[bin] += density * (Math.min(bin + 1, most) - Math.max(bin, least));
    }
  }
  return bins;
}

export const hasMany = ({ weights }, many) => weights.filter((weight) => weight > 1e-4).length >= many;

// One width for all three estimates, so that their spreads compare; each around its own true value.
export function domainsOf(laws, per) {
  const spans = laws.map(({ values, weights, truth }) => reachOf(values, weights, truth));
  const width = Math.max(...spans.map(([low, high]) => high - low), 1e-3) * 1.08;
  return spans.map(([low, high]) => {
    const middle = (low + high) / 2;
    return [(middle - width / 2) / per, (middle + width / 2) / per];
  });
}

// From where to where the estimates lie, but for one in ten thousand.
function reachOf(values, weights, truth) {
  const order = [...values.keys()].filter((i) => Number.isFinite(values[i])).sort((a, b) => values[a] - values[b]);
  const edge = (indices) => {
    let passed = 0;
    return values[indices.find((i) => (passed += weights[i]) > 1e-4) ?? indices[0]];
  };
  const ends = order.length ? [edge(order), edge(order.toReversed())] : [0, 0];
  const known = Number.isFinite(truth) ? [...ends, truth] : ends;
  return [Math.min(...known), Math.max(...known)];
}

const APPROACH = [2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, MAX_FLIPS];
const approaches = new Map();

// The exact RMSE and |bias| of Ĥ at ever more flips, in nats.
export function approachOf(estimator, p) {
  const key = `${estimator} ${p}`;
  if (!approaches.has(key)) {
    if (approaches.size > 60) approaches.clear();
    approaches.set(key, APPROACH.map((n) => ({ n, ...samplingDistribution("entropy", estimator, n, p, 0.5) })));
  }
  return approaches.get(key);
}

// How slowly it gets there: both axes by powers of ten.
export function drawApproach(svg, { state, per, hidden }) {
  const rows = approachOf(state.estimator, state.p);
  const chart = frame(svg, {
    height: 300,
    margin: { top: 30, left: 66 },
    x: { domain: [2, MAX_FLIPS], log: true, title: "N, flips", format: grouped, count: 5 },
    y: { domain: [1e-5 / per, 1 / per], log: true, count: 6, title: `error of Ĥ, ${state.units}` },
  });
  const { layer, labels, across, up, area } = chart;
  const above = (value) => (value > 1e-9 ? value / per : NaN);
  const here = segment("guide now", across.at(Math.max(2, state.n)), up.range[0], across.at(Math.max(2, state.n)), area.y);
  if (hidden.share) return;
  const rmse = rows.map((row) => [row.n, above(row.rmse)]);
  layer.append(here, line("line-h solid", chart, rmse));
  const [, middle] = rmse[7];
  if (middle) labels.append(text(across.at(100) + 6, up.at(middle) - 10, "RMSE", "label h-ink"));
  if (hidden.bias) return;
  const bias = rows.map((row) => [row.n, above(Math.abs(row.bias))]);
  layer.append(line("line-h", chart, bias));
  const visible = bias.find(([n, value]) => n >= 10 && value > 1e-5 / per);
  if (visible) labels.append(text(across.at(visible[0]) - 8, up.at(visible[1]) + 20, "|bias|", "label h-ink", "end"));
}
