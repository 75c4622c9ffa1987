// The page itself: what is chosen goes in, every picture, number and sentence comes out.

import { NATS_PER, TRUE_VALUES, crossEntropySlope, estimatorOf, samplingDistribution, shareWithin } from "./maths.js";
import { gPValue, gStatistic, gTest } from "./maths.js";
import { checkpoints, experiment, generator } from "./flips.js";
import { ESTIMANDS, ESTIMATORS, MAX_FLIPS, MAX_RUNS, SAMPLE_SIZES, decimals, grouped, nearestStop, percent } from "./state.js";
import { amiss, amissIn, captions, flipsOf, pace, probability, readAddress } from "./state.js";
import { ruledOut, scenarioText, shown, testWords, wholeNumber, writeAddress } from "./state.js";
import { measure } from "./figures.js";
import { drawCurves, drawSlopes, drawSum } from "./charts.js";
import { domainsOf, drawApproach, drawDistribution, drawPath } from "./flip_charts.js";
import { drawTest } from "./test_chart.js";
import { QUESTIONS, TOLERANCE, questionForm, refreshQuestion } from "./questions.js";
import { TABLES, copied, csv, download, standaloneSvg } from "./export.js";

const root = document.querySelector(".mcdiv-explorer");
const find = (selector) => root.querySelector(selector);
const all = (selector) => [...root.querySelectorAll(selector)];

const given = readAddress(root.dataset.state);
const state = { ...freshState(), ...given, ...readAddress(location.hash) };
const revealed = new Set();
const forms = new Map();
let session = null;
const LEVEL = 0.05;

function freshState() {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  return { p: 0.7, q: 0.5, n: 100, estimator: "plugin", units: "nats", predict: false, seed, runs: 0 };
}

// ---- from the state to the page

function facts() {
  const per = NATS_PER[state.units];
  const hidden = Object.fromEntries(Object.keys(QUESTIONS).map((key) => [key, state.predict && !revealed.has(key)]));
  const laws = {};
  for (const name of Object.keys(ESTIMANDS)) laws[name] = samplingDistribution(name, ruleFor(name), state.n, state.p, state.q);
  const flips = flipped();
  const test = gTest(state.n, state.p, state.q, LEVEL);
  return { state, per, hidden, laws, flips, fresh, test, last: lastTested(flips, test.ifModel) };
}

// G of the last experiment, with its p-value; nothing before the first.
function lastTested({ runs }, ifModel) {
  if (!runs.length) return null;
  const g = gStatistic(runs.at(-1).heads, state.n, state.q);
  return { g, p: gPValue(ifModel, g) };
}

const ruleFor = (estimand) => (estimand === "cross_entropy" ? "plugin" : state.estimator);

// As many experiments as the state says: earlier ones are kept, a link flips the same ones again.
function flipped() {
  const { p, n, seed, runs } = state;
  if (!session || session.p !== p || session.n !== n || session.seed !== seed || session.runs.length > runs) {
    session = { p, n, seed, random: generator(seed), points: checkpoints(n), runs: [] };
  }
  while (session.runs.length < runs) session.runs.push(experiment(session.random, p, session.points));
  return session;
}

function render() {
  const now = facts();
  showControls();
  showNumbers(now);
  for (const part of all("[data-hides]")) part.hidden = part.dataset.hides.split(" ").some((key) => now.hidden[key]);
  drawAll(now);
  for (const [key, form] of forms) {
    form.hidden = !state.predict;
    refreshQuestion(form, key, { ...now, revealed: revealed.has(key) });
  }
  find("[data-scenario]").textContent = scenarioText(state);
}

function drawAll(now) {
  const svg = (name) => find(`[data-figure=${name}] svg`);
  const names = Object.keys(ESTIMANDS);
  const domains = domainsOf(names.map((name) => now.laws[name]), now.per);
  measure(all("[data-figure] svg"));
  drawSum(svg("sum"), now);
  drawCurves(svg("curves"), now);
  drawSlopes(svg("slopes"), now);
  drawPath(svg("path"), now);
  names.forEach((name, i) => {
    const heads = now.flips.runs.map((run) => run.heads);
    const last = heads.length ? estimatorOf(name, ruleFor(name), state.n, state.q)(heads.at(-1)) / now.per : NaN;
    const mark = { law: now.laws[name], heads, last, domain: domains[i], symbol: ESTIMANDS[name].estimate };
    drawDistribution(svg(name), { ...now, ...mark });
  });
  drawTest(svg("test"), now);
  drawApproach(svg("approach"), now);
}

