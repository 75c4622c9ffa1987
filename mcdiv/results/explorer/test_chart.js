// The picture of the test of p = q: the exact law of G if p = q, that with the coin as it is, and the last experiment.

import { exceeds } from "./maths.js";
import { dot, frame, line, segment } from "./figures.js";
import { MANY, bars, binned, hasMany, outline } from "./flip_charts.js";

// All but a thousandth of both laws, and whatever is marked, up to twice that.
function endOf(laws, marks) {
  const ends = laws.map(({ values, weights }) => {
    const order = [...values.keys()].filter((i) => Number.isFinite(values[i])).sort((a, b) => values[b] - values[a]);
    let beyond = 0;
    return values[order.find((i) => (beyond += weights[i]) > 1e-3) ?? order[0]] ?? 0;
  });
  const end = Math.max(...ends, 1);
  return 1.04 * Math.max(end, ...marks.filter((mark) => mark <= 2 * end));
}

export function drawTest(svg, { state, test, last }) {
  const { critical, ifModel, ofCoin } = test;
  const domain = [0, endOf([ifModel, ofCoin], [critical, ...(last ? [last.g] : [])])];
  // G falls, then rises with the number of heads: there are two outcomes to each value, about.
  const spread = [ifModel, ofCoin].every((law) => hasMany(law, 2 * MANY));
  const rejected = ifModel.weights.map((weight, i) => (exceeds(ifModel.values[i], critical) ? weight : 0));
  const [shares, dark, others] = [
    [ifModel, ifModel.weights],
    [ifModel, rejected],
    [ofCoin, ofCoin.weights],
  ].map(([law, weights]) => binned(law, weights, 1, domain, spread));
  const chart = frame(svg, {
    height: 240,
    margin: { top: 24, left: 12, right: 12 },
    x: { domain, title: "G = 2N·K̂L (plug-in), K̂L in nats", count: 6 },
    y: { domain: [0, Math.max(...shares, ...others, 1e-9) * 1.15], bare: true },
  });
  const { layer, labels, across, up, area } = chart;
  layer.append(...bars("law", chart, shares), ...bars("law mcx-kl_divergence", chart, dark));
  layer.append(segment("mean", across.at(critical), up.range[0], across.at(critical), area.y));
  if (state.p !== state.q) layer.append(line("experiments", chart, outline(others, domain)));
  if (last && last.g <= domain[1]) labels.append(dot("dot-path", across.at(last.g), up.at(0), 5.5));
}
