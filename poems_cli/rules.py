"""The rules, ready to use: found, checked, and loaded without parsing YAML at each start.

Built-in rules live in ``rules/`` of a source checkout or inside the installed package. Their compiled form is made when
the package is built; otherwise it is kept in the user's cache folder. A compiled form is used only when it carries the
SHA-256 of the very files it claims to come from and this program's format; a cache must also belong to this user and be
writable by nobody else. Anything else is compiled anew.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from poems_cli import __version__
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    Compare,
    CriteriaSet,
    Expression,
    Finding,
    Known,
    Level,
    Not,
    Present,
    Rules,
    RulesIdentity,
    Test,
    Warn,
)
from poems_cli.units import UnitTable, unit_table

ENTRY = "poems.yaml"
COMPILED = "compiled_rules.json"

#: Changes when the compiled form does, so that no older one is read.
FORMAT = 1


class RulesError(Exception):
    """The rules cannot be used; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def built_in_rules() -> str:
    """The folder of the built-in rules: inside the installed package, or beside it in a source checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(package, "_rules"), os.path.join(os.path.dirname(package), "rules")):
        if os.path.isfile(os.path.join(folder, ENTRY)):
            return folder
    raise RulesError(["the built-in rules are missing from this installation. Install the package again."])


def load_rules(path: str | None = None) -> Rules:
    """The rules of a file, or of the ``poems.yaml`` in a folder, or the built-in ones.

    Raises :class:`RulesError` with every problem found.
    """
    files, entry = read_rule_files(path)
    sha256 = fingerprint(files)
    compiled = _built_with_package(sha256) or _cached(sha256)
    if compiled is None:
        from poems_cli.rules_build import compile_and_check

        result = compile_and_check(files, entry, sha256)
        if result.problems:
            raise RulesError([str(problem) for problem in result.problems])
        compiled = result.data
        _keep(sha256, compiled)
    return decode(compiled)


def units_of(rules: Rules) -> UnitTable:
    """The units of every quantity, for reading patients."""
    canonical = {finding.id: finding.unit for finding in rules.findings.values() if finding.kind == "quantity"}
    return unit_table({**rules.units, "canonical": canonical})


def examples_of(path: str | None = None) -> str:
    """The folder of example cases beside a rules file, or beside the built-in rules."""
    folder = built_in_rules() if path is None else path
    return os.path.join(folder if os.path.isdir(folder) else os.path.dirname(folder), "examples")


def read_rule_files(path: str | None = None) -> tuple[dict[str, bytes], str]:
    """The bytes of a rules file and of all it includes, by name, and the name of the entry."""
    given = built_in_rules() if path is None else path
    folder, entry = (given, ENTRY) if os.path.isdir(given) else os.path.split(given)
    files = {entry: _read(os.path.join(folder, entry))}
    for name in _siblings(files[entry]):
        if name in files or os.path.basename(name) != name:
            raise RulesError([f"{entry}: include: {name!r} must be another file of the same folder. Name it without a path."])
        files[name] = _read(os.path.join(folder, name))
    return files, entry


def _siblings(text: bytes) -> list[str]:
    """The files on the ``include: [a.yaml, b.yaml]`` line, read without a YAML parser to keep a start short."""
    for line in text.decode("utf-8", "replace").splitlines():
        if line.startswith("include:"):
            names = line.removeprefix("include:").split("#")[0].strip().strip("[]")
            return [name.strip().strip("\"'") for name in names.split(",") if name.strip()]
    return []


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise RulesError([f"{path}: cannot be read: {(error.strerror or 'error').lower()}. Check the path."]) from None


def fingerprint(files: Mapping[str, bytes]) -> str:
    """The SHA-256 over the names and contents of the rules files, in the order of their names."""
    from hashlib import sha256

    digest = sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


# --- compiled forms ---------------------------------------------------------------------------------------------------


def _built_with_package(sha256: str) -> dict[str, Any] | None:
    try:
        with open(os.path.join(os.path.dirname(__file__), COMPILED), "rb") as file:
            return _trusted(file.read(), sha256)
    except OSError:
        return None


def _cache_file(sha256: str) -> str | None:
    root = os.environ.get("POEMS_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if os.environ.get("POEMS_CACHE_DIR") == "":
        return None
    folder = root or os.path.join(os.path.expanduser("~"), ".cache")
    if folder.startswith("~"):  # no home folder
        return None
    return os.path.join(folder, "poems", f"rules-{sha256[:32]}-{__version__}.json")


def _cached(sha256: str) -> dict[str, Any] | None:
    """The cached form, if it is this user's own and nobody else may write it."""
    path = _cache_file(sha256)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            return _trusted(file.read(), sha256)
    except OSError:
        return None


