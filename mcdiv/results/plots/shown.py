"""What of a study a picture shows, in words: "1 of 3 truths, 3 of 12 sample sizes shown"; nothing where it is all.

Counted from the rows behind the picture and the tables of the run, alike for every picture.
"""

from collections.abc import Collection, Mapping

import pandas as pd

from mcdiv.results.plots.figure_style import SETTING, with_m_along_n

_WORDS = {"truth": "truths", "model": "models", "model_sample_size": "sample sizes M"}
_OTHERS = {
    "estimand": "estimands",
    "estimator": "estimators",
    "interval": "intervals",
    "sample_size": "sample sizes N",
}


def shown(
    rows: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    complete: Collection[str] = (),
    study_tables: Mapping[str, pd.DataFrame] | None = None,
) -> str:
    """What the rows of a picture leave out.

    Parameters
    ----------
    rows : DataFrame
        What is drawn.
    tables : mapping
        What it was drawn from.
    complete : collection of str
        Columns whose values in the rows are no choice of the picture: what is left out of them the tables lack.
    study_tables : mapping, optional
        The tables of the whole study, where these are a selection.
    """
    of_intervals = "interval" in rows.columns and bool(rows["interval"].notna().all())
    name_of_table = "intervals" if of_intervals else "summary"
    study = with_m_along_n((study_tables or tables)[name_of_table])
    names = [name for name in SETTING if name in rows.columns and name in study.columns]
    varied = [name for name in names if study[name].nunique(dropna=False) > 1]
    word = _WORDS[varied[0]] if len(varied) == 1 else "settings"
    parts = [_part(rows, study, names, word)]
    others = [name for name in _OTHERS if name in rows.columns and name in study.columns]
    given = tables[name_of_table]
    parts += [_part(given if name in complete else rows, study, [name], _OTHERS[name]) for name in others]
    if not any(parts) and "estimand" in others and "estimand" not in complete:
        parts = [_part(rows, study, [*names, "estimand"], "pairs of setting and estimand")]
    return f"{', '.join(filter(None, parts))} shown" if any(parts) else ""


def _part(rows: pd.DataFrame, study: pd.DataFrame, names: list[str], word: str) -> str:
    """How many of the values that the study has are in the rows; nothing where all are, or others are too."""
    each = (set(zip(*(table[name].tolist() for name in names), strict=True)) for table in (rows, study))
    drawn, there = (set(map(_comparable, values)) for values in each)
    return f"{len(drawn):,} of {len(there):,} {word}" if names and drawn < there else ""


def _comparable(values: tuple[object, ...]) -> tuple[str, ...]:
    """The same for what is missing, whichever way a column says so."""
    return tuple("" if pd.isna(value) else str(value) for value in values)  # type: ignore[call-overload]
