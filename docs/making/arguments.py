"""The pages of docs/arguments: a public question each, its answer with exact numbers, the command, a picture.

arguments.yaml has what is said and every number; a command's output is what it prints when the page is made.
"""

import hashlib
import io
import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import scipy.special
from ruamel.yaml import YAML

import mcdiv
from making.argument_pictures import picture as drawn
from mcdiv.cli import console
from mcdiv.cli.main import cli
from mcdiv.core.number_format import percent

ARGUMENTS = Path(__file__).parent / "arguments.yaml"

INDEX_HEAD = """# Arguments

Questions that public threads raise about entropy, cross-entropy and KL divergence, each answered with exact numbers and
one command. The pages are made by `python docs/generate.py`; a test runs every command again and compares every number
in an answer with its exact value, which was not computed by mcdiv.

| thread | question |
|---|---|
"""


@cache
def arguments() -> dict[str, dict[str, Any]]:
    """All of them, by the name of their page."""
    entries: dict[str, dict[str, Any]] = YAML(typ="safe").load(ARGUMENTS.read_text("utf-8"))
    return entries


def argument_page(name: str) -> str:
    """The page, in Markdown."""
    entry = arguments()[name]
    quoted = {key: said(number) for key, number in entry["numbers"].items()}
    files = [f"`{file}`:\n\n```text\n{text.rstrip()}\n```" for file, text in entry.get("files", {}).items()]
    parts = [
        f"<!-- Made by `python docs/generate.py` from what has the sha256\n{fingerprint(name)} -->",
        f"# {entry['title']}",
        f"From {threads(entry)}: {entry['asked'].strip()}",
        re.sub(r"[{](.*?)[}]", lambda match: quoted[match[1]], entry["answer"].strip()),
        f"![{entry['picture']['caption']}]({name}.svg)",
        *files,
        f"```sh\n{entry['command']}\n```",
        f"```text\n{printed(entry).rstrip()}\n```",
        f"How the numbers were checked: {entry['derivation'].strip()}",
        "[All arguments](README.md)",
    ]
    return "\n\n".join(parts) + "\n"


def argument_picture(name: str) -> bytes:
    """Its picture, as SVG."""
    entry = arguments()[name]
    values = {key: float(number["exact"]) for key, number in entry["numbers"].items()}
    return drawn(entry["picture"]["caption"], entry["picture"], values)


def arguments_index() -> str:
    """The page that lists them."""
    lines = [f"| {threads(entry)} | [{entry['title']}]({name}.md) |" for name, entry in arguments().items()]
    return INDEX_HEAD + "\n".join(lines) + "\n"


def fingerprint(name: str) -> str:
    """The sha256 of what a page and its picture are made from."""
    return hashlib.sha256(json.dumps(arguments()[name], ensure_ascii=False).encode()).hexdigest()


def threads(entry: Mapping[str, Any]) -> str:
    """Links to where it is asked."""
    return " and ".join(f"[{each}]({link(each)})" for each in (entry["thread"], entry.get("also")) if each)


def link(thread: str) -> str:
    """Where a thread is; GitHub leads from an issue's address to a pull request's."""
    repository, number = thread.split("#")
    return f"https://github.com/{repository}/issues/{number}"


def said(number: Mapping[str, Any]) -> str:
    """A number as an answer has it: in per cent, or to so many digits."""
    value, form = float(number["exact"]), str(number["as"])
    if form == "percent":
        return percent(value)
    digits = int(form.removesuffix("%"))
    text = f"{100 * value:.{digits}g} %" if form.endswith("%") else f"{value:.{digits}g}"
    return text.replace("-", "−")


def printed(entry: Mapping[str, Any], *further: str) -> str:
    """What an entry's command prints, in a folder that holds its files."""
    with _folder(entry.get("files", {})), redirect_stdout(io.StringIO()) as out:
        try:
            cli.main([*shlex.split(entry["command"])[1:], *further], standalone_mode=False)
        finally:
            console.return_stdout()
        return out.getvalue()


def recomputed(entry: Mapping[str, Any]) -> dict[str, float]:
    """Every number of an answer as mcdiv has it today."""
    found = json.loads(printed(entry, "--json"))
    known = vars(scipy.special) | {"mcdiv": mcdiv}
    return {
        key: float(eval(number["by"], known) if "by" in number else looked_up(found, number["at"]))
        for key, number in entry["numbers"].items()
    }


def looked_up(found: Any, path: list[Any]) -> Any:
    """A value in JSON by keys, places and, of records, what they hold: [alarms, {at: 0.1}, probability]."""
    for step in path:
        if isinstance(step, Mapping):
            [found] = [record for record in found if all(record[key] == value for key, value in step.items())]
        else:
            found = found[step]
    return found


@contextmanager
def _folder(files: Mapping[str, str]) -> Iterator[None]:
    """A folder of its own to stand in."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
