"""Expressions in DuckDB's words -> the words of another engine.

sqlglot knows most of what differs. What is here, it cannot know or does otherwise: that a text is no number, where a group of a
regular expression matched nothing, that no text of these is NULL, and that T-SQL keeps no truths. sqlglot is heavy: import this
module only to write SQL.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias
from zlib import crc32

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from poems_cli.sql.bits import Tree, in_bits, is_truth

Rule: TypeAlias = Callable[[Tree], Tree]

DIALECTS = ("duckdb", "spark", "postgres", "snowflake", "bigquery", "tsql")
#: The dialects that can take the cells of a text apart.
TAKES_TEXT_APART = tuple([one for one in DIALECTS if one != "tsql"])

_READ = "duckdb"
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
#: Plain words that at least one of the dialects keeps for itself.
_RESERVED = frozenset(
    """
    all alter analyse analyze and any array as asc asymmetric at authorization backup begin between bigint both break browse
    bulk by cascade case cast check checkpoint close clustered coalesce collate column commit compute connect constraint
    contains continue convert create cross cube current cursor database dbcc deallocate declare default deferrable define
    delete deny desc describe disk distinct distributed do double drop dump else end enum errlvl escape except exclude exec
    execute exists exit external extract false fetch file fillfactor following for foreign freetext from full function grant
    group grouping groups gscluster hash having holdlock identity if ignore ilike in increment index initially inner insert
    intersect interval into is isnull issue issues join key kill lambda lateral leading left like limit lineno load localtime
    lookup merge minus national natural new no nocheck nonclustered not notnull null nullif nulls of off offset offsets old on
    only open option or order organization outer over overlaps partition percent pivot placing plan preceding precision primary
    print proc procedure proto public qualify raiserror range read readtext reconfigure recursive references regexp replication
    respect restore restrict return returning revert revoke right rlike rollback rollup row rowcount rowguidcol rows rule sample
    save schema securityaudit select semi session_user set setuser shutdown similar some start statistics struct summarize
    symmetric system_user table tablesample textsize then to top trailing tran transaction treat trigger true truncate
    try_cast try_convert tsequal unbounded union unique unnest unpivot update updatetext use user using values variadic varying
    verbose view waitfor when whenever where while window with within writetext
    """.split()  # noqa: SIM905  (as a list it would be four times as long)
)  # fmt: skip


class Writer:
    """Writes expressions in one dialect, each under the name of a column that later ones may read."""

    def __init__(self, dialect: str, truths: Iterable[str] = ()) -> None:
        """``truths`` are the columns of the source that hold truths."""
        self.dialect = dialect
        self._in_bits = dialect == "tsql"
        self._truths = set(truths)
        self._rules: Mapping[type[Tree], Rule] = {**_EVERYWHERE, **_RULES.get(dialect, {})}

    def column(self, name: str, tree: Tree) -> str:
        """An expression under its name."""
        return f"{self.expression(name, tree)} AS {self.name(name)}"

    def expression(self, name: str, tree: Tree) -> str:
        """An expression that makes the column of this name."""
        if self._in_bits:
            holds = is_truth(tree, self._truths)
            tree = in_bits(tree, self._truths)
            if holds:
                self._truths.add(name)
        return _rewritten(tree, self._rules).sql(dialect=self.dialect)

    def name(self, name: str) -> str:
        """The name of a column: plain words in lower case as they are, any other exactly as it stands."""
        return str(_rewritten(exp.to_identifier(name, quoted=True), self._rules).sql(dialect=self.dialect))

    def name_in_table(self, name: str) -> str:
        """The name of a column that a table has already."""
        return str(_bare(exp.to_identifier(name, quoted=True)).sql(dialect=self.dialect))

    def table(self, given: str) -> str:
        """The name of a table as the user writes it in this dialect. Raises ValueError if it is none."""
        try:
            table = parse_one(given, into=exp.Table, read=self.dialect)
        except SqlglotError:
            table = None
        if not isinstance(table, exp.Table) or {key for key, value in table.args.items() if value} - {"this", "db", "catalog"}:
            message = f"'{given}' is no name of a table in {self.dialect}"
            raise ValueError(message)
        return table.sql(dialect=self.dialect)

    @property
    def fence(self) -> str:
        """What ends a stage, so that the engine does not put it into the next one, where it would be worked out many times."""
        return "\n  OFFSET 0" if self.dialect == "postgres" else ""


def parsed(sql: str) -> Tree:
    """An expression, read from DuckDB's words."""
    return parse_one(sql, read=_READ)


