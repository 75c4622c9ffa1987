"""Units of information. Inside mcdiv everything is in nats; this is the way out."""

import math
from typing import Literal, TypeAlias, get_args

from mcdiv.core.catalogue import quoted

Units: TypeAlias = Literal["nats", "bits", "bans"]
UNITS: tuple[str, ...] = get_args(Units)
_NATS_PER_UNIT = {"nats": 1.0, "bits": math.log(2), "bans": math.log(10)}


def nats_per(units: str) -> float:
    """How many nats one unit holds: divide a value in nats by it.

    Raises
    ------
    ValueError
        `units` is not nats, bits or bans.
    """
    if not isinstance(units, str) or units not in _NATS_PER_UNIT:
        raise ValueError(f"units: expected nats, bits or bans, got {quoted(repr(units))}")
    return _NATS_PER_UNIT[units]
