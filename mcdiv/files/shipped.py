"""Scenarios and tables of counts that come with mcdiv."""

from pathlib import Path

from mcdiv.core.catalogue import nearest_or_all, quoted
from mcdiv.errors import ScenarioError


def shipped_scenarios() -> dict[str, Path]:
    """Scenarios that come with mcdiv, by name: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def find_scenario(source: str | Path) -> Path:
    """The file meant: a path, or the bare name of a shipped scenario."""
    if not isinstance(source, (str, Path)):
        raise TypeError(f"scenario: expected the path of its file or the name of a shipped one, got {quoted(source)}")
    path, shipped = Path(source), shipped_scenarios()
    if str(source) == path.stem and path.stem not in shipped and _missing(path):
        raise ScenarioError(
            [f"{path}: there is no such file, and none is shipped; {nearest_or_all(path.stem, shipped)}"]
        )
    if path.stem not in shipped or path.exists():
        return path
    if str(source) == path.stem:
        return shipped[path.stem]
    raise ScenarioError([f"{path}: there is no such file; 'mcdiv run {path.stem}' runs the one that is shipped"])


def _missing(path: Path) -> bool:
    """Whether there is nothing of that name; what cannot be asked for is left to whoever reads it."""
    try:
        return not path.exists()
    except (OSError, ValueError):
        return False


def shipped_data() -> dict[str, Path]:
    """Tables of counts that come with mcdiv, by name."""
    folders = {path.parent / "data" for path in shipped_scenarios().values()}
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.csv"))}


def find_data(source: str, folder: Path = Path()) -> Path:
    """The file of counts meant: a path, from `folder` if it is relative, or the bare name of a shipped table."""
    path, shipped = folder / source, shipped_data()
    return shipped[source] if source in shipped and not path.exists() else path
