"""The sections of the rules that only the work-up reads: a fault in them is reported with its line and a way to mend it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import compile_text, rules_text

GOOD = (
    rules_text(
        {"clone": {}, "spleen": {}, "scar": {}, "sugar": {}, "lump": {}, "count": {"kind": "quantity", "unit": "1"}},
        {"any": ["clone", "spleen", "scar"]},
        tests={
            "blood": {"answers": ["clone", "sugar"]},
            "urine": {"answers": ["clone"]},
            "looking": {"answers": ["spleen", "scar", "lump", "count"]},
        },
    )
    .replace("  blood:\n", "  blood:\n    ordered_with: [urine]\n    order_label: blood and urine\n")
    .replace("  looking:\n", "  looking:\n    sensible_when: clone\n    sensible_words: if a clone is found\n    last: true\n")
    + """\
explained_by:
  drink: {name: drink, when: scar, findings: [spleen], source: paper}
not_counted:
  sweet: {finding: sugar, element: spleen, unless: lump, criteria: [set], reason: too common, source: paper}
staging:
  eyes: {name: eyes, short: why, tests: [looking], findings: [lump], text: why, source: paper}
"""
)

# the fault: the change to the good file, the message, how to mend it
FAULTS: dict[str, tuple[tuple[str, str], str, str]] = {
    "an unknown key of a cause": (("name: drink", "names: x, name: drink"), "unknown key 'names'", "Did you mean 'name'?"),
    "an unknown finding of a cause": (("findings: [spleen]", "findings: [splen]"), "unknown finding 'splen'", "'spleen'"),
    "a quantity of a cause": (
        ("findings: [spleen]", "findings: [count]"),
        "'count' is not a boolean finding",
        "present or absent",
    ),
    "a cause without a condition": (("when: scar, ", ""), "a cause has when: or mimic:", "the id of a mimic"),
    "a cause of two kinds": (("when: scar, ", "when: scar, mimic: x, "), "a cause has when: or mimic:", "the id of a mimic"),
    "an unknown mimic": (("when: scar, ", "mimic: gout, "), "unknown mimic 'gout'", "Add the mimic."),
    "a cause without its source": (("[spleen], source: paper}", "[spleen]}"), "needs its source", "default: true"),
    "an unknown source": (("[spleen], source: paper}", "[spleen], source: papr}"), "unknown source 'papr'", "'paper'"),
    "an unknown element": (("element: spleen", "element: liver"), "unknown finding 'liver'", "Add it under findings:"),
    "an unknown finding after unless": (("unless: lump", "unless: lmp"), "unknown finding 'lmp'", "'lump'"),
    "an unknown set": (("criteria: [set]", "criteria: [sett]"), "unknown criteria set 'sett'", "'set'"),
    "no reason": (("reason: too common, ", ""), "reason is missing", "Add reason:"),
    "an unknown test of a stage": (("tests: [looking]", "tests: [lookin]"), "unknown test 'lookin'", "'looking'"),
    "a stage that its tests do not answer": (
        ("findings: [lump]", "findings: [sugar]"),
        "no test here answers 'sugar'",
        "remove",
    ),
    "a stage without a text": (("text: why, ", ""), "text is missing", "Add text:"),
    "an unknown test of an order": (("[urine]", "[urin]"), "unknown test 'urin'", "'urine'"),
    "an order with itself": (("[urine]", "[blood]"), "'blood' cannot join this order", "in the first of them alone"),
    "an order without a label": (("    order_label: blood and urine\n", ""), "belong together", "Add order_label:"),
    "a condition without words": (("    sensible_words: if a clone is found\n", ""), "belong together", "Add sensible_words:"),
    "an unknown finding of a condition": (("sensible_when: clone", "sensible_when: clon"), "unknown finding 'clon'", "'clone'"),
    "last in words": (("last: true", "last: always"), "last is true or left out", "Write last: true."),
}


def test_the_good_file_is_good() -> None:
    assert compile_text(GOOD)[1] == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_reported_with_its_line_and_how_to_mend_it(fault: str) -> None:
    (old, new), message, mend = FAULTS[fault]
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    problems = [problem for problem in compile_text(text)[1] if message in problem.message]
    assert len(problems) == 1, compile_text(text)[1]
    assert mend in problems[0].mend
    changed = {
        number for number, (old, new) in enumerate(zip(GOOD.splitlines(), text.splitlines(), strict=False), 1) if old != new
    }
    assert min(changed) - 3 <= problems[0].line <= max(changed)


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["clone", "spleen", "blood", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["any", "findings", "clone"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(
        ["[urine]", "blood and urine", "clone\n", "if a clone is found", "true\n", "drink,", "scar,", "[spleen]", "sugar,"]
    ),
    junk,
)
def test_any_content_there_is_answered_with_problems(old: str, value: object) -> None:
    """Never an exception, for any form of an entry."""
    written = json.dumps(value) + old[len(old.rstrip(",\n")) :]
    compile_text(GOOD.replace(old, written))