def columns_of(tree: Tree) -> set[str]:
    """The columns that an expression reads."""
    return {one.name for one in tree.find_all(exp.Column)}


def _rewritten(tree: Tree, rules: Mapping[type[Tree], Rule]) -> Tree:
    """An expression with the rules applied, what is inside first; literals last, for other rules read them."""
    root = exp.Paren(this=tree.copy())
    for kinds in ([kind for kind in rules if kind is not exp.Literal], [exp.Literal]):
        for node in reversed(list(root.find_all(*kinds))):
            rule = rules.get(type(node))
            if rule is not None:
                node.replace(rule(node))
    found: Tree = root.this
    return found


# --- what holds everywhere --------------------------------------------------------------------------------------------


def _bare(name: Tree) -> Tree:
    """A plain name is not quoted, so that it means the same whether an engine keeps names in upper or in lower case."""
    is_plain = _PLAIN.fullmatch(name.name) and name.name not in _RESERVED
    return exp.to_identifier(name.name, quoted=not is_plain)


def _without_nulls(concat: Tree) -> Tree:
    """None of the texts joined is NULL, which engines treat differently."""
    return exp.Concat(expressions=concat.expressions, safe=False, coalesce=False)


def _of_numbers(greatest: Tree) -> Tree:
    """None of the numbers compared is NULL."""
    return exp.Greatest(this=greatest.this, expressions=greatest.expressions, ignore_nulls=False)


def _listed_once(tree: Tree) -> Tree:
    """``x IN (1, 2) OR x IN (3)`` as one list."""
    operands: list[Tree] = list(tree.flatten(unnest=False))
    lists: dict[str, exp.In] = {}
    kept: list[Tree] = []
    for one in operands:
        bare = one.unnest()
        words = _words(bare)
        if words is None:
            kept.append(one)
            continue
        key = bare.this.sql()
        if key in lists:
            lists[key].set("expressions", [*lists[key].expressions, *words])
        else:
            lists[key] = exp.In(this=bare.this, expressions=words)
            kept.append(lists[key])
    if len(kept) == len(operands):
        return tree
    return kept[0] if len(kept) == 1 else exp.Or(this=_any_of(kept[:-1]), expression=kept[-1])


def _once_negated(tree: Tree) -> Tree:
    inner = tree.this.unnest()
    found: Tree = inner.this if isinstance(inner, exp.Not) and isinstance(inner.this, exp.Is) else tree
    return found


def _any_of(terms: Sequence[Tree]) -> Tree:
    joined = terms[0]
    for one in terms[1:]:
        joined = exp.Or(this=joined, expression=one)
    return joined


def _words(tree: Tree) -> list[Tree] | None:
    """The words that something is compared with; ``None`` if it is another comparison."""
    words: list[Tree] = tree.expressions if isinstance(tree, exp.In) else [tree.expression] if isinstance(tree, exp.EQ) else []
    return words if words and all(isinstance(one, exp.Literal) and one.is_string for one in words) else None


def _short(name: Tree) -> Tree:
    """Postgres cuts what is longer, and then two names may be one."""
    if len(name.name) <= _POSTGRES_NAME:
        return _bare(name)
    return _bare(exp.to_identifier(f"{name.name[: _POSTGRES_NAME - 9]}_{crc32(name.name.encode()):08x}"))


_POSTGRES_NAME = 63

_EVERYWHERE: Mapping[type[Tree], Rule] = {
    exp.Identifier: _bare,
    exp.Concat: _without_nulls,
    exp.Or: _listed_once,
    exp.Not: _once_negated,
}

# --- numbers ----------------------------------------------------------------------------------------------------------


