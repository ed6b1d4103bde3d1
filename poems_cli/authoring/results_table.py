"""The result of ``poems rules test``: a table by file of examples, what failed, and the sum."""

from collections.abc import Iterable
from pathlib import PurePath

from rich.console import Console
from rich.text import Text

from poems_cli.authoring.cases import CaseResult
from poems_cli.phrases import plain
from poems_cli.report.numbers import number
from poems_cli.report.page import Page
from poems_cli.report.tables import plain_table

_HEADERS = ("", "file", "cases", "passed", "failed")


def print_case_results(console: Console, results: Iterable[CaseResult]) -> tuple[int, int]:
    """Print the results, each failure in a line with its file and line; how many cases passed, and how many failed."""
    by_file: dict[str, list[CaseResult]] = {}
    for result in results:
        by_file.setdefault(result.file, []).append(result)
    table = plain_table(console, *_HEADERS, numbers=_HEADERS[2:])
    for file, cases in by_file.items():
        failed = sum([bool(case.failures) for case in cases])
        sign = Text("-", style="red") if failed else Text("+", style="green")
        counts = map(number, (len(cases), len(cases) - failed, failed))
        table.add_row(sign, Text(plain(PurePath(file).name)), *counts)
    show = Page(console, wrap=console.file.isatty())
    if by_file:
        show.line(table)
        show.line(Text())
    every = [case for cases in by_file.values() for case in cases]
    failures = [f"{case.file}:{case.line}: {case.id}: {failure}" for case in every for failure in case.failures]
    for failure in failures:
        console.print(Text(plain(failure)), soft_wrap=True)
    if failures:
        show.line(Text())
    failed = sum([bool(case.failures) for case in every])
    show.line(Text(f"{len(every) - failed} cases passed, {failed} failed"))
    return len(every) - failed, failed
