"""Columns defined by columns, laid out in stages: each is computed once, and read by name from then on.

Written out in one expression, a definition that is used ten times would be computed ten times, and what follows from it a
hundred times. A stage is a common table expression; what hangs on columns of one stage stands in the next.
"""

from poems_cli.sql.terms import Term, Text, column, is_column, quoted


class Stages:
    """The columns of one query, from those of its source on."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        self._stages: list[list[tuple[str, str]]] = []

    def given(self, name: str) -> Text:
        """A column of the source."""
        self._levels.setdefault(name, 0)
        return column(name)

    def define(self, name: str, term: Term) -> Term:
        """The term as a column of this name; constants and plain columns stay what they are."""
        if not isinstance(term, Text) or is_column(term):
            return term
        return self.add(name, term)._replace(values=term.values)

    def add(self, name: str, value: Text) -> Text:
        """The value as a column of this name."""
        if name in self._levels:
            message = f"the column {name} is defined twice"
            raise ValueError(message)
        level = 1 + max([self._levels[one] for one in value.columns], default=0)
        self._levels[name] = level
        while len(self._stages) < level:
            self._stages.append([])
        self._stages[level - 1].append((name, value.sql))
        return column(name)

    def columns(self) -> list[list[tuple[str, str]]]:
        """The columns of each stage, with the SQL of each."""
        return [list(stage) for stage in self._stages]

    @property
    def layers(self) -> list[list[tuple[str, str]]]:
        """The names and the SQL of the columns of each stage, the first stage first."""
        return self._stages

    def sql(self, source: str, first: str) -> tuple[str, str]:
        """The common table expressions, and the name of the last one; the first reads from ``source``."""
        parts = []
        before = source
        for number, stage in enumerate(self._stages, 1):
            name = f"{first}_{number}"
            columns = ",\n    ".join(f"{value} AS {quoted(each)}" for each, value in stage)
            parts.append(f"{name} AS (\n  SELECT *,\n    {columns}\n  FROM {before}\n)")
            before = name
        return ",\n".join(parts), before


def named(value: Text | int | str, name: str) -> str:
    """A value under a name, as a select list has it."""
    return f"{value.sql if isinstance(value, Text) else value} AS {quoted(name)}"
