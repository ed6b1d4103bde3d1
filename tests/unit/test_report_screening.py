import io
import re
from typing import Any

import pytest
from rich.cells import cell_len

from poems_cli.model import Rules
from poems_cli.report.console import make_console
from poems_cli.report.narrative import AID
from poems_cli.report.numbers import share, span
from poems_cli.report.screening import print_summary
from poems_cli.screening.summary import (
    CellFault,
    ColumnRead,
    Contradictory,
    Count,
    LevelVerdicts,
    NotUnderstood,
    Output,
    Steps,
    Summary,
    Verdicts,
)
from poems_cli.tables.columns import Column, TableMap, Unplaced

BLOCK = "\u2588"
NUMBER = "write a number"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def full(rules: Rules) -> Summary:
    """A summary with every part; every number occurs once."""
    return Summary(
        "1.2.3",
        rules.identity,
        ("patients.csv",),
        "duckdb",
        1_000_003,
        4.0,
        "mayo",
        (
            Verdicts("mayo", 17, 800_011, 199_975),
            Verdicts("mayo-2003", 1_021, 700_001, 298_981),
            Verdicts("mhlw", 1_031, 700_027, 298_945, (LevelVerdicts("definite", 1_033, 700_057, 298_913, 1_009),)),
        ),
        17,
        (
            Steps(1, 2_003, (Count("vegf_plasma", 1_019), Count("serum_immunofixation", 501), Count("history", 307))),
            Steps(2, 3_011, tuple(Count(test, 600 + rows) for rows, test in enumerate(list(rules.tests)[20:25]))),
            Steps(3, 4_019, (Count("fundoscopy", 4_013),)),
            Steps(4, 90_001),
            Steps(6, 100_941),
        ),
        800_011,
        TableMap(
            "MRN",
            (Column("Platelets (K/uL)", "platelets"), Column("Edema", "peripheral_edema")),
            ("Ward",),
            (Unplaced("VEGF", "it does not say which one", "say it in the mapping"),),
        ),
        (),
        NotUnderstood(
            1_409,
            1_399,
            (
                CellFault("Platelets (K/uL)", "platelets", "this is not a number", 1_201, NUMBER),
                CellFault("Edema", "peripheral_edema", "expected present or absent", 151, "write yes or no"),
                CellFault("CRP", "crp", "this is not a number", 57, NUMBER),
            ),
        ),
        Contradictory(37, (Count("skin_changes", 31), Count("organomegaly", 7))),
        (Count("igm_or_kappa", 4_513), Count("normal_vegf", 4_507)),
        (Count("clubbing", 911),),
        (Output("verdicts", "out.csv", 1_000_003), Output("rejects", "bad.csv", 1_409), Output("summary", "s.json")),
    )


def printed(rules: Rules, summary: Summary, stream: Any = None) -> str:
    stream = stream or io.StringIO()
    print_summary(make_console(stream), rules, summary)
    return str(stream.getvalue())


def shown(rules: Rules, summary: Summary) -> str:
    """As on a terminal, without its colors."""
    return re.sub(r"\x1b\[[0-9;]*m", "", printed(rules, summary, Terminal()))


def joined(text: str) -> str:
    """The text as if it had not been wrapped."""
    return " ".join(text.split())


def line_with(text: str, words: str) -> str:
    """The only line that holds the words."""
    (line,) = [line for line in text.splitlines() if words in line]
    return line


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", [True, False])
def test_every_count_is_shown(rules: Rules, full: Summary, terminal: bool) -> None:
    text = shown(rules, full) if terminal else printed(rules, full)
    numbers = set(re.findall(r"\d+(?:,\d{3})*", text))
    counts = [full.rows, full.can_no_longer_be_met]
    counts += [
        n
        for verdict in full.verdicts
        for n in (verdict.met, verdict.not_met, verdict.undetermined, *[level.highest for level in verdict.levels])
    ]
    counts += [step.rows for step in full.steps[:3]] + [test.rows for step in full.steps[:3] for test in step.next_tests[:3]]
    counts += [90_001 + 100_941, full.not_understood.cells, full.not_understood.rows]
    counts += [column.cells for column in full.not_understood.columns]
    counts += [full.contradictory.rows, *[finding.rows for finding in full.contradictory.findings]]
    counts += [warning.rows for warning in (*full.warnings, *full.red_flags)]
    assert not [count for count in counts if f"{count:,}" not in numbers]


