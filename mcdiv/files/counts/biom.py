"""BIOM tables of version 2, which are HDF5 files: by h5py."""

import io
from collections.abc import Sequence
from typing import IO, Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.sparse_files import named_samples, refuse_large
from mcdiv.files.counts.text import Text


def biom_of_hdf5(text: Text, raw: IO[bytes], reading: Reading) -> list[CategoryCounts]:
    """The samples of a BIOM table, over the ids of its observations."""
    try:
        import h5py
    except ImportError:
        raise ScenarioError([f"{text.name}: BIOM tables in HDF5 need h5py: pip install 'mcdiv[biom]'"]) from None
    if options := reading.options():
        raise ScenarioError([f"{text.name}: {options[0]} does not apply: the file says what its samples are"])
    try:
        size = raw.seek(0, io.SEEK_END)
        with h5py.File(raw, "r") as file:
            return _samples(file, size, text.name)
    except ScenarioError:
        raise
    except Exception as error:  # a broken file ends in errors of many kinds
        told = " ".join(str(error).split()) or type(error).__name__
        raise ScenarioError([f"{text.name}: not a BIOM table that can be read: {told[:200]}"]) from None


def _samples(file: Any, size: int, name: str) -> list[CategoryCounts]:
    from scipy.sparse import csr_array

    rows, columns = (_ids(file[f"{kind}/ids"], size, kind, name) for kind in ("observation", "sample"))
    refuse_large((len(rows), len(columns)), name)
    stored = [file[f"observation/matrix/{part}"] for part in ("data", "indices", "indptr")]
    if any(part.ndim != 1 or part.size > len(rows) * len(columns) + len(rows) + 1 for part in stored):
        raise ScenarioError([f"{name}: the matrix has more entries than its ids have pairs"])
    matrix = csr_array(tuple(part[:] for part in stored), shape=(len(rows), len(columns)))
    matrix.check_format(full_check=True)
    samples = matrix.T.tocsr()
    samples.sum_duplicates()
    return named_samples(samples, columns if len(columns) > 1 else [""], rows, "counts by category", name)


def _ids(stored: Any, size: int, kind: str, name: str) -> Sequence[str]:
    """The ids in a file of so many bytes, which a broken one may have more of than it can hold."""
    if stored.ndim != 1 or stored.size > size:
        raise ScenarioError([f"{name}: expected a list of ids of {kind}s, got {stored.size:,} in {size:,} bytes"])
    ids = [each.decode() if isinstance(each, bytes) else str(each) for each in stored[:]]
    if len({*ids}) < len(ids):
        raise ScenarioError([f"{name}: an id of {kind}s is there twice"])
    return ids
