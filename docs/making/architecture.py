"""Which package uses which, read from the imports of the program: a picture and a table."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from making.markdown import code, table

_PROGRAM = Path(__file__).parents[2] / "poems_cli"
_BASE = "model, errors, units ..."
_FRONT_DOOR = "__main__"
_VOCABULARY = "model"  # a package that is part of the bottom
Graph = Mapping[str, Counter[str]]  # package: how often it imports of each other one


def picture() -> str:
    """The packages from the command line down to what everything uses, as SVG; an arrow leads to what is used.

    What is used through another package has no arrow of its own.
    """
    return _drawn(_graph())


def _drawn(graph: Graph) -> str:
    down, back = _without_circles(graph)
    return _svg(_arranged(down), _direct(down), back)


def uses() -> Iterator[str]:
    """Each package, what it is for, and all packages that it uses."""
    graph = _graph()
    rank = _ranks(_without_circles(graph)[0])
    for_what = {_FRONT_DOOR: "the front door", _BASE: _BASE_PURPOSE}
    rows = [
        (
            code(name) if name != _BASE else name,
            for_what.get(name) or _purpose(name),
            ", ".join(sorted(graph[name].keys() - {_BASE})) or "none",
        )
        for name in sorted(graph, key=lambda name: (-rank[name], name))
    ]
    yield from table(("package", "what it is for", "uses, besides the last row"), rows)


_BASE_PURPOSE = "the records, errors, units and names that all others share"


@cache
def _graph(program: Path = _PROGRAM) -> Graph:
    """What each package imports of the others, also inside functions."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(program.rglob("*.py")):
        parts = path.relative_to(program).parts
        if parts == ("__init__.py",):
            continue
        package = _package(program, parts[0].removesuffix(".py"))
        found.setdefault(package, Counter()).update(used for used in _imported(program, path) if used != package)
    return found


def _package(program: Path, name: str) -> str:
    is_package = (program / name).is_dir() and name != _VOCABULARY
    return name if is_package or name == _FRONT_DOOR else _BASE


def _imported(program: Path, path: Path) -> list[str]:
    modules: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
    inner = [module.split(".")[1] for module in modules if module.startswith("poems_cli.")]
    return [_package(program, name) for name in inner if name != "__version__"]


def _purpose(package: str) -> str:
    text = ast.get_docstring(ast.parse((_PROGRAM / package / "__init__.py").read_text(encoding="utf-8"))) or ""
    sentence = text.partition("\n\n")[0].partition(". ")[0].rstrip(".")
    return re.sub(r":\w+:`([^`]+)`", r"`\1`", " ".join(sentence.split())).replace("``", "`")


def _reach(graph: Graph, start: str) -> set[str]:
    """All that a package uses, directly or through others."""
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        package = waiting.pop()
        if package not in seen:
            seen.add(package)
            waiting += graph[package]
    return seen


def _without_circles(graph: Graph) -> tuple[Graph, list[tuple[str, str]]]:
    """The graph without the fewest imports that make packages use each other, and those."""
    down = {package: Counter(used) for package, used in graph.items()}
    back: list[tuple[str, str]] = []
    while True:
        reach = {package: _reach(down, package) for package in down}
        circular = [
            (count, package, used) for package in down for used, count in down[package].items() if package in reach[used]
        ]
        if not circular:
            return down, back
        _, package, used = min(circular)
        del down[package][used]
        back.append((package, used))


def _ranks(graph: Graph) -> dict[str, int]:
    """How high each package is: above all that it uses."""
    reach = {package: _reach(graph, package) for package in graph}
    rank: dict[str, int] = {}
    for package in sorted(graph, key=lambda package: (len(reach[package]), package)):
        rank[package] = max((rank[used] + 1 for used in graph[package]), default=0)
    return rank


def _direct(graph: Graph) -> list[tuple[str, str]]:
    """The uses that do not also go through a third package."""
    reach = {package: _reach(graph, package) for package in graph}
    return [
        (package, used)
        for package in sorted(graph)
        for used in sorted(graph[package])
        if not any(used in reach[other] for other in graph[package])
    ]


# --- the drawing ------------------------------------------------------------------------------------------------------

_WIDE, _HIGH, _GAP, _DOWN = 150, 34, 26, 30
Place = tuple[float, float]