def test_a_verdict_is_on_one_line_with_its_share(rules: Rules, full: Summary) -> None:
    lines = printed(rules, full).splitlines()
    start = lines.index(rules.criteria["mayo"].title)
    assert [line.split() for line in lines[start + 3 : start + 6]] == [
        ["+", "met", "17", "<", "0.01", "%"],
        ["?", "undetermined", "199,975", "20.00", "%"],
        ["-", "not", "met", "800,011", "80.00", "%"],
    ]


def test_the_other_sets_are_a_table_with_numbers_to_the_right(rules: Rules, full: Summary) -> None:
    text = printed(rules, full)
    row, header = line_with(text, "Mayo 2003"), line_with(text, "met  undetermined  not met")
    assert row.split() == ["Mayo", "2003", "1,021", "298,981", "700,001"]
    ends = [header.index(name) + len(name) for name in ("  met", "undetermined", "not met")]
    assert [row[:end].split()[-1] for end in ends] == ["1,021", "298,981", "700,001"]


def test_a_level_counts_the_rows_of_which_it_is_the_highest(rules: Rules, full: Summary) -> None:
    for default in ("mayo", "mhlw"):
        text = printed(rules, full._replace(default_criteria=default))
        assert line_with(text, "definite").split()[:2] == ["definite", "1,009"]
        assert "each row counts once, under the highest level" in text
        assert rules.criteria[default].title in text.splitlines()
    without = full._replace(verdicts=full.verdicts[:2])
    assert "highest level" not in printed(rules, without)


def test_tests_are_named_with_their_ids_next_to_what_is_needed(rules: Rules, full: Summary) -> None:
    text = printed(rules, full)
    needed = [text.index(words) for words in ("1 finding ", "2 findings ", "3 findings ", "4 findings or more")]
    assert needed == sorted(needed)
    assert needed[0] < text.index("1,019  VEGF in plasma (vegf_plasma)") < needed[1]
    assert line_with(text, "  307  ").split() == ["307", "history"]
    assert line_with(text, "3 findings").split()[-2:] == ["4,013", "fundoscopy"]


def test_rows_that_cannot_meet_the_criteria_are_counted(rules: Rules, full: Summary) -> None:
    assert "800,011 rows (80.00 %): not met, whatever else is found.\n" in printed(rules, full)


def test_tests_beyond_the_third_are_summed_up(rules: Rules, full: Summary) -> None:
    assert line_with(printed(rules, full), "other tests").split() == ["1,207", "2", "other", "tests"]


def test_rows_that_no_test_answers_are_counted(rules: Rules, full: Summary) -> None:
    text = printed(rules, full)
    without = [line.split()[-7] for line in text.splitlines() if line.endswith("no test answers what is missing")]
    assert without == [str(2_003 - 1_019 - 501 - 307), str(3_011 - 5 * 600 - (0 + 1 + 2 + 3 + 4)), str(4_019 - 4_013)]


def test_the_worklist_is_hinted_at_unless_it_was_written(rules: Rules, full: Summary) -> None:
    assert "--worklist" in printed(rules, full)
    assert "--worklist" not in printed(rules, full._replace(outputs=(Output("worklist", "w.csv", 9),)))
    assert "--worklist" not in printed(rules, full._replace(steps=()))


def test_a_test_that_the_rules_do_not_name_is_shown_by_its_id(rules: Rules, full: Summary) -> None:
    assert "9  crystal_ball\n" in printed(rules, full._replace(steps=(Steps(1, 9, (Count("crystal_ball", 9),)),)))


