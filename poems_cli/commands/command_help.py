"""What the help of each command ends with: examples, the ids that it takes, and the exit codes that it can give.

The ids are here, and not only in the rules, so that ``--help`` reads no rules; a test holds them to the rules.
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from poems_cli.exit_codes import (
    EXIT_BROKEN_PIPE,
    EXIT_CONTRADICTORY,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_NOT_MET,
    EXIT_RULE_TESTS,
    EXIT_RULES,
    EXIT_TERMINATED,
    EXIT_UNDETERMINED,
    EXIT_UNEXPECTED,
    EXIT_USAGE,
    MEANINGS,
)
from poems_cli.phrases import listed
from poems_cli.report.formats import COURSE_FORMATS, FORMATS

_WIDTH = 76  # of 80 columns, less the indent of the help

#: The criteria sets of the built-in rules, with what each is.
SETS = {
    "mayo": "Mayo Clinic, 2007 to 2023 (the default)",
    "mayo-2003": "Mayo Clinic, 2003",
    "imwg-2014": "International Myeloma Working Group, 2014",
    "mhlw": "Japan, Ministry of Health, Labour and Welfare",
    "suichi-2019": "Suichi, 2019",
    "castleman-variant": "Castleman variant without a clone",
}

#: The columns of an answer to a table, for the usual sets.
COLUMNS = {
    "id": "the patient",
    "SET": "met, not met or undetermined, as mayo or mayo_2003",
    "SET_level": "the highest level met, as mhlw_level",
    "SET_CONDITION_present, SET_CONDITION_unknown": "counts, as mayo_minor_criterion_unknown",
    "steps_to_met, next_test": "how far the default set is from met, and the first test",
    "red_flags, warnings, contradictions": "ids; poems explain ID says more",
    "not_understood": "how many cells of the row",
    "mimic_1, mimic_2, mimic_3": "the first mimics to consider",
    "usual, all": "the columns given by default, and every one",
}

#: The lists that ``poems explain`` shows.
LISTS = ("topics", "findings", "sets", "tests", "mimics", "sources", "warnings", "red-flags", "words", "exit-codes")

_ONE_PATIENT = [name for name, form in FORMATS.items() if form.holds_one]
_ANY = (0, EXIT_UNEXPECTED, EXIT_USAGE, EXIT_RULES)
_CODES = {
    "poems": tuple(MEANINGS),
    "check": (
        *_ANY, EXIT_INPUT, EXIT_CONTRADICTORY, EXIT_NOT_MET, EXIT_UNDETERMINED, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE,
        EXIT_TERMINATED,
    ),
    "follow": (*_ANY, EXIT_INPUT, EXIT_CONTRADICTORY, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE, EXIT_TERMINATED),
    "screen": (*_ANY, EXIT_INPUT, EXIT_CONTRADICTORY, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE, EXIT_TERMINATED),
    "sql": (*_ANY, EXIT_INPUT, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE, EXIT_TERMINATED),
    "rules test": (*_ANY, EXIT_RULE_TESTS, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE),
}  # fmt: skip
_OTHERS = (*_ANY, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE)

_EXAMPLES = {
    "poems": (
        "poems check patient.json",
        "poems explain poems",
        "poems template > patient.json",
        "poems screen ward.csv -o answers.csv",
    ),
    "check": (
        "poems check patient.json",
        "poems check patient.json -o report.html",
        "poems check ward.jsonl --format json > answers.jsonl",
        "poems check --ask --for patient",
    ),
    "follow": (
        "poems follow visits.jsonl",
        "poems follow 2024-01.json 2024-07.json 2025-01.json",
        "poems follow visits.yaml --format json > course.json",
        "poems follow visits.jsonl -f table -o course.md",
    ),
    "screen": (
        "poems screen ward.csv -o answers.csv",
        "poems screen ward.csv --worklist -o worklist.csv",
        "poems screen --suggest-map ward.csv > map.yaml",
        "poems screen ward.csv --columns id,mayo,steps_to_met,next_test",
    ),
    "sql": (
        "poems sql --dialect postgres --from ward.patients -o poems.sql",
        "poems sql --findings polyneuropathy,m_protein,serum_vegf",
        "poems sql --dialect spark --like ward.parquet --map map.yaml",
    ),
    "explain": (
        "poems explain poems",
        "poems explain vegf_elevated",
        "poems explain 'Crow-Fukase'",
        "poems explain mhlw --markdown",
    ),
    "template": (
        "poems template > patient.json",
        "poems template --format csv > ward.csv",
        "poems template --criteria mhlw --format yaml",
    ),
    "schema": ("poems schema input", "poems schema output > answer.schema.json", "poems schema rules -o schema.json"),
    "rules": ("poems rules lint", "poems rules test --rules my-rules", "poems rules show > rules.md"),
    "rules lint": ("poems rules lint", "poems rules lint my-rules/poems.yaml"),
    "rules test": (
        "poems rules test",
        "poems rules test --rules my-rules",
        "poems rules test cases.yaml",
        "poems rules test --rules my-rules --mutate --cases more.yaml",
    ),
    "rules show": ("poems rules show > rules.md", "poems rules show -o rules.html", "poems rules show --path"),
}

_SETS_SECTION = ("Criteria sets (SET)", SETS)
_SECTIONS: Mapping[str, Sequence[tuple[str, Mapping[str, str] | str]]] = {
    "check": (
        _SETS_SECTION,
        ("Formats", f"{', '.join(FORMATS)}; {listed(_ONE_PATIENT)} show one patient"),
    ),
    "follow": (
        ("A visit", '{"id": "p1", "date": "2025-03-14", "findings": {...}}'),
        ("Formats", ", ".join(COURSE_FORMATS)),
        ("Ids", "of findings, responses and levels; poems explain ID says more"),
    ),
    "screen": (
        _SETS_SECTION,
        ("Columns (NAME)", COLUMNS),
        ("Formats read", "csv, tsv, parquet, ndjson, xlsx, xls, xlsb, ods, sav, dta, sas7bdat"),
        ("Formats written", "csv, tsv, parquet, ndjson, xlsx"),
    ),
    "sql": (
        _SETS_SECTION,
        ("Columns (NAME)", COLUMNS),
        ("Findings (NAME)", "poems explain findings lists them"),
    ),
    "explain": (
        ("Lists", ", ".join(LISTS)),
        ("Topics", "every id and name of these lists, and every id that an answer shows"),
        _SETS_SECTION,
    ),
    "template": (_SETS_SECTION, ("Formats", "json, yaml, csv")),
    "schema": (("Schemas", "input, output, brief, follow, summary, rules"),),
}


def ending(command: str) -> str:
    """The end of a command's help, as paragraphs that are not wrapped again."""
    paragraphs = [_titled("Examples", _EXAMPLES[command])]
    for title, content in _SECTIONS.get(command, ()):
        lines = wrap(content, _WIDTH - 2) if isinstance(content, str) else _pairs(content)
        paragraphs.append(_titled(title, lines))
    codes = {str(code): MEANINGS[code] for code in _CODES.get(command, _OTHERS)}
    if str(EXIT_NOT_MET) not in codes:
        codes["0"] = "done"
    paragraphs.append(_titled("Exit codes", _pairs(codes)))
    return "\n\n".join(paragraphs)


def _titled(title: str, lines: Sequence[str]) -> str:
    return "\n".join(["\b", f"{title}:", *[f"  {line}" for line in lines]])


def _pairs(pairs: Mapping[str, str]) -> list[str]:
    """Names with what they mean, in two columns; a long name has a line of its own."""
    widest = max(len(name) for name in pairs if len(name) <= 20)
    lines: list[str] = []
    for name, meaning in pairs.items():
        wrapped = wrap(meaning, _WIDTH - 4 - widest)
        start = [f"{name:<{widest}}  {wrapped[0]}"] if len(name) <= widest else [name, f"{'':<{widest}}  {wrapped[0]}"]
        lines += [*start, *[f"{'':<{widest}}  {line}" for line in wrapped[1:]]]
    return lines
