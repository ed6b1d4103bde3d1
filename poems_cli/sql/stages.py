"""Columns defined by columns, laid out in stages: each is computed once, and read by name from then on.

Written out in one expression, a definition that is used ten times would be computed ten times, and what follows from it a
hundred times. A stage is a common table expression; what depends on columns of one stage stands in the next.
"""

from collections.abc import Collection

from poems_cli.sql import rails
from poems_cli.sql.text import Rails, Term, Text, column, is_column, quoted


class Stages:
    """The columns of one query, from those of its source on."""

    def __init__(self, in_rails: bool = False) -> None:
        """``in_rails`` says whether truths that are defined become two bytes each, in DuckDB's words alone."""
        self.in_rails = in_rails
        self._levels: dict[str, int] = {}
        self._stages: list[list[tuple[str, str]]] = []
        self._reads: dict[str, frozenset[str]] = {}

    def given(self, name: str) -> Text:
        """A column of the source."""
        self._levels.setdefault(name, 0)
        return column(name)

    def define(self, name: str, term: Term) -> Term:
        """The truth as a column of this name, or as two; constants and what is there already stay what they are."""
        if isinstance(term, Rails):
            true = self._rail(f"{name}__t", Text(term.true, term.columns))
            if term.false == rails.opposite(term.true):
                return term._replace(true=true.sql, false=rails.opposite(true.sql), columns=true.columns)
            false = self._rail(f"{name}__f", Text(term.false, term.columns))
            return term._replace(true=true.sql, false=false.sql, columns=true.columns | false.columns)
        if not isinstance(term, Text):
            return term
        if self.in_rails:
            return self._in_rails(name, term)
        return term if is_column(term) else self.add(name, term)._replace(values=term.values)

    def shared(self, name: str, term: Term) -> Term:
        """A truth that several terms read, in the form in which it costs least to read it again and again."""
        return self.define(name, term) if self.in_rails else term

    def _rail(self, name: str, rail: Text) -> Text:
        return rail if rails.is_told(rail.sql) else self.add(name, rail)

    def _in_rails(self, name: str, term: Text) -> Term:
        if None not in term.values:
            return self.define(name, rails.of_text(term))
        given = term if is_column(term) else self.add(name, term)
        is_true, is_unknown = rails.of_column(given)
        true, unknown = self.add(f"{name}__t", is_true), self.add(f"{name}__u", is_unknown)
        false = self.add(f"{name}__f", rails.neither(true, unknown))
        return Rails(true.sql, false.sql, true.columns | false.columns, term.values)

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
        self._reads[name] = value.columns
        return column(name)

    def columns(self) -> list[list[tuple[str, str]]]:
        """The columns of each stage, with the SQL of each."""
        return [list(stage) for stage in self._stages]

    def sql(self, source: str, first: str, needed: Collection[str] | None = None) -> tuple[str, str]:
        """The common table expressions, and the name of the last one; the first reads from ``source``.

        The last one has the ``needed`` columns, each other what it or a later one needs, and no more: what is bound in vain
        makes a large part of the planning. Without ``needed`` each has everything.
        """
        parts = []
        before = source
        for number, columns in enumerate(self.select_lists(needed), 1):
            listed = ",\n    ".join(columns)
            parts.append(f"{first}_{number} AS (\n  SELECT\n    {listed}\n  FROM {before}\n)")
            before = f"{first}_{number}"
        return ",\n".join(parts), before

    def select_lists(self, needed: Collection[str] | None = None) -> list[list[str]]:
        """The select list of each stage, as :meth:`sql` has it."""
        if needed is None:
            return [["*", *[_named(value, name) for name, value in stage]] for stage in self._stages]
        laid = []
        for stage in reversed(self._stages):
            made = {name: value for name, value in stage if name in needed}
            carried = [name for name in needed if name not in made]
            columns = [*map(quoted, carried), *[_named(value, name) for name, value in made.items()]]
            laid.append(columns or ["0 AS nothing"])
            needed = dict.fromkeys([*carried, *[name for one in made for name in sorted(self._reads[one])]])
        return laid[::-1]


def _named(value: str, name: str) -> str:
    return f"{value} AS {quoted(name)}"