# --- bars -------------------------------------------------------------------------------------------------------------


def bars(text: str, sign: str = BLOCK) -> list[int]:
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("  +  met"))
    return [line.count(sign) for line in lines[start : start + 3]]


def with_verdicts(full: Summary, met: int, undetermined: int, not_met: int) -> Summary:
    return full._replace(rows=met + undetermined + not_met, verdicts=(Verdicts("mayo", met, not_met, undetermined),))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_bar_is_as_long_as_its_share_and_shows_a_single_row(
    rules: Rules, full: Summary, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    full_bar, *other_bars = bars(shown(rules, with_verdicts(full, 100_000_000, 0, 0)))
    assert full_bar >= 15
    assert other_bars == [0, 0]
    assert bars(shown(rules, with_verdicts(full, 1, 99_999_999, 0)))[0] == 1
    half = bars(shown(rules, with_verdicts(full, 25_000_000, 50_000_000, 25_000_000)))
    assert abs(half[1] - full_bar / 2) <= 1
    assert abs(half[0] - full_bar / 4) <= 1
    assert half[0] == half[2]


def test_no_bar_is_full_but_for_all_rows(rules: Rules, full: Summary) -> None:
    full_bar = bars(shown(rules, with_verdicts(full, 1000, 0, 0)))[0]
    assert bars(shown(rules, with_verdicts(full, 999, 0, 1))) == [full_bar - 1, 0, 1]


def test_an_ascii_terminal_gets_ascii(rules: Rules, full: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    class Ascii(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    raw = io.BytesIO()
    stream = Ascii(raw, encoding="ascii", errors="backslashreplace")
    table = full.table._replace(id="Fall-Nr. \u00e4")
    print_summary(make_console(stream), rules, full._replace(table=table))
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert min(bars(text, "#")) > 0
    assert r"'Fall-Nr. \xe4'" in text


# --- cautions ---------------------------------------------------------------------------------------------------------


def test_a_reason_is_shown_once_with_its_columns_and_how_to_mend_it(rules: Rules, full: Summary) -> None:
    lines = printed(rules, full).splitlines()
    start = lines.index("Not understood, and therefore unknown: 1,409 cells in 1,399 rows")
    assert lines[start + 1 : start + 6] == [
        f"  *  this is not a number: {NUMBER}",
        "     1,201  'Platelets (K/uL)', read as platelets",
        "        57  'CRP', read as crp",
        "  *  expected present or absent: write yes or no",
        "       151  'Edema', read as peripheral_edema",
    ]


def test_the_rejects_are_named_or_hinted_at(rules: Rules, full: Summary) -> None:
    assert "bad.csv lists each with its row and column." in printed(rules, full)
    assert "poems screen ... --rejects FILE lists each" in printed(rules, full._replace(outputs=()))


def test_many_faults_are_summed_up(rules: Rules, full: Summary) -> None:
    faults = tuple(CellFault(f"Heading {n}", "crp", "this is not a number", 1000 - n, NUMBER) for n in range(20))
    text = printed(rules, full._replace(not_understood=NotUnderstood(19_810, 5_000, faults)))
    assert "'Heading 0'" in text
    assert "'Heading 19'" not in text
    named = [1000 - n for n in range(20) if f"'Heading {n}'" in text]
    assert f"{19_810 - sum(named):,} cells more" in text


def test_whole_rows_that_were_not_understood_have_no_heading(rules: Rules, full: Summary) -> None:
    not_understood = NotUnderstood(0, 3, (CellFault(None, None, "the row has too many cells", 3, "quote it"),))
    text = printed(rules, full._replace(not_understood=not_understood))
    assert "3  whole rows" in text
    assert "None" not in text


def test_contradictions_name_the_finding(rules: Rules, full: Summary) -> None:
    text = printed(rules, full)
    assert "Contradictory findings, which count as unknown: 37 rows\n  rows  finding\n" in text
    assert line_with(text, "  31  ").split() == ["31", "skin", "changes", "(skin_changes)"]
    many = Contradictory(9, tuple(Count(name, 1) for name in list(rules.findings)[:9]))
    assert "4 more findings" in printed(rules, full._replace(contradictory=many))


def test_warnings_and_flags_beyond_the_third_are_counted(rules: Rules, full: Summary) -> None:
    warnings = tuple(Count(f"w{n}", 1000 - n) for n in range(9))
    text = printed(rules, full._replace(warnings=warnings))
    assert "w0 1,000, w1 999, w2 998 and 6 more" in text


def test_unread_columns_are_named_with_how_to_have_them_read(rules: Rules, full: Summary) -> None:
    text = printed(rules, full)
    assert "Columns not read: 1\n  *  'VEGF': it does not say which one; say it in the mapping\n" in text
    assert "--suggest-map" in text
    assert "--suggest-map" not in printed(rules, full._replace(table=full.table._replace(unplaced=())))


def test_of_many_unread_columns_a_few_are_named(rules: Rules, full: Summary) -> None:
    alike = tuple(Unplaced(f"A{n}", "not the name of a finding", "say in the mapping") for n in range(2_000))
    apart = tuple(Unplaced(f"B{n}", "not the name of a finding", f"did you mean 'x{n}'?") for n in range(30))
    text = printed(rules, full._replace(table=full.table._replace(unplaced=alike + apart)))
    assert "Columns not read: 2,030" in text
    assert "'A5' and 1,994 more: not the name of a finding" in text
    named = len(re.findall(r"'B\d+': ", text))
    assert 0 < named < 10
    assert f"{30 - named} more columns" in text


def test_columns_that_name_findings_are_listed_before_those_that_name_none(rules: Rules, full: Summary) -> None:
    apart = tuple(Unplaced(f"B{n}", "not the name of a finding", f"did you mean 'x{n}'?") for n in range(30))
    meant = Unplaced("VEGF", "it does not say which one", "say it in the mapping", ambiguous=True)
    text = printed(rules, full._replace(table=full.table._replace(unplaced=(*apart, meant))))
    assert "Columns not read: 31\n  *  'VEGF': it does not" in text


def test_without_problems_no_problems_are_listed(rules: Rules, full: Summary) -> None:
    quiet = full._replace(not_understood=NotUnderstood(), contradictory=Contradictory(), warnings=(), red_flags=())
    text = printed(rules, quiet._replace(table=TableMap("MRN", full.table.columns)))
    for words in ("Not understood", "Contradictory", "noticed", "unread", "warnings", "--rejects"):
        assert words not in text


def test_the_end_names_the_files_written_and_the_limits_of_the_answer(rules: Rules, full: Summary) -> None:
    written, last = printed(rules, full).splitlines()[-2:]
    assert written == "Written: verdicts to out.csv (1,000,003 rows); rejects to bad.csv (1,409 rows); summary to s.json."
    assert last.endswith(AID)
    assert rules.identity.version in last
    assert printed(rules, full).count(AID) == 1
    to_stdout = full._replace(outputs=(Output("verdicts", "-", 1),))
    assert "verdicts to standard output (1 row)." in printed(rules, to_stdout)


# --- layout -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def wide(rules: Rules, full: Summary) -> Summary:
    """Long headings, many digits."""
    heading = "Platelets " + "x" * 120 + " (K/uL)"
    big = 100_000_000
    table = TableMap(heading, (Column(heading, "platelets"),), (), (Unplaced(heading, "not the name of a finding", "say it"),))
    return full._replace(
        files=("a/" + "b" * 150 + ".csv",),
        rows=big,
        verdicts=tuple(Verdicts(name, 7, big - 16, 9) for name in rules.criteria),
        steps=(Steps(1, big, (Count("quantitative_immunoglobulins", big),)),),
        table=table,
        not_understood=NotUnderstood(big, big, (CellFault(heading, "platelets", "this is not a number", big, NUMBER),)),
    )


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_it_fits_and_nothing_is_cut(
    rules: Rules, full: Summary, wide: Summary, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for summary in (full, wide):
        text = shown(rules, summary)
        assert max(cell_len(line) for line in text.splitlines()) <= columns
        assert not [line for line in text.splitlines() if line != line.rstrip()]
        assert "\u2026" not in text
    squeezed = "".join(shown(rules, wide).split())
    assert squeezed.count("Platelets" + "x" * 120 + "(K/uL)") == 3
    assert "b" * 150 + ".csv" in squeezed


def test_off_a_terminal_every_line_is_whole_and_plain(rules: Rules, full: Summary, wide: Summary) -> None:
    for summary in (full, wide):
        text = printed(rules, summary)
        assert "\x1b" not in text
        assert BLOCK not in text
        assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert ("Platelets " + "x" * 120 + " (K/uL)', read as platelets\n") in printed(rules, wide)
    assert f"'{wide.table.columns[0].heading}': not the name of a finding; say it\n" in printed(rules, wide)


def test_color_takes_nothing_away(rules: Rules, full: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    colorful = printed(rules, full, Terminal())
    assert "\x1b[" in colorful
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed(rules, full, Terminal()) == re.sub(r"\x1b\[[0-9;]*m", "", colorful)


def test_a_heading_gives_the_terminal_no_orders(rules: Rules, full: Summary) -> None:
    table = full.table._replace(id="\x1b[31mred\n[bold]x[/bold]")
    assert r"the id is in '\x1b[31mred\n[bold]x[/bold]'" in joined(printed(rules, full._replace(table=table)))


def test_an_empty_table(rules: Rules) -> None:
    table = TableMap(None, (Column("Edema", "peripheral_edema"),))
    empty = Summary("1", rules.identity, ("-",), "python", 0, 0.0, "mayo", (Verdicts("mayo", 0, 0, 0),), 0, (), 0, table)
    for text in (printed(rules, empty), shown(rules, empty)):
        assert text.startswith(
            "0 rows screened in 0.00 s\nstandard input: 1 column read; no column is the id, so rows are numbered\n"
        )
        assert "%" not in text
        assert BLOCK not in text
        assert AID in joined(text)


def test_many_files_are_counted(rules: Rules, full: Summary) -> None:
    text = printed(rules, full._replace(files=tuple(f"part-{n}.parquet" for n in range(40))))
    assert "part-0.parquet, part-1.parquet, part-2.parquet and 37 more files: 2 columns read" in text


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "rows", "words"),
    [
        (0, 10, "0.00 %"),
        (1, 100_000_000, "< 0.01 %"),
        (99_999_999, 100_000_000, "> 99.99 %"),
        (10, 10, "100.00 %"),
        (1, 3, "33.33 %"),
        (0, 0, ""),
    ],
)
def test_a_share_never_rounds_to_nobody_or_everybody(count: int, rows: int, words: str) -> None:
    assert share(count, rows) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.042, "0.04 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3_599.7, "1 h 0 min"),
        (7_500, "2 h 5 min"),
    ],
)
def test_a_span_has_two_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_ids_break_between_their_words(rules: Rules, full: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    column = Column("Monoclonal plasma cell disorder", "monoclonal_plasma_cell_disorder")
    monkeypatch.setenv("COLUMNS", "80")
    lines = shown(rules, full._replace(read=(ColumnRead(column, 2, 0, 1, ()),))).splitlines()
    assert [line for line in lines if line.split()[-1:] == ["cell_disorder"]]
    monkeypatch.setenv("COLUMNS", "120")
    assert " monoclonal_plasma_cell_disorder " in shown(rules, full._replace(read=(ColumnRead(column, 2, 0, 1, ()),)))


def test_what_was_not_understood_has_a_column_only_where_there_is_any(
    rules: Rules, full: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    column = Column("Edema", "peripheral_edema")
    for count in (0, 1):
        text = shown(rules, full._replace(read=(ColumnRead(column, 2, 0, count, ()),)))
        assert ("blank  not understood" in text) == bool(count)
