"""What came of changing the rules: a table by kind of rules, the changes that nothing notices, and their patients as cases."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

import yaml
from rich.console import Console
from rich.text import Text

from poems_cli.authoring.mutating import Count, Report, Unnoticed
from poems_cli.authoring.observing import expectation
from poems_cli.authoring.searching import Noticing
from poems_cli.phrases import plain
from poems_cli.report.numbers import number
from poems_cli.report.page import Page
from poems_cli.report.tables import plain_table

_HEADERS = ("", "rules", "changes", "noticed", "explained", "percent")
_TWICE = "no patient was found for whom the two differ: the rule may say the same thing twice"


def print_mutation(console: Console, report: Report, least: Mapping[str, float]) -> bool:
    """Print the report; whether every kind has at least the percent wanted of it, and nothing is wrong with ``unnoticed:``."""
    show = Page(console, wrap=console.file.isatty())
    table = plain_table(console, *_HEADERS, numbers=_HEADERS[2:])
    enough = True
    for count in (*report.counts, report.whole):
        reached = round(count.percent, 2) >= least.get(count.kind, 0.0)
        enough = enough and reached
        table.add_row(*_row(count, reached, least))
    show.line(table)
    show.line(Text())
    for fault in report.faults:
        console.print(Text(plain(fault)), soft_wrap=True)
    for unnoticed_change in report.unnoticed:
        console.print(Text(plain(unnoticed_line(unnoticed_change))), soft_wrap=True)
    if report.unnoticed or report.faults:
        show.line(Text())
    whole = report.whole
    sample = f" of {number(report.of)}" if report.tried < report.of else ""
    words = f"{number(report.tried)}{sample} changes tried, {number(whole.noticed)} noticed by lint or an example"
    explained = f", {number(whole.explained)} explained" if whole.explained else ""
    show.line(Text(f"{words}{explained}, {number(len(report.unnoticed))} not noticed"))
    return enough and not report.faults


def _row(count: Count, reached: bool, least: Mapping[str, float]) -> Sequence[str | Text]:
    sign = Text("+", style="green") if reached else Text("-", style="red")
    percent = f"{count.percent:.1f}"
    if count.kind in least:
        percent += f" (at least {least[count.kind]:g})"
    return sign, Text(count.kind), number(count.tried), number(count.noticed), number(count.explained), percent


def unnoticed_line(missed: Unnoticed) -> str:
    """One change that nothing notices: file and line, what is changed, and the patient that would notice it."""
    start = f"{missed.file}:{missed.line}: {missed.change.place}: {missed.change.what}: "
    patient = missed.patient
    if patient is None:
        return start + _TWICE
    findings = flow(dict(patient.findings))
    today, changed = (flow(expectation(patient.place, value)) for value in (patient.today, patient.changed))
    return f"{start}a patient with {findings} would notice it: today {today}, with the change {changed}"


def cases_of(unnoticed: Sequence[Unnoticed]) -> str:
    """The patients as a file of cases, each to be completed with what should come out."""
    lines = [
        "# Patients that notice changes of the rules which no example notices yet. Complete each: write under expect: what",
        "# should come out, by the source of the rule and not by what the rules say today, and say in about: why.",
        "cases:",
    ]
    seen: set[str] = set()
    for missed in unnoticed:
        if missed.patient is not None:
            head, about, *body = _case(missed, missed.patient, len(seen) + 1)
            if "\n".join(body) not in seen:
                seen.add("\n".join(body))
                lines += [head, about, *body]
    if not seen:
        lines[-1] = "cases: []"
    return "\n".join(lines) + "\n"


def _case(missed: Unnoticed, patient: Noticing, count: int) -> Iterator[str]:
    yield f"  - id: {flow(f'{missed.change.entry}-{count}')}"
    yield f"    about: {flow(f'{missed.file}:{missed.line} {missed.change.place}: {missed.change.what}')}"
    yield f"    findings: {flow(dict(patient.findings))}"
    yield "    expect: {}"
    yield f"      # today           {flow(expectation(patient.place, patient.today))}"
    yield f"      # with the change {flow(expectation(patient.place, patient.changed))}"


def flow(data: Any) -> str:
    """Some data as YAML on one line."""
    text = yaml.safe_dump([data], default_flow_style=True, sort_keys=False, allow_unicode=True, width=inf)
    return text.strip()[1:-1]
