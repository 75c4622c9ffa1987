"""The pages of documentation as the tests see them: fenced blocks, and the commands in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block."""

    language: str
    #: what follows the language: in `sh readme-run` the word readme-run
    info: str
    body: str

    @property
    def file(self) -> str | None:
        """The file that the block is, if its first line names one: `# study.yaml`."""
        found = re.fullmatch(r"# ([\w./-]+\.\w+)", self.body.split("\n", maxsplit=1)[0])
        return found[1] if found else None

    @property
    def commands(self) -> list[str]:
        """A command for each line, with the lines that a backslash continues; comments stay."""
        lines = self.body.replace("\\\n", " ").splitlines()
        return [line for line in lines if line and not line.startswith("#")]


def blocks(page: Path) -> Iterator[Block]:
    """All of a page's, in order."""
    for found in re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        yield Block(language=found[1], info=found[2].strip(), body=found[3])


def plain(text: str) -> list[str]:
    """Lines without what depends on the machine: how large a rounding is."""
    return [re.sub(r"\d(\.\d+)?e[-−](1[3-9]|[2-9]\d)", "a rounding", line.rstrip()) for line in text.splitlines()]
