"""What each key of a scenario means, with examples: for the JSON Schema, and so for editors and the page of keys.

Types and allowed values are in `json_schema`, checks in the models. An inner key is named by its path:
replicates.until.mcse.
"""

from typing import Any

MEANINGS: dict[str, str] = {
    "schema": "the version of this format",
    "name": "name of the study, and of the folder of its results",
    "title": "heading of the printed answer and of the report",
    "question": "what the study is to answer, in a sentence or two; the report prints it",
    "truth": "P, the distribution the samples are drawn from, unless drawn_from says otherwise; several make a grid",
    "model": "Q, the reference of cross-entropy and divergences; several make a grid. Left out: none; there is only P",
    "drawn_from": "O, the distribution the samples are drawn from where it is not P: one distribution. Estimands stay "
    "those of P and Q, and only estimators that know both can be used; there are no intervals, tests, fits and paths "
    "then. Left out: samples are drawn from P",
    "model_sample_sizes": "M, the numbers of draws from Q, where Q is known only from a sample. Left out: Q is known",
    "estimands": "what is estimated. Left out: entropy, and with a model also cross-entropy and KL divergence",
    "estimators": "the estimators to compare",
    "sample_sizes": "N, the numbers of draws; several make a grid. Or a goal, for which N is planned",
    "sample_sizes.until": "the goal: N is the smallest number of draws with which, and with every larger one, every "
    "condition reaches it, as `mcdiv plan` finds it: exactly, or by simulation where outcomes cannot be listed. The "
    "model has to be known, and there may be 100 pairs of truth and model",
    "sample_sizes.until.measure": "the measure that is to be small enough: rmse or bias",
    "sample_sizes.until.below": "the most it may be, in the scenario's units; of a bias, its size without the sign",
    "sample_sizes.until.estimand": "the estimand it is measured for. Left out: the first that is estimated",
    "sample_sizes.until.estimator": "label of the estimator that is to reach it. Left out: the first of the estimand",
    "sample_sizes.found": "the N that was found, as scenario.yaml of the results records it: it is used as it is, but "
    "planned again with --set. Left out: N is planned",
    "intervals": "confidence or credible intervals whose coverage and width are measured",
    "level": "intended coverage of the intervals",
    "measures": "performance measures wanted besides those of every study",
    "zip": "lists that are paired entry by entry, where otherwise every combination is a condition: names of two lists "
    "or more, all of one length; or a list of such groups",
    "exclude": "conditions to leave out: each entry drops every condition that matches all the values it lists",
    "exclude.truth": "label of a truth, such as coin(p=0.5), or the distribution itself. Left out: any",
    "exclude.model": "label of a model, or the distribution itself. Left out: any",
    "exclude.sample_size": "N of the conditions. Left out: any",
    "exclude.model_sample_size": "M of the conditions. Left out: any",
    "pool": "also give means over truths: over all of them (truth), or over the draws of each random truth (draws)",
    "replicates": "how many samples are drawn in every condition, or how precise the results are to be",
    "replicates.until": "add replicates until every row of the condition has this MCSE. The MCSE of a share that was "
    "0 or 1 in every replicate so far is 0, so such a row asks for no more than min",
    "replicates.until.measure": "the measure whose MCSE counts",
    "replicates.until.mcse": "the MCSE to reach, in the unit of the measure: the scenario's units (squared for MSE and "
    "variance), a share, or per cent",
    "replicates.min": "the fewest replicates of a condition",
    "replicates.max": "the most replicates of a condition; rows that are less precise then are listed in problems.csv",
    "mode": "exact values only, simulation only (monte_carlo), or both, side by side",
    "paths": "number of experiments simulated draw by draw, for the picture of convergence",
    "seed": "seed of all random numbers. Left out: drawn anew, and recorded in the results",
    "units": "unit of all results, and of the bounds of checks",
    "plots": "names of the pictures to draw. Left out: every picture for which there are rows",
    "save": "keep the distinct outcomes with their weights, or every estimate, as a table",
    "save.outcomes": "keep the distinct outcomes, as this kind of file",
    "save.estimates": "keep the estimates of every replicate, as this kind of file",
    "checks": "answers the study must give; a run in which one fails ends with exit code 1. An entry has a bound, and "
    "applies to every row that its other keys fit. Exact values are used where they exist",
    "checks.estimand": "the estimand of the rows",
    "checks.measure": "the measure that is compared; true_value is the estimand itself",
    "checks.estimator": "label of an estimator. Left out: any",
    "checks.interval": "label of an interval, for a measure of intervals",
    "checks.truth": "label of a truth. Left out: any",
    "checks.model": "label of a model. Left out: any",
    "checks.pooled": "compare the mean over truths; needs pool",
    "checks.sample_size": "N of the rows. Left out: any",
    "checks.model_sample_size": "M of the rows. Left out: any",
    "checks.below": "the value is below this; of a bias, its size without the sign",
    "checks.above": "the value is above this; of a bias, its size without the sign",
    "checks.between": "the least and the largest value allowed, signs included",
    "checks.near": "the value expected, sign included; goes with within",
    "checks.within": "the largest distance from near that is allowed; goes with near",
    "checks.units": "unit of the bounds. Left out: the scenario's",
    "test": "a test of P = Q by an estimated divergence, whose type I error and power are measured",
    "test.null": "the hypothesis that is tested: P is the model",
    "test.level": "how often the test may reject where P = Q; with `law: chi_squared` only in the limit of many draws",
    "test.law": "where critical values are from: the χ² law of many draws, or the law of the estimates where P = Q",
    "learning": "how `mcdiv fit` learns the model; `mcdiv run` does not use it. Left out: the defaults of its keys",
    "learning.method": "ways to minimise the cross-entropy; each is a fit of its own",
    "learning.steps": "steps of a fit",
    "learning.learning_rate": "step size, of the loss in nats; each is a fit of its own",
    "learning.batch_size": "draws in a mini-batch of sgd, at most the whole sample; each is a fit of its own",
    "learning.decay": "step t, from 0, has the size learning_rate/(1 + decay · t)",
    "learning.tolerance": "a fit has arrived where every probability is this near to the minimiser's",
}

