"""Faults of rules files that are rare in practice: each is reported once, at its line and with a way to mend it.

The common faults are in ``test_rules_files``, those of the work-up in ``test_rules_workup``.
"""

import pytest

from tests.build import FINDINGS, HEAD, SET, Fault, compile_text, reported

GROUPS = """\
groups:
  blood: {label: blood}
"""
REST = (
    """\
  chain:
    kind: choice
    label: chain
    question: Which
    choices: {lambda: lambda, kappa: kappa}
    means: {light chains: {clone: "yes"}}
"""
    + SET
    + """\
    met: {any: [clone, swelling]}
mimic_criteria:
  other:
    title: Other
    short: Other
    source: paper
    about: For tests.
    met: swelling
warnings:
  kappa: {when: {finding: chain, is: kappa}, text: Rare., short: Look again., urgent: true, mimics: [gout], source: paper}
tests:
  blood_count: {label: blood count, answers: [platelets, many_platelets, chain], how: blood, cost: 1, invasiveness: 1}
  looking: {label: looking, answers: [clone, swelling], how: examination, cost: 0, invasiveness: 0}
sources:
  paper: {authors: A, title: A paper, year: 2020, doi: 10.1000/1, pmid: "12", read: full text}
units:
  accepted:
    platelets: {10*9/L: 1, /uL: 0.001}
  plausible:
    platelets: [1, 5000]
  declined:
    platelets: {g/L: a count is needed}
evidence:
  words: {often: 0.8, rarely: 0.05}
  suggests: [9, 5]
  less_likely: -3
  explained: 0.5
reference:
  swelling: rarely
mimics:
  gout:
    name: gout
    short: gout
    about: For tests.
    frequency: {class: common, text: Common., source: paper}
    consider_when: swelling
    evidence:
      - {finding: swelling, frequency: often, reason: Its sign., source: paper}
    settled_by: {tests: [looking], text: Look., confirmed_when: swelling, confirmed: seen, source: paper}
red_flags:
  labels:
    gout: {name: gout, text: Often wrong., source: paper}
  flags:
    lump: {when: clone, text: A clone., labels: [all], except: [gout], source: paper}
explained_by:
  tophus: {name: tophus, mimic: gout, findings: [swelling], source: paper}
questionnaire:
  patient:
    - id: kind
      ask: Which?
      options:
        - {words: the rare one, says: {chain: kappa}}
"""
)
GOOD = HEAD + GROUPS + FINDINGS + REST

SCORE = "{score_at_least: 3, of: [{points: 3, when: clone}]}"
MET = "    met: {any: [clone, swelling]}"


def criterion(written: str) -> tuple[str, str]:
    """The change that makes another expression the criterion of the set."""
    return MET, f"    met: {written}"


def link(written: str) -> tuple[str, str]:
    """The change that gives the source another field with a link."""
    return "read: full text", f"url: '{written}', read: full text"


