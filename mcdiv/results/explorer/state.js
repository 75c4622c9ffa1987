// What is chosen, its place in the address, and its words: numbers with their units, sentences, the scenario.

import { exceeds } from "./maths.js";

export const ESTIMATORS = {
  plugin: "plug-in",
  miller_madow: "Miller–Madow",
  jackknife: "jackknife",
  zhang: "Zhang",
  grassberger_2003: "Grassberger 2003",
  jeffreys: "add ½ (Jeffreys)",
};
export const ESTIMANDS = {
  entropy: { symbol: "H(P)", estimate: "Ĥ", name: "entropy" },
  cross_entropy: { symbol: "H(P, Q)", estimate: "ĈE", name: "cross-entropy" },
  kl_divergence: { symbol: "KL(P‖Q)", estimate: "K̂L", name: "KL divergence" },
};
export const MAX_FLIPS = 10000;
export const MAX_RUNS = 1000;

// The stops of the slider for N: every small number, then steps of about a tenth.
export const SAMPLE_SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9].concat(
  [10, 100, 1000].flatMap((ten) => [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].map((step) => Math.round(ten * step))),
  MAX_FLIPS,
);

export function nearestStop(n) {
  const distance = (size) => Math.abs(Math.log(size / n));
  return SAMPLE_SIZES.reduce((best, size, i) => (distance(size) < distance(SAMPLE_SIZES[best]) ? i : best), 0);
}

// Each key of the address: how it is read; undefined where what stands there is not a value for it.
const READERS = {
  p: probability,
  q: probability,
  n: wholeNumber(1, MAX_FLIPS),
  estimator: (text) => (Object.hasOwn(ESTIMATORS, text) ? text : undefined),
  units: (text) => (text === "nats" || text === "bits" ? text : undefined),
  predict: (text) => (text === "1" ? true : undefined),
  seed: wholeNumber(0, 0xffffffff),
  runs: wholeNumber(0, MAX_RUNS),
};

export function probability(text) {
  const value = Number(text);
  return String(text).trim() !== "" && value >= 0 && value <= 1 ? value : undefined;
}

export function wholeNumber(least, most) {
  return (text) => {
    const value = Number(text);
    return String(text).trim() !== "" && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
  };
}

const EXPECTED = {
  p: "p is a number from 0 to 1",
  q: "q is a number from 0 to 1",
  n: `N is a whole number from 1 to ${MAX_FLIPS}`,
  estimator: `the estimator is one of ${Object.keys(ESTIMATORS).join(", ")}`,
  units: "the units are nats or bits",
  predict: "predict is 1 or left out",
  seed: "the seed is a whole number from 0 to 4294967295",
  runs: `runs is a whole number from 0 to ${MAX_RUNS}`,
};

// What is wrong with one entry that was asked for, in a sentence's part: "p=2 (p is a number from 0 to 1)".
export const amiss = (key, text) => `${key}=${text.slice(0, 20)} (${EXPECTED[key]})`;

