"""Small files of every format that is not plain text, whole and broken, and what the format's own library finds there.

A file is written by that library, then bytes of it, or of what is packed in it, are changed at random. mcdiv must
refuse it in one line, or find the counts that the library finds. Tests try some hundreds; `python -m benchmarks.hostile
formats` tries a million.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data_files import readings, refusal

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

_SYMBOLS = ["oak", "elm", "ash", "H", "T", "caf\u00e9", "漢", "x y"]
#: what is said of a matrix, and of a table with a row for each category
_MATRIX, _LONG = Reading(layout="samples-in-rows"), Reading(column="species", weights="count")
#: the samples of a file, as what was counted in each; by position where nothing has a name
Samples = list[dict[str, int]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written and read by its own library."""

    suffix: str
    reading: Reading
    #: from the dice to the bytes of a file
    write: Callable[[random.Random], bytes]
    #: from bytes to samples; whatever it raises, the file is broken
    read: Callable[[bytes], Samples]


class FormatFiles:
    """Files of all formats, and whether mcdiv reads each as its own library does."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice, self._folder = random.Random(seed), folder

    def try_one(self) -> tuple[str, str, object]:
        """How one more file ended ("read", "refused", or what is wrong), what was said of it, and the file."""
        form = self.dice.choice(FORMATS)
        raw = form.write(self.dice)
        if self.dice.random() < 0.8:
            raw = _broken(self.dice, raw)
        path = self._folder / f"a{form.suffix}"
        path.write_bytes(raw)
        given = (form.suffix, raw)
        try:
            tallies = read_tallies(str(path), form.reading)
            found = [_nonzero(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies]
        except ScenarioError as error:
            return (*refusal(error), given)
        except Exception as error:
            return type(error).__name__, repr(error), given
        try:
            with warnings.catch_warnings(action="ignore"):
                expected = form.read(raw)
        except Exception as error:
            return "read though broken", f"{found}: {error!r}", given
        fine = found == expected
        return ("read", "", given) if fine else ("read as something else", f"{found} for {expected}", given)


def _nonzero(pairs: Any) -> dict[str, int]:
    return {label: count for label, count in pairs if count}


def _broken(dice: random.Random, raw: bytes) -> bytes:
    """With bytes changed; where it is an archive, half the time in what is packed, so that it unpacks."""
    if raw[:2] == b"PK" and dice.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = dice.choice(list(members))
        return _archive(members | {name: _damaged(dice, members[name])})
    return _damaged(dice, raw)


def _damaged(dice: random.Random, raw: bytes) -> bytes:
    for _ in range(dice.choice([1, 1, 1, 2, 3, 8])):
        at, size = dice.randrange(len(raw) + 1), dice.choice([1, 1, 2, 8, 100])
        piece = raw[at : at + size]
        put = dice.choice([b"", piece * 2, bytes(dice.randrange(256) for _ in range(size)), b"0", b"9", b"-", b"1e9"])
        raw = raw[:at] + put + raw[at + dice.choice([0, len(put), size]) :]
        if dice.random() < 0.1:
            raw = raw[:at]
    return raw


def _archive(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return held.getvalue()


def _matrix(dice: random.Random) -> Any:
    shape = dice.randint(1, 4), dice.randint(2, 5)
    kind = dice.choice(["int64", "int32", "uint8", "float64", "float32"])
    return np.array([[dice.choice([0, 0, 1, 2, 3, 17]) for _ in range(shape[1])] for _ in range(shape[0])], dtype=kind)


def _samples_of(matrix: Any) -> Samples:
    array = np.atleast_2d(np.asarray(matrix))
    assert array.ndim == 2
    assert array.dtype.kind in "iufb"
    assert (array == np.floor(array)).all()
    assert (array >= 0).all()
    return [_nonzero((str(place), int(n)) for place, n in enumerate(row, start=1)) for row in array.tolist()]


def _saved(save: Callable[..., Any]) -> Callable[[random.Random], bytes]:
    def write(dice: random.Random) -> bytes:
        held = io.BytesIO()
        save(held, _matrix(dice))
        return held.getvalue()

    return write


def _save_sparse(held: Any, matrix: Any) -> None:
    from scipy.sparse import coo_array, csr_array, save_npz

    kinds = (coo_array, csr_array)
    save_npz(held, kinds[matrix.size % 2](matrix))


def _save_matrix_market(held: Any, matrix: Any) -> None:
    from scipy.io import mmwrite
    from scipy.sparse import coo_array

    mmwrite(held, coo_array(matrix) if matrix.size % 2 else matrix)


def _load_sparse(raw: bytes) -> Samples:
    from scipy.sparse import load_npz

    matrix = load_npz(io.BytesIO(raw))
    assert matrix.size < 10_000
    return _samples_of(matrix.toarray())


def _load_matrix_market(raw: bytes) -> Samples:
    from scipy.io import mmread

    matrix = mmread(io.BytesIO(raw), spmatrix=False)
    return _samples_of(matrix if isinstance(matrix, np.ndarray) else matrix.toarray())


def _load_archive(raw: bytes) -> Samples:
    [array] = np.load(io.BytesIO(raw), allow_pickle=False).values()
    return _samples_of(array)


def _long(dice: random.Random) -> list[tuple[str, int]]:
    return [(dice.choice(_SYMBOLS), dice.choice([0, 1, 2, 3, 12])) for _ in range(dice.randint(1, 8))]


def _tally(rows: Any, *, blank: bool = False) -> Samples:
    found: dict[str, int] = {}
    for species, count in rows:
        label, number = unicodedata.normalize("NFC", str(species)), float(count)
        assert species is not None
        assert label.strip() or blank
        assert number == int(number) >= 0
        found[label] = found.get(label, 0) + int(number)
    return [_nonzero(found.items())]


def _text(dice: random.Random) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator=dice.choice(["\n", "\r\n"])).writerows([("species", "count"), *_long(dice)])
    return held.getvalue().encode()


def _tally_of_text(raw: bytes) -> Samples:
    """By the reader for plain text; of what has two readings none is expected."""
    [groups] = readings(raw, "a.csv", column="species", weights="count")
    return [_nonzero(counts.items()) for _, counts in groups if isinstance(counts, dict)]


def _packed(suffix: str, pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes]) -> Format:
    return Format(f".csv{suffix}", _LONG, lambda dice: pack(_text(dice)), lambda raw: _tally_of_text(unpack(raw)))


def _unzipped(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        [name] = archive.namelist()
        return archive.read(name)


def _arrow(dice: random.Random) -> Any:
    import pyarrow as pa

    species, counts = zip(*_long(dice), strict=True)
    names: Any = pa.array(species)
    kind = dice.choice([pa.int64(), pa.int32(), pa.uint16(), pa.float64()])
    return pa.table(
        {"species": names.dictionary_encode() if dice.random() < 0.3 else names, "count": pa.array(counts).cast(kind)}
    )


def _parquet(dice: random.Random) -> bytes:
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(_arrow(dice), held, compression=dice.choice(["none", "snappy"]), write_page_checksum=True)
    return held.getvalue()


def _feather(dice: random.Random) -> bytes:
    from pyarrow import feather

    held = io.BytesIO()
    feather.write_feather(_arrow(dice), held, compression=dice.choice(["uncompressed", "lz4"]))
    return held.getvalue()


def _columns(table: Any) -> Samples:
    table.validate(full=True)
    return _tally(zip(table["species"].to_pylist(), table["count"].to_pylist(), strict=True))


def _load_parquet(raw: bytes) -> Samples:
    import pyarrow.parquet as pq

    return _columns(pq.read_table(io.BytesIO(raw)))


def _load_feather(raw: bytes) -> Samples:
    from pyarrow import ipc

    return _columns(ipc.open_file(io.BytesIO(raw)).read_all())


def _excel(dice: random.Random) -> bytes:
    from openpyxl import Workbook

    book, held = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in [("species", "count"), *_long(dice)]:
        sheet.append(row)
    book.save(held)
    return held.getvalue()


def _load_excel(raw: bytes) -> Samples:
    from openpyxl import load_workbook

    [sheet] = load_workbook(io.BytesIO(raw), data_only=True).worksheets
    [header, *body] = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
    species, counts = header.index("species"), header.index("count")
    return _tally((row[species], row[counts]) for row in body)


def _json(dice: random.Random) -> bytes:
    return json.dumps(dict(_long(dice)), ensure_ascii=dice.random() < 0.5).encode()


def _decoded(raw: bytes) -> str:
    """UTF-8, or Windows-1252 where no letter is UTF-8, as for every text."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if any(ord(letter) > 127 for letter in raw.decode("utf-8", errors="ignore")):
            raise
        return raw.decode("cp1252")


