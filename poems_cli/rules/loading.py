"""The rules, ready to use: found, checked, and loaded without parsing YAML at each start.

Built-in rules live in ``rules/`` of a source checkout or inside the installed package. Their compiled form is made when
the package is built; otherwise it is kept in the user's cache folder. A compiled form is used only when it carries the
SHA-256 of the very files it claims to come from and this program's format; a cache must also belong to this user and be
writable by nobody else. Anything else is compiled again.
"""

import json
import os
from collections.abc import Iterable
from typing import Any

from poems_cli import __version__
from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.model import Rules
from poems_cli.rules.compiled_form import FORMAT, decode, shared, written
from poems_cli.rules.files import fingerprint, package_folder, read_rule_files
from poems_cli.suggestions import did_you_mean

COMPILED = "compiled_rules.json"
_FEW_SETS = 12


def load_rules(path: str | None = None) -> Rules:
    """The rules of a file, or of the ``rules.yaml`` or ``poems.yaml`` in a folder, or the built-in ones.

    Raises :class:`PoemsError` with every problem found.
    """
    files, entry = read_rule_files(path)
    sha256 = fingerprint(files)
    built = os.path.join(package_folder(), COMPILED)
    compiled = _kept(built, sha256) or _kept(_cache_file(sha256), sha256, is_cache=True)
    rules = decode(compiled) if compiled is not None else None
    if rules is not None:
        return rules
    from poems_cli.rules.building import compile_and_check

    rules = compile_and_check(files, entry).sound()
    _keep(sha256, written(rules))
    return shared(rules)


def refuse_unknown_sets(rules: Rules, criteria: Iterable[str], where: str) -> None:
    """Raise :class:`PoemsError` for criteria sets that the rules do not have; ``where`` is the option that names them."""
    known = f"known: {', '.join(rules.criteria)}" if len(rules.criteria) <= _FEW_SETS else "poems rules show lists every id"
    problems = [
        Problem(where, f"no criteria set {set_id!r}", did_you_mean(set_id, rules.criteria) or known)
        for set_id in map(str, criteria)
        if set_id not in rules.criteria
    ]
    if problems:
        raise PoemsError(problems, EXIT_USAGE)


def _cache_file(sha256: str) -> str | None:
    root = os.environ.get("POEMS_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if os.environ.get("POEMS_CACHE_DIR") == "":
        return None
    folder = root or os.path.join(os.path.expanduser("~"), ".cache")
    if folder.startswith("~"):  # no home folder
        return None
    return os.path.join(folder, "poems", f"rules-{sha256[:32]}-{__version__}.json")


def _kept(path: str | None, sha256: str, *, is_cache: bool = False) -> dict[str, Any] | None:
    """The compiled form in a file; a cache must be this user's own, and nobody else may write it."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if is_cache and hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
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


def _keep(sha256: str, text: str) -> None:
    """Write the cache whole or not at all; a cache that cannot be written is not an error."""
    path = _cache_file(sha256)
    if path is None:
        return
    from contextlib import suppress

    from poems_cli.output_files import PRIVATE, begun

    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with begun(path) as part:
            with open(part.path, "w", encoding="utf-8") as file:
                file.write(text)
            part._replace(mode=PRIVATE).put_in_place()  # others could write into a cache of other permissions
