"""What is followed, in the rules: every fault is a problem with a way to mend it."""

import pytest

from tests.build import compile_text, rules_from, rules_text

FINDINGS = {"edema": {}, "vegf": {"kind": "quantity", "unit": "pg/mL"}, "chain": {"kind": "choice", "choices": {"k": "kappa"}}}
OUTLOOK = """
outlook:
  survival_factors: {}
  treatment_fork: {}
  notes:
    clots: {title: Clots, facts: [{text: Frequent., source: paper}]}
  follow:
    fluid: {name: fluid, clinical: true, rows: [edema, {finding: vegf, change: percent, better: lower}]}
  response:
    vegf:
      name: VEGF
      below: less
      levels:
        partial:
          text: down by half
          source: paper
          ways: [{baseline: edema, fall: {finding: vegf, percent: 50}}]
  landmarks:
    at_six:
      title: six months
      finding: vegf
      months: 6
      within: 1
      when: {finding: vegf, below: 100, unit: pg/mL, source: paper}
      facts: [{text: good, source: paper}]
"""
TEXT = rules_text(FINDINGS, "edema") + OUTLOOK


def test_it_is_read() -> None:
    outlook = rules_from(TEXT).outlook
    assert outlook is not None
    assert outlook.follow_up is not None
    [group] = outlook.follow_up.groups
    assert [(row.finding, row.change, row.better) for row in group.rows] == [
        ("edema", None, None),
        ("vegf", "percent", "lower"),
    ]
    assert outlook.follow_up.response[0].levels[0].ways[0].fall == ("vegf", 50)
    assert (outlook.notes[0].title, outlook.notes[0].treatment) == ("Clots", False)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("rows: [edema,", "rows: [edem,", "unknown finding 'edem'"),
        ("rows: [edema,", "rows: [chain,", "only a number changes"),
        ("rows: [edema,", "rows: [{finding: edema, change: percent},", "only a number changes"),
        ("change: percent", "change: twice", "change says one of percent and difference"),
        ("better: lower", "better: less", "better says one of lower and higher"),
        ("baseline: edema, fall: {finding: vegf, percent: 50}", "baseline: edema", "what holds now, or what has fallen"),
        ("percent: 50", "percent: 0", "more than 0 and at most 100"),
        ("fall: {finding: vegf", "fall: {finding: edema", "'edema' is not a number"),
        ("baseline: edema", "baseline: edem", "unknown finding 'edem'"),
        ("      below: less\n", "", "below is missing"),
        ("finding: vegf\n", "finding: veg\n", "unknown finding 'veg'"),
        ("text: good, source: paper", "text: good, source: papr", "unknown source 'papr'"),
        ("text: Frequent.", "txt: Frequent.", "unknown key 'txt'"),
        ("months: 6", "months: soon", "months is a number"),
    ],
)
def test_each_fault_is_a_problem(right: str, wrong: str, message: str) -> None:
    assert TEXT.count(right) == 1
    _, problems = compile_text(TEXT.replace(right, wrong))
    assert any(message in problem.message for problem in problems), problems
    assert all(problem.mend for problem in problems)
