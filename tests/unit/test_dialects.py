import re
from io import BytesIO

import pytest
import sqlglot
from sqlglot import exp

from poems_cli.model import Rules
from poems_cli.screening.sql_text import SqlOptions, sql_text
from poems_cli.sql.bits import Tree
from poems_cli.sql.dialects import DIALECTS, TAKES_TEXT_APART, Writer, every_group, only_group, parsed

WRITTEN_AS_TEXT = [(dialect, text) for dialect in DIALECTS for text in (False, True) if not text or dialect in TAKES_TEXT_APART]


def written(dialect: str, sql: str, *truths: str) -> str:
    return Writer(dialect, truths).expression("made", parsed(sql))


@pytest.mark.parametrize(("dialect", "text"), WRITTEN_AS_TEXT)
def test_the_whole_text_can_be_read_in_its_dialect(dialect: str, text: bool, rules: Rules) -> None:
    names = ("sex", "polyneuropathy", "skin_changes", "white_nails", "serum_vegf", "serum_vegf__high", "diagnosis_label")
    options = SqlOptions(dialect=dialect, findings=names, text_cells=text, mimics=True)
    whole = sql_text(rules, options, BytesIO())
    (query,) = sqlglot.parse(whole, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(query, exp.Select)
    unknown = {one.name.upper() for one in query.find_all(exp.Anonymous)}
    assert unknown <= {"TRY_TO_DOUBLE", "REGEXP_SUBSTR", "REGEXP_EXTRACT", "STRPOS", "NCHAR", "IS_NAN", "SUBSTRING"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_in_a_text_is_lost_in_an_editor(dialect: str, rules: Rules) -> None:
    text = sql_text(rules, SqlOptions(dialect=dialect, findings=("polyneuropathy", "light_chain")), BytesIO())
    assert [line for line in text.splitlines() if not line.isprintable()] == []
    assert "\r" not in text


CONDITIONS = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Between, exp.RegexpLike,
)  # fmt: skip


def is_condition(tree: Tree) -> bool:
    return isinstance(tree.unnest(), CONDITIONS)


def misplaced(query: Tree) -> list[str]:
    """Conditions where a value must stand, and values where a condition must, in an engine without truths."""
    found = list(query.find_all(exp.Boolean))
    for one in query.walk():
        if isinstance(one, exp.If):
            searched = one.parent is not None and one.parent.this is None
            found += [one.this] if is_condition(one.this) is not searched else []
            found += [one.args["true"]] if is_condition(one.args["true"]) else []
        elif isinstance(one, (exp.And, exp.Or, exp.Not)):
            found += [side for side in one.iter_expressions() if not is_condition(side)]
        elif isinstance(one, (*CONDITIONS, exp.Alias, exp.Coalesce, exp.Nullif, exp.Add, exp.Case)):
            found += [side for side in one.iter_expressions() if is_condition(side)]
    return [one.sql() for one in found]


def test_tsql_has_conditions_only_where_they_may_stand(rules: Rules) -> None:
    names = tuple(one for one in rules.findings if rules.findings[one].kind != "choice")
    options = SqlOptions(dialect="tsql", findings=(*names, "serum_vegf__high", "serum_vegf__comparator"), mimics=True)
    (query,) = sqlglot.parse(sql_text(rules, options, BytesIO()), read="tsql")
    joins = [one.args["on"] for one in query.find_all(exp.Join)]  # type: ignore[union-attr]
    for one in joins:
        one.pop()
    assert query is not None
    assert misplaced(query) == []
    assert misplaced(sqlglot.parse_one("SELECT a AND b AS c, CASE WHEN a THEN 1 ELSE TRUE END AS d"))


@pytest.mark.parametrize(
    ("sql", "meant"),
    [
        ("b", "b"),
        ("TRUE", "1"),
        ("NOT b", "CASE WHEN NOT b = 1 THEN 1 WHEN NOT (NOT b = 1) THEN 0 END"),
        ("b IS NULL", "CASE WHEN b IS NULL THEN 1 ELSE 0 END"),
        ("b <> c", "CASE WHEN b <> c THEN 1 WHEN NOT (b <> c) THEN 0 END"),
        ("NULLIF(COALESCE(b, FALSE), c)", "NULLIF(COALESCE(b, 0), c)"),
        ("CASE WHEN b THEN 1 ELSE 0 END + 2", "CASE WHEN b = 1 THEN 1 ELSE 0 END + 2"),
        ("CASE WHEN COALESCE(b, FALSE) THEN NULL ELSE n > 1e0 END",
         "CASE WHEN COALESCE(b, 0) = 1 THEN NULL ELSE CASE WHEN n > 1e0 THEN 1 WHEN NOT (n > 1e0) THEN 0 END END"),
        ("CASE n WHEN 1 THEN 'x' END", "CASE n WHEN 1 THEN 'x' END"),
        ("(n & 4294967296) <> 0", None),
    ],
)  # fmt: skip
def test_truths_as_bits(sql: str, meant: str | None) -> None:
    shown = written("tsql", sql, "b", "c")
    assert shown == meant if meant else "CAST(4294967296 AS BIGINT)" in shown


def test_what_is_made_of_truths_is_one() -> None:
    writer = Writer("tsql", ["b"])
    assert writer.column("d", parsed("b IS NULL")) == "CASE WHEN b IS NULL THEN 1 ELSE 0 END AS d"
    assert writer.expression("e", parsed("CASE WHEN d THEN 'x' END")) == "CASE WHEN d = 1 THEN 'x' END"


def test_names() -> None:
    for dialect, quoted in (("postgres", '"{}"'), ("spark", "`{}`"), ("snowflake", '"{}"'), ("tsql", "[{}]")):
        writer = Writer(dialect)
        assert writer.name("serum_vegf") == "serum_vegf"
        assert [writer.name(one) for one in ("order", "Sex", "M protein (g/dL)", "1st")] == [
            quoted.format(one) for one in ("order", "Sex", "M protein (g/dL)", "1st")
        ]


def test_long_names_stay_two_where_they_would_be_cut() -> None:
    names = [f"{'a_very_long_name_' * 4}{end}" for end in ("present", "unknown")]
    cut = [Writer("postgres").name(one) for one in names]
    assert len(set(cut)) == 2
    assert all(len(one) <= 63 for one in cut)
    assert [Writer("postgres").expression("x", parsed(f'"{one}"')) for one in names] == cut
    assert Writer("postgres").name_in_table(names[0]) == names[0]


@pytest.mark.parametrize(
    ("dialect", "table"),
    [("postgres", "ward.patients"), ("bigquery", "`my-project`.ward.patients"), ("tsql", "[my ward].dbo.patients")],
)
def test_tables(dialect: str, table: str) -> None:
    assert Writer(dialect).table(table) == table


@pytest.mark.parametrize("given", ["patients p", "patients; DROP TABLE patients", "(SELECT 1)", "", "a, b", "a WHERE b"])
def test_what_is_no_table(given: str) -> None:
    with pytest.raises(ValueError, match="no name of a table"):
        Writer("postgres").table(given)


PATTERN = "(?s)^(<=|<)?[( ]*([0-9]+(?:[.)][0-9]+)?)(x.*)?$"


@pytest.mark.parametrize(("group", "found"), [(1, "<="), (2, "12.5"), (3, "xyz")])
def test_groups_of_patterns(group: int, found: str) -> None:
    only = re.match(only_group(PATTERN, group), "<= 12.5xyz")
    assert only is not None
    assert only.groups() == (found,)
    pattern, place = every_group(PATTERN, group)
    every = re.match(pattern, "<= 12.5xyz", re.DOTALL)
    assert every is not None
    assert (every[place], "(?" in pattern) == (found, False)


def test_lists_are_written_once() -> None:
    assert written("postgres", "x IN ('a', 'b') OR (y) OR x = 'c' OR (x IN ('d'))", "y") == "x IN ('a', 'b', 'c', 'd') OR (y)"
    assert written("postgres", "x IN ('a') AND z OR x = n") == "x IN ('a') AND z OR x = n"
