"""The cases of files and folders, read from YAML and checked against the rules."""

from collections.abc import Iterator
from pathlib import Path

from poems_cli.authoring.case_check import CaseCheck
from poems_cli.authoring.cases import SHORT_FORMS, TOP_KEYS, Case, CaseResult, Entry, mapping
from poems_cli.authoring.short_forms import written_out
from poems_cli.model import Rules
from poems_cli.rules.strict_yaml import Document, read_yaml


def read_examples(rules: Rules, path: str | Path) -> Iterator[Case | CaseResult]:
    """Every case of a file or folder, checked against the rules; what cannot be read is a failed result."""
    known: dict[str, str] = {}
    check = CaseCheck(rules)
    for file in example_files(path):
        yield from _read_file(check, file, known)


def example_files(path: str | Path) -> list[Path]:
    """A file, or the YAML files of a folder in the order of their names."""
    folder = Path(path)
    return sorted(folder.glob("*.yaml")) or [folder / "*.yaml"] if folder.is_dir() else [folder]


def read_document(path: Path) -> Document | str:
    """A file of cases as data, or why it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "error").lower()
        return f"cannot be read: {reason}. Check the path."
    except UnicodeDecodeError:
        return "the file is not UTF-8. Save it as UTF-8."
    return read_yaml(str(path), text)


def _read_file(check: CaseCheck, path: Path, known: dict[str, str]) -> Iterator[Case | CaseResult]:
    """Read the cases of one file; ``known`` maps the ids met so far to where they are."""
    file = str(path)

    def unreadable(line: int, *failures: str) -> CaseResult:
        return CaseResult(path.name, file, line, failures)

    document = read_document(path)
    if isinstance(document, str):
        yield unreadable(1, document)
        return
    data = document.data if isinstance(document.data, dict) else {}
    listed = data.get("cases", [] if any(data.get(key) for key in SHORT_FORMS) else None)
    if not isinstance(listed, list) or not (listed or any(data.get(key) for key in SHORT_FORMS)):
        found = [str(problem) for problem in document.problems]
        missing = "there is no list of cases. Write cases: and below it one - entry for each case."
        yield unreadable(1, *(found or [missing]))
        return
    entries = [Entry(f"case {number + 1}", ("cases", number), entry) for number, entry in enumerate(listed)]
    faults, outside = _by_case(document, len(entries))
    short, wrong = written_out(document, path.stem)
    outside += [
        str(document.problem((key,), f"unknown key {key!r}", "Put every case under cases:."))
        for key in data
        if key not in TOP_KEYS
    ]
    if outside or wrong:
        yield unreadable(1, *outside, *wrong)
    for number, entry in enumerate(entries):
        yield _read_case(check, document, entry, known, faults[number])
    for entry in short:
        yield _read_case(check, document, entry, known, [])


def _by_case(document: Document, count: int) -> tuple[list[list[str]], list[str]]:
    """Sort what the YAML reader found to the cases in which it is; the rest is in none."""
    starts = [document.line(("cases", number)) for number in range(count)]
    faults: list[list[str]] = [[] for _ in range(count)]
    outside: list[str] = []
    for problem in document.problems:
        before = [number for number, start in enumerate(starts) if start <= problem.line]
        (faults[before[-1]] if before and problem.path.startswith("cases[") else outside).append(str(problem))
    return faults, outside


def _read_case(
    check: CaseCheck, document: Document, entry: Entry, known: dict[str, str], faults: list[str]
) -> Case | CaseResult:
    given = entry.body if isinstance(entry.body, dict) else {}
    name = given.get("id")
    named = name if isinstance(name, str) and name.strip() else entry.name
    case = Case(
        named,
        document,
        entry.place,
        mapping(given.get("findings")),
        given.get("absent") or (),
        mapping(given.get("expect")),
    )
    failures = faults + list(check.problems(case, entry.body))
    if named in known:
        failures.append(
            case.problem(("id",), f"the id {named!r} is used in {known[named]} already", "Give each case its own id.")
        )
    known.setdefault(named, f"{document.file}:{case.line}")
    return case.result(failures) if failures else case
