"""A scenario of which a setting changes what is studied: it is called by what was set, and so has results of its own.

Other settings (replicates, estimators, pictures, units …) make no other study: then a run goes on with what is there.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mcdiv.errors import shortened
from mcdiv.scenario.model import MAX_NAME

#: the keys that say which conditions there are, what is estimated, and what an interval is meant to cover
STUDIED = (
    *("truth", "model", "drawn_from", "sample_sizes", "model_sample_sizes", "zip", "exclude", "estimands", "level"),
)
#: characters of a name that say what was set, and of a title
_MAX_SUFFIX, _MAX_TOLD = 60, 120


def changes(before: Mapping[str, Any], after: Mapping[str, Any], settings: Sequence[str]) -> dict[str, str]:
    """The settings that change what is studied: what was set by dotted key, the last of each key."""
    found = {}
    for setting in settings:
        key, _, value = (part.strip() for part in setting.partition("="))
        top = key.split(".")[0]
        if top in STUDIED and before.get(top) != after.get(top):
            found[key] = value
    return found


def variant_name(name: str, changed: Mapping[str, str]) -> str:
    """`fair-sample_sizes=10`: the scenario's name and what was set; where that is cut or written otherwise, a hash."""
    said = ",".join(f"{key}={value}" for key, value in sorted(changed.items()))
    # Brackets and quotes of a list of numbers or names say nothing that its commas do not.
    plain = re.sub(r"[\[\]\s'\"]", "", said)
    suffix = re.sub(r"(?<==)-+(?!\d)|-+$", "", re.sub(r"[^A-Za-z0-9._=,-]+", "-", plain))
    room = min(_MAX_SUFFIX, MAX_NAME - len(name) - 1)
    if suffix != plain or len(suffix) > room:
        mark = "-" + hashlib.sha256(said.encode()).hexdigest()[:4]
        suffix = suffix[: max(room - len(mark), 0)].rstrip("-.,=") + mark
    return f"{name[: MAX_NAME - len(suffix) - 1]}-{suffix}"


def variant_title(title: str, changed: Mapping[str, str]) -> str:
    """The title with what was set: How biased is the plug-in? (sample_sizes = 10)."""
    told = shortened(", ".join(f"{key} = {' '.join(value.split())}" for key, value in changed.items()), _MAX_TOLD)
    return f"{title} ({told})" if title else f"With {told}"
