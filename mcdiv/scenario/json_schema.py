"""The JSON Schema of a scenario, for editors: made from the same catalogues and domains that check it."""

from typing import Any

from mcdiv.core.cards import Card
from mcdiv.core.distributions import FAMILIES, SEED
from mcdiv.core.domains import Domain, Parameter
from mcdiv.core.units import UNITS
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import entries_of, names
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES, names_of
from mcdiv.scenario.clauses import Check, Exclusion
from mcdiv.scenario.distributions import REDRAW, REDRAW_DOMAIN
from mcdiv.scenario.model import NAME_PATTERN, SCHEMA, Scenario
from mcdiv.scenario.readers import POOLS, SAVED
from mcdiv.scenario.recipe import METHODS, Learning

#: 3, 0.5, or a text such as "1/3", "1e6", "100_000"
_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+0-9._eE/]+$"}]}


def scenario_schema() -> dict[str, Any]:
    """The schema as a mapping (JSON Schema 2020-12)."""
    one: dict[str, Any] = {"$ref": "#/$defs/distribution"}
    grid = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    sizes = _one_or_list(_NUMBER)
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "name": {"type": "string", "pattern": f"^{NAME_PATTERN}$"},
        "title": {"type": "string"},
        "question": {"type": "string"},
        "truth": {"description": "P, the distribution sampled from", **grid},
        "model": {"description": "Q, the reference", **grid},
        "model_sample_sizes": {"description": "draws from Q, where it is known only through them", **sizes},
        "estimands": _one_or_list(_estimands()),
        "estimators": _one_or_list({"anyOf": [_estimator(name) for name in names()]}),
        "sample_sizes": {"description": "draws from P", **sizes},
        "intervals": _one_or_list({"anyOf": [_choice(e.name, e.parameters, e.card) for e in INTERVALS.values()]}),
        "measures": {
            "description": "measures wanted besides those of every study",
            **_one_or_list({"anyOf": [{"const": e.name, "description": e.card.summary} for e in MEASURES.values()]}),
        },
        "level": {"description": "intended coverage of the intervals", **_NUMBER},
        "zip": {"description": "lists that go together entry by entry: truth.zipf.k, sample_sizes", "anyOf": _zip()},
        "exclude": {"description": "conditions left out", "type": "array", "items": _exclusion()},
        "pool": {"description": "means over truths, or over draws of each random truth", "enum": list(POOLS)},
        "replicates": {"anyOf": [_NUMBER, _until()]},
        "mode": {"enum": ["exact", "monte_carlo", "both"]},
        "paths": {"description": "literal experiments for the convergence picture", **_NUMBER},
        "seed": _NUMBER,
        "units": {"enum": list(UNITS)},
        "plots": {"type": "array", "items": {"type": "string"}},
        "save": {"description": "outcomes with their weights, or the estimates of every replicate", "anyOf": _save()},
        "checks": {"type": "array", "items": _check()},
        "test": _test(),
        "learning": _learning(),
    }
    assert set(properties) == {field.alias or name for name, field in Scenario.model_fields.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mcdiv scenario",
        "type": "object",
        "$defs": {"distribution": {"oneOf": [_family(name) for name in FAMILIES]}},
        "properties": properties,
        "required": ["schema", "name", "truth", "estimators", "sample_sizes"],
        "additionalProperties": False,
    }


def _zip() -> list[dict[str, Any]]:
    group = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    return [group, {"type": "array", "items": group, "minItems": 1}]


def _exclusion() -> dict[str, Any]:
    labels = _one_or_list({"anyOf": [{"type": "string"}, {"$ref": "#/$defs/distribution"}]})
    properties = {"truth": labels, "model": labels}
    properties |= dict.fromkeys(("sample_size", "model_sample_size"), _one_or_list(_NUMBER))
    assert set(properties) == set(Exclusion.model_fields)
    return {**_mapping(properties, []), "minProperties": 1}


def _save() -> list[dict[str, Any]]:
    kinds = {name: {"enum": ["csv", "parquet"]} for name in SAVED}
    named: list[dict[str, Any]] = [{"enum": list(SAVED)}, {**_mapping(kinds, []), "minProperties": 1}]
    return [*named, {"type": "array", "items": {"anyOf": named}, "minItems": 1}]