def _arranged(graph: Graph) -> dict[str, Place]:
    """The middle of each box: rows by rank, and within a row below the boxes that use it."""
    rank = _ranks(graph)
    rows = [sorted(name for name in graph if rank[name] == level) for level in sorted(set(rank.values()), reverse=True)]
    width = max(len(row) for row in rows) * (_WIDE + _GAP)
    places: dict[str, Place] = {}
    for number, row in enumerate(rows):
        ordered = sorted(
            row, key=lambda name: (_mean([places[user][0] for user in places if name in graph[user]], width / 2), name)
        )
        for at, name in enumerate(ordered):
            x = width / 2 + (at - (len(row) - 1) / 2) * (_WIDE + _GAP)
            places[name] = (x, _DOWN / 2 + _HIGH / 2 + number * (_HIGH + _DOWN))
    return places


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _svg(places: Mapping[str, Place], arrows: Sequence[tuple[str, str]], back: Sequence[tuple[str, str]]) -> str:
    width = max(x for x, _ in places.values()) + _WIDE / 2 + 90
    height = max(y for _, y in places.values()) + _HIGH / 2 + _DOWN / 2
    left = min(x for x, _ in places.values()) - _WIDE / 2 - 90
    size = f'viewBox="{left:g} 0 {width - left:g} {height:g}" width="{width - left:g}" height="{height:g}"'
    tip = 'id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="ui-monospace, monospace" font-size="14">',
        "<title>Which package of poems uses which</title>",
        f'<defs><marker {tip}><path d="M0 0 8 4 0 8z" fill="#5b6b7b"/></marker></defs>',
        f'<rect x="{left:g}" width="{width - left:g}" height="{height:g}" fill="#ffffff"/>',
        *[_arrow(places, user, used) for user, used in arrows],
        *[_upward(places, user, used) for user, used in back],
        *[_box(name, *place) for name, place in places.items()],
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(name: str, x: float, y: float) -> str:
    place = f'x="{x - _WIDE / 2:g}" y="{y - _HIGH / 2:g}" width="{_WIDE}" height="{_HIGH}"'
    size = ' font-size="10"' if len(name) > 16 else ""
    text = f'<text x="{x:g}" y="{y + 5:g}" text-anchor="middle" fill="#10202f"{size}>{escape(name)}</text>'
    return f'<rect {place} rx="6" fill="#eef3f8" stroke="#34495e"/>{text}'


def _arrow(places: Mapping[str, Place], user: str, used: str) -> str:
    """A line from the lower edge of one box to the upper edge of the other; around the boxes of the rows between them."""
    (x1, y1), (x2, y2) = places[user], places[used]
    style = 'fill="none" stroke="#5b6b7b" marker-end="url(#tip)"'
    start, end = y1 + _HIGH / 2, y2 - _HIGH / 2
    if y2 - y1 <= _HIGH + _DOWN:
        return f'<path d="M{x1:g} {start:g} L{x2:g} {end:g}" {style}/>'
    between = [x for x, y in places.values() if y1 < y < y2]
    right = abs(max(between) - x1) + abs(max(between) - x2) <= abs(min(between) - x1) + abs(min(between) - x2)
    around = max(between) + _WIDE / 2 + 30 if right else min(between) - _WIDE / 2 - 30
    around += (around - (x1 + x2) / 2) / 3  # the curve comes three quarters of the way to its handles
    clear = not any(abs(x - x1) < _WIDE / 2 + 8 for x in between) and x1 == x2
    if clear:
        return f'<path d="M{x1:g} {start:g} L{x2:g} {end:g}" {style}/>'
    return f'<path d="M{x1:g} {start:g} C{around:g} {start + 40:g} {around:g} {end - 40:g} {x2:g} {end:g}" {style}/>'


def _upward(places: Mapping[str, Place], user: str, used: str) -> str:
    """A broken line from a package to one above it: packages that use each other, which should not be."""
    (x1, y1), (x2, y2) = places[user], places[used]
    left1, left2 = x1 - _WIDE / 2, x2 - _WIDE / 2
    path = f"M{left1:g} {y1:g} C{left1 - 60:g} {y1:g} {left2 - 60:g} {y2:g} {left2:g} {y2:g}"
    return f'<path d="{path}" fill="none" stroke="#b03a2e" stroke-dasharray="4 3" marker-end="url(#tip)"/>'


if __name__ == "__main__":  # draw an older state: its folder poems_cli is the argument
    print(_drawn(_graph(Path(sys.argv[1]))), end="")