FAULTS: dict[str, Fault] = {
    # --- the form of entries ------------------------------------------------------------------------------------------
    "no title of the rules": (
        ("title: Small rules\n", ""),
        "id: small",
        "title is missing",
        "Write title: as quoted text at the top of the file.",
    ),
    "an entry that is a text": (
        ("  blood: {label: blood}", "  blood: blood"),
        "  blood: blood",
        "this entry must be a mapping",
        "Write its keys below it, each with a value.",
    ),
    "an empty label": (
        ("label: a clone", 'label: " "'),
        "clone: {kind",
        "label is text, but this is an empty one",
        "Write it, or leave the key out.",
    ),
    "a key that is a list": (
        ("  blood: {label: blood}", "  [blood]: {label: blood}"),
        "  [blood]:",
        "a key must be a word",
        "Write the key as plain text.",
    ),
    "nested too deep by an alias": (
        ("groups:\n", f"one: &deep {'[' * 40}{']' * 40}\ntwo: {'[' * 40}*deep{']' * 40}\ngroups:\n"),
        "*deep",
        "nested too deeply",
        "Keep within 60 levels.",
    ),
    # --- findings -----------------------------------------------------------------------------------------------------
    "an unknown kind": (
        ("  swelling: {kind: boolean", "  swelling: {kind: bool"),
        "  swelling: {kind",
        "'bool' is not a kind",
        "Write boolean, quantity or choice.",
    ),
    "a part of a number": (
        ("question: Swelling}", "question: Swelling, part_of: platelets}"),
        "  swelling: {kind",
        "'platelets' is not a boolean finding",
        "Only a boolean finding has parts.",
    ),
    "a choice that others define": (
        ("    choices: {lambda", "    when: clone\n    choices: {lambda"),
        "  chain:",
        "only a boolean finding can be defined by others",
        "Remove the definition.",
    ),
    "a quantity without a unit": (
        ("question: How many, unit: 10*9/L", "question: How many"),
        "  platelets: {kind",
        "a quantity needs its canonical unit",
        "Add unit: with a UCUM unit.",
    ),
    "a choice without choices": (
        ("    choices: {lambda: lambda, kappa: kappa}\n", ""),
        "  chain:",
        "a choice needs its words",
        "Add choices:",
    ),
    "two ways to define": (
        ("    when: {finding: platelets,", "    absent_when: clone\n    when: {finding: platelets,"),
        "    when:",
        "when: cannot go with present_when: or absent_when:",
        "Keep when: (both ways), or present_when: and absent_when:",
    ),
    "a word that means no answer": (
        ('{clone: "yes"}', "{clone: perhaps}"),
        "means:",
        "'perhaps' is not a value of 'clone'",
        "Write one of yes, no.",
    ),
    "a word that means a number": (
        ('{clone: "yes"}', '{platelets: "yes"}'),
        "means:",
        "'yes' is not a value of 'platelets'",
        "Write one of",
    ),
    "a label with a control character": (
        ("label: a clone", 'label: "a \\e[31mclone"'),
        "clone: {kind",
        "label holds a control character",
        "Take it out.",
    ),
    "a label that turns the writing round": (
        ("label: a clone", 'label: "a \\u202eclone"'),
        "clone: {kind",
        "label holds a control character",
        "Take it out.",
    ),
    "a label of two lines": (
        ("label: a clone", 'label: "a\\nclone"'),
        "clone: {kind",
        "label is one line, but here are several",
        "Join them to one line",
    ),
    # --- units --------------------------------------------------------------------------------------------------------
    "units in a list": (
        ("    platelets: {10*9/L: 1, /uL: 0.001}", "    platelets: [10*9/L, /uL]"),
        "platelets: [10*9/L",
        "platelets must be a mapping of words",
        "Write one word per line",
    ),
    "one plausible limit": (
        ("platelets: [1, 5000]", "platelets: [5000]"),
        "platelets: [5000]",
        "plausible limits are two numbers",
        "Write [lowest, highest].",
    ),
    "plausible limits in words": (
        ("platelets: [1, 5000]", "platelets: [few, many]"),
        "platelets: [few",
        "plausible limits are two numbers",
        "Write [lowest, highest].",
    ),
    "a unit declined of no quantity": (
        ("    platelets: {g/L", "    clone: {g/L"),
        "clone: {g/L",
        "'clone' has no units",
        "Name a finding under units.accepted.",
    ),
    "a unit both accepted and declined": (
        ("{g/L: a count", "{/uL: a count"),
        "platelets: {/uL: a",
        "'/uL' is accepted",
        "Keep it in one of the two.",
    ),
    # --- expressions --------------------------------------------------------------------------------------------------
    "a list without its operator": (
        criterion("[clone, swelling]"),
        "met:",
        "this is not an expression",
        "Write a finding's id, or a mapping with all, any, not, at_least, finding.",
    ),
    "a weight in quotes": (
        ("less_likely: -3", 'less_likely: "-3"'),
        "less_likely:",
        "less_likely is a number, but this is text",
        "Write the number without quotes.",
    ),
    "a score without elements": (
        criterion("{score_at_least: 3, of: []}"),
        "met:",
        "a list of {points: ..., when: ...} is needed here",
        "Write one - entry for each.",
    ),
    "a score of plain findings": (
        criterion("{score_at_least: 3, of: [clone]}"),
        "met:",
        "this entry must be a mapping",
        "Give it the keys points, when.",
    ),
    "points in words": (
        criterion(SCORE.replace("points: 3", "points: three")),
        "met:",
        "points are numbers other than 0",
        "Write score_at_least: 6, and points: 3",
    ),
    "no points at all": (
        criterion(SCORE.replace("points: 3", "points: 0")),
        "met:",
        "points are numbers other than 0",
        "points: 3 in each element",
    ),
    "a score to reach in words": (
        criterion(SCORE.replace("at_least: 3", "at_least: three")),
        "met:",
        "points are numbers other than 0",
        "Write score_at_least: 6",
    ),
    "a side of the laboratory's range": (
        ("unit: 10*9/L, source", "unit: 10*9/L, laboratory: upper, source"),
        "laboratory: upper",
        "laboratory is low or high, not 'upper'",
        "Name the side of its range.",
    ),
    "what was read of a limit": (
        ("unit: 10*9/L, source", "unit: 10*9/L, read: skimmed, source"),
        "read: skimmed",
        "'skimmed' does not say what was read",
        "Use one of full text, abstract",
    ),
    # --- criteria, warnings, sources ----------------------------------------------------------------------------------
    "levels without a level": ((MET, "    levels: {}"), "levels: {}", "levels: is empty", "Write each level's id"),
    "a criteria set of two sections": (
        ("  other:\n", "  set:\n"),
        "  set:",
        "a criteria set has this id already",
        "Choose another id.",
    ),
    "an urgent warning without a short form": (
        ("short: Look again., ", ""),
        "kappa: {when",
        "short is missing",
        "Say in one line, for the top of the screen",
    ),
    "a warning of an unknown mimic": (
        ("mimics: [gout]", "mimics: [gouty]"),
        "mimics: [gouty]",
        "unknown mimic 'gouty'",
        "Did you mean 'gout'?",
    ),
    "a warning of an unknown mimic, none near": (
        ("mimics: [gout]", "mimics: [zzzz]"),
        "mimics: [zzzz]",
        "unknown mimic 'zzzz'",
        "Name a mimic, or remove it.",
    ),
    "a DOI as a link": (
        ("doi: 10.1000/1", "doi: 'https://doi.org/10.1000/1'"),
        "paper:",
        "does not have the form of a DOI",
        "without https://doi.org/",
    ),
    "a PMID with its letters": (('pmid: "12"', "pmid: PMID 12"), "paper:", "does not have the form of a PMID", "digits alone"),
    "a link in a title": (
        ("title: A paper", "title: www.example.org"),
        "paper:",
        "title holds a link",
        "write url:",
    ),
    "a link without encryption": (
        link("http://doi.org/10.1000/1"),
        "paper:",
        "does not start with https://",
        "Write the https:// address",
    ),
    "a link to a port": (
        link("https://doi.org:8080/10.1000/1"),
        "paper:",
        "is more than a host's name",
        "a port or a user name leads through somebody else",
    ),
    "a link to another host": (
        link("https://example.org/page"),
        "paper:",
        "'example.org' is not among the hosts that links may lead to",
        "add the publisher's host to link_hosts",
    ),
    "a link that cannot be read": (link("https://[page"), "paper:", "is not a link", "Write https://host/page."),
    # --- mimics -------------------------------------------------------------------------------------------------------
    "mimics without the meaning of the words": (
        (GOOD[GOOD.index("evidence:\n  words") : GOOD.index("reference:\n")], ""),
        "mimics:",
        "evidence: is missing",
        "Say there what each word of a frequency stands for.",
    ),
    "a share above 1": (
        ("often: 0.8", "often: 80"),
        "often: 80",
        "80 is not a share between 0 and 1",
        "Write a number above 0 and below 1.",
    ),
    "points in the wrong order": (
        ("suggests: [9, 5]", "suggests: [5, 9]"),
        "suggests:",
        "suggests: is two numbers, the greater first",
        "Write [9, 5]",
    ),
    "points of one finding": (
        ("suggests: [9, 5]", "suggests: [9]"),
        "suggests:",
        "suggests: is two numbers, the greater first",
        "Write [9, 5]",
    ),
    "less likely by points above 0": (
        ("less_likely: -3", "less_likely: 3"),
        "less_likely:",
        "less_likely: is 0 or below",
        "such as -3",
    ),
    "a part above 1": (("explained: 0.5", "explained: 50"), "explained: 50", "explained: is a part", "a number from 0 to 1"),
    "a label that is not a mimic": (
        ("    gout: {name: gout, text", "    gouty: {name: gout, text"),
        "gouty: {name",
        "'gouty' is not a mimic",
        "A label is the id of a mimic.",
    ),
    "exceptions to labels that are listed": (
        ("labels: [all], except", "labels: [gout], except"),
        "lump:",
        "except: goes with labels: [all]",
        "Write labels: [all], or leave it out.",
    ),
    "a cause that nothing establishes": (
        ("confirmed_when: swelling, confirmed: seen, ", ""),
        "tophus:",
        "nothing establishes 'gout'",
        "Write when: with a condition of its own.",
    ),
    "a cause of no finding": (
        ("mimic: gout, findings: [swelling]", "mimic: gout, findings: []"),
        "tophus:",
        "a list of findings is needed here",
        "Write [finding, ...].",
    ),
    # --- questionnaire ------------------------------------------------------------------------------------------------
    "an option without an answer": (
        ("the rare one, says: {chain: kappa}", "the rare one"),
        "options:",
        "an option says nothing",
        "Write says: {finding: answer}.",
    ),
}


def test_the_good_file_is_good() -> None:
    assert compile_text(GOOD)[1] == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_reported_at_its_line_with_a_mend(fault: str) -> None:
    assert GOOD.count(FAULTS[fault][0][0]) == 1
    text, problem, _ = reported(GOOD, FAULTS[fault])
    assert FAULTS[fault][1] in text.splitlines()[problem.line - 1]
