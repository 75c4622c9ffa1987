"""Bytes of a file as draws, whatever they stand for."""

import sys
from pathlib import Path
from typing import IO

import numpy as np

from mcdiv.core.arrays import Counts
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.packed import SUFFIXES
from mcdiv.files.counts.standard_input import STANDARD_INPUT
from mcdiv.files.counts.text import OnBytes, located

_PIECE = 2**20


def byte_tally(source: str, reading: Reading, on_bytes: OnBytes) -> CategoryCounts:
    """How often each of the 256 bytes occurs in a file as it is stored ("-" is standard input), in hexadecimal."""
    name = STANDARD_INPUT if source == "-" else source
    if wrong := reading.reason_unsupported(table=False):
        raise ScenarioError([f"{name}: {wrong}"])
    with located(source) as path:
        if source == "-":
            if sys.stdin is None:
                raise OSError("is closed")
            counts, sequence = _counted(sys.stdin.buffer, 0, reading, on_bytes)
        elif path.is_char_device():
            raise ScenarioError([f"{name}: is a device, which may never end"])
        else:
            with path.open("rb") as handle:
                counts, sequence = _counted(handle, path.stat().st_size, reading, on_bytes)
    packed = ", not unpacked" if Path(source).suffix.lower() in SUFFIXES else ""
    return CategoryCounts(
        group="",
        labels=tuple(f"{value:02x}" for value in range(256)),
        counts=counts,
        read_as=f"bytes of the file as it is{packed}",
        told_apart=True,
        sequence=sequence,
    )


def _counted(handle: IO[bytes], size: int, reading: Reading, on_bytes: OnBytes) -> tuple[Counts, Counts | None]:
    counts, done = np.zeros(256, dtype=np.int64), 0
    kept = []
    while piece := handle.read(_PIECE):
        values = np.frombuffer(piece, dtype=np.uint8)
        counts += np.bincount(values, minlength=256)
        done += len(piece)
        if size > _PIECE:
            on_bytes(done, size)
        if reading.order is not None:
            kept.append(values)
    sequence = np.concatenate(kept or [np.zeros(0, dtype=np.uint8)]).astype(np.int64)
    return counts, None if reading.order is None else sequence
