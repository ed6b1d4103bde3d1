"""Where rules files are, and their bytes: of the built-in rules, or of a file and all that it includes."""

import os
from collections.abc import Mapping

from poems_cli.errors import PoemsError, Problem, reason
from poems_cli.exit_codes import EXIT_RULES

ENTRY = "poems.yaml"
#: The names of the file that a folder of rules begins with.
_ENTRIES = ("rules.yaml", ENTRY)


def rules_error(where: str, what: str, mend: str) -> PoemsError:
    """The rules cannot be used."""
    return PoemsError([Problem(where, what, mend)], EXIT_RULES)


def package_folder() -> str:
    """The folder of the installed package."""
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def built_in_rules() -> str:
    """The folder of the built-in rules: inside the installed package, or next to it in a source checkout."""
    package = package_folder()
    for folder in (os.path.join(package, "_rules"), os.path.join(os.path.dirname(package), "rules")):
        if os.path.isfile(os.path.join(folder, ENTRY)):
            return folder
    raise rules_error("", "the built-in rules are missing from this installation", "install the package again")


def examples_of(path: str | None = None) -> str:
    """The folder of example cases next to a rules file, or next to the built-in rules."""
    return os.path.join(_folder(path), "examples")


def read_rule_files(path: str | None = None) -> tuple[dict[str, bytes], str]:
    """The bytes of a rules file and of all it includes, by name, and the name of the entry."""
    given = built_in_rules() if path is None else path
    folder, entry = (given, _entry(given)) if os.path.isdir(given) else os.path.split(given)
    if not _is_text(entry):
        raise rules_error(ascii(given), "the file's name is not text in UTF-8", "give it another name")
    files = {entry: _read(os.path.join(folder, entry))}
    for name in _siblings(files[entry]):
        if name in files or os.path.basename(name) != name or not _is_text(name):
            what = f"include: {name!r} must be another file of the same folder"
            raise rules_error(entry, what, "name it without a path, in letters that a file's name can have")
        files[name] = _read(os.path.join(folder, name))
    return files, entry


def _folder(path: str | None) -> str:
    """The folder of a rules file, or of the built-in rules."""
    given = built_in_rules() if path is None else path
    return given if os.path.isdir(given) else os.path.dirname(given)


def _entry(folder: str) -> str:
    return next((name for name in _ENTRIES if os.path.isfile(os.path.join(folder, name))), ENTRY)


def _is_text(name: str) -> bool:
    """Whether a file's name can be written as UTF-8, which the fingerprint of the rules needs."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def rule_paths(path: str | None = None) -> tuple[str, ...]:
    """Where a rules file and all that it includes are."""
    return tuple([os.path.join(_folder(path), name) for name in read_rule_files(path)[0]])


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
        raise rules_error(path, f"cannot be read: {reason(error)}", "check the path") from None
    except ValueError:  # a NUL within the name
        raise rules_error(ascii(path), "this cannot be the name of a file", "check it for stray characters") from None


def fingerprint(files: Mapping[str, bytes]) -> str:
    """The SHA-256 over the names and contents of the rules files, in the order of their names."""
    from hashlib import sha256

    digest = sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
