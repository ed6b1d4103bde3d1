"""Cells: what each says, why one is not understood, and that other engines can be held to the same."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.model import Quantity
from poems_cli.records.problem import Flaw
from poems_cli.records.quantity import read_quantity
from poems_cli.rules.loading import load_rules, units_of
from poems_cli.tables.cells import (
    FAULTS,
    SEPARATED,
    SPACE,
    Cell,
    CellReader,
    Fault,
    fold,
    measure_pattern,
)
from poems_cli.tables.columns import Column, Meaning
from poems_cli.units import ucum_unit
from tests.build import rules_from, rules_text
from tests.typed_table import connection

RULES = load_rules()
UNITS = units_of(RULES)


def reader(
    finding: str,
    unit: str | None = None,
    low: float | str | None = None,
    high: float | str | None = None,
    values: Mapping[str, Meaning] | None = None,
    decimal: str = ".",
) -> CellReader:
    return CellReader(Column("X", finding, unit, low, high, values or {}), RULES.findings[finding], UNITS, decimal)


def value(cell: Cell) -> tuple[float, str | None]:
    assert isinstance(cell, Quantity), cell
    return cell.value, cell.comparator


# --- present, absent, unknown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["yes", "YES", " true ", "TRUE", "1", "1.0", "present", "Positive", "+", "Y", "t", "\u00a0yes\t"]
)
def test_present(cell: str) -> None:
    assert reader("ascites").read(cell) is True


@pytest.mark.parametrize(
    "cell", ["no", "No", "false", "FALSE", "0", "0.0", "absent", "negative", "-", "N", "f", "neg", "\ufeffno"]
)
def test_absent(cell: str) -> None:
    assert reader("ascites").read(cell) is False


@pytest.mark.parametrize(
    "cell",
    [None, "", "   ", "\u3000", "NA", "n/a", "N.A.", "unknown", "Not Done", "not_done", "NULL", "nan", "?", ".", "missing"],
)
@pytest.mark.parametrize("finding", ["ascites", "sex", "platelets"])
def test_unknown_is_never_absent(cell: str | None, finding: str) -> None:
    assert reader(finding).read(cell) is None


@pytest.mark.parametrize("cell", ["2", "maybe", "yes?", "none", "borderline", "1.00", "01", "y e s", "+-", "0 or 1", "5"])
def test_no_truth(cell: str) -> None:
    assert reader("ascites").read(cell) == Fault.NO_TRUTH


def test_a_fault_is_never_taken_for_a_truth() -> None:
    """The number of the first fault is 1, and so is that of true: an answer must be told by its kind."""
    assert reader("ascites").read("maybe") is not True
    assert isinstance(reader("ascites").read("maybe"), Fault)


def test_no_word_means_two_things() -> None:
    every = [*PRESENT_WORDS, *ABSENT_WORDS, *UNKNOWN_WORDS]
    assert len(every) == len(set(every))
    assert [word for word in every if word != fold(word).strip(SPACE)] == []


# --- words of choices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "cell", "word"),
    [
        ("sex", "Female", "female"),
        ("sex", "M", "male"),
        ("sex", " f ", "female"),
        ("light_chain", "LAMBDA", "lambda"),
        ("light_chain", "\u03bb", "lambda"),  # small
        ("light_chain", "\u039b", "lambda"),  # capital
        ("light_chain", "\u03ba AND \u03bb", "both"),
        ("light_chain", "Both lambda and kappa", "both"),
        ("m_protein_heavy_chain", "igg", "IgG"),
        ("m_protein_heavy_chain", "none", "none"),
        ("castleman_histology", "hyaline vascular", "hyaline_vascular"),
        ("castleman_histology", "Hyaline_Vascular", "hyaline_vascular"),
    ],
)
def test_a_word_of_a_choice(finding: str, cell: str, word: str) -> None:
    assert reader(finding).read(cell) == word


@pytest.mark.parametrize(("finding", "cell"), [("sex", "1"), ("sex", "divers"), ("light_chain", "yes"), ("sex", "no")])
def test_no_word(finding: str, cell: str) -> None:
    assert reader(finding).read(cell) == Fault.NO_WORD


def test_a_word_of_the_rules_in_any_alphabet_and_case() -> None:
    rules = rules_from(
        rules_text(
            {
                "a": {},
                "b": {"kind": "choice", "choices": {"X": "Sj\u00f6gren", "x2": "plain"}, "words": {"\u00c4u\u00dferst": "x2"}},
            }
        )
    )
    read = CellReader(Column("B", "b"), rules.findings["b"], units_of(rules)).read
    assert [read(cell) for cell in ("x", "X", "sj\u00f6gren", "SJ\u00d6GREN", "Sj\u00f6gren")] == ["X"] * 5
    assert [read(cell) for cell in ("\u00e4u\u00dferst", "\u00c4u\u00dferst", "\u00c4USSERST")] == ["x2"] * 3


def test_only_the_letters_a_to_z_have_a_case() -> None:
    """A Turkish capital I and the sign for kelvin become a plain i and k in one engine and not in another."""
    assert fold("POSITIVE") == "positive"
    assert fold("POS\u0130T\u0130VE") == "pos\u0130t\u0130ve"
    assert fold("\u212a") == "\u212a"
    assert reader("ascites").read("POS\u0130T\u0130VE") == Fault.NO_TRUTH
    assert reader("light_chain").read("\u212a") == Fault.NO_WORD


# --- measured values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number", "comparator"),
    [
        ("450", 450, None),
        ("  450 ", 450, None),
        ("450.", 450, None),
        (".5", 0.5, None),
        ("+5", 5, None),
        ("1e3", 1000, None),
        ("1.5E+2", 150, None),
        ("0450", 450, None),
        ("-0", 0, None),
        ("<5", 5, "<"),
        ("< 5", 5, "<"),
        ("<=5", 5, "<="),
        (">= 5.5", 5.5, ">="),
        ("\u2264 5", 5, "<="),
        ("\u22655", 5, ">="),
        ("\u22665", 5, "<="),
        (">\u00a05", 5, ">"),
        ("450 10*9/L", None, None),  # a digit after a blank could be a separator
        ("450 G/L", 450, None),
        ("> 450G/L", 450, ">"),
        ("450 x10^9/L", 450, None),
        ("450 X10E9/L", 450, None),
        ("450\u00a0/nl", 450, None),
    ],
)
def test_a_number(cell: str, number: float | None, comparator: str | None) -> None:
    found = reader("platelets").read(cell)
    if number is None:
        assert found == Fault.SEPARATOR
    else:
        assert value(found) == (number, comparator)


@pytest.mark.parametrize(
    ("finding", "unit", "cell", "number"),
    [
        ("c_reactive_protein", "mg/dL", "1.5", 15),
        ("c_reactive_protein", "mg/dL", "1.5 mg/dl", 15),
        ("c_reactive_protein", "ug/mL", "15 \u00b5g/mL", 15),
        ("c_reactive_protein", "ug/mL", "15 mcg/mL", 15),
        ("tsh", "u[IU]/mL", "2 uIU/mL", 2),
        ("hba1c", "mmol/mol", "42", 5.99416),
        ("hba1c", None, "6.2%", 6.2),
        ("plasma_vegf", None, "> 2000 pg/mL", 2000),
        ("age", None, "62 years", 62),
        ("serum_ascites_albumin_gradient", None, "-0.4", -0.4),
    ],
)
def test_a_number_is_brought_to_the_canonical_unit(finding: str, unit: str | None, cell: str, number: float) -> None:
    found = reader(finding, unit).read(cell)
    assert isinstance(found, Quantity)
    assert found.value == pytest.approx(number)
    assert found.unit == RULES.findings[finding].unit


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("<", Fault.NO_NUMBER),
        (">=", Fault.NO_NUMBER),
        ("high", Fault.NO_NUMBER),
        ("-", Fault.NO_NUMBER),
        ("+", Fault.NO_NUMBER),
        ("yes", Fault.NO_NUMBER),
        ("inf", Fault.NO_NUMBER),
        ("= 5", Fault.NO_NUMBER),
        ("< <5", Fault.NO_NUMBER),
        ("\uff15", Fault.NO_NUMBER),  # a full-width 5
        ("\u0665", Fault.NO_NUMBER),  # an Arabic-Indic 5
        ("about 5", Fault.NO_NUMBER),
        ("1,234", Fault.SEPARATOR),
        ("1.234,5", Fault.SEPARATOR),
        ("1,234.5", Fault.SEPARATOR),
        ("1.234.567", Fault.SEPARATOR),
        ("1 234", Fault.SEPARATOR),
        ("1\u202f234", Fault.SEPARATOR),
        ("<1,5", Fault.SEPARATOR),
        ("5 to 10", Fault.UNIT),
        ("5-10", Fault.UNIT),
        ("5 H", Fault.UNIT),
        ("450 K/uL", Fault.UNIT),  # another unit of the finding
        ("450 g/L", Fault.UNIT),
        ("0x10", Fault.UNIT),
        ("1_000", Fault.UNIT),
        ("1d", Fault.UNIT),
        ("2020-01-02", Fault.UNIT),
        ("10001", Fault.IMPOSSIBLE),
        ("-1", Fault.IMPOSSIBLE),
        ("<0", Fault.IMPOSSIBLE),
        ("1e400", Fault.NO_NUMBER),
        ("9" * 400, Fault.NO_NUMBER),
    ],
)
def test_no_number(cell: str, fault: Fault) -> None:
    assert reader("platelets", "10*9/L").read(cell) == fault


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("6,2", 6.2),
        ("6", 6),
        (",5e1", 5),
        ("<6,2 %", 6.2),
        ("6.2", Fault.SEPARATOR),
        ("1.234,5", Fault.SEPARATOR),
        ("1,234.5", Fault.SEPARATOR),
        ("1,2,3", Fault.SEPARATOR),
        ("hoch", Fault.NO_NUMBER),
    ],
)
def test_decimal_commas(cell: str, found: float | Fault) -> None:
    read = reader("hba1c", decimal=",").read(cell)
    assert read == found if isinstance(found, Fault) else value(read)[0] == found


def test_less_than_a_little_is_possible() -> None:
    assert value(reader("platelets").read("<1")) == (1, "<")
    assert value(reader("serum_ascites_albumin_gradient").read("<0")) == (0, "<")


# --- the laboratory's limits ------------------------------------------------------------------------------------------


def limits(cell: Cell) -> tuple[float | None, float | None]:
    assert isinstance(cell, Quantity), cell
    return cell.low, cell.high


def test_limits_of_the_mapping_are_in_the_unit_of_the_column() -> None:
    assert limits(reader("hemoglobin", "g/L", low=120, high=160).read("130")) == (12, 16)


def test_limits_of_another_column() -> None:
    read = reader("hemoglobin", "g/L", low="LLN", high="ULN").read
    assert limits(read("130", "120", " 160 g/L")) == (12, 16)
    assert limits(read("130", None, "")) == (None, None)
    assert limits(read("130", "unknown", "NA")) == (None, None)


@pytest.mark.parametrize(("low", "high"), [("160", "120"), ("<5", None), (None, "high"), ("1,2", None), (None, "160 mg/L")])
def test_limits_that_cannot_be(low: str | None, high: str | None) -> None:
    assert reader("hemoglobin", "g/L", low="LLN", high="ULN").read("130", low, high) == Fault.LIMIT


def test_a_wrong_limit_does_no_harm_beside_an_unknown_value() -> None:
    assert reader("hemoglobin", "g/L", low="LLN").read("", "high") is None


# --- what the mapping says --------------------------------------------------------------------------------------------


def test_the_mapping_says_what_cells_mean() -> None:
    read = reader("ascites", values={"trace": True, "0": None, "Q": False}).read
    assert [read(cell) for cell in ("trace", " trace ", "0", "Q", "no")] == [True, True, None, False, False]
    assert read("q") == Fault.NO_TRUTH  # as it stands in the table, case and all
    assert reader("sex", values={"1": "male", "2": "female"}).read("2") == "female"
    assert reader("platelets", values={"clumped": None}).read("clumped") is None


# --- messages ---------------------------------------------------------------------------------------------------------


def test_every_fault_says_what_is_wrong_and_how_to_mend_it() -> None:
    assert set(FAULTS) == set(Fault)
    for why, mend in FAULTS.values():
        assert why
        assert mend
        assert "{" not in why + mend  # a fixed text, so that no cell can be in it


# --- other engines ----------------------------------------------------------------------------------------------------

odd = st.text(st.sampled_from("0123456789.,-+eE<>= \u2264\u2267\u00a0\u3000%/gLx*\n\u2028\U0001d7d3\u0665_'"), max_size=10)


@pytest.mark.parametrize("pattern", [measure_pattern("."), measure_pattern(","), SEPARATED])
def test_the_patterns_can_stand_in_any_sql(pattern: str) -> None:
    assert not re.search("[\\\\'\"]", pattern)


@given(odd, st.sampled_from(".,"))
def test_the_patterns_mean_the_same_in_duckdb(cell: str, decimal: str) -> None:
    plain = cell.strip(SPACE)
    pattern = measure_pattern(decimal)
    match = re.match(pattern, plain)
    sql = """SELECT trim($1, $4), regexp_matches($2, $3), regexp_extract($2, $3, 1), regexp_extract($2, $3, 2),
             regexp_extract($2, $3, 3), regexp_matches($2, $5)"""
    (found,) = connection().execute(sql, [cell, plain, pattern, SPACE, SEPARATED]).fetchall()
    groups = [match[group] or "" for group in (1, 2, 3)] if match else ["", "", ""]
    assert list(found) == [plain, match is not None, *groups, re.match(SEPARATED, plain) is not None]


@given(odd, st.sampled_from(["platelets", "hba1c", "serum_ascites_albumin_gradient", "plasma_vegf"]))
def test_what_a_table_says_the_patient_alone_would_say_too(cell: str, finding: str) -> None:
    """A cell that is understood is the quantity that the same text is in a patient's record."""
    read = reader(finding).read(cell)
    if isinstance(read, Quantity):
        flaws: list[Flaw] = []
        text = cell.strip(SPACE).translate({0x2267: ">=", 0x3000: " ", 0xA0: " "})
        assert read_quantity(RULES.findings[finding], text, UNITS, flaws.append) == read
        assert flaws == []


@given(st.sampled_from([(name, unit) for name, one in UNITS.analytes.items() for unit in one.accepted]))
def test_every_unit_word_stands_for_the_unit_of_the_column(where: tuple[str, str]) -> None:
    finding, unit = where
    words = reader(finding, unit).unit_words
    assert all(ucum_unit(UNITS, finding, word) == unit for word in words)
    assert all(re.fullmatch(measure_pattern(), f"5 {word}") for word in words)
    assert unit in words or unit[0] in "0123456789"
