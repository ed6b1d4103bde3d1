"""The page that a patient takes along: what was answered, what it fits with, what is not known yet, when to seek help at once.

It says nothing of whether criteria hold, and names no other disease: a doctor does that. It rules nothing in or out.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poems_cli.interview.question import needs_test
from poems_cli.interview.reading import amount_words
from poems_cli.interview.sheet import Sheet
from poems_cli.model import Observed, PageFit, PatientPage, Quantity, Rules
from poems_cli.phrases import capital, listed

#: The mark of texts that have no source.
_OURS = "(from general medical knowledge, no source was read)"


class Section(NamedTuple):
    """A heading and its lines; each line is an item where ``is_list``."""

    title: str
    lines: tuple[str, ...]
    is_list: bool = True


def patient_page(rules: Rules, sheet: Sheet, names: Mapping[str, str]) -> tuple[Section, ...]:
    """The page of one patient; ``names`` are what the findings are called in the questions."""
    page = rules.questionnaire.page
    observed = sheet.patient().observed
    return (
        Section("What you answered", tuple(_answered(rules, observed, names))),
        Section(f"What it fits with {_OURS}", tuple(_fits(rules.title, page, observed)), bool(_fitting(page, observed))),
        Section("What is not known yet, and whom to ask", tuple(_open_tests(rules, page, sheet))),
        Section(f"When to seek help at once {_OURS}", page.urgent),
        Section("What this page is not", (_NOTHING,), is_list=False),
    )


_NOTHING = (
    "Nothing here rules a disease in or out, whatever you answered: that takes a doctor and tests. It is a teaching aid, not a "
    "medical device. Take this page along, and come back with the results."
)


def page_text(disease: str, sections: tuple[Section, ...], name: str | None) -> Iterator[tuple[str, bool]]:
    """The page as lines, each with whether it is a heading."""
    yield f"Your answers about signs of {disease}{f', for {name}' if name else ''}", True
    for section in sections:
        yield "", False
        yield section.title, True
        for line in section.lines:
            yield (f"  - {line}" if section.is_list else f"  {line}"), False


def _answered(rules: Rules, observed: Mapping[str, Observed], names: Mapping[str, str]) -> Iterator[str]:
    """What was found and noticed, what was not, and other answers in their words."""
    tested = {finding for finding in observed if needs_test(rules, finding)}
    for words, value, findings in (
        ("You have", True, observed.keys() - tested),
        ("You do not have", False, observed.keys() - tested),
        ("A doctor found", True, tested),
        ("A doctor looked for it and did not find it", False, tested),
    ):
        said = [
            names.get(finding, rules.findings[finding].label)
            for finding in observed
            if finding in findings and observed[finding] is value
        ]
        if said:
            yield f"{words}: {_joined(said)}."
    rest = [
        f"{capital(rules.findings[finding].label)}: {_words(rules, finding, value)}"
        for finding, value in observed.items()
        if not isinstance(value, bool)
    ]
    if rest:
        yield f"{'; '.join(rest)}."
    if not observed:
        yield "Nothing yet: every question was left open."


def _joined(words: list[str]) -> str:
    return "; ".join(words) if any(", " in word for word in words) else listed(words)


def _words(rules: Rules, finding: str, value: Observed) -> str:
    return amount_words(value) if isinstance(value, Quantity) else rules.findings[finding].choices.get(str(value), str(value))


def _fitting(page: PatientPage, observed: Mapping[str, Observed]) -> list[PageFit]:
    return [fit for fit in page.fits if any(observed.get(finding) is True for finding in fit.findings)]


def _fits(disease: str, page: PatientPage, observed: Mapping[str, Observed]) -> Iterator[str]:
    fitting = _fitting(page, observed)
    for fit in fitting:
        yield f"{fit.what}: can be part of {disease}; {fit.others}."
    if not fitting:
        yield (
            f"You named nothing that is typical of {disease}. That does not exclude it, or anything else: some of its "
            "signs are seen only by a doctor or in a test. If something worries you, show it to your family doctor."
        )


def _open_tests(rules: Rules, page: PatientPage, sheet: Sheet) -> Iterator[str]:
    """The doctor to begin with, and the tests that are open, in plain words, each with the doctor who can do it."""
    observed, values = sheet.patient().observed, sheet.assessment().facts.values
    begin = page.begin
    if begin is not None and any(observed.get(finding) is True for finding in begin.findings):
        yield f"Begin with {begin.doctor}, and ask to be sent to {begin.then}."
    elif begin is not None:
        yield f"Begin with {begin.doctor}, who decides whether you need any of these tests."
    for test in page.tests:
        if all(values.get(finding) is None for finding in test.findings):
            doctor = _doctor(rules, test.tests[0])
            yield f"{capital(test.words)}{f': {doctor}' if doctor else ''}."
    yield "Ask for copies of the results, and answer these questions again with them."


def _doctor(rules: Rules, test: str) -> str:
    return next((specialist.patient for specialist in rules.questionnaire.specialists if test in specialist.tests), "")
