"""Columns defined by columns, laid out in stages: each is worked out once, and read by name from then on.

Written out in one expression, a definition that is used ten times would be worked out ten times, and what follows from it a
hundred times. A stage is a common table expression; what depends on the columns of one stage goes into the next.
"""

import re
from collections.abc import Container, Sequence
from functools import cache

from sqlglot import exp, tokenize
from sqlglot.dialects.dialect import Dialect

from poems_cli.sql import logic

DIALECTS = ("duckdb", "postgres", "spark", "snowflake", "bigquery")

_PLAIN = re.compile("[a-z_][a-z0-9_]*")
_NOT_PLAIN = re.compile("[^a-z0-9_]+")
_LONGEST = 60  # Postgres cuts what is longer than 63 letters, and then two names may be one
#: Words that Snowflake keeps for itself and sqlglot does not know of.
_RESERVED = {"gscluster", "increment", "issue", "organization", "start"}


def name_of(name: str) -> exp.Identifier:
    """The name of a column as written in a table: plain small letters mean the same in upper case, any other is quoted."""
    return exp.to_identifier(name, quoted=not _is_plain(name))


@cache
def _is_plain(name: str) -> bool:
    """Whether a name needs no quotes in any dialect."""
    if not _PLAIN.fullmatch(name) or name in _RESERVED:
        return False
    generators = [Dialect.get_or_raise(dialect).generator_class for dialect in DIALECTS]
    return not any(name in generator.RESERVED_KEYWORDS for generator in generators) and all(
        tokenize(name, read=dialect)[0].token_type.name == "VAR" for dialect in DIALECTS
    )


class Columns:
    """The columns of one query, from those of its table on."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._defined: dict[str, exp.Expr] = {}
        self._names: dict[exp.Expr, str] = {}
        self._by_heading: dict[str, str] = {}

    def given(self, heading: str, name: str) -> exp.Expr:
        """A column of the table, under a name for this query."""
        if heading not in self._by_heading:
            self._by_heading[heading] = self._unique(name)
            self._given[self._by_heading[heading]] = heading
        return exp.column(self._by_heading[heading])

    def define(self, name: str, term: logic.Term) -> logic.Term:
        """The term as a column, under this name or a longer one; constants, columns and what is there already stay so."""
        if not logic.is_open(term) or isinstance(term, exp.Column):
            return term
        known = self._names.get(term)
        if known is None:
            known = self._names[term] = self._unique(name)
            self._defined[known] = term
        return logic.with_values(exp.column(known), logic.values_of(term))

    def _unique(self, name: str) -> str:
        plain = _NOT_PLAIN.sub("_", name.lower())[:_LONGEST]
        found = plain = plain if _is_plain(plain) else f"a_{plain}"
        number = 1
        while found in self._defined or found in self._given:
            number += 1
            found = f"{plain[: _LONGEST - 5]}_{number}"
        return found

    def query(
        self, outputs: Sequence[tuple[str, exp.Expr]], table: exp.Expr, *, is_fenced: bool
    ) -> tuple[exp.Select, frozenset[str]]:
        """The query that gives the outputs over a table, and the headings of the table that it reads.

        ``is_fenced`` keeps an engine from putting one stage into the next, where it would be worked out many times.
        """
        needed = {name for _, tree in outputs for name in _columns_read(tree)}
        last = set(needed)
        for name, tree in reversed(self._defined.items()):
            if name in needed:
                needed |= _columns_read(tree)
        given = {name: heading for name, heading in self._given.items() if name in needed}
        lists: list[list[exp.Expr]] = []
        for made in reversed(self._stages(needed)):
            carried = sorted(name for name in last if name not in made)
            lists.append([*map(exp.column, carried), *[_named(self._defined[name], name) for name in made]])
            last = set(carried).union(*[_columns_read(self._defined[name]) for name in made])
        lists.append([_named(exp.column(name_of(heading)), name) for name, heading in given.items()])
        query, source = exp.Select(expressions=[_named(tree, name) for name, tree in outputs]), table
        for place, columns in enumerate(reversed(lists)):
            stage = exp.Select(expressions=columns or [_named(exp.Literal.number(1), "nothing")]).from_(source, copy=False)
            source = exp.to_table(f"stage_{place}" if place else "given")
            query = query.with_(source.name, stage.offset(0, copy=False) if is_fenced else stage, copy=False)
        return query.from_(source, copy=False), frozenset(given.values())

    def _stages(self, needed: Container[str]) -> list[list[str]]:
        """The columns of each stage: those that read no other column of it, nor of a later one."""
        stages: list[list[str]] = []
        level = dict.fromkeys(self._given, 0)
        for name, tree in self._defined.items():
            if name in needed:
                level[name] = 1 + max([level[column] for column in _columns_read(tree)], default=0)
                stages += [[] for _ in range(level[name] - len(stages))]
                stages[level[name] - 1].append(name)
        return stages


def _columns_read(tree: exp.Expr) -> set[str]:
    """The columns that an expression reads."""
    return {column.name for column in tree.find_all(exp.Column)}


def _named(tree: exp.Expr, name: str) -> exp.Expr:
    is_named = isinstance(tree, exp.Column) and tree.name == name
    return tree if is_named else exp.alias_(tree, name_of(name))