def _family(name: str) -> dict[str, Any]:
    family = FAMILIES[name]
    parameters = {key: _listed(parameter.domain) for key, parameter in family.parameters.items()}
    required = [key for key, parameter in family.parameters.items() if parameter.required]
    if SEED in family.parameters:
        parameters |= {REDRAW: {"description": f"how many are drawn; {REDRAW_DOMAIN.expected}", **_NUMBER}}
    if any(parameter.domain.counts for parameter in family.parameters.values()):  # a file may hold the counts
        parameters, required = parameters | {"file": {"type": "string"}}, []
    first = next(iter(parameters.values()))
    return _single(name, {"anyOf": [first, _mapping(parameters, required)]}, family.summary)


def _estimator(name: str) -> dict[str, Any]:
    entry = entries_of(name)[0]
    return _choice(name, entry.parameters, entry.card)


def _estimands() -> dict[str, Any]:
    return {"anyOf": [_choice(entry.name, entry.parameters, entry.card) for entry in ESTIMANDS.values()]}


def _choice(name: str, known: dict[str, Parameter], card: Card) -> dict[str, Any]:
    parameters = {key: _value(parameter.domain) for key, parameter in known.items()}
    required = [key for key, parameter in known.items() if parameter.required]
    bare: list[dict[str, Any]] = [] if required else [{"const": name, "description": card.summary}]
    if known:  # as the tables print it
        bare.append({"type": "string", "pattern": rf"^{name}\(.*\)$"})
    return {"anyOf": [*bare, _single(name, _mapping(parameters, required), card.summary)]}


def _until() -> dict[str, Any]:
    target = _mapping({"measure": {"enum": list(MEASURES)}, "mcse": _NUMBER}, ["measure", "mcse"])
    return {
        "description": "as many as every row takes to have this MCSE, in the scenario's units",
        **_mapping({"until": target, "min": _NUMBER, "max": _NUMBER}, ["until"]),
    }


def _check() -> dict[str, Any]:
    texts = {key: {"type": "string"} for key in ("estimator", "interval", "truth", "model")}
    numbers = dict.fromkeys(("sample_size", "model_sample_size", "below", "above", "near", "within"), _NUMBER)
    measures = [*names_of(), *names_of(interval=True), "true_value"]
    known: dict[str, Any] = {"estimand": _estimands(), "measure": {"enum": measures}}
    known["units"] = {"enum": list(UNITS)}
    known["pooled"] = {"description": "of the means over truths", "type": "boolean"}
    ends = "the least and the largest value, signs included"
    known["between"] = {"description": ends, "type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
    properties = {**known, **texts, **numbers}
    assert set(properties) == set(Check.model_fields)
    return _mapping(properties, ["estimand", "measure"])


def _test() -> dict[str, Any]:
    return {
        "description": "a test of P = Q, whose type I error and power are measured",
        **_mapping({"null": {"const": "model"}, "level": _NUMBER}, ["null"]),
    }


def _learning() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "method": _one_or_list({"enum": list(METHODS)}),
        "steps": _NUMBER,
        "learning_rate": {"description": "step size, of the loss in nats", **_one_or_list(_NUMBER)},
        "batch_size": {"description": "draws in a mini-batch of sgd", **_one_or_list(_NUMBER)},
        "decay": {"description": "step t has the size learning_rate/(1 + decay t)", **_NUMBER},
        "tolerance": {"description": "how near to the minimiser a fit has arrived", **_NUMBER},
    }
    assert set(properties) == set(Learning.model_fields)
    return {"description": "how `mcdiv fit` learns the model", **_mapping(properties, [])}


def _single(name: str, value: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": about, **_mapping({name: value}, [name])}


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _one_or_list(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _listed(domain: Domain) -> dict[str, Any]:
    return _one_or_list(_value(domain))


def _value(domain: Domain) -> dict[str, Any]:
    if domain.choices:
        return {"enum": list(domain.choices)}
    if domain.text:
        return {"type": "string", "description": domain.expected}
    if domain.counts or domain.reader:
        return {"type": "array", "description": domain.expected, "minItems": 1}
    row = {"type": "array", "items": _NUMBER, "minItems": 1}
    if domain.table:
        return {"type": "array", "description": domain.expected, "items": row, "minItems": 1}
    number = {"description": domain.expected, **_NUMBER}
    return row if domain.listed else number