def _like(sql: str, dialect: str) -> Callable[..., Tree]:
    """Makes expressions from a pattern with ``:names`` for what stands in it."""
    pattern = parse_one(sql, read=dialect)
    return lambda **parts: exp.replace_placeholders(pattern.copy(), **{name: one.copy() for name, one in parts.items()})


_POSTGRES_NUMBER = _like(
    r"""CASE
    WHEN :x ~ '^[-+]?([0-9]{1,200}([.][0-9]{0,200})?|[.][0-9]{1,200})([eE][-+]?0*[0-9]{1,2})?$'
    THEN CAST(:x AS DOUBLE PRECISION)
    WHEN :x ~ '^[-+]?(([0-9]+([.][0-9]*)?|[.][0-9]+)[eE]-|(0+([.]0*)?|[.]0+)[eE][+]?)[0-9]+$' THEN CAST('0' AS DOUBLE PRECISION)
    WHEN :x ~ '^[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+]?[0-9]+)?$' THEN CAST('Infinity' AS DOUBLE PRECISION)
    END""",
    "postgres",
)
_EQUALS_NAN = _like("(:x = CAST('NaN' AS DOUBLE PRECISION))", "postgres")
_IS_NULL = _like("(:x IS NULL)", "duckdb")


def _postgres_number(cast: Tree) -> Tree:
    """Postgres stops at a text that is no number, or too great for one."""
    return exp.Paren(this=_POSTGRES_NUMBER(x=cast.this))


def _snowflake_number(cast: Tree) -> Tree:
    return exp.Anonymous(this="TRY_TO_DOUBLE", expressions=[cast.this])


def _equals_nan(tree: Tree) -> Tree:
    """NaN is a number that equals itself there."""
    return _EQUALS_NAN(x=tree.this)


def _never_nan(tree: Tree) -> Tree:
    """Where no column can hold NaN."""
    return _IS_NULL(x=tree.this)


def _tsql_literal(literal: Tree) -> Tree:
    """T-SQL takes a whole number beyond 32 bits for a decimal, which has no bits; other letters need a national text."""
    if literal.is_string:
        plain = _by_numbers("NCHAR", " + ", "N")(literal)
        return exp.National(this=literal.name) if plain is literal and not literal.name.isascii() else plain
    if literal.name.isdigit() and int(literal.name) >= 1 << 31:
        return exp.cast(literal.copy(), "BIGINT")
    return literal


# --- what cannot be seen in a text ------------------------------------------------------------------------------------


def _by_numbers(function: str, joined: str, before: str = "") -> Rule:
    """Letters that an editor could change or lose, as the number of each."""

    def turned(literal: Tree) -> Tree:
        if not literal.is_string or literal.name.isprintable():
            return literal
        pieces = []
        for seen, letters in groupby(literal.name, str.isprintable):
            words = "".join(letters)
            quoted = words.replace("'", "''")
            pieces += [f"{before}'{quoted}'"] if seen else [f"{function}({ord(letter)})" for letter in words]
        return exp.Var(this=f"({joined.join(pieces)})")

    return turned


def _by_escapes(before: str = "") -> Rule:
    """Letters that an editor could change or lose, each behind a backslash."""

    def turned(literal: Tree) -> Tree:
        if not literal.is_string or literal.name.isprintable():
            return literal
        shown = "".join(one if one.isprintable() and one not in "\\'" else f"\\u{ord(one):04x}" for one in literal.name)
        return exp.Var(this=f"{before}'{shown}'")

    return turned


# --- texts ------------------------------------------------------------------------------------------------------------

_GROUP = re.compile(r"\[[^\]]*\]|\((\?:|\?s\))?")


def only_group(pattern: str, wanted: int) -> str:
    """A regular expression in which no group but one keeps what it matches."""
    number = 0

    def turned(match: re.Match[str]) -> str:
        nonlocal number
        if match[0] != "(":
            return match[0]
        number += 1
        return "(" if number == wanted else "(?:"

    return _GROUP.sub(turned, pattern)


