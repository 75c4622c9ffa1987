"""`mcdiv fixtures` from Python: golden values for other libraries to test against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mcdiv.errors import StoreError
from mcdiv.files import disk
from mcdiv.golden.document import files


def fixtures(out: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """Pairs of pmfs with 30 digits of every quantity, for other libraries to test against.

    Parameters
    ----------
    out : str or Path, optional
        A folder, made where there is none, for a file `NAME.json` of each case and `index.json`, which has the
        formulas. Nothing is overwritten.

    Returns
    -------
    dict of dict
        By the name of the case, as its file has it: `trap` (what goes wrong with it), `unit` (nats), `direction`,
        `categories`; `inputs`, with p and q exact (fractions as text) and as float64, float32 and bfloat16 (floats);
        `sums` of these; and `outputs` of each of the four, `as_given` (the formulas of the numbers as they stand)
        and `normalised` (each divided by its sum first). An output is text of up to 30 significant digits, "inf"
        or "-inf", a list of them for a gradient, or None where there is no value.

    Raises
    ------
    StoreError
        One of the files is there already, or the folder cannot be written.

    Examples
    --------
    >>> case = fixtures()["direction"]
    >>> case["inputs"]["exact"]["p"], case["outputs"]["exact"]["as_given"]["kl_divergence"]
    (['1/2', '3/10', '1/5'], '0.0920328502338319112245536538224')
    """
    texts = files()
    if out == "":
        raise StoreError("the name of the folder to write to is empty")
    if out is not None:
        _write(texts, disk.as_path("out", out, "a folder"))
    return {Path(name).stem: json.loads(text) for name, text in texts.items() if name != "index.json"}


def _write(texts: dict[str, str], folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder}: is not a folder")
    for name in texts if folder.is_dir() else ():
        disk.raise_if_exists(folder / name)
    for name, text in texts.items():
        disk.replace_file(folder, name, disk.encoded(text), new=True)