// Every entry of the address that is not a value for its key.
export function amissIn(hash) {
  const entries = [...new URLSearchParams(hash.replace(/^#/, ""))];
  return entries.filter(([key, text]) => Object.hasOwn(READERS, key) && READERS[key](text) === undefined).map(([key, text]) => amiss(key, text));
}

// "#p=0.7&q=0.5&n=100" → {p: 0.7, q: 0.5, n: 100}; keys that mean nothing here are left alone.
export function readAddress(hash) {
  const found = {};
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const value = Object.hasOwn(READERS, key) ? READERS[key](text) : undefined;
    if (value !== undefined) found[key] = value;
  }
  return found;
}

// The seed matters only once there are flips to repeat.
export function writeAddress(state) {
  const { p, q, n, estimator, units, predict, seed, runs } = state;
  const entries = { p, q, n, estimator, units, ...(predict && { predict: 1 }), ...(runs && { seed, runs }) };
  return `#${new URLSearchParams(entries)}`;
}

// A number for reading: `digits` significant ones, a true minus sign, never "1e-5".
export function shown(value, digits = 4) {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
  if (Math.abs(value) < 1e-13) return "0"; // rounding of a sum that is zero
  const size = Math.abs(value);
  const text = size < 1e-4 ? scientific(size, digits) : size >= 1e4 ? String(Math.round(size)) : size.toPrecision(digits);
  return (value < 0 ? "−" : "") + text;
}

function scientific(size, digits) {
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  return `${mantissa} × 10${exponent.replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`;
}

// A value of the sum H(P, Q) = KL + H(P): four decimals, so that the three can be added by eye.
export const decimals = (value) => (Number.isFinite(value) ? value.toFixed(4) : "+∞");
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
export const flipsOf = (n) => (n === 1 ? "1 flip" : `${grouped(n)} flips`);
export const percent = (share) =>
  share > 0 && share < 0.001 ? "less than 0.1 %" : share < 1 && share > 0.999 ? "more than 99.9 %" : `${Number((100 * share).toFixed(1))} %`;

// What the test of p = q at level 5 % does, and what it says of the last experiment. `test`: see gTest.
export function testWords({ p, q, n }, test, last) {
  const coin = p === q ? "This coin is the model" : `With this coin, p = ${p}, it rejects in ${percent(test.power)} of experiments`;
  const rule = `A test at level 5 % rejects p = q where G is above ${shown(test.critical)}: if p = q in ${percent(test.size)} of experiments. ${coin}.`;
  if (!last) return rule;
  const rejected = exceeds(last.g, test.critical) ? "rejects" : "does not reject";
  return `${rule} Your last experiment has G = ${shown(last.g)}, and a G at least as large has probability ${small(last.p)} if p = q: the test ${rejected}.`;
}

// A probability; what the sums of a law are too coarse for is not told by its digits.
const small = (p) => (p >= 1e-12 ? shown(p, 3) : "below 10⁻¹²");

// How fast the error of Ĥ falls: by 1/√N, but by 1/N where the surprisal of heads and of tails is the same.
export function pace(p) {
  if (p === 0 || p === 1) return "A coin that always lands the same way leaves nothing to estimate.";
  if (p === 0.5) return "The fair coin is the easy case: half the error takes twice the flips. With any other coin it takes four times as many.";
  return "Once N is large, half the error takes four times the flips.";
}

// The side that the coin can show and the model rules out, if there is one: then cross-entropy and KL are infinite.
export const ruledOut = ({ p, q }) => (q === 0 && p > 0 ? "heads" : q === 1 && p < 1 ? "tails" : "");

// The parts of captions that depend on the coin and the model.
export function captions(state) {
  const side = ruledOut(state);
  return {
    tangents: side ? `At q = ${state.q} both are infinite.` : "The short lines are the tangents at q: they are parallel.",
    crossing: state.p === 0 || state.p === 1 ? "" : " and cross zero at q = p",
    cross_entropy: side ? `: infinite as soon as the coin shows ${side}, which the model rules out` : ": unbiased",
    kl_divergence: side ? ": infinite whenever ĈE is" : ": its bias is that of Ĥ with the sign reversed",
  };
}

// A scenario that mcdiv runs: the same coin, model and estimator, at this N and on the way there.
export function scenarioText(state) {
  const sizes = SAMPLE_SIZES.filter((size) => [1, 2, 5].includes(Number(String(size)[0])) && size >= 5 && size < state.n);
  const chosen = [...new Set(["plugin", state.estimator])];
  return `schema: 1
name: coin
title: A coin with P(heads) = ${state.p} and a model that says ${state.q}
question: How far off are the estimates after ${flipsOf(state.n)}?
truth: {coin: ${state.p}}
model: {coin: ${state.q}}
estimands: [entropy, cross_entropy, kl_divergence]
estimators: [${chosen.join(", ")}]
sample_sizes: [${[...sizes.filter((size) => /^[125]0*$/.test(String(size))), state.n].join(", ")}]
replicates: 100_000
paths: 20
seed: ${state.seed}
units: ${state.units}
`;
}