def _trusted(text: bytes, sha256: str) -> dict[str, Any] | None:
    """A compiled form of exactly these rules by exactly this version of the program, or nothing."""
    try:
        compiled = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(compiled, dict) or compiled.get("sha256") != sha256:
        return None
    return compiled if (compiled.get("program"), compiled.get("format")) == (__version__, FORMAT) else None


def _keep(sha256: str, compiled: Mapping[str, Any]) -> None:
    """Write the cache whole or not at all; a cache that cannot be written is no error."""
    path = _cache_file(sha256)
    if path is None:
        return
    import contextlib
    import tempfile

    try:
        folder = os.path.dirname(path)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".rules-")  # 0600
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(compiled, file)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)


# --- compiled form -> records -----------------------------------------------------------------------------------------


def decode(compiled: Mapping[str, Any]) -> Rules:
    """Rules from their compiled form."""
    return Rules(
        identity=RulesIdentity(compiled["id"], compiled["version"], compiled["sha256"]),
        title=compiled["title"],
        default_criteria=compiled["default_criteria"],
        findings={finding_id: _finding(finding_id, one) for finding_id, one in compiled["findings"].items()},
        order=tuple(compiled["order"]),
        parts={parent: tuple(parts) for parent, parts in compiled["parts"].items()},
        criteria={set_id: _criteria(set_id, one) for set_id, one in compiled["criteria"].items()},
        warnings=tuple(
            [Warn(name, _expression(when), text, Basis(*basis)) for name, when, text, basis in compiled["warnings"]]
        ),
        tests={test_id: _test(test_id, one) for test_id, one in compiled["tests"].items()},
        sources=compiled["sources"],
        units=compiled["units"],
        groups=compiled["groups"],
        syndrome=compiled["syndrome"],
    )


def _finding(finding_id: str, one: Mapping[str, Any]) -> Finding:
    definition = one["definition"]
    return Finding(
        finding_id, one["kind"], one["label"], one["part_of"], one["unit"], one["choices"],
        _expression(definition) if definition else None, one["gray_zone"], one["texts"],
    )  # fmt: skip


def _criteria(set_id: str, one: Mapping[str, Any]) -> CriteriaSet:
    shared: dict[str, Expression] = {}
    levels = tuple([Level(level, _expression(expression, shared)) for level, expression in one["levels"]])
    return CriteriaSet(set_id, one["title"], one["short"], one["source"], levels, one["texts"])


def _level(code: list[Any], seen: dict[str, Expression]) -> Expression:
    """A level's expression; levels share most of their conditions, and what is the same becomes one object."""
    if code[0] != "all":
        return _expression(code)
    children = [(repr(child), child) for child in code[1]]
    for text, child in children:
        if text not in seen:
            seen[text] = _expression(child)
    return All(tuple([seen[text] for text, _ in children]), code[-2], Basis(*code[-1]) if code[-1] else None)


def _test(test_id: str, one: Mapping[str, Any]) -> Test:
    answers, shows = tuple(one["answers"]), tuple(one["shows"])
    return Test(test_id, one["label"], answers, shows, one["how"], one["cost"], one["invasiveness"], one["texts"])


def _expression(code: list[Any], shared: dict[str, Expression] | None = None) -> Expression:
    """One expression from its short list; what the levels of a criteria set have in common becomes one record."""
    if shared is None:
        return _record(code, None)
    key = repr(code)
    known = shared.get(key)
    if known is None:
        known = shared[key] = _record(code, shared)
    return known


def _record(code: list[Any], shared: dict[str, Expression] | None) -> Expression:
    """One node and what is below it; see ``rules_compile`` for the other direction."""
    basis = Basis(*code[-1]) if code[-1] else None
    name = code[-2]
    match code[0]:
        case "finding":
            return Present(code[1], name, basis)
        case "asserted":
            return Asserted(code[1], name, basis)
        case "known":
            return Known(code[1], name, basis)
        case "compare":
            limit = tuple(code[3]) if isinstance(code[3], list) else code[3]
            return Compare(code[1], code[2], limit, code[4], code[5], name, basis)
        case "not":
            return Not(_expression(code[1], shared), name, basis)
        case "all":
            return All(tuple([_expression(child, shared) for child in code[1]]), name, basis)
        case "any":
            return AnyOf(tuple([_expression(child, shared) for child in code[1]]), name, basis)
        case "at_least":
            return AtLeast(code[1], tuple([_expression(child, shared) for child in code[2]]), name, basis)
        case "binds":
            return Binds(_expression(code[1], shared), _expression(code[2], shared) if code[2] else None, name, basis)
    raise ValueError(f"unknown expression {code[0]!r}")
