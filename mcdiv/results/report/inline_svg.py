"""A picture's SVG as a part of the page: only marks, names of its own, coordinates to a hundredth of a point."""

import re
from xml.etree import ElementTree

_MARKS = {"svg", "g", "defs", "path", "use", "rect", "circle", "ellipse", "line", "polyline", "polygon", "clipPath"}
_MARKS |= {"image", "text", "tspan", "linearGradient", "radialGradient", "stop", "pattern"}
_LONG = re.compile(r"-?\d+\.\d{3,}")
_OWN = re.compile(r"url\(#([^)]+)\)")


def inlined(svg: bytes, name: str) -> str:
    """The SVG with every id under `name`, to stand in a page beside others; its caption is the page's business."""
    root = ElementTree.fromstring(svg)
    _clean(root, name)
    for key in ("height", "version"):
        root.attrib.pop(key, None)
    # What a stylesheet within it says of everything would say so of the page.
    width = root.attrib.pop("width", "100%")
    root.set("style", f"--natural: {width}; stroke-linejoin: round; stroke-linecap: butt")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    root.set("aria-describedby", f"{name}-caption")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def _clean(mark: ElementTree.Element, name: str) -> None:
    mark.tag = mark.tag.rpartition("}")[2]
    mark.tail = None
    if mark.tag not in ("text", "tspan"):
        mark.text = None
    given = [(key.rpartition("}")[2], value) for key, value in mark.attrib.items()]
    mark.attrib.clear()
    mark.attrib.update({key: _attribute(key, value, name) for key, value in given if not key.startswith("on")})
    for child in list(mark):
        if child.tag.rpartition("}")[2] in _MARKS:
            _clean(child, name)
        else:
            mark.remove(child)


def _attribute(key: str, value: str, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if key == "href":
        if value.startswith("#"):
            return f"#{name}-{value[1:]}"
        return value if value.startswith("data:image/png") else ""  # a picture may come from anybody's folder
    if key == "d":
        return _LONG.sub(_rounded, value.replace("\n", " ").strip())
    if key in ("x", "y"):
        return _LONG.sub(_rounded, value)
    return _OWN.sub(rf"url(#{name}-\1)", value) if "url(" in value else value


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