def every_group(pattern: str, wanted: int) -> tuple[str, int]:
    """A regular expression in which every group keeps what it matches, and which one of them is the one wanted.

    For engines that know no others. It begins without its setting.
    """
    number = kept = place = 0

    def turned(match: re.Match[str]) -> str:
        nonlocal number, kept, place
        if match[0].startswith("[") or match[0] == "(?s)":
            return "" if match[0] == "(?s)" else match[0]
        kept += 1
        if match[0] == "(":
            number += 1
            place = kept if number == wanted else place
        return "("

    return _GROUP.sub(turned, pattern), place


def _group_of(tree: Tree) -> tuple[str, int]:
    group = tree.args.get("group")
    return tree.expression.name, int(group.name) if group is not None else 1


def _or_nothing(tree: Tree) -> Tree:
    """A group that matches nothing is an empty text."""
    return exp.Coalesce(this=tree, expressions=[exp.Literal.string("")])


def _one_group(name: str) -> Rule:
    def turned(tree: Tree) -> Tree:
        pattern = exp.Literal.string(only_group(*_group_of(tree)))
        return _or_nothing(exp.Anonymous(this=name, expressions=[tree.this, pattern]))

    return turned


def _snowflake_group(tree: Tree) -> Tree:
    pattern, place = every_group(*_group_of(tree))
    rest = [exp.Literal.number(1), exp.Literal.number(1), exp.Literal.string("se"), exp.Literal.number(place)]
    return _or_nothing(exp.Anonymous(this="REGEXP_SUBSTR", expressions=[tree.this, exp.Literal.string(pattern), *rest]))


def _snowflake_match(tree: Tree) -> Tree:
    """A pattern matches the whole text there, or nothing."""
    pattern, _ = every_group(tree.expression.name, 0)
    whole = pattern if pattern.endswith("$") else f"{pattern}.*"
    words = [exp.Literal.string(whole), exp.Literal.string("s")]
    return exp.Anonymous(this="REGEXP_LIKE", expressions=[tree.this, *words])


def _found_at(name: str) -> Rule:
    def turned(tree: Tree) -> Tree:
        found = exp.Anonymous(this=name, expressions=[tree.this, tree.expression])
        return exp.Paren(this=exp.GT(this=found, expression=exp.Literal.number(0)))

    return turned


def _spark_group(tree: Tree) -> Tree:
    """The first group is said, too, so that nothing depends on what an engine takes when it is not."""
    pattern, group = _group_of(tree)
    words = [exp.Literal.string(pattern), exp.Literal.number(group)]
    return exp.Anonymous(this="REGEXP_EXTRACT", expressions=[tree.this, *words])


_TSQL_SUBSTRING = _like("SUBSTRING(:x, :start, 8000)", "tsql")


def _tsql_rest(tree: Tree) -> Tree:
    """T-SQL wants to be told how much of a text is left."""
    if tree.args.get("length") is not None:
        return tree
    return _TSQL_SUBSTRING(x=tree.this, start=tree.args["start"])


_RULES: Mapping[str, Mapping[type[Tree], Rule]] = {
    "duckdb": {exp.Literal: _by_numbers("CHR", " || ")},
    "spark": {exp.Literal: _by_escapes(), exp.RegexpExtract: _spark_group},
    "postgres": {
        exp.Identifier: _short,
        exp.Literal: _by_escapes("E"),
        exp.TryCast: _postgres_number,
        exp.IsNan: _equals_nan,
        exp.RegexpExtract: _one_group("SUBSTRING"),
        exp.Contains: _found_at("STRPOS"),
    },
    "snowflake": {
        exp.Literal: _by_escapes(),
        exp.TryCast: _snowflake_number,
        exp.IsNan: _equals_nan,
        exp.Greatest: _of_numbers,
        exp.RegexpExtract: _snowflake_group,
        exp.RegexpLike: _snowflake_match,
    },
    "bigquery": {
        exp.Literal: _by_escapes(),
        exp.RegexpExtract: _one_group("REGEXP_EXTRACT"),
        exp.Contains: _found_at("STRPOS"),
    },
    "tsql": {exp.IsNan: _never_nan, exp.Literal: _tsql_literal, exp.Substring: _tsql_rest},
}