function showControls() {
  for (const key of ["p", "q", "n"]) {
    const [range, number] = [find(`#mcx-${key}`), find(`#mcx-${key}-number`)];
    const place = key === "n" ? nearestStop(state.n) : state[key];
    if (document.activeElement !== range || Number(range.value) !== place) range.value = place;
    if (document.activeElement !== number) number.value = state[key];
    range.setAttribute("aria-valuetext", key === "n" ? flipsOf(state.n) : String(state[key]));
  }
  find("#mcx-estimator").value = state.estimator;
  find(`input[name=mcx-units][value=${state.units}]`).checked = true;
  find("[data-action=predict]").setAttribute("aria-pressed", state.predict);
  find("[data-action=flip]").textContent = state.n === 1 ? "Flip once" : `Flip ${grouped(state.n)} times`;
  find("[data-action=clear]").disabled = !state.runs;
}

function showNumbers(now) {
  const put = (name, value, words = shown(value)) => {
    for (const place of all(`[data-number="${name}"]`)) {
      place.value = value;
      place.textContent = words;
    }
  };
  const say = (name, words) => all(`[data-words="${name}"]`).forEach((place) => (place.textContent = words));
  const { p, q, n } = state;
  const values = Object.fromEntries(Object.keys(ESTIMANDS).map((name) => [name, TRUE_VALUES[name](p, q) / now.per]));
  for (const [name, value] of Object.entries(values)) put(name, value, decimals(value));
  put("p", p, String(p));
  put("q", q, String(q));
  put("flips", n, flipsOf(n));
  put("slope", crossEntropySlope(p, q) / now.per);
  const share = shareWithin(now.laws.entropy, TOLERANCE);
  put("share", share, percent(share));
  say("units", state.units);
  say("estimator", ESTIMATORS[state.estimator]);
  say("pace", pace(p));
  say("rounding", roundingNote(values));
  for (const [name, words] of Object.entries(captions(state))) say(`caption.${name}`, words);
  say("flipped", flippedNote());
  say("test", testWords(state, now.test, now.last));
  for (const name of Object.keys(ESTIMANDS)) showPerformance(now, name, put);
}

function showPerformance({ laws, per, flips, hidden }, name, put) {
  const law = laws[name];
  const secret = (value) => (hidden.bias ? "?" : shown(value));
  put(`${name}.truth`, law.truth / per);
  put(`${name}.mean`, law.mean / per, secret(law.mean / per));
  put(`${name}.bias`, law.bias / per, secret(law.bias / per));
  put(`${name}.sd`, law.sd / per);
  put(`${name}.rmse`, law.rmse / per, secret(law.rmse / per));
  const estimate = estimatorOf(name, ruleFor(name), state.n, state.q);
  const estimates = flips.runs.map(({ heads }) => estimate(heads) / per);
  const average = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
  put(`${name}.last`, estimates.at(-1) ?? "", estimates.length ? shown(estimates.at(-1)) : "–");
  put(`${name}.average`, average, estimates.length ? (hidden.bias ? "?" : shown(average)) : "–");
}

function roundingNote({ cross_entropy, kl_divergence, entropy }) {
  const whole = (value) => Math.round(value * 1e4);
  const side = ruledOut(state);
  if (side) return `The model rules out ${side}, which the coin can show: cross-entropy and KL are infinite.`;
  return whole(cross_entropy) === whole(kl_divergence) + whole(entropy) ? "" : "The last digits differ by rounding only.";
}

function flippedNote() {
  if (!state.runs) return "No flips yet.";
  const heads = session.runs.at(-1).heads;
  const many = state.runs === 1 ? "One experiment" : `${grouped(state.runs)} experiments`;
  return `${many} of ${flipsOf(state.n)}; the last gave ${grouped(heads)} heads, p̂ = ${shown(heads / state.n, 3)}.`;
}

// ---- from the reader to the state

let later = 0;
let fresh = false;

function reveal(question) {
  revealed.add(question);
  update({});
  forms.get(question).querySelector("p").focus(); // the button that had it is gone
}

function update(changes) {
  tell([]);
  const sameCoin = !("p" in changes || "n" in changes);
  Object.assign(state, sameCoin ? {} : { runs: 0 }, changes);
  render();
  clearTimeout(later);
  later = setTimeout(settled, 250);
}

// The address and the spoken summary follow once the slider rests.
function settled() {
  history.replaceState(null, "", writeAddress(state));
  const sum = (name) => `${find(`[data-number="${name}"]`).textContent} ${state.units}`;
  const parts = `KL divergence ${sum("kl_divergence")} plus entropy ${sum("entropy")}`;
  const told = state.predict && !revealed.has("gap") ? "" : `Cross-entropy ${sum("cross_entropy")}: ${parts}. `;
  find("[data-live]").textContent = told + (state.runs ? flippedNote() : "");
}

