// The mathematics of a coin: the definitions, the exact binomial weights, and estimators as look-up tables
// over n = 0 … N heads. Everything is in nats; the same numbers as mcdiv's own to 1e-12, which a test holds it to.

export const NATS_PER = { nats: 1, bits: Math.LN2 };

const entropyTerm = (x) => (x > 0 ? -x * Math.log(x) : 0);
const surprisal = (p, q) => (p > 0 ? -p * Math.log(q) : 0);

export const entropy = (p) => entropyTerm(p) + entropyTerm(1 - p) + 0;
export const crossEntropy = (p, q) => surprisal(p, q) + surprisal(1 - p, 1 - q) + 0;
export const klDivergence = (p, q) => klTerm(p, q) + klTerm(1 - p, 1 - q);

// p ln(p/q) − p + q: never negative. Near p = q the series replaces the difference of two nearly equal numbers.
function klTerm(p, q) {
  if (p <= 0) return q;
  const d = (q - p) / p;
  if (Math.abs(d) >= 0.25) return q - p + p * (Math.log(p) - Math.log(q));
  const y = d / (2 + d);
  let tail = 0;
  for (let power = 21; power > 1; power -= 2) tail = tail * y * y + 1 / power;
  return p * (d * y - 2 * y * y * y * tail);
}

// The slopes over q, each from its own definition: term by term, and from ln(p/q) brought to one fraction.
export const crossEntropySlope = (p, q) => (p > 0 ? -p / q : 0) + (p < 1 ? (1 - p) / (1 - q) : 0);
export const klSlope = (p, q) => (p === 0 ? 1 / (1 - q) : p === 1 ? -1 / q : q === p ? 0 : (q - p) / (q * (1 - q)));

// Binomial(N, p) over a window that leaves out less than 1e-20, by ratios of neighbours outward from the mode:
// no logarithm of a factorial, whose digits would be lost.
export function binomialWindow(N, p) {
  if (p <= 0 || p >= 1) return { low: p <= 0 ? 0 : N, weights: Float64Array.of(1) };
  const mode = Math.min(N, Math.floor((N + 1) * p));
  const reach = 9.5 * Math.sqrt(N * p * (1 - p)) + 60;
  const low = Math.max(0, Math.floor(mode - reach));
  const high = Math.min(N, Math.floor(mode + reach));
  const weights = new Float64Array(high - low + 1);
  const odds = p / (1 - p);
  weights[mode - low] = 1;
  for (let n = mode; n < high; n++) weights[n + 1 - low] = (weights[n - low] * (N - n) * odds) / (n + 1);
  for (let n = mode; n > low; n--) weights[n - 1 - low] = (weights[n - low] * n) / ((N - n + 1) * odds);
  const total = sumOf(weights.length, (i) => weights[i]);
  return { low, weights: weights.map((weight) => weight / total) };
}

// The counts between which at least `level` of Binomial(N, p) lies, with at most half the rest on either side.
export function centralCounts(N, p, level) {
  const { low, weights } = binomialWindow(N, p);
  const tail = (1 - level) / 2;
  let first = 0;
  let last = weights.length - 1;
  for (let below = weights[first]; below < tail; below += weights[++first]);
  for (let above = weights[last]; above < tail; above += weights[--last]);
  return [low + first, low + last];
}

// Each estimator is Ĥ = f(n) + f(N − n): here is f as a table over n = 0 … N.
const CATEGORY_TABLES = {
  plugin: (N) => tabulate(N, (n) => entropyTerm(n / N)),
  miller_madow: (N) => tabulate(N, (n) => entropyTerm(n / N) + ((n > 0 ? 1 : 0) - n / N) / (2 * N)),
  jackknife: (N) => tabulate(N, (n) => (n / N) * (leaveOneOutStep(N) - leaveOneOutStep(n))),
  zhang: zhangTable,
  grassberger_2003: grassbergerTable,
  jeffreys: (N) => tabulate(N, (n) => entropyTerm((n + 0.5) / (N + 1))),
};

const tabulate = (N, f) => Float64Array.from({ length: N + 1 }, (_, n) => f(n));
// n ln n − (n − 1) ln(n − 1)
const leaveOneOutStep = (n) => (n > 1 ? Math.log(n) - (n - 1) * Math.log1p(-1 / n) : 0);

// (n/N)(ψ(N) − ψ(n)), and ψ(N) − ψ(n) = 1/n + … + 1/(N − 1)
function zhangTable(N) {
  const table = new Float64Array(N + 1);
  const sum = runningSum();
  for (let n = N - 1; n >= 1; n--) table[n] = (n / N) * sum.add(1 / n);
  return table;
}

// (n/N)(ψ(N) − G(n)), with G(1) = −γ − ln 2, G(2) = 2 + G(1), G(2m + 1) = G(2m), G(2m + 2) = G(2m) + 2/(2m + 1);
// γ drops out of the difference.
function grassbergerTable(N) {
  const table = new Float64Array(N + 1);
  const leading = Math.LN2 + sumOf(N - 1, (i) => 1 / (i + 1));
  const sum = runningSum();
  for (let n = 1; n <= N; n++) {
    const above = n % 2 ? sum.value() : sum.add(2 / (n - 1));
    table[n] = (n / N) * (leading - above);
  }
  return table;
}

