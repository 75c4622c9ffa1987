"""The JSON Schema of a scenario, for editors: made from the same catalogues and domains that check it."""

from typing import Any, get_args

from pydantic import BaseModel

from mcdiv.core import distributions
from mcdiv.core.cards import Card
from mcdiv.core.distributions import FAMILIES
from mcdiv.core.domains import NUMBER, POSITIVE, Domain, Parameter
from mcdiv.core.units import UNITS
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import entries_of, names
from mcdiv.files.counts.asked import CHOICES, KEYS
from mcdiv.files.counts.layouts.contract import LAYOUTS
from mcdiv.intervals.contract import INTERVALS, LEVEL
from mcdiv.measures.contract import MEASURES, names_of
from mcdiv.scenario import null_hypothesis, recipe
from mcdiv.scenario.clauses import SAMPLE_SIZE, Check, Exclusion
from mcdiv.scenario.distributions import REDRAW, REDRAW_DOMAIN
from mcdiv.scenario.key_descriptions import EXAMPLES, MEANINGS
from mcdiv.scenario.model import MAX_NAME, NAME_CHARACTERS, NAME_PATTERN, PATHS, SCHEMA, SEED, Scenario
from mcdiv.scenario.null_hypothesis import NullTest
from mcdiv.scenario.precision import DEFAULT_MAX, DEFAULT_MIN, REPLICATES
from mcdiv.scenario.readers import POOLS, SAVED
from mcdiv.scenario.recipe import METHODS, Learning
from mcdiv.scenario.size_goal import GoalMeasure

#: 3, 0.5, or a text such as "1/3", "1e6", "100_000"
_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+0-9._eE/]+$"}]}


def scenario_schema() -> dict[str, Any]:
    """The schema as a mapping (JSON Schema 2020-12)."""
    one: dict[str, Any] = {"$ref": "#/$defs/distribution"}
    grid = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    sizes = _one_or_list(_number(SAMPLE_SIZE))
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "name": {"title": f"{NAME_CHARACTERS}; at most {MAX_NAME}", "type": "string", "pattern": f"^{NAME_PATTERN}$"},
        "title": {"type": "string"},
        "question": {"type": "string"},
        "truth": grid,
        "model": grid,
        "drawn_from": one,
        "model_sample_sizes": sizes,
        "estimands": _one_or_list(_estimands()),
        "estimators": _one_or_list({"anyOf": [_estimator(name) for name in names()]}),
        "sample_sizes": {"anyOf": [*sizes["anyOf"], _size_goal()]},
        "intervals": _one_or_list({"anyOf": [_choice(e.name, e.parameters, e.card) for e in INTERVALS.values()]}),
        "measures": _one_or_list(
            {"anyOf": [{"const": e.name, "description": e.card.summary} for e in MEASURES.values()]}
        ),
        "level": _number(LEVEL),
        "zip": {"anyOf": _zip()},
        "exclude": {"type": "array", "items": _exclusion()},
        "pool": {"enum": list(POOLS)},
        "replicates": {"anyOf": [_number(REPLICATES), _until()]},
        "mode": {"enum": ["exact", "monte_carlo", "both"]},
        "paths": _number(PATHS),
        "seed": _number(SEED),
        "units": {"enum": list(UNITS)},
        "plots": {"type": "array", "items": {"type": "string"}},
        "save": {"anyOf": _save()},
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
        "properties": {key: _described(key, value) for key, value in properties.items()},
        "required": ["schema", "name", "truth", "estimators", "sample_sizes"],
        "additionalProperties": False,
    }


def _described(key: str, value: dict[str, Any]) -> dict[str, Any]:
    """An outer key with its meaning, examples, and default where that is one value."""
    (field,) = (field for name, field in Scenario.model_fields.items() if key == (field.alias or name))
    plain = isinstance(field.default, (str, int, float)) and field.default != ""
    default = {"default": field.default} if plain else {}
    return {"description": MEANINGS[key], "examples": list(EXAMPLES[key]), **default, **value}


