"""The explorer: a coin, a model of it and N flips, in a page that computes by itself and asks no address for anything.

The page's parts lie beside this file, mathematics apart from drawing apart from the state; here they are put
together. `maths.js` is held to mcdiv's own numbers by a test.
"""

import re
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode

from mcdiv import __version__

#: in the order in which they build on each other
SCRIPTS: tuple[str, ...] = ("maths", "flips", "state", "figures", "charts", "flip_charts", "test_chart")
SCRIPTS += ("questions", "export", "explorer")
#: numbers of flips that the page takes
MAX_FLIPS = 10_000
UNITS = ("nats", "bits")


def explorer_page(truth: float = 0.7, model: float = 0.5, sample_size: int = 100, units: str = "nats") -> str:
    """The explorer as one self-contained HTML page.

    Parameters
    ----------
    truth, model : float
        P(heads) of the coin and of the model that the page opens with, in [0, 1].
    sample_size : int
        Flips of one experiment, 1 … 10,000.
    units : {"nats", "bits"}

    Raises
    ------
    ValueError
        A value is outside its range; the message names it.
    """
    section = _section(truth, model, sample_size, units)
    return Template(_part("page.html")).substitute(
        version=__version__, style=_part("page.css") + _part("section.css"), section=section + script()
    )


def explorer_section(truth: float = 0.7, model: float = 0.5, sample_size: int = 100, units: str = "nats") -> str:
    """The explorer as a part of another HTML page, with its own style and script; once to a page."""
    return f"<style>\n{_part('section.css')}</style>\n{_section(truth, model, sample_size, units)}{script()}"


def script() -> str:
    """The modules as one inline module: their imports of each other become plain names."""
    text = "\n".join(as_part(_part(f"{name}.js")) for name in SCRIPTS)
    return f'<script type="module">\n{text}</script>\n'


def as_part(module: str) -> str:
    """A module without its imports and the word export, to stand in one scope with the others."""
    without_imports = re.sub(r"^import [^;]*;\n", "", module, flags=re.MULTILINE)
    return re.sub(r"^export ", "", without_imports, flags=re.MULTILINE)


def _section(truth: float, model: float, sample_size: int, units: str) -> str:
    for name, value in (("truth", truth), ("model", model)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}: expected a probability in [0, 1], got {value}")
    if not 1 <= sample_size <= MAX_FLIPS or sample_size != int(sample_size):
        raise ValueError(f"sample size: expected a whole number from 1 to {MAX_FLIPS:,}, got {sample_size}")
    if units not in UNITS:
        raise ValueError(f"units: expected nats or bits, got {units!r}")
    opened_with = urlencode({"p": truth, "q": model, "n": sample_size, "units": units})
    return Template(_part("section.html")).substitute(state=escape(opened_with))


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