#: values of the outer keys; together they use every inner key
EXAMPLES: dict[str, tuple[Any, ...]] = {
    "schema": (1,),
    "name": ("my_study",),
    "title": ("How biased is the plug-in?",),
    "question": ("From which N on is the bias below a hundredth of a bit?",),
    "truth": ({"coin": 0.5}, {"zipf": {"k": [10, 100], "s": 1.1}}, [{"coin": 0.5}, {"uniform": 2}]),
    "model": ({"coin": 0.6},),
    "drawn_from": ({"coin": 0.6},),
    "model_sample_sizes": ([50, 100],),
    "estimands": ("entropy", ["kl_divergence", {"renyi": {"order": 2}}]),
    "estimators": (["plugin", "miller_madow", {"additive": {"alpha": 0.5}}],),
    "sample_sizes": (
        10,
        [10, 100, 1000],
        {"until": {"measure": "rmse", "below": 0.01}},
        {"until": {"measure": "bias", "below": 0.01, "estimand": "entropy", "estimator": "plugin"}, "found": 50},
    ),
    "intervals": (["delta", "jackknife"],),
    "level": (0.9,),
    "measures": (["median_bias", "mean_absolute_error"],),
    "zip": (["truth.coin", "sample_sizes"],),
    "exclude": (
        [{"truth": {"coin": 0.5}, "model": "coin(p=0.6)", "sample_size": 10}],
        [{"sample_size": 20, "model_sample_size": [50, 100]}],
    ),
    "pool": ("truth",),
    "replicates": (10_000, {"until": {"measure": "bias", "mcse": 0.001}, "min": 1000, "max": 100_000}),
    "mode": ("monte_carlo",),
    "paths": (0,),
    "seed": (20_261_128,),
    "units": ("bits",),
    "plots": (["bias", "rmse"],),
    "save": ("estimates", {"outcomes": "csv", "estimates": "csv"}),
    "checks": (
        [{"estimand": "entropy", "estimator": "plugin", "measure": "bias", "sample_size": 10, "below": 0.2}],
        [{"estimand": "entropy", "measure": "rmse", "truth": "coin(p=0.5)", "above": 0.001, "units": "bits"}],
        [{"estimand": "entropy", "measure": "true_value", "near": 0.6931, "within": 0.0001, "units": "nats"}],
        [{"estimand": "entropy", "measure": "coverage", "interval": "delta", "between": [0, 1]}],
        [{"estimand": "kl_divergence", "measure": "bias", "model": "coin(p=0.6)", "pooled": True, "below": 1}],
        [{"estimand": "kl_divergence", "measure": "rmse", "model_sample_size": 50, "below": 10}],
    ),
    "test": ({"null": "model", "level": 0.05}, {"null": "model", "law": "exact"}),
    "learning": (
        {"method": ["gradient_descent", "newton"], "steps": 50, "learning_rate": [0.1, 1], "tolerance": 1e-6},
        {"method": "sgd", "batch_size": [1, 10], "decay": 0.05},
    ),
}
