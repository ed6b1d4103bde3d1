"""``poems rules test --mutate``: a hole in the examples is shown with its line and the patient that would notice."""

import re
from pathlib import Path

import pytest
import yaml

from tests.build import FINDINGS, HEAD, SET
from tests.cli.command import poems

RULES = (
    HEAD
    + FINDINGS
    + SET
    + """\
    met:
      all:
        - clone
        - {at_least: 1, of: [swelling, many_platelets]}
tests:
  count: {label: count, answers: [platelets, many_platelets, clone, swelling], how: blood, cost: 1, invasiveness: 1}
sources:
  paper: {title: A paper, read: abstract}
units:
  accepted: {platelets: {10*9/L: 1}}
  plausible: {platelets: [0, 10000]}
"""
)
LIMIT_LINE = next(number for number, line in enumerate(RULES.splitlines(), 1) if "above: 450" in line)

HOLE = """\
cases:
  - {id: met, about: Met., findings: {clone: true, swelling: true}, expect: {criteria: {set: met}}}
  - {id: open, about: Open., findings: {clone: true}, expect: {criteria: {set: undetermined}}}
  - {id: no-clone, about: Not met., findings: {clone: false, swelling: true}, expect: {criteria: {set: not met}}}
  - {id: none, about: Not met., findings: {clone: true, swelling: false}, absent: others, expect: {criteria: {set: not met}}}
  - id: platelets
    about: Enough.
    findings: {clone: true, platelets: {value: 900, unit: 10*9/L}}
    expect: {criteria: {set: met}, findings: {many_platelets: true}}
"""
FILLED = """\
limits:
  - {of: platelets, unit: 10*9/L, finding: many_platelets, values: {430: false, 450: false, 451: true, 470: true}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "poems.yaml").write_text(RULES)
    (tmp_path / "rules" / "examples").mkdir()
    (tmp_path / "rules" / "examples" / "set.yaml").write_text(HOLE)
    return tmp_path


def mutate(folder: Path, *options: str) -> tuple[int, str]:
    ran = poems("rules", "test", "--rules", "rules", "--mutate", *options, folder=folder)
    return ran.code, ran.out + ran.err


def test_a_hole_is_shown_with_its_line_and_a_patient_that_notices(rules: Path) -> None:
    code, output = mutate(rules, "--only", "findings")
    assert code == 0
    (line,) = [line for line in output.splitlines() if "above 450 -> 495" in line]
    start = rf"poems.yaml:{LIMIT_LINE}: findings.many_platelets.when.above: above 450 -> 495: a patient with "
    match = re.match(start + r"\{platelets: \{value: ([\d.]+), unit: 10\*9/L\}\} would notice it: (.*)", line)
    assert match is not None
    assert 450 < float(match[1]) <= 495
    assert match[2] == "today {findings: {many_platelets: true}}, with the change {findings: {many_platelets: false}}"


def test_a_filled_hole_is_not_shown(rules: Path) -> None:
    (rules / "rules" / "examples" / "limits.yaml").write_text(FILLED)
    code, output = mutate(rules, "--only", "findings", "--at-least", "100")
    assert code == 0
    assert "poems.yaml:" not in output
    assert output.splitlines()[-1].endswith(", 0 not noticed")


def test_13_where_too_few_are_noticed(rules: Path) -> None:
    assert mutate(rules, "--at-least", "definitions and warnings=100")[0] == 13
    assert mutate(rules, "--at-least", "criteria sets=100")[0] == 0


def test_13_where_an_example_fails_before_anything_is_changed(rules: Path) -> None:
    (rules / "rules" / "examples" / "set.yaml").write_text(HOLE.replace("{set: met}", "{set: not met}"))
    code, output = mutate(rules)
    assert code == 13
    assert "set.yaml:2: met: " in output


def test_the_patients_are_written_as_cases_to_be_completed(rules: Path) -> None:
    assert mutate(rules, "--cases", "more.yaml")[0] == 0
    cases = yaml.safe_load((rules / "more.yaml").read_text())["cases"]
    assert {"platelets"} in [set(case["findings"]) for case in cases]
    ran = poems("rules", "test", "more.yaml", "--rules", "rules", folder=rules)
    assert ran.code == 13
    assert "nothing is expected" in ran.out  # so that the present answer is not taken for the expected one


def test_completed_cases_notice(rules: Path) -> None:
    mutate(rules, "--cases", "rules/examples/more.yaml")
    written = (rules / "rules" / "examples" / "more.yaml").read_text()
    completed = re.sub(r"expect: \{\}\n +# today +(.*)", r"expect: \1", written)
    (rules / "rules" / "examples" / "more.yaml").write_text(completed)
    noticing = [line for line in mutate(rules)[1].splitlines() if "would notice it" in line]
    assert noticing == []


@pytest.mark.parametrize("name", ["rules/poems.yaml", "rules/examples/set.yaml"])
def test_an_input_is_not_overwritten(rules: Path, name: str) -> None:
    before = (rules / name).read_text()
    code, output = mutate(rules, "--cases", name)
    assert (code, "it is read in this run" in output) == (2, True)
    assert (rules / name).read_text() == before


def mutate_with_known(rules: Path, entry: str) -> tuple[int, str]:
    lines = ["limits:", "  - {of: clone, finding: clone, values: {true: true}}", "unnoticed:", f"  - {entry}"]
    (rules / "rules" / "examples" / "known.yaml").write_text("\n".join(lines))
    return mutate(rules, "--only", "findings")


def test_a_change_listed_as_unnoticed_is_not_counted(rules: Path) -> None:
    code, output = mutate_with_known(
        rules, "{at: findings.many_platelets.when.above, change: above 450 -> 495, reason: For this test.}"
    )
    assert code == 0
    assert "above 450 -> 495" not in output
    assert "1 explained" in output


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{at: findings.many_platelets.when.below, reason: For this test.}", "there is no such change"),
        ("{at: findings.many_platelets.when.above, change: above -> below, reason: For this test.}", "the change is noticed"),
        ("{at: findings.many_platelets.when.above}", "an entry has at: and reason:"),
    ],
)
def test_a_list_of_unnoticed_changes_is_checked(rules: Path, entry: str, words: str) -> None:
    code, output = mutate_with_known(rules, entry)
    assert code == 13
    assert "known.yaml:4: " in output
    assert words in output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--only", "cloen"], "nothing of the rules is called 'cloen'"),
        (["--at-least", "many"], "'many' is not a percentage"),
        (["--at-least", "unit=98"], "'unit' is not a kind of rules"),
        (["--cases", "-"], "the report goes to standard output"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(rules: Path, options: list[str], words: str) -> None:
    code, output = mutate(rules, *options)
    assert code == 2
    assert words in output


def test_the_options_do_nothing_without_mutate(rules: Path) -> None:
    ran = poems("rules", "test", "--rules", "rules", "--only", "clone", folder=rules)
    assert ran.code == 2
    assert "add --mutate" in ran.err


def test_a_sample_is_the_same_in_every_run_and_marked_as_a_sample(rules: Path) -> None:
    outputs = {mutate(rules, "--sample", "5")[1] for _ in range(2)}
    assert len(outputs) == 1
    assert re.search(r"^5 of \d+ changes tried", outputs.pop(), re.MULTILINE)
