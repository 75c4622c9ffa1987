// Predict, then reveal: what is asked, and the answer that the exact numbers give.

import { crossEntropySlope, entropy, samplingDistribution, shareWithin } from "./maths.js";
import { ESTIMATORS, flipsOf, pace, percent, ruledOut, shown } from "./state.js";

export const TOLERANCE = 0.01;

const slopeOf = ({ p, q }, per) => crossEntropySlope(p, q) / per;
const lawOfEntropy = ({ p, n, estimator }) => samplingDistribution("entropy", estimator, n, p, 0.5);

// Smaller than a hundredth of the spread: nobody would see it. An infinite value has an infinite mean estimate.
function direction(state) {
  if (ruledOut(state)) return "right";
  const { bias, sd } = lawOfEntropy(state);
  return Math.abs(bias) <= sd / 100 ? "right" : bias < 0 ? "high" : "low";
}

export const QUESTIONS = {
  gap: {
    ask: () => "Move q from one end to the other. What will H(P, Q) − KL(P‖Q) do?",
    choices: { falls: "fall, then rise", rises: "rise, then fall", grows: "grow with q", flat: "stay where it is" },
    right: () => "flat",
    answer: (state, per) =>
      `It stays at H(P) = ${shown(entropy(state.p) / per)} ${state.units} at every q where both are finite: the entropy of the coin does not depend on the model.`,
  },
  minimum: {
    ask: ({ p }) => `The coin lands heads with p = ${p}. At which q is the cross-entropy smallest?`,
    number: { min: 0, max: 1, step: 0.01, label: "your q" },
    right: ({ p }) => p,
    answer: (state, per) =>
      `At q = p = ${state.p}. There KL(P‖Q) is 0 and the cross-entropy is H(P) = ${shown(entropy(state.p) / per)} ${state.units}, no less.`,
  },
  slope: {
    ask: ({ q }) => `At q = ${q}, which curve is steeper: the cross-entropy or KL(P‖Q)?`,
    choices: { ce: "the cross-entropy", kl: "KL(P‖Q)", same: "neither" },
    right: () => "same",
    answer: (state, per) =>
      ruledOut(state)
        ? `Neither: both are infinite at q = ${state.q}, and have the same slope at every other q.`
        : `Neither: both have slope ${shown(slopeOf(state, per))} ${state.units} per unit of q. A method that follows the gradient of one follows that of the other.`,
  },
  bias: {
    ask: ({ n, estimator }) =>
      `Estimate KL(P‖Q) from ${flipsOf(n)}, over and over (Ĥ: ${ESTIMATORS[estimator]}). On average, is the estimate too low, right or too high?`,
    choices: { low: "too low", right: "right", high: "too high" },
    right: direction,
    answer: (state, per) => {
      const side = ruledOut(state);
      if (side) return `KL(P‖Q) is infinite, and so is the mean of its estimates: the coin can show ${side}, which the model rules out.`;
      const { bias } = lawOfEntropy(state);
      return `The bias of K̂L is ${shown(-bias / per)} ${state.units}, that of Ĥ is ${shown(bias / per)} ${state.units}: K̂L = ĈE − Ĥ, and ĈE is unbiased.`;
    },
  },
  share: {
    ask: ({ n }) =>
      `Of all experiments with ${flipsOf(n)}, how many give an Ĥ within ${TOLERANCE} nats of H(P)?`,
    number: { min: 0, max: 100, step: 1, label: "your per cent" },
    right: (state) => 100 * shareWithin(lawOfEntropy(state), TOLERANCE),
    answer: (state) => `Exactly ${percent(shareWithin(lawOfEntropy(state), TOLERANCE))}. ${pace(state.p)}`,
  },
};

// The question as a form; `onReveal` is told when its answer may be seen.
export function questionForm(key, onReveal) {
  const form = document.createElement("form");
  form.className = "mcx-question";
  form.innerHTML = `<fieldset><legend></legend></fieldset><button type="submit">Reveal</button><p tabindex="-1"></p>`;
  const { choices, number } = QUESTIONS[key];
  form.querySelector("fieldset").append(...(choices ? choiceInputs(key, choices) : [numberInput(number)]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onReveal(key);
  });
  return form;
}

const choiceInputs = (key, choices) =>
  Object.entries(choices).map(([value, words]) => labelled({ type: "radio", name: `mcx-${key}`, value, required: true }, words, "after"));

const numberInput = ({ label, ...limits }) => labelled({ type: "number", required: true, ...limits }, label, "before");

function labelled(attributes, words, place) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), attributes);
  label.append(...(place === "after" ? [input, ` ${words}`] : [`${words} `, input]));
  return label;
}

// Puts the question in today's numbers and, once revealed, the answer beside what was predicted.
export function refreshQuestion(form, key, { state, per, revealed }) {
  const question = QUESTIONS[key];
  form.querySelector("legend").textContent = question.ask(state);
  form.querySelector("button").hidden = revealed;
  const answer = revealed ? `${verdict(form, question, state)} ${question.answer(state, per)}` : "";
  const place = form.querySelector("p");
  if (place.textContent !== answer) place.textContent = answer;
}

function verdict(form, question, state) {
  if (question.number) return `You said ${form.querySelector("input").value}.`;
  const chosen = form.querySelector("input:checked")?.value;
  const right = question.right(state);
  return chosen === right ? "As you said." : `You said “${question.choices[chosen]}”.`;
}
