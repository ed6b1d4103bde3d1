"""What a shell may offer for the values of options: criteria sets, columns, findings, and whatever can be explained.

Each function gets what was typed so far and gives the values that begin so, each with what it is. Typer calls them when a shell
asks for completion, and never else; the rules are read only then. Rules that cannot be read offer nothing.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

import typer

if TYPE_CHECKING:
    from poems_cli.model import Rules

Offer: TypeAlias = tuple[str, str]


def criteria_sets(context: typer.Context, incomplete: str) -> list[Offer]:
    """The ids of the criteria sets."""
    return _beginning(
        incomplete, context, lambda rules: ((criteria.id, criteria.title) for criteria in rules.criteria.values())
    )


def finding_ids(context: typer.Context, incomplete: str) -> list[Offer]:
    """The ids of findings, the last of a list with commas."""
    return _last_of_list(
        incomplete, context, lambda rules: ((finding.id, finding.label) for finding in rules.findings.values())
    )


def column_names(context: typer.Context, incomplete: str) -> list[Offer]:
    """The columns of an answer to a table, the last of a list with commas."""

    def offers(rules: "Rules") -> Iterable[Offer]:
        from poems_cli.engine.answer_columns import every_column

        chosen = [set_id for set_id in context.params.get("criteria") or () if set_id in rules.criteria]
        named = ((column.name, column.kind.replace("_", " ")) for column in every_column(rules, chosen or list(rules.criteria)))
        return [("usual", "the columns given by default"), ("all", "every column"), *named]

    return _last_of_list(incomplete, context, offers)


def topics(context: typer.Context, incomplete: str) -> list[Offer]:
    """The ids of all that can be explained: lists, findings, sets, tests, mimics, sources, warnings and words."""

    def offers(rules: "Rules") -> Iterable[Offer]:
        from poems_cli.explain.topics import every_topic

        # a shell takes a blank and a colon for the end of a word
        return [(topic.id, f"{topic.kind}: {topic.title}") for topic in every_topic(rules) if not {" ", ":"} & set(topic.id)]

    return _beginning(incomplete, context, offers)


def entries(context: typer.Context, incomplete: str) -> list[Offer]:
    """The ids of the entries of the rules that ``rules test --only`` takes: sets, findings, mimics and tests."""

    def offers(rules: "Rules") -> Iterable[Offer]:
        named = [*rules.criteria.values(), *rules.mimic_criteria.values()]
        yield from ((criteria.id, criteria.title) for criteria in named)
        yield from ((finding.id, finding.label) for finding in rules.findings.values())
        yield from ((mimic.id, mimic.name) for mimic in rules.mimics.values())
        yield from ((test.id, test.label) for test in rules.tests.values())

    return _beginning(incomplete, context, offers)


def _last_of_list(incomplete: str, context: typer.Context, offers: Callable[["Rules"], Iterable[Offer]]) -> list[Offer]:
    """The offers for what follows the last comma, with the list before it, and without what is in that list already."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [(f"{before}{comma}{name}", what) for name, what in _beginning(last, context, offers) if name not in taken]


def _beginning(incomplete: str, context: typer.Context, offers: Callable[["Rules"], Iterable[Offer]]) -> list[Offer]:
    from poems_cli.errors import PoemsError
    from poems_cli.rules.loading import load_rules

    try:
        rules = load_rules(context.params.get("rules"))
    except PoemsError:
        return []
    return list({name: (name, what) for name, what in offers(rules) if name.startswith(incomplete)}.values())
