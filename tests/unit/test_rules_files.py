"""Rules files: every fault is found, with its file, its line and a way to mend it; and no compiled form is trusted
blindly.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli import __version__
from poems_cli.errors import PoemsError
from poems_cli.rules import building as rules_build
from poems_cli.rules import loading as rules_module
from poems_cli.rules.building import compile_and_check
from poems_cli.rules.compiled_form import FORMAT, decode, encode
from poems_cli.rules.files import built_in_rules, fingerprint, read_rule_files
from poems_cli.rules.loading import load_rules
from poems_cli.rules.strict_yaml import RuleProblem, read_yaml
from tests.build import HEAD, SET, Fault, compile_text, reported, rules_from

REST = (
    """\
groups:
  blood: {label: blood}
findings:
  clone: {kind: boolean, label: a clone, question: A clone, group: blood}
  swelling: {kind: boolean, label: swelling, question: Swelling}
  ankle:
    kind: boolean
    label: ankle
    question: Ankle
    part_of: swelling
  many_platelets:
    kind: boolean
    label: many platelets
    question: Many
    when: {finding: platelets, above: 450, unit: 10*9/L, source: paper}
  platelets: {kind: quantity, label: platelets, question: How many, unit: 10*9/L}
  chain: {kind: choice, label: chain, question: Which, choices: {lambda: lambda, kappa: kappa}}
"""
    + SET
    + """\
    met:
      all:
        - clone
        - {at_least: 1, of: [swelling, many_platelets]}
        - {any: [{finding: chain, is: lambda}, clone]}
warnings:
  kappa: {when: {finding: chain, is: kappa}, text: Rare., source: paper}
tests:
  blood_count: {label: blood count, answers: [platelets, many_platelets, chain], how: blood, cost: 1, invasiveness: 1}
  looking: {label: looking, answers: [clone, swelling, ankle], how: examination, cost: 0, invasiveness: 0}
sources:
  paper: {authors: A, year: 2020, read: full text}
units:
  accepted:
    platelets: {10*9/L: 1, /uL: 0.001}