def _inner(path: str, properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The inner keys of one with their meanings."""
    return {key: {**value, "description": MEANINGS[f"{path}.{key}"]} for key, value in properties.items()}


def _zip() -> list[dict[str, Any]]:
    group = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    return [group, {"type": "array", "items": group, "minItems": 1}]


def _exclusion() -> dict[str, Any]:
    labels = _one_or_list({"anyOf": [{"type": "string"}, {"$ref": "#/$defs/distribution"}]})
    properties = {"truth": labels, "model": labels}
    properties |= dict.fromkeys(("sample_size", "model_sample_size"), _one_or_list(_number(SAMPLE_SIZE)))
    assert set(properties) == set(Exclusion.model_fields)
    return {**_mapping(_inner("exclude", properties), []), "minProperties": 1}


def _save() -> list[dict[str, Any]]:
    kinds: dict[str, Any] = {name: {"enum": ["csv", "parquet"]} for name in SAVED}
    named: list[dict[str, Any]] = [{"enum": list(SAVED)}, {**_mapping(_inner("save", kinds), []), "minProperties": 1}]
    return [*named, {"type": "array", "items": {"anyOf": named}, "minItems": 1}]


def _family(name: str) -> dict[str, Any]:
    family = FAMILIES[name]
    parameters = {key: _listed(parameter.domain) for key, parameter in family.parameters.items()}
    required = [key for key, parameter in family.parameters.items() if parameter.required]
    if distributions.SEED in family.parameters:
        parameters |= {REDRAW: {"description": f"how many are drawn; {REDRAW_DOMAIN.expected}", **_NUMBER}}
    if any(parameter.domain.counts for parameter in family.parameters.values()):  # a file may hold the counts
        parameters, required = parameters | _file_of_counts(), []
    first = next(iter(parameters.values()))
    return _single(name, {"anyOf": [first, _mapping(parameters, required)]}, family.summary)


def _file_of_counts() -> dict[str, Any]:
    """A file and how it is read, in the words of the options of `mcdiv estimate`."""
    text: dict[str, Any] = {"type": ["string", "integer"]}
    several = {"anyOf": [text, {"type": "array", "items": text}]}
    pair = {"type": "array", "items": text, "minItems": 2, "maxItems": 2}
    known: dict[str, dict[str, Any]] = {
        "layout": {"enum": list(LAYOUTS)},
        **{name: {"enum": list(words)} for name, words in CHOICES.items()},
        **{name: {"type": "boolean"} for name in ("symbols", "normalise")},
        **{"ignore": several, "spectrum": pair, "draws": {"type": "integer", "minimum": 1}},
    }
    return {"file": {"type": "string"}, "group": text, **{key: known.get(key, text) for key in KEYS}}


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
    inner = _inner("replicates.until", {"measure": {"enum": list(MEASURES)}, "mcse": _number(POSITIVE)})
    usual = {"min": DEFAULT_MIN, "max": DEFAULT_MAX}
    limits = {key: {**_number(REPLICATES), "default": default} for key, default in usual.items()}
    properties = _inner("replicates", {"until": _mapping(inner, ["measure", "mcse"]), **limits})
    return _mapping(properties, ["until"])


def _size_goal() -> dict[str, Any]:
    known: dict[str, Any] = {"measure": {"enum": list(get_args(GoalMeasure))}, "below": _number(POSITIVE)}
    known |= {"estimand": _estimands(), "estimator": {"type": "string"}}
    goal = _mapping(_inner("sample_sizes.until", known), ["measure", "below"])
    return _mapping(_inner("sample_sizes", {"until": goal, "found": _number(SAMPLE_SIZE)}), ["until"])


def _check() -> dict[str, Any]:
    texts = {key: {"type": "string"} for key in ("estimator", "interval", "truth", "model")}
    numbers = dict.fromkeys(("sample_size", "model_sample_size"), _number(SAMPLE_SIZE))
    numbers |= dict.fromkeys(("below", "above", "near", "within"), _number(NUMBER))
    measures = [*names_of(), *names_of(interval=True), "true_value"]
    known: dict[str, Any] = {"estimand": _estimands(), "measure": {"enum": measures}}
    known["units"] = {"enum": list(UNITS)}
    known["pooled"] = {"type": "boolean"}
    known["between"] = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
    properties = {**known, **texts, **numbers}
    assert set(properties) == set(Check.model_fields)
    return _mapping(_inner("checks", properties), ["estimand", "measure"])


def _test() -> dict[str, Any]:
    properties = {"null": {"const": "model"}, "level": _with_default(NullTest, "level", _number(null_hypothesis.LEVEL))}
    properties["law"] = _with_default(NullTest, "law", {"enum": list(null_hypothesis.LAWS)})
    assert set(properties) == set(NullTest.model_fields)
    return _mapping(_inner("test", properties), ["null"])


def _learning() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "method": _one_or_list({"enum": list(METHODS)}),
        "steps": _number(recipe.STEPS),
        "learning_rate": _one_or_list(_number(recipe.RATE)),
        "batch_size": _one_or_list(_number(recipe.BATCH)),
        "decay": _number(recipe.DECAY),
        "tolerance": _number(recipe.TOLERANCE),
    }
    assert set(properties) == set(Learning.model_fields)
    usual = {key: _with_default(Learning, key, value) for key, value in properties.items()}
    return _mapping(_inner("learning", usual), [])


def _with_default(model: type[BaseModel], key: str, value: dict[str, Any]) -> dict[str, Any]:
    default = model.model_fields[key].default
    return {**value, "default": list(default) if isinstance(default, tuple) else default}


def _single(name: str, value: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": about, **_mapping({name: value}, [name])}


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _number(domain: Domain) -> dict[str, Any]:
    """A number as a key of its own takes it; `title` says which numbers."""
    return {"title": domain.expected, **_NUMBER}


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
