"""What pydantic finds wrong with a scenario, in our words."""

from typing import Any

from pydantic import BaseModel

from mcdiv.core.catalogue import nearest_or_all
from mcdiv.core.domains import shown
from mcdiv.errors import Fault, ScenarioProblem
from mcdiv.scenario.clauses import Check, Exclusion
from mcdiv.scenario.key_descriptions import MEANINGS
from mcdiv.scenario.null_hypothesis import NullTest
from mcdiv.scenario.recipe import Learning


def in_our_words(detail: dict[str, Any], keys: list[str]) -> list[ScenarioProblem]:
    """One error of pydantic as problems; `keys` are those of a scenario."""
    path = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "mcdiv":
        return [ScenarioProblem(path=(*path, *rest), message=text) for rest, text in detail["ctx"]["problems"]]
    if kind == "extra_forbidden":
        inside: dict[Any, type[BaseModel]] = {
            "checks": Check,
            "exclude": Exclusion,
            "learning": Learning,
            "test": NullTest,
        }
        within = inside.get(path[0]) if len(path) > 1 else None
        words = keys if within is None else [field.alias or name for name, field in within.model_fields.items()]
        return [ScenarioProblem(path=path, message=Fault(_unknown_key(str(path[-1]), words), at="key"))]
    if kind == "missing":
        return [ScenarioProblem(path=path[:-1], message=f"'{path[-1]}' is missing")]
    if kind == "literal_error":
        choices = {"mode": "exact, monte_carlo or both", "units": "nats, bits or bans"}
        return [ScenarioProblem(path=path, message=f"expected {choices[str(path[-1])]}, got {shown(detail['input'])}")]
    expected = {"tuple_type": "a list", "string_type": "text", "model_type": "a mapping", "dict_type": "a mapping"}
    wanted = expected.get(kind)
    message = f"expected {wanted}, got {shown(detail['input'])}" if wanted else detail["msg"]
    return [ScenarioProblem(path=path, message=message)]


def _unknown_key(key: str, known: list[str]) -> str:
    if key in ("plugin", "plugins"):
        return f"unknown key '{key}'; a scenario is data and loads no code: give the file to --plugin"
    owners = [path.removesuffix(f".{key}") for path in MEANINGS if path.endswith(f".{key}")]
    if owners and f"{key}s" not in known:
        return f"unknown key '{key}'; it goes inside {' or '.join(owners)}"
    return f"unknown key '{key}'; {nearest_or_all(key, known)}"