"""
)

GOOD = HEAD + REST

CLONE = "        - clone\n"


def criterion(written: str) -> tuple[str, str]:
    """The change that puts another expression in the place of the first criterion."""
    return CLONE, f"        - {written}\n"


FAULTS: dict[str, Fault] = {
    "duplicate key": (
        ("warnings:\n", "findings: {}\nwarnings:\n"),
        "findings: {}",
        "the key 'findings' appears twice (first on line 7)",
        "Keep one.",
    ),
    "duplicate key within": (
        ("    short: Set\n", "    short: Set\n    short: Other\n"),
        "short: Other",
        "the key 'short' appears twice",
        "Keep one.",
    ),
    "unknown key at the top": (("warnings:", "warning:"), "warning:", "unknown key 'warning'", "Did you mean 'warnings'?"),
    "unknown key of a finding": (
        ("    question: Ankle\n", "    qestion: Ankle\n    question: Ankle\n"),
        "qestion",
        "unknown key 'qestion'",
        "Did you mean 'question'?",
    ),
    "unknown key of an expression": (
        criterion("{any: [clone], names: x}"),
        "names: x",
        "unknown key 'names'",
        "Did you mean 'name'?",
    ),
    "missing key": (("    question: Ankle\n", ""), "  ankle:", "question is missing", "Add question:"),
    "unknown finding": (criterion("swelings"), "swelings", "unknown finding 'swelings'", "Did you mean 'swelling'?"),
    "unknown finding, none near": (criterion("zzzz"), "zzzz", "unknown finding 'zzzz'", "Add it under findings:"),
    "unknown parent": (
        ("part_of: swelling", "part_of: sweling"),
        "part_of",
        "unknown finding 'sweling'",
        "Did you mean 'swelling'?",
    ),
    "unknown group": (("group: blood", "group: blod"), "group: blod", "unknown group 'blod'", "Did you mean 'blood'?"),
    "unknown group, none near": (("group: blood", "group: zzz"), "group: zzz", "unknown group 'zzz'", "Add it under groups:"),
    "unknown source": (
        ("    source: paper\n    about", "    source: papr\n    about"),
        "source: papr",
        "unknown source 'papr'",
        "Did you mean 'paper'?",
    ),
    "a limit without its source": (
        (", unit: 10*9/L, source: paper", ", unit: 10*9/L"),
        "above: 450",
        "a limit needs its source",
        "default: true if it is ours",
    ),
    "a unit that is not accepted": (
        ("unit: 10*9/L, source", "unit: mg/dL, source"),
        "mg/dL",
        "the unit 'mg/dL' is not understood; it may be 10*9/L, /uL",
        "Use one of them.",
    ),
    "the canonical unit is not accepted": (
        ("{10*9/L: 1, /uL: 0.001}", "{/uL: 0.001}"),
        "platelets: {kind",
        "not among the accepted ones",
        "Add '10*9/L': 1 under units.accepted.platelets.",
    ),
    "units of no quantity": (
        ("    platelets: {10", "    clon: {a: 1}\n    platelets: {10"),
        "clon:",
        "'clon' is not a quantity",
        "Name a finding whose kind is quantity.",
    ),
    "a factor that turns limits round": (
        ("/uL: 0.001}", "/uL: -0.001}"),
        "platelets: {10",
        "a factor is above 0",
        "Write canonical = given * factor.",
    ),
    "an offset in words": (
        ("/uL: 0.001}", "/uL: {factor: 1, offset: two}}"),
        "platelets: {10",
        "a unit has a factor",
        "Write a number, or {factor: number, offset: number}.",
    ),
    "a synonym of two findings": (
        ("question: Ankle\n", "question: Ankle\n    synonyms: [foot, Many-Platelets]\n"),
        "synonyms: [foot",
        "'Many-Platelets' also names 'many_platelets'",
        "Keep it in one of them, or in neither.",
    ),
    "a synonym that is the label of another": (
        ("question: Ankle\n", "question: Ankle\n    synonyms: [A clone]\n"),
        "synonyms:",
        "'A clone' also names 'clone'",
        "Keep it in one of them",
    ),
    "a synonym that is not text": (
        ("question: Ankle\n", "question: Ankle\n    synonyms: [12]\n"),
        "synonyms:",
        "an item of synonyms is text, but this is a number",
        "Put it in quotes",
    ),
    "a synonym without letters": (
        ("question: Ankle\n", 'question: Ankle\n    synonyms: ["?"]\n'),
        "synonyms:",
        "a synonym has letters or digits",
        "Write the name",
    ),
    "synonyms without a list": (
        ("question: Ankle\n", "question: Ankle\n    synonyms: foot\n"),
        "synonyms:",
        "synonyms is a list, but this is text",
        "Write synonyms: [...]",
    ),
    "other words of what is not a choice": (
        ("question: Ankle\n", "question: Ankle\n    words: {x: y}\n"),
        "words:",
        "only a choice has other words for its choices",
        "Remove words:",
    ),
    "another word for no choice": (
        ("kappa: kappa}}", "kappa: kappa}, words: {l: lamda}}"),
        "words:",
        "'lamda' is not a choice of 'chain'",
        "Did you mean 'lambda'?",
    ),
    "another word that is a choice already": (
        ("kappa: kappa}}", "kappa: kappa}, words: {Kappa: lambda}}"),
        "words:",
        "'Kappa' means kappa already",
        "Keep it for one of them.",
    ),
    "another word for two choices": (
        ("kappa: kappa}}", "kappa: kappa}, words: {x: lambda, X: kappa}}"),
        "words:",
        "'X' means lambda already",
        "Keep it for one of them.",
    ),
    "another word that is blank": (
        ("kappa: kappa}}", 'kappa: kappa}, words: {" ": lambda}}'),
        "words:",
        "this key is not a word of one line",
        "Write a word on one line",
    ),
    "other words in a list": (
        ("kappa: kappa}}", "kappa: kappa}, words: [l]}"),
        "words:",
        "words must be a mapping of words",
        "Write one word per line",
    ),
    "a circle": (
        ("    part_of: swelling\n", "    part_of: swelling\n    when: swelling\n"),
        "  swelling:",
        "the definitions go round in a circle: swelling -> ankle -> swelling",
        "Break it at one place.",
    ),
    "at_least too high": (
        ("at_least: 1, of", "at_least: 3, of"),
        "at_least: 3",
        "at_least must be 1 to 2",
        "Count the entries under of:",
    ),
    "at_least of none": (
        ("at_least: 1, of", "at_least: 0, of"),
        "at_least: 0",
        "at_least must be 1 to 2",
        "Count the entries under of:",
    ),
    "at_least without a number": (
        ("at_least: 1, of", "at_least: true, of"),
        "at_least: true",
        "at_least must be 1 to 2",
        "Count",
    ),
    "known in a criteria set": (
        criterion("{known: clone}"),
        "known",
        "known: does not belong in a criteria set",
        "Use it in a definition or a warning",
    ),
    "asserted of a number": (
        criterion("{asserted: platelets}"),
        "asserted",
        "'platelets' is not a boolean finding",
        "Only a boolean finding",
    ),
    "a word read as a truth": (
        ("label: ankle", "label: yes"),
        "label: yes",
        "'yes' is read as a truth value by some",
        "put the word in quotes",
    ),
    "No in capitals": (("label: ankle", "label: No"), "label: No", "'No' is read as a truth value", "Write true or false"),
    "a tag": (
        ("label: ankle", "label: !!python/name:os.system ankle"),
        "label: !!python",
        "the tag 'tag:yaml.org,2002:python/name:os.system' is not used",
        "Remove it.",
    ),
    "two operators": (
        criterion("{all: [clone], any: [clone]}"),
        "all: [clone]",
        "an expression has one operator, here all and any",
        "Nest one expression in the other.",
    ),
    "no operator": (criterion("{name: nothing}"), "name: nothing", "an expression has one operator, here none", "Nest"),
    "two comparisons": (
        criterion("{finding: platelets, above: 1, below: 5, unit: 10*9/L, source: paper}"),
        "below: 5",
        "a comparison has one operator",
        "Use one of above, at_least",
    ),
    "a number without comparison": (
        criterion("platelets"),
        "- platelets",
        "'platelets' is not a boolean finding",
        "Compare it:",
    ),
    "a boolean compared": (
        criterion("{finding: clone, above: 1, source: paper}"),
        "above: 1",
        "'clone' is not a quantity",
        "Only a quantity has a limit.",
    ),
    "a word that is not a choice": (
        ("is: lambda", "is: lamda"),
        "is: lamda",
        "'lamda' is not a word of 'chain'",
        "The words of chain are lambda, kappa.",
    ),
    "a limit in words": (
        ("above: 450", "above: many"),
        "above: many",
        "a limit is a number, or the word laboratory",
        "Write the number",
    ),
    "a limit beyond numbers": (("above: 450", "above: 1e999"), "above: 1e999", "a limit is a number", "Write the number"),
    "times_upper in words": (
        ("above: 450, unit: 10*9/L", "above: {times_upper: three}"),
        "times_upper: three",
        "times_upper is a number, but this is text",
        "Write the number",
    ),
    "an empty list": (criterion("{any: []}"), "any: []", "a list of expressions is needed here", "Write one - entry for each."),
    "present_when within present_when": (
        criterion("{present_when: {present_when: clone, absent_when: ankle}, absent_when: swelling}"),
        "absent_when: ankle",
        "present_when: is inside another",
        "Write the inner one with all, any and not",
    ),
    "met and levels": (
        ("    met:\n", "    levels: {a: clone}\n    met:\n"),
        "  set:",
        "a criteria set has met: or levels:",
        "highest first",
    ),
    "a test that answers nothing known": (
        ("answers: [clone, swelling", "answers: [clone, sweling, swelling"),
        "sweling",
        "unknown finding 'sweling'",
        "Did you mean 'swelling'?",
    ),
    "a test without a list": (
        ("answers: [clone, swelling, ankle]", "answers: clone"),
        "answers: clone",
        "answers is a list, but this is text",
        "Write answers: [...]",
    ),
    "a test without answers": (
        ("  blood_count: {", "  nothing: {label: nothing, how: blood, cost: 1, invasiveness: 1}\n  blood_count: {"),
        "nothing:",
        "answers is missing",
        "Add answers:",
    ),
    "a test without a cost": (("cost: 1, ", ""), "blood_count", "cost is missing", "Add cost:"),
    "a cost out of its classes": (
        ("cost: 1", "cost: 9"),
        "cost: 9",
        "cost is a class from 0 to 4",
        "Write a number from 0 (none) to 4",
    ),
    "a criterion without a test": (
        ("answers: [clone, swelling, ankle]", "answers: [swelling, ankle]"),
        "  set:",
        "no test answers 'clone'",
        "Add clone to the answers of a test.",
    ),
    "what was read of a source": (
        ("read: full text", "read: all of it"),
        "read: all of it",
        "read must say what was read",
        "Use one of full text, abstract",
    ),
    "no default": (
        ("default_criteria: set", "default_criteria: sett"),
        "default_criteria",
        "default_criteria names no criteria set",
        "Did you mean 'set'?",
    ),
    "a version that is a number": (
        ('version: "1.0"', "version: 1.0"),
        "version: 1.0",
        "version is text, but this is a number",
        "Put it in quotes",
    ),
    "not YAML": (
        ("    title: A set\n", "    title: [A set\n"),
        "about",
        "not readable as YAML",
        "Check indentation, quotes and colons there.",
    ),
    "a tab": (("    title: A set\n", "\ttitle: A set\n"), "title: A set", "not readable as YAML", "Check indentation"),
    "nested too deep": (criterion("{not: " * 70 + "clone" + "}" * 70), "not:", "nested too deeply", "Keep within 60 levels."),
    "an alias of itself": (
        criterion("&a {any: [*a]}"),
        "&a",
        "the alias 'a' is inside the entry that it names",
        "Write the entry out.",
    ),
}


def problems_of(text: str, **siblings: str) -> tuple[RuleProblem, ...]:
    return compile_text(text, **siblings)[1]


def test_the_good_file_is_good() -> None:
    assert problems_of(GOOD) == ()


def test_synonyms_and_other_words_are_read() -> None:
    text = GOOD.replace("    question: Ankle\n", "    question: Ankle\n    synonyms: [malleolus, ankle]\n")
    text = text.replace("kappa: kappa}}", "kappa: kappa}, words: {l: lambda, L: lambda, k: kappa}}")
    rules = rules_from(text)
    assert rules.findings["ankle"].synonyms == ("malleolus", "ankle")
    assert rules.findings["chain"].words == {"l": "lambda", "L": "lambda", "k": "kappa"}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_problem_with_line_and_mend(fault: str) -> None:
    text, problem, count = reported(GOOD, FAULTS[fault])
    assert count == 1
    at, lines = FAULTS[fault][1], text.splitlines()
    near = lines[problem.line - 1] if fault not in ("not YAML", "a tab") else at
    assert at in near or any(at in line for line in lines[problem.line - 1 : problem.line + 1])
    assert problem.file == "poems.yaml"
    assert str(problem).startswith(f"poems.yaml:{problem.line}:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# nothing but a remark\n", "the file is empty"),
        ("[" * 100_000, "nested too deeply"),
        ("- " * 50_000, "nested too deeply"),
        ("id: a\n---\nid: b\n", "not readable as YAML"),
        ("id: \x01\n", "not readable as YAML"),
        ("just words", "a rules file is a mapping"),
        ("- a\n- b\n", "a rules file is a mapping"),
    ],
    ids=["empty", "remark", "brackets", "dashes", "two documents", "control character", "words", "list"],
)
def test_a_file_that_is_not_a_rules_file(text: str, message: str) -> None:
    problems = problems_of(text)
    assert message in problems[0].message
    assert problems[0].line >= 1
    assert all(problem.mend for problem in problems)


def test_a_file_that_cannot_be_read_is_the_only_thing_reported() -> None:
    """Every source would be unknown: what the broken file would have named is not reported as wrong."""
    entry = GOOD.replace("sources:\n  paper: {authors: A, year: 2020, read: full text}\n", "")
    problems = problems_of(
        entry.replace("default_criteria", "include: [sources.yaml]\ndefault_criteria"), sources="sources: [\n"
    )
    assert [(problem.file, problem.line) for problem in problems] == [("sources.yaml", 2)]


def test_several_faults_in_one_file_are_all_reported_in_order() -> None:
    text = GOOD
    for fault in (
        "unknown group",
        "a word that is not a choice",
        "at_least too high",
        "a cost out of its classes",
        "missing key",
    ):
        text = text.replace(*FAULTS[fault][0], 1)
    problems = problems_of(text)
    assert len(problems) == 5
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert len({problem.line for problem in problems}) == 5


def test_a_fault_in_a_sibling_names_the_sibling() -> None:
    entry = GOOD.replace("sources:\n  paper: {authors: A, year: 2020, read: full text}\n", "include: [sources.yaml]\n")
    good = "sources:\n  paper: {authors: A, year: 2020, read: full text}\n"
    assert problems_of(entry, sources=good) == ()
    (problem,) = problems_of(entry, sources=good + "  other: {read: nothing}\n")
    assert (problem.file, problem.line, problem.path) == ("sources.yaml", 3, "sources.other.read")


def test_a_key_in_two_files() -> None:
    entry = "include: [more.yaml]\n" + GOOD
    (problem,) = problems_of(entry, more="groups: {}\n")
    assert (problem.file, problem.line, problem.message) == ("more.yaml", 1, "groups is already in poems.yaml")


def test_an_include_on_several_lines_is_reported() -> None:
    """The start of the program reads the one line without a YAML parser."""
    (problem,) = problems_of("include:\n  - more.yaml\n" + GOOD)
    assert "'more.yaml' was not found on the include: line" in problem.message
    assert "on one line" in problem.mend


def test_an_alias_repeats_an_entry_and_its_fault_is_reported_once() -> None:
    twice = GOOD.replace(CLONE, "        - &one {any: [clone]}\n        - *one\n")
    assert problems_of(twice) == ()
    (problem,) = problems_of(twice.replace("{any: [clone]}", "{any: [clon]}"))
    assert problem.message == "unknown finding 'clon'"


def test_an_alias_bomb_ends_soon() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    document = read_yaml("bomb.yaml", bomb)
    assert "too much once its aliases are written out" in document.problems[-1].message


def test_a_file_that_is_not_utf8() -> None:
    problems = compile_and_check({"poems.yaml": GOOD.encode() + b"# caf\xe9\n"}, "poems.yaml").problems
    assert [(problem.line, problem.message) for problem in problems] == [(GOOD.count("\n") + 1, "the file is not UTF-8")]


WRONG: list[Any] = [
    None,
    True,
    3,
    1e9,
    "word",
    "clone",
    [],
    ["clone"],
    [[1]],
    {},
    {"a": [1]},
    {"any": "x"},
    {"finding": []},
    [{}],
]


def places(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    for key, value in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield from places(value, (*path, key))


PLACES = list(places(yaml.safe_load(GOOD)))[1:]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(WRONG)), min_size=1, max_size=2))
def test_any_content_anywhere_is_answered_with_problems(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Lint never ends in a traceback: each problem has a line and a way to mend it."""
    document = yaml.safe_load(GOOD)
    for path, wrong in changes:
        at = document
        for step in path[:-1]:
            try:
                at = at[step]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(at, (dict, list)):
                try:
                    at[path[-1]] = wrong
                except (IndexError, TypeError):
                    continue
    for problem in problems_of(yaml.safe_dump(document, sort_keys=False)):
        assert problem.line >= 1
        assert problem.message
        assert problem.mend


