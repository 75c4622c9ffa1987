"""The page of the keys of a scenario file, made from its JSON Schema: meaning, type, default and examples of each."""

import json
import re
from collections.abc import Iterator
from typing import Any

from mcdiv.scenario.json_schema import scenario_schema

HEAD = """# The keys of a scenario file

Made from the JSON Schema by `python docs/generate.py`; `mcdiv check --schema` prints the schema for your editor. To
start from a whole scenario, use `mcdiv new study.yaml`; `mcdiv check study.yaml` names every problem, with its line. A
number may also be written as `1/3`, `1e6` or `100_000`. With `--set`, an inner key is named by its path:
`--set replicates.max=1e6`.
"""
#: keys that take entries of a catalogue, which is described on a page of its own
CATALOGUES = {
    "estimands": "estimand",
    "estimand": "estimand",
    "estimators": "estimator",
    "intervals": "interval",
    "measures": "measure",
    "measure": "measure",
    "plots": "picture",
}
DISTRIBUTION = "[distribution](distributions.md)"


def keys_page() -> str:
    """The whole page."""
    schema = scenario_schema()
    required = set(schema["required"])
    sections = [_section(key, value, required=key in required) for key, value in schema["properties"].items()]
    return "\n".join([HEAD, *sections])


def as_yaml(value: Any) -> str:
    """A value on one line, as YAML in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w .?()=-]*", value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _section(key: str, value: dict[str, Any], *, required: bool) -> str:
    meaning, default = _meaning_and_default(value, required=required)
    lines = [f"## {key}", "", meaning, "", f"- **Type:** {kind(value, key)}", f"- **Default:** {default}"]
    lines += [f"- **Example:** `{key}: {as_yaml(example)}`" for example in value["examples"]]
    if inner := list(_inner("", value)):
        lines += ["", "| inner key | type | default | meaning |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(cells)} |" for cells in inner]
    return "\n".join([*lines, ""])


def _inner(path: str, value: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The keys of a mapping, or of the mappings in a list, that have a meaning of their own."""
    for mapping in _mappings(value):
        for key, entry in mapping["properties"].items():
            meaning, default = _meaning_and_default(entry, required=key in mapping["required"])
            yield f"`{path}{key}`", kind(entry, key), default, meaning
            yield from _inner(f"{path}{key}.", entry) if entry.get("type") == "object" else ()


def _mappings(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The mappings that a key takes, alone or in a list; entries of catalogues are described on their own pages."""
    parts = [value, value.get("items", {}), *value.get("anyOf", ())]
    found = [part for part in parts if part.get("type") == "object"]
    return [part for part in found if all("description" in entry for entry in part["properties"].values())]


def _meaning_and_default(value: dict[str, Any], *, required: bool) -> tuple[str, str]:
    text, _, left_out = value["description"].partition(". Left out: ")
    default = f"`{as_yaml(value['default'])}`" if "default" in value else left_out or "none"
    return f"{text[0].upper()}{text[1:]}.", "required" if required else default


def kind(value: dict[str, Any], key: str = "") -> str:
    """What a value may be, in words."""
    if "$ref" in value:
        return DISTRIBUTION
    if key in CATALOGUES:
        entry = "[{}]({}s.md)".format(*[CATALOGUES[key]] * 2)
        if value.get("type") == "array":
            return f"a list of {entry}".replace("]", "s]")
        return f"{entry}, or a list of them" if any("items" in part for part in value.get("anyOf", ())) else entry
    if "title" in value:
        return str(value["title"])
    if "const" in value or "enum" in value:
        return _or([f"`{each}`" for each in value.get("enum", [value.get("const")])])
    return _of_parts(value["anyOf"]) if "anyOf" in value else _by_type(value)


def _of_parts(parts: list[dict[str, Any]]) -> str:
    """Alternatives; one of them or a list of those is the usual case."""
    (*single, last) = parts
    if last.get("type") == "array" and last["items"] in ({"anyOf": single}, *single[len(single) - 1 :]):
        return f"{_or([kind(part) for part in single])}, or a list of them"
    return ", or ".join(kind(part) for part in parts)


def _by_type(value: dict[str, Any]) -> str:
    if value["type"] != "array":
        return {"string": "text", "object": "a mapping", "boolean": "`true` or `false`"}[value["type"]]
    least, most = value.get("minItems", 0), value.get("maxItems")
    many = {"string": "texts", "object": "mappings", "array": "such lists"}.get(value["items"].get("type"), "numbers")
    return f"a list of {least} {many}" if least == most else f"a list of {many}"


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