function connectSliders() {
  for (const key of ["p", "q"]) {
    find(`#mcx-${key}`).addEventListener("input", ({ target }) => update({ [key]: Number(target.value) }));
    connectNumber(key, probability);
  }
  find("#mcx-n").max = SAMPLE_SIZES.length - 1;
  find("#mcx-n").addEventListener("input", ({ target }) => update({ n: SAMPLE_SIZES[target.value] }));
  connectNumber("n", wholeNumber(1, MAX_FLIPS));
}

// What was asked for and cannot be shown is reported: nobody shall take another coin's numbers for theirs.
function tell(wrong) {
  const place = find("[data-amiss]");
  place.hidden = wrong.length === 0;
  place.textContent = wrong.length ? `Not shown: ${wrong.join(", ")}. The page shows p = ${state.p}, q = ${state.q}, N = ${state.n}.` : "";
}

function connectNumber(key, read) {
  const number = find(`#mcx-${key}-number`);
  number.addEventListener("input", () => {
    const value = read(number.value);
    number.setAttribute("aria-invalid", value === undefined);
    if (value === undefined) tell([amiss(key, number.value)]);
    else update({ [key]: value });
  });
  number.addEventListener("blur", () => {
    number.value = state[key];
    number.removeAttribute("aria-invalid");
    tell([]);
  });
}

function connectChoices() {
  const options = Object.entries(ESTIMATORS).map(([name, words]) => new Option(words, name));
  find("#mcx-estimator").append(...options);
  find("#mcx-estimator").addEventListener("change", ({ target }) => update({ estimator: target.value }));
  all("input[name=mcx-units]").forEach((radio) => radio.addEventListener("change", () => update({ units: radio.value })));
}

const ACTIONS = {
  flip: () => flip(1),
  repeat: () => flip(100),
  clear: () => update({ runs: 0, seed: (state.seed + 1) >>> 0 }),
  predict: () => {
    revealed.clear();
    forms.forEach((form) => form.reset());
    update({ predict: !state.predict });
  },
  scenario: (button) => copy(button, scenarioText(state)),
  link: (button) => copy(button, location.href.split("#")[0] + writeAddress(state)),
  print: () => print(),
  svg: (button) => {
    const figure = button.closest("[data-figure]");
    const picture = standaloneSvg(figure.querySelector("svg"), figure.querySelector("h3").textContent);
    download(`mcdiv-${figure.dataset.figure}.svg`, "image/svg+xml", picture);
  },
  csv: (button) => {
    const name = button.closest("[data-figure]").dataset.figure;
    download(`mcdiv-${name}.csv`, "text/csv", csv(TABLES[name](facts())));
  },
};

// The last path is drawn as if by hand, once.
function flip(times) {
  fresh = true;
  update({ runs: Math.min(MAX_RUNS, state.runs + times) });
  fresh = false;
}

async function copy(button, words) {
  const done = await copied(words);
  find("[data-live]").textContent = done ? "Copied." : "The browser did not allow copying; select the text instead.";
  const name = (button.dataset.name ??= button.textContent);
  button.textContent = done ? "Copied" : "Not allowed here";
  setTimeout(() => (button.textContent = name), 1500);
}

// A finger or a mouse on the curves moves q, as the slider does.
function connectCurves() {
  const svg = find("[data-figure=curves] svg");
  const follow = (event) => {
    const { left, right } = svg.dataset;
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) * svg.viewBox.baseVal.width) / box.width;
    const q = Math.round((100 * (x - left)) / (right - left)) / 100;
    update({ q: Math.min(1, Math.max(0, q)) });
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => event.buttons && follow(event));
}

function start() {
  connectSliders();
  connectChoices();
  connectCurves();
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-action]");
    if (button) ACTIONS[button.dataset.action](button);
  });
  for (const place of all("[data-question]")) {
    const key = place.dataset.question;
    forms.set(key, questionForm(key, reveal));
    place.append(forms.get(key));
  }
  addEventListener("hashchange", () => {
    const asked = readAddress(location.hash);
    if (Object.keys(asked).length) update({ ...asked, runs: asked.runs ?? 0 });
    tell(amissIn(location.hash));
  });
  tell(amissIn(location.hash));
  let width = 0;
  new ResizeObserver(() => {
    if (width !== root.clientWidth) render();
    width = root.clientWidth;
  }).observe(root);
}

start();