def _load_json(raw: bytes) -> Samples:
    found = json.loads(_decoded(raw))
    return _tally(found.items(), blank=True)


def _records(dice: random.Random) -> bytes:
    return json.dumps([{"species": species, "count": count} for species, count in _long(dice)]).encode()


def _load_records(raw: bytes) -> Samples:
    return _tally((row["species"], row["count"]) for row in json.loads(_decoded(raw)))


def _biom(dice: random.Random) -> bytes:
    import h5py
    from scipy.sparse import csr_array

    matrix, held = csr_array(_matrix(dice)), io.BytesIO()
    with h5py.File(held, "w") as file:
        for kind, size in zip(("observation", "sample"), matrix.shape, strict=True):
            file[f"{kind}/ids"] = [f"{kind[0]}{place}" for place in range(size)]
        for part in ("data", "indices", "indptr"):
            file[f"observation/matrix/{part}"] = getattr(matrix, part)
    return held.getvalue()


def _load_biom(raw: bytes) -> Samples:
    import h5py
    from scipy.sparse import csr_array

    with h5py.File(io.BytesIO(raw), "r") as file:
        rows, columns = ([each.decode() for each in file[f"{kind}/ids"][:]] for kind in ("observation", "sample"))
        parts = [file[f"observation/matrix/{part}"] for part in ("data", "indices", "indptr")]
        assert all(part.size < 10_000 for part in parts)
        table = csr_array(tuple(part[:] for part in parts), shape=(len(rows), len(columns)))
    table.check_format(full_check=True)
    return [
        _nonzero((rows[int(place) - 1], count) for place, count in sample.items())
        for sample in _samples_of(table.toarray().T)
    ]


FORMATS = [
    Format(".npy", _MATRIX, _saved(np.save), lambda raw: _samples_of(np.load(io.BytesIO(raw), allow_pickle=False))),
    Format(".npz", _MATRIX, _saved(np.savez), _load_archive),
    Format(".npz", _MATRIX, _saved(_save_sparse), _load_sparse),
    Format(".mtx", _MATRIX, _saved(_save_matrix_market), _load_matrix_market),
    _packed(".gz", gzip.compress, gzip.decompress),
    _packed(".bz2", bz2.compress, bz2.decompress),
    _packed(".xz", lzma.compress, lzma.decompress),
    _packed(".zip", lambda raw: _archive({"a.csv": raw}), _unzipped),
    Format(".parquet", _LONG, _parquet, _load_parquet),
    Format(".feather", _LONG, _feather, _load_feather),
    Format(".xlsx", _LONG, _excel, _load_excel),
    Format(".json", Reading(), _json, _load_json),
    Format(".json", _LONG, _records, _load_records),
    Format(".biom", Reading(), _biom, _load_biom),
]
