"""The chapters of ``tests/spec`` as a page to read: what each says, and the tables that it is held to."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from making.markdown import table

_SPEC = Path(__file__).parents[2] / "tests" / "spec"
_TRUTHS = {"P": "present", "A": "absent", "U": "unknown", "True": "present", "False": "absent", "None": "none"}
_MOST_ROWS = 25


def meaning() -> Iterator[str]:
    """Every chapter in its order: the text of the chapter, then each law in a sentence, with its table where it has one."""
    chapters = [(ast.get_docstring(tree) or "", tree, path.name) for path, tree in _trees()]
    for text, tree, name in sorted(chapters, key=lambda chapter: chapter[0]):
        title, _, rest = text.partition("\n\n")
        yield f"## {' '.join(title.split()).rstrip('.')}"
        yield ""
        yield rest.replace("``", "`")
        yield ""
        names = {name: value for node in tree.body for name, value in _named(node).items()}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield from _law(node, names)
        yield f"*Held by* `tests/spec/{name}`, *on every engine.*"
        yield ""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(_SPEC.glob("test_*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _named(node: ast.stmt) -> dict[str, ast.expr | None]:
    """The name that a line of a chapter gives to a value, with the value."""
    if isinstance(node, ast.AnnAssign):
        return {node.target.id: node.value} if isinstance(node.target, ast.Name) else {}
    if isinstance(node, ast.Assign):
        return {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    return {}


def _law(function: ast.FunctionDef, names: Mapping[str, ast.expr | None]) -> Iterator[str]:
    sentence = function.name.removeprefix("test_").replace("laboratorys", "laboratory's").replace("_", " ").capitalize()
    text = ast.get_docstring(function)
    yield f"- **{sentence}.**" + (f" {' '.join(text.split())}".replace("``", "`").replace("**", "^") if text else "")
    yield ""
    for decorator in function.decorator_list:
        yield from _rows(decorator, names)


def _rows(decorator: ast.expr, names: Mapping[str, ast.expr | None]) -> Iterator[str]:
    """The table of a parametrized test, where its rows are written out."""
    if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize")):
        return
    heading, rows = ast.literal_eval(decorator.args[0]), decorator.args[1]
    if isinstance(rows, ast.Name):
        rows = names.get(rows.id) or rows
    headings = heading.split(",") if isinstance(heading, str) else list(heading)
    if not isinstance(rows, ast.List) or len(headings) < 2:
        return
    written = [row for row in rows.elts if isinstance(row, ast.Tuple) and len(row.elts) == len(headings)]
    if not 0 < len(written) <= _MOST_ROWS or any(_is_opaque(node, names) for row in written for node in ast.walk(row)):
        return
    cells = [[_words(cell, names) for cell in row.elts] for row in written]
    yield from table([one.strip().replace("_", " ") for one in headings], cells)


def _is_opaque(node: ast.AST, names: Mapping[str, ast.expr | None]) -> bool:
    """Whether a value cannot be written for a reader: a call, or a name of something that is not written out."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) not in ("set", "measured")
    known = (*_TRUTHS, "set", "measured")
    return isinstance(node, ast.Name) and node.id not in known and not isinstance(names.get(node.id), ast.Dict)


def _words(cell: ast.expr, names: Mapping[str, ast.expr | None]) -> str:
    """What a value of a test says, as a reader would write it."""
    if isinstance(cell, ast.Name) and (named := names.get(cell.id)) is not None and cell.id not in _TRUTHS:
        return f"({_words(named, names)})"
    if isinstance(cell, ast.Dict):
        pairs = zip(cell.keys, cell.values, strict=True)
        return (
            ", ".join(f"{ast.literal_eval(key)} {_words(value, names)}" for key, value in pairs if key is not None) or "nothing"
        )
    if isinstance(cell, ast.Call):
        return " ".join(_words(one, names) for one in cell.args) or "none"
    if isinstance(cell, ast.Set | ast.List | ast.Tuple):
        return ", ".join(_words(one, names) for one in cell.elts) or "none"
    if isinstance(cell, ast.Name):
        return _TRUTHS[cell.id]
    if isinstance(cell, ast.Constant):
        is_truth = cell.value is None or isinstance(cell.value, bool)
        return _TRUTHS[str(cell.value)] if is_truth else str(cell.value)
    return ast.unparse(cell)
