"""The columns of an answer: which there are, what each is called, and which are given unless others are asked for."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.engine.criteria import condition_element, conditions
from poems_cli.engine.logic import trace
from poems_cli.errors import usage_error
from poems_cli.finding_names import column_name
from poems_cli.model import NOTHING_KNOWN, CriteriaSet, Rules

Kind: TypeAlias = Literal[
    "id", "verdict", "level", "present", "unknown", "steps", "test", "red_flags", "warnings", "contradictions",
    "not_understood", "mimic",
]  # fmt: skip

#: How many mimics a row has columns for.
MIMICS = 3


class AnswerColumn(NamedTuple):
    """One column of the answer.

    ``criteria`` is the set it belongs to; ``place`` the position of a condition among all conditions of the set's levels, or of
    a mimic, from 0.
    """

    name: str
    kind: Kind
    criteria: str = ""
    place: int = 0

    @property
    def is_count(self) -> bool:
        """Whether it holds whole numbers."""
        return self.kind in ("present", "unknown", "steps", "not_understood")


def condition_names(criteria: CriteriaSet) -> list[str]:
    """A name for each condition of each level of a set, from the highest level down; no two are alike."""
    names: list[str] = []
    several = len(criteria.levels) > 1
    for level in criteria.levels:
        prefix = f"{criteria.id} {level.id}" if several else criteria.id
        for condition in conditions(level.expression):
            name = column_name(f"{prefix} {condition_element(trace(condition, NOTHING_KNOWN)).id}")
            alike = sum(other == name or other.startswith(f"{name}_no_") for other in names)
            names.append(f"{name}_no_{alike + 1}" if alike else name)
    return names


def every_column(rules: Rules, criteria: Sequence[str]) -> list[AnswerColumn]:
    """All columns that can be answered, in order; the first of the ``criteria`` is the default set."""
    columns = [AnswerColumn("id", "id")]
    for set_id in criteria:
        columns.append(AnswerColumn(column_name(set_id), "verdict", set_id))
        if len(rules.criteria[set_id].levels) > 1:
            columns.append(AnswerColumn(f"{column_name(set_id)}_level", "level", set_id))
    for set_id in criteria:
        columns += _counts(rules.criteria[set_id])
    columns += [
        AnswerColumn("steps_to_met", "steps"),
        AnswerColumn("next_test", "test"),
        AnswerColumn("red_flags", "red_flags"),
        AnswerColumn("warnings", "warnings"),
        AnswerColumn("contradictions", "contradictions"),
        AnswerColumn("not_understood", "not_understood"),
    ]
    if rules.mimics:
        columns += [AnswerColumn(f"mimic_{place + 1}", "mimic", place=place) for place in range(MIMICS)]
    return columns


def _counts(criteria: CriteriaSet) -> Iterator[AnswerColumn]:
    for place, name in enumerate(condition_names(criteria)):
        yield AnswerColumn(f"{name}_present", "present", criteria.id, place)
        yield AnswerColumn(f"{name}_unknown", "unknown", criteria.id, place)


def usual_columns(columns: Sequence[AnswerColumn], default: str, mimics: bool) -> list[AnswerColumn]:
    """The columns given unless others are asked for: every verdict, the counts of the default set, and what follows."""
    return [
        column
        for column in columns
        if (column.kind not in ("present", "unknown") or column.criteria == default) and (column.kind != "mimic" or mimics)
    ]


def chosen_columns(names: Sequence[str], columns: Sequence[AnswerColumn], usual: Sequence[AnswerColumn]) -> list[AnswerColumn]:
    """The columns of these names, in their order; ``all`` stands for every one, ``usual`` for those given anyway.

    Raises :class:`PoemsError` for a name that no column has.
    """
    from poems_cli.suggestions import did_you_mean

    by_name = {column.name: column for column in columns}
    chosen: dict[str, AnswerColumn] = {}
    for name in names:
        if name in ("all", "usual"):
            chosen |= {column.name: column for column in (columns if name == "all" else usual)}
        elif name in by_name:
            chosen[name] = by_name[name]
        else:
            mend = did_you_mean(name, [*by_name, "all", "usual"]) or f"there are {', '.join(by_name)}"
            raise usage_error("--columns", f"no column {name!r}", mend)
    return list(chosen.values())