const tables = new Map();

// Ĥ of every possible outcome, n = 0 … N heads.
export function entropyEstimates(estimator, N) {
  const key = `${estimator} ${N}`;
  if (!tables.has(key)) {
    if (tables.size > 400) tables.clear();
    const f = CATEGORY_TABLES[estimator](N);
    tables.set(key, tabulate(N, (n) => f[n] + f[N - n]));
  }
  return tables.get(key);
}

// With the model known, cross-entropy is estimated by the average surprisal, and KL by ĈE − Ĥ.
// A function of the number of heads.
export function estimatorOf(estimand, estimator, N, q) {
  if (estimand === "cross_entropy") return (n) => crossEntropy(n / N, q);
  if (estimand === "kl_divergence" && estimator === "plugin") return (n) => klDivergence(n / N, q);
  const entropies = entropyEstimates(estimator, N);
  return estimand === "entropy" ? (n) => entropies[n] : (n) => crossEntropy(n / N, q) - entropies[n];
}

export const TRUE_VALUES = {
  entropy: (p) => entropy(p),
  cross_entropy: crossEntropy,
  kl_divergence: klDivergence,
};

// The exact law of an estimate after N flips: its possible values with their probabilities, and its performance.
export function samplingDistribution(estimand, estimator, N, p, q) {
  const { low, weights } = binomialWindow(N, p);
  const estimate = estimatorOf(estimand, estimator, N, q);
  const values = weights.map((_, i) => estimate(low + i));
  return { low, values, weights, ...performanceOf(values, weights, TRUE_VALUES[estimand](p, q)) };
}

function performanceOf(values, weights, truth) {
  const infinite = sumOf(values.length, (i) => (Number.isFinite(values[i]) ? 0 : weights[i]));
  if (infinite > 0 || !Number.isFinite(truth)) {
    return { truth, infinite, mean: infinite > 0 ? Infinity : NaN, bias: NaN, sd: NaN, rmse: NaN };
  }
  const bias = sumOf(values.length, (i) => weights[i] * (values[i] - truth));
  const mean = truth + bias;
  const variance = sumOf(values.length, (i) => weights[i] * (values[i] - mean) ** 2);
  return { truth, infinite, mean, bias, sd: Math.sqrt(variance), rmse: Math.hypot(bias, Math.sqrt(variance)) };
}

// The exact law of G = 2N K̂L (plug-in) after N flips of a coin with P(heads) = p, against the model q.
export function gLaw(N, p, q) {
  const { low, weights } = binomialWindow(N, p);
  return { low, weights, values: weights.map((_, i) => gStatistic(low + i, N, q)) };
}

export const gStatistic = (heads, N, q) => 2 * N * klDivergence(heads / N, q);

// Values that differ by roundings are ties.
const TIE = 1e-12;

// The probability of a G at least as large.
export const gPValue = ({ values, weights }, g) =>
  Math.min(1, sumOf(values.length, (i) => (values[i] >= (Number.isFinite(g) ? g * (1 - TIE) : g) ? weights[i] : 0)));

// The test of p = q at a level: the smallest G that is exceeded with at most that probability if p = q, how often it is
// exceeded if p = q and with the coin as it is, and both laws.
export function gTest(N, p, q, level) {
  const [ifModel, ofCoin] = [gLaw(N, q, q), gLaw(N, p, q)];
  const { values, weights } = ifModel;
  const falling = [...values.keys()].sort((a, b) => values[b] - values[a]);
  let [critical, reached] = [values[falling[0]], 0];
  for (const i of falling) {
    if (values[i] < critical * (1 - TIE)) {
      if (reached > level) break;
      critical = values[i];
    }
    reached += weights[i];
  }
  return { critical, size: gAbove(ifModel, critical), power: gAbove(ofCoin, critical), ifModel, ofCoin };
}

export const exceeds = (g, critical) => g > critical * (1 + TIE);
const gAbove = ({ values, weights }, critical) => sumOf(values.length, (i) => (exceeds(values[i], critical) ? weights[i] : 0));

// The probability that an estimate lies within `tolerance` nats of its true value.
export function shareWithin({ values, weights, truth }, tolerance) {
  return sumOf(values.length, (i) => (Math.abs(values[i] - truth) <= tolerance ? weights[i] : 0));
}

const sumOf = (length, term) => {
  const sum = runningSum();
  for (let i = 0; i < length; i++) sum.add(term(i));
  return sum.value();
};

// A sum that carries the digits which rounding drops (Neumaier 1974).
function runningSum() {
  let total = 0;
  let dropped = 0;
  return {
    add(x) {
      const next = total + x;
      dropped += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
      total = next;
      return total + dropped;
    },
    value: () => total + dropped,
  };
}
