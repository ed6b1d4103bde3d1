"""Columns defined by columns, laid out in stages: each is worked out once, and read by name from then on.

Written out in one expression, a definition that is used ten times would be worked out ten times, and what follows from it a
hundred times. A stage is a common table expression; what depends on columns of one stage stands in the next.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from sqlglot import exp, tokenize
from sqlglot.dialects.dialect import Dialect

from poems_cli.sql_query import logic
from poems_cli.sql_query.logic import Term

DIALECTS = ("duckdb", "postgres", "spark", "snowflake", "bigquery")

_PLAIN = re.compile("[a-z_][a-z0-9_]*")
_NOT_PLAIN = re.compile("[^a-z0-9_]+")
_LONGEST = 60  # Postgres cuts what is longer than 63 letters, and then two names may be one
_SHORT = 5  # nodes of an expression, as NOT x IS NULL
#: Words that Snowflake keeps for itself and sqlglot does not know of.
_RESERVED = {"gscluster", "increment", "issue", "organization", "start"}


def name_of(name: str) -> exp.Identifier:
    """The name of a column as it stands in a table: plain small letters mean the same in upper case, any other is quoted."""
    return exp.to_identifier(name, quoted=not _is_plain(name))


@cache
def _is_plain(name: str) -> bool:
    """Whether a name needs no quotes in any dialect."""
    if not _PLAIN.fullmatch(name) or name in _RESERVED:
        return False
    generators = [Dialect.get_or_raise(one).generator_class for one in DIALECTS]
    return not any(name in one.RESERVED_KEYWORDS for one in generators) and all(
        tokenize(name, read=one)[0].token_type.name == "VAR" for one in DIALECTS
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

    def define(self, name: str, term: Term) -> Term:
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

    def laid_out(self, outputs: Sequence[tuple[str, exp.Expr]]) -> "Layout":
        """The stages that the outputs need, and the outputs over the last of them.

        What is read in one place alone stands there, as does what is short, and makes no column.
        """
        uses: Counter[str] = Counter()
        inlined: set[str] = set()
        for _, tree in outputs:
            uses.update(_read(tree))
        for name, tree in reversed(self._defined.items()):
            if uses[name] == 1 or sum(1 for _ in tree.walk()) <= _SHORT:
                inlined.add(name)
            for one in _read(tree) if uses[name] else ():
                uses[one] += uses[name] if name in inlined else 1
        whole: dict[str, exp.Expr] = {}
        stages: list[dict[str, exp.Expr]] = []
        level = dict.fromkeys(self._given, 0)
        for name, tree in self._defined.items():
            if not uses[name]:
                continue
            whole[name] = _filled(tree, inlined, whole)
            if name not in inlined:
                level[name] = 1 + max([level[one] for one in _read(whole[name])], default=0)
                while len(stages) < level[name]:
                    stages.append({})
                stages[level[name] - 1][name] = whole[name]
        given = {name: heading for name, heading in self._given.items() if uses[name]}
        return Layout(given, stages, [(name, _filled(tree, inlined, whole)) for name, tree in outputs])


class Layout(NamedTuple):
    """The columns of the table that a query reads (its name for each, and the heading), its stages, and its outputs."""

    given: Mapping[str, str]
    stages: Sequence[Mapping[str, exp.Expr]]
    outputs: Sequence[tuple[str, exp.Expr]]

    def query(self, table: exp.Expr, is_fenced: bool) -> exp.Select:
        """The query over a table.

        ``is_fenced`` keeps an engine from putting one stage into the next, where it would be worked out many times.
        """
        later = [set[str]() for _ in self.stages] + [{one for _, tree in self.outputs for one in _read(tree)}]
        for number in range(len(self.stages) - 1, -1, -1):
            made = self.stages[number]
            reads = {one for tree in made.values() for one in _read(tree)}
            later[number] = (later[number + 1] - made.keys()) | reads
        lists = [[_named(exp.column(name_of(heading)), name) for name, heading in self.given.items()]]
        carried = list(self.given)
        for number, made in enumerate(self.stages):
            carried = [name for name in carried if name in later[number + 1]]
            lists.append([*map(exp.column, carried), *[_named(tree, name) for name, tree in made.items()]])
            carried += made
        query = exp.Select(expressions=[exp.alias_(tree, name_of(name), copy=False) for name, tree in self.outputs])
        source = table
        for number, columns in enumerate(lists):
            stage = exp.Select(expressions=columns or [_named(exp.Literal.number(1), "nothing")]).from_(source, copy=False)
            name = f"stage_{number}" if number else "given"
            query = query.with_(name, stage.offset(0, copy=False) if is_fenced else stage, copy=False)
            source = exp.to_table(name)
        return query.from_(source, copy=False)


def _read(tree: exp.Expr) -> list[str]:
    """The columns that an expression reads, each as often as it does."""
    return [one.name for one in tree.find_all(exp.Column)]


def _named(tree: exp.Expr, name: str) -> exp.Expr:
    is_named = isinstance(tree, exp.Column) and tree.name == name
    return tree if is_named else exp.alias_(tree, name_of(name), copy=False)


def _filled(tree: exp.Expr, inlined: set[str], whole: Mapping[str, exp.Expr]) -> exp.Expr:
    """An expression in which what makes no column stands written out."""

    def fill(node: exp.Expr) -> exp.Expr:
        return logic.operand(whole[node.name]) if isinstance(node, exp.Column) and node.name in inlined else node

    return tree.transform(fill)
