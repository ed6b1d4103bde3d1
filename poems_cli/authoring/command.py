"""``poems rules test --mutate``: what is asked for, tried, printed and written."""

import sys
from collections.abc import Sequence

from poems_cli.authoring.changes import KINDS
from poems_cli.authoring.mutating import Mutation
from poems_cli.authoring.mutation_report import cases_of, print_mutation
from poems_cli.authoring.reading import example_files
from poems_cli.authoring.results_table import print_case_results
from poems_cli.errors import usage_error
from poems_cli.output_files import STANDARD, check_targets, public_mode, write_text
from poems_cli.report.console import make_console
from poems_cli.report.progress import Progress
from poems_cli.rules.files import rule_paths
from poems_cli.suggestions import did_you_mean

_ALL = "all"


def mutate_rules(
    rules: str | None, examples: str, *, only: str | None, at_least: Sequence[str], cases: str | None, sample: int | None
) -> bool:
    """Print what came of the changes, and write ``cases``; whether as many are noticed as ``at_least`` asks.

    Examples that fail as the rules are fail the run.
    """
    least = _least_percents(at_least)
    read = (*rule_paths(rules), *map(str, example_files(examples)))
    if cases == STANDARD:
        raise usage_error("--cases", "the report goes to standard output", "name a file")
    if cases is not None:
        check_targets([cases], read)
    console = make_console(sys.stdout)
    mutation = Mutation(rules, examples)
    if mutation.failures:
        print_case_results(console, mutation.failures)
        return False
    changes = mutation.chosen(only, sample)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1

    with Progress(lambda: done / max(1, len(changes)), doing="changing"):
        report = mutation.run(changes, step)
    enough = print_mutation(console, report, least)
    if cases is not None:
        write_text(cases, cases_of(report.unnoticed), read, public_mode())
    return enough


def _least_percents(at_least: Sequence[str]) -> dict[str, float]:
    """The percent wanted of each kind of rules, and of all."""
    least: dict[str, float] = {}
    for text in at_least:
        kind, equals, number = text.rpartition("=")
        kind = kind.strip() if equals else _ALL
        if kind not in (_ALL, *KINDS):
            mend = did_you_mean(kind, KINDS).rstrip("?. ") or f"write one of {', '.join(KINDS)}"
            raise usage_error("--at-least", f"{kind!r} is not a kind of rules", mend)
        try:
            least[kind] = float(number)
        except ValueError:
            least[kind] = -1
        if not 0 <= least[kind] <= 100:
            raise usage_error(
                "--at-least", f"{number!r} is not a percentage", "write a number from 0 to 100, as in 95 or units=98"
            )
    return least