# --- finding the files ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with good rules, and a cache folder of its own."""
    monkeypatch.setenv("POEMS_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "poems.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "rules"


def cached(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache").rglob("*.json"))


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The fingerprints of the rules that were compiled again."""
    done: list[str] = []
    honest = rules_build.compile_and_check

    def counted(files: Any, entry: str) -> Any:
        done.append(fingerprint(files))
        return honest(files, entry)

    monkeypatch.setattr(rules_build, "compile_and_check", counted)
    return done


@pytest.mark.parametrize("name", ["rules", "rules/poems.yaml"])
def test_a_folder_or_a_file(folder: Path, name: str) -> None:
    assert load_rules(str(folder.parent / name)).identity.id == "small"


def test_a_missing_file_and_a_missing_include(folder: Path) -> None:
    with pytest.raises(PoemsError, match=r"nowhere.*cannot be read: .*; check the path"):
        load_rules(str(folder / "nowhere.yaml"))
    (folder / "poems.yaml").write_text("include: [gone.yaml]\n" + GOOD, encoding="utf-8")
    with pytest.raises(PoemsError, match=r"gone\.yaml: cannot be read"):
        load_rules(str(folder))


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/passwd", "sub/one.yaml", "poems.yaml"])
def test_an_include_stays_in_its_folder(folder: Path, name: str) -> None:
    (folder / "poems.yaml").write_text(f"include: [{name}]\n" + GOOD, encoding="utf-8")
    with pytest.raises(PoemsError, match="must be another file of the same folder"):
        load_rules(str(folder))


def test_invalid_rules_are_refused_with_every_problem_and_never_cached(folder: Path) -> None:
    bad = GOOD.replace("group: blood", "group: blod").replace("is: lambda", "is: lamda")
    (folder / "poems.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(PoemsError) as caught:
        load_rules(str(folder))
    assert len(caught.value.problems) == 2
    assert cached(folder) == []


def test_the_fingerprint_is_of_names_and_contents() -> None:
    assert fingerprint({"a": b"1", "b": b"2"}) == fingerprint({"b": b"2", "a": b"1"})
    different = [{"a": b"1", "b": b"2"}, {"a": b"12"}, {"a": b"2", "b": b"1"}, {"ab": b"12"}, {"a": b"1", "b": b""}]
    assert len({fingerprint(files) for files in different}) == len(different)


def test_the_built_in_rules_can_be_read_where_pyyaml_has_no_c_library() -> None:
    """The loader written in Python is the stricter of the two."""
    for name, text in read_rule_files()[0].items():
        assert list(yaml.parse(text, Loader=yaml.SafeLoader)), name


# --- the cache --------------------------------------------------------------------------------------------------------


def test_the_second_start_reads_the_cache_and_means_the_same(folder: Path, compilations: list[str]) -> None:
    fresh = load_rules(str(folder))
    again = load_rules(str(folder))
    assert len(compilations) == 1
    assert again == fresh
    assert again.identity.sha256 == compilations[0]


def test_the_built_in_rules_survive_being_written_and_read() -> None:
    """The compiled form is plain JSON data: no key or value changes on its way through a file."""
    files, entry = read_rule_files()
    rules = compile_and_check(files, entry).rules
    assert rules is not None
    data = encode(rules)
    assert json.loads(json.dumps(data)) == data
    assert decode(data) == rules


def test_the_cache_is_private(folder: Path) -> None:
    load_rules(str(folder))
    (cache_file,) = cached(folder)
    assert cache_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in cache_file.parent.iterdir()] == [cache_file.name], "no half-written file stays behind"


def poisoned(path: Path, **changes: Any) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    data["title"] = "Poisoned"
    path.write_text(json.dumps({**data, **changes}), encoding="utf-8")
    path.chmod(0o600)


def test_a_cache_of_this_user_is_believed(folder: Path) -> None:
    """The control for the tests below: without a reason to doubt, the cache is what is read."""
    load_rules(str(folder))
    poisoned(cached(folder)[0])
    assert load_rules(str(folder)).title == "Poisoned"


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "0" * 64},
        {"sha256": None},
        {"program": "0.0.0"},
        {"program": None},
        {"format": FORMAT + 1},
        {"format": None},
        {"records": {}},
        {"records": None},
    ],
    ids=str,
)
def test_a_stale_cache_is_never_used(folder: Path, changes: dict[str, Any]) -> None:
    load_rules(str(folder))
    poisoned(cached(folder)[0], **changes)
    assert load_rules(str(folder)).title == "Small rules"
    assert json.loads(cached(folder)[0].read_text())["program"] == __version__, "it is written again"


def test_changed_rules_never_use_the_old_cache(folder: Path) -> None:
    load_rules(str(folder))
    (folder / "poems.yaml").write_text(GOOD.replace("Small rules", "Other rules"), encoding="utf-8")
    assert load_rules(str(folder)).title == "Other rules"


@pytest.mark.skipif(os.name != "posix", reason="permissions and owners of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_cache_that_others_may_write_is_never_used(folder: Path, mode: int) -> None:
    load_rules(str(folder))
    poisoned(cached(folder)[0])
    cached(folder)[0].chmod(mode)
    assert load_rules(str(folder)).title == "Small rules"


@pytest.mark.skipif(os.name != "posix", reason="permissions and owners of POSIX")
def test_a_cache_of_another_user_is_never_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules(str(folder))
    poisoned(cached(folder)[0])
    owner = cached(folder)[0].stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert load_rules(str(folder)).title == "Small rules"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"3", b"\xff\xfe", b"[" * 200_000],
    ids=["empty", "cut", "null", "list", "number", "bytes", "deep"],
)
def test_a_broken_cache_is_never_used(folder: Path, content: bytes) -> None:
    load_rules(str(folder))
    cached(folder)[0].write_bytes(content)
    assert load_rules(str(folder)).title == "Small rules"


def test_a_folder_in_the_place_of_the_cache_is_not_an_error(folder: Path) -> None:
    load_rules(str(folder))
    cache_file = cached(folder)[0]
    cache_file.unlink()
    cache_file.mkdir()
    assert load_rules(str(folder)).title == "Small rules"
    assert [path.name for path in cache_file.parent.iterdir()] == [cache_file.name], "no half-written file stays behind"


@pytest.mark.parametrize("place", ["", "{file}", "{file}/below", "/proc/nowhere", "/dev/null/x"])
def test_a_cache_folder_that_cannot_be_made_is_not_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("POEMS_CACHE_DIR", place.format(file=folder / "poems.yaml"))
    assert load_rules(str(folder)).title == "Small rules"
    assert cached(folder) == []


def test_rules_built_with_the_package_are_compared_with_the_files_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]
) -> None:
    """Compiled rules inside the package are used for the rules that they were made of, and for no others."""
    monkeypatch.setenv("POEMS_CACHE_DIR", "")
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(rules_module, "package_folder", lambda: str(package))
    assert rules_build.main([str(folder), str(package / rules_module.COMPILED)]) == 0
    compilations.clear()
    assert load_rules(str(folder)).title == "Small rules"
    assert compilations == []
    (folder / "poems.yaml").write_text(GOOD.replace("Small rules", "Other rules"), encoding="utf-8")
    assert load_rules(str(folder)).title == "Other rules"
    assert len(compilations) == 1


def test_the_built_in_rules_compile_to_the_same_bytes_in_every_run(tmp_path: Path) -> None:
    """The order of a set of words differs from run to run; nothing that is written may follow it."""
    written = set()
    for seed in ("1", "2", "3"):
        output = tmp_path / f"{seed}.json"
        command = [sys.executable, "-m", "poems_cli.rules.building", built_in_rules(), str(output)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        written.add(output.read_bytes())
    assert len(written) == 1


def test_building_invalid_rules_fails_and_says_why(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "poems.yaml").write_text(GOOD.replace("group: blood", "group: blod"), encoding="utf-8")
    assert rules_build.main([str(folder), str(tmp_path / "out.json")]) == 10
    assert "poems.yaml:8:" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_the_built_in_rules_are_found_from_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert (Path(built_in_rules()) / "poems.yaml").is_file()
