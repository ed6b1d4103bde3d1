"""The reference of the columns that ``poems screen`` answers, in Markdown."""

from collections.abc import Iterator

from making.markdown import code, table
from poems_cli.commands.command_help import SETS
from poems_cli.engine.answer_columns import AnswerColumn, every_column, usual_columns
from poems_cli.explain.topics import Index
from poems_cli.finding_names import column_name
from poems_cli.rules.loading import load_rules

_MEANINGS = {
    "id": "the patient, as text; the row's number where no column names the patient",
    "verdict": "met, not met or undetermined",
    "level": "the highest level met; blank where none is",
    "present": "how many of its elements are present, and how many are unknown",
    "steps": "the fewest further answers that would meet the default set: 0 where it is met, blank where nothing would",
    "test": "the test to begin with, by gain per burden for the default set alone; blank where the default set is settled",
    "red_flags": "ids of the red flags that are present, for a patient who has a label, joined by semicolons",
    "warnings": "ids of the warnings, joined by semicolons",
    "contradictions": "ids of the findings about which the row contradicts itself, joined by semicolons",
    "not_understood": "how many cells of the row were not understood; each counts as unknown",
    "mimic": "a mimic to consider, by rank; blank where there are fewer",
}


def columns_reference() -> Iterator[str]:
    """Every column by its name, its type, whether it is given without being asked for, and what it says."""
    rules = load_rules()
    every = every_column(rules, list(SETS))
    usual = {column.name for column in usual_columns(every, rules.default_criteria, mimics=False)}
    index = Index(rules)
    rows = [
        (
            _name(column),
            "whole number" if column.is_count else "text",
            "yes" if column.name in usual else "",
            _meaning(column, index),
        )
        for column in every
        if column.kind != "unknown"  # in the row of what is present
    ]
    yield from table(("column", "type", "usual", "what it says"), rows)


def _name(column: AnswerColumn) -> str:
    if column.kind != "present":
        return code(column.name)
    return f"{code(column.name)}, {code(column.name.removesuffix('present') + 'unknown')}"


def _meaning(column: AnswerColumn, index: Index) -> str:
    meaning = _MEANINGS.get(column.kind, "")
    if column.kind == "present":
        topics = index.find(column.name)
        title = topics[0].title if topics else "condition"
        if title.startswith("condition"):  # one that has no name of its own: its finding
            own = column.name.removeprefix(f"{column_name(column.criteria)}_").removesuffix("_present")
            own = own.removeprefix(f"{title.rpartition(', level ')[2]}_")
            title = title.replace("condition", own.replace("_", " "), 1)
        return f"{title}: {meaning}"
    return f"{meaning} (`{column.criteria}`)" if column.criteria else meaning
