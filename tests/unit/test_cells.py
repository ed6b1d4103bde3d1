"""Cells: what each means, and why a cell is not understood."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.model import Quantity
from poems_cli.rules.loading import load_rules
from poems_cli.tables.cells import (
    FAULTS,
    Cell,
    CellReader,
    Fault,
    fold,
)
from poems_cli.tables.columns import Column, Meaning, Unclear
from poems_cli.written_numbers import SPACE
from tests.build import rules_from, rules_text

RULES = load_rules()
UNITS = RULES.units


def reader(
    finding: str,
    unit: str | None = None,
    low: float | str | None = None,
    high: float | str | None = None,
    values: Mapping[str, Meaning] | None = None,
    decimal: str | None = None,
    unclear: Sequence[Unclear] = (),
) -> CellReader:
    column = Column("X", finding, unit, low, high, values or {}, decimal=decimal, unclear=frozenset(unclear))
    return CellReader(column, RULES.findings[finding], UNITS)


def value(cell: Cell) -> tuple[float, str | None]:
    assert isinstance(cell, Quantity), cell
    return cell.value, cell.comparator


# --- present, absent, unknown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "yes",
        "YES",
        " true ",
        "TRUE",
        "1",
        "1.0",
        "present",
        "Positive",
        "+",
        "Y",
        "t",
        "\u00a0yes\t",
        "yes, mild",
        "Yes (severe)",
        "pos.",
    ],
)
def test_present(cell: str) -> None:
    assert reader("ascites").read(cell) is True


@pytest.mark.parametrize(
    "cell",
    ["no", "No", "false", "FALSE", "0", "0.0", "absent", "negative", "N", "f", "neg", "\ufeffno", "Neg.", "No evidence of"],
)
def test_absent(cell: str) -> None:
    assert reader("ascites").read(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "   ",
        "\u3000",
        "NA",
        "n/a",
        "N.A.",
        "unknown",
        "Not Done",
        "not_done",
        "NULL",
        "nan",
        "?",
        ".",
        "missing",
        "-",
        "--",
        "\u2013",
    ],
)
@pytest.mark.parametrize("finding", ["ascites", "sex", "platelets"])
def test_unknown_is_never_absent(cell: str | None, finding: str) -> None:
    assert reader(finding).read(cell) is None


@pytest.mark.parametrize(
    ("yes", "no", "unknown"),
    [
        ("Ja", "Nein", "nicht durchgef\u00fchrt"),
        ("OUI", "n\u00e9gatif", "Non fait"),
        ("S\u00cd", "No", "pendiente"),
        ("s\u00ec", "Assente", "in corso"),
        ("Sim", "N\u00c3O", "pendente"),
        ("positief", "Nee", "Niet bepaald"),
        ("\u3042\u308a", "\u9670\u6027", "\u672a\u691c"),
    ],
)
def test_the_words_of_other_languages(yes: str, no: str, unknown: str) -> None:
    assert [reader("ascites").read(cell) for cell in (yes, no, unknown)] == [True, False, None]
    assert reader("platelets").read(unknown) is None


@pytest.mark.parametrize("cell", ["keine", "Ja?", "V.a.", "fraglich", "probable", "not seen", "trace", "yes, but resolved"])
def test_what_leaves_a_doubt_is_neither(cell: str) -> None:
    assert reader("ascites").read(cell) == Fault.NO_TRUTH


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        *[(cell, True) for cell in ("IgG lambda", "igg-LAMBDA", "IgAκ", "IgG (kappa)", "IgM, lambda", "lambda")],
        *[(cell, False) for cell in ("No monoclonal band", "polyclonal", "negative")],
        *[(cell, Fault.NO_TRUTH) for cell in ("IgG lambda?", "IgG (-), lambda (-)", "faint IgG lambda", "IgG", "normal IgG")],
    ],
)
@pytest.mark.parametrize("finding", ["serum_immunofixation", "urine_immunofixation"])
def test_a_band_that_is_typed_is_present(finding: str, cell: str, meaning: bool | Fault) -> None:
    assert reader(finding).read(cell) is meaning


@pytest.mark.parametrize(
    ("finding", "cell", "meaning"),
    [
        ("organomegaly", "Splenomegaly", True),
        ("organomegaly", "hepatomegaly, splenomegaly", True),
        ("organomegaly", "enlarged liver and hepatosplenomegaly", True),
        ("skin_changes", "white nails + Hyperpigmentation; glomeruloid hemangioma", True),
        ("polyneuropathy", "demyelinating", True),
        ("castleman_disease", "Unicentric, hyaline-vascular", True),
        ("diabetes_mellitus", "Type 2", True),
        ("diabetes_mellitus", "prediabetes", Fault.NO_TRUTH),
        ("organomegaly", "splenomegaly?", Fault.NO_TRUTH),
        ("organomegaly", "no splenomegaly", Fault.NO_TRUTH),
        ("organomegaly", "splenomegaly, no hepatomegaly", Fault.NO_TRUTH),
        ("organomegaly", "hepatomegaly/splenomegaly", Fault.NO_TRUTH),  # perhaps only one of them
        ("endocrinopathy", "hypogonadism, diabetes", Fault.NO_TRUTH),
        ("organomegaly", "ascites", Fault.NO_TRUTH),
        ("hepatomegaly", "organomegaly", Fault.NO_TRUTH),
    ],
)
def test_the_names_of_parts_say_that_the_whole_is_present(finding: str, cell: str, meaning: bool | Fault) -> None:
    assert reader(finding).read(cell) is meaning


@pytest.mark.parametrize("cell", ["2", "maybe", "yes?", "none", "borderline", "1.00", "01", "y e s", "+-", "0 or 1", "5"])
def test_no_truth(cell: str) -> None:
    assert reader("ascites").read(cell) == Fault.NO_TRUTH


def test_a_fault_is_never_taken_for_a_truth() -> None:
    """The number of the first fault is 1, and so is that of true: an answer must be recognized by its kind."""
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
        ("sex", "男性", "male"),
        ("sex", "女", "female"),
        ("light_chain", "LAMBDA", "lambda"),
        ("light_chain", "\u03bb", "lambda"),  # small
        ("light_chain", "\u039b", "lambda"),  # capital
        ("light_chain", "\u03ba AND \u03bb", "both"),
        ("light_chain", "Both lambda and kappa", "both"),
        ("m_protein_heavy_chain", "igg", "IgG"),
        ("m_protein_heavy_chain", "IgG-lambda", "IgG"),
        ("m_protein_heavy_chain", "IgA \u03bb", "IgA"),
        ("light_chain", "IgG/Kappa", "kappa"),
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
    read = CellReader(Column("B", "b"), rules.findings["b"], rules.units).read
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
        ("450 10*9/L", 450, None),
        ("450 109/L", 450, None),  # a superscript that was lost
        ("1\u202f234", 1234, None),  # blanks that keep the parts of one number together
        ("1\u00a0234", 1234, None),
        ("1'234", 1234, None),
        ("1,234.5", 1234.5, None),  # each shows its decimal mark by itself
        ("1.234,5", 1234.5, None),
        ("1.234.567e-3", None, None),
        ("250,5", 250.5, None),
        ("0.125", 0.125, None),
        ("=<5", 5, "<="),
        ("=> 5", 5, ">="),
        ("\u2a7d5", 5, "<="),
        ("450 H", 450, None),  # an analyzer's flags
        ("450L", 450, None),
        ("450*", 450, None),
        ("450 HH", 450, None),
        ("450 G/L (H)", 450, None),
        ("450 \u2191", 450, None),
        ("450 G/L", 450, None),
        ("> 450G/L", 450, ">"),
        ("450 x10^9/L", 450, None),
        ("450 X10E9/L", 450, None),
        ("450\u00a0/nl", 450, None),
    ],
)
def test_a_number(cell: str, number: float | None, comparator: str | None) -> None:
    read = reader("platelets").read(cell)
    if number is None:
        assert read == Fault.SEPARATOR
    else:
        assert value(read) == (number, comparator)


@pytest.mark.parametrize(
    ("finding", "unit", "cell", "number"),
    [
        *[("age", None, f"57{unit}", 57) for unit in (" y/o", "yo", " J.", " ans", " a\u00f1os", "\u6b73")],
        ("age", None, "18 Monate", 1.5),
        *[("vegf_times_upper_limit", None, f"3.4{unit}", 3.4) for unit in ("x", "-fold", " fold", " times ULN")],
        ("c_reactive_protein", "mg/dL", "1.5", 15),
        ("c_reactive_protein", "mg/dL", "1.5 mg/dl", 15),
        ("c_reactive_protein", "ug/mL", "15 \u00b5g/mL", 15),
        ("c_reactive_protein", "ug/mL", "15 mcg/mL", 15),
        ("tsh", "u[IU]/mL", "2 uIU/mL", 2),
        ("hba1c", "mmol/mol", "42", 5.99416),
        ("hba1c", None, "6.2%", 6.2),
        ("hematocrit", "1", "45 %", 45),  # a percent sign gives the unit
        ("prolactin", None, "212 mIU/L", 10),  # the unit of the column is not given
        ("plasma_vegf", None, "> 2000 pg/mL", 2000),
        ("age", None, "62 years", 62),
        ("serum_ascites_albumin_gradient", None, "-0.4", -0.4),
    ],
)
def test_a_number_is_brought_to_the_canonical_unit(finding: str, unit: str | None, cell: str, number: float) -> None:
    quantity = reader(finding, unit).read(cell)
    assert isinstance(quantity, Quantity)
    assert quantity.value == pytest.approx(number)
    assert quantity.unit == RULES.findings[finding].unit


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("<", Fault.NO_NUMBER),
        (">=", Fault.NO_NUMBER),
        ("high", Fault.NO_NUMBER),
        ("+", Fault.NO_NUMBER),
        ("yes", Fault.NO_NUMBER),
        ("inf", Fault.NO_NUMBER),
        ("= 5", Fault.NO_NUMBER),
        ("< <5", Fault.NO_NUMBER),
        ("\uff15", Fault.NO_NUMBER),  # a full-width 5
        ("\u0665", Fault.NO_NUMBER),  # an Arabic-Indic 5
        ("about 5", Fault.NO_NUMBER),
        ("1,234", Fault.SEPARATOR),
        ("1.234", Fault.SEPARATOR),
        ("180.000", Fault.SEPARATOR),
        ("1 234", Fault.SEPARATOR),
        ("1.234.5", Fault.SEPARATOR),
        ("1,23,4", Fault.SEPARATOR),
        ("5 to 10", Fault.UNIT),
        ("5-10", Fault.UNIT),
        ("5 X", Fault.UNIT),
        ("450 /uL", Fault.UNIT),  # another unit of the finding
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
    ("cell", "point", "comma"),
    [
        ("6,2", Fault.SEPARATOR, 6.2),
        ("6.2", 6.2, Fault.SEPARATOR),
        ("6", 6, 6),
        (",5e1", Fault.SEPARATOR, 5),
        ("<6,2 %", Fault.SEPARATOR, 6.2),
        ("6.250", 6.25, Fault.IMPOSSIBLE),
        ("6,250", Fault.IMPOSSIBLE, 6.25),
        ("1.234,5", Fault.SEPARATOR, Fault.IMPOSSIBLE),
        ("1,2,3", Fault.SEPARATOR, Fault.SEPARATOR),
        ("hoch", Fault.NO_NUMBER, Fault.NO_NUMBER),
    ],
)
def test_the_decimal_mark_of_a_column_holds_for_all_its_numbers(cell: str, point: float | Fault, comma: float | Fault) -> None:
    for mark, expected in ((".", point), (",", comma)):
        read = reader("hba1c", decimal=mark).read(cell)
        assert read == expected if isinstance(expected, Fault) else value(read)[0] == expected


def test_lakhs_and_blanks_part_thousands() -> None:
    assert value(reader("platelets", "/uL").read("2,50,000"))[0] == 250
    column = Column("X", "platelets", "/uL", thousands=" ")
    assert value(CellReader(column, RULES.findings["platelets"], UNITS).read("250 000"))[0] == 250


def test_the_liters_of_a_vital_capacity_are_no_flag() -> None:
    assert reader("forced_vital_capacity", "%").read("2.1 L") == Fault.UNIT


def test_minus_zero_is_zero() -> None:
    quantity = reader("platelets", "10*9/L").read("-0")
    assert isinstance(quantity, Quantity)
    assert str(quantity.value) == "0.0"


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


@pytest.mark.parametrize(("low", "high"), [("160", "120"), ("<5", None), (None, "high"), ("1,200", None), (None, "160 mg/L")])
def test_limits_that_cannot_be(low: str | None, high: str | None) -> None:
    assert reader("hemoglobin", "g/L", low="LLN", high="ULN").read("130", low, high) == Fault.LIMIT


def test_a_wrong_limit_does_no_harm_next_to_an_unknown_value() -> None:
    assert reader("hemoglobin", "g/L", low="LLN").read("", "high") is None


# --- what the mapping says --------------------------------------------------------------------------------------------


def test_the_mapping_gives_the_meaning_of_cells() -> None:
    read = reader("ascites", values={"trace": True, "0": None, "Q": False}).read
    assert [read(cell) for cell in ("trace", " trace ", "0", "Q", "no")] == [True, True, None, False, False]
    assert read("q") == Fault.NO_TRUTH  # as in the table, case and all
    assert reader("sex", values={"1": "male", "2": "female"}).read("2") == "female"
    assert reader("platelets", values={"clumped": None}).read("clumped") is None


def test_a_word_that_the_mapping_gives_another_meaning_keeps_none_in_another_case() -> None:
    read = reader("ascites", values={"yes": False, "No": None, "pos": True}).read
    assert (read("yes"), read("No"), read("POS")) == (False, None, True)
    assert (read("YES"), read("no")) == (Fault.NO_TRUTH, Fault.NO_TRUTH)
    assert reader("sex", values={"Male": "female", "f": "male"}).read("male") is Fault.NO_WORD
    assert reader("serum_immunofixation", values={"IgG lambda": None}).read("IGG LAMBDA") is Fault.NO_TRUTH


def test_codes_of_the_mapping_hold_however_a_table_writes_them() -> None:
    read = reader("ascites", values={"1": False, "2": True}).read
    assert [read(cell) for cell in ("1", "2.0", "+1", "02", "yes")] == [False, True, False, True, True]


def test_where_codes_are_unclear_no_code_is_understood() -> None:
    read = reader("ascites", unclear=["codes"]).read
    assert [read(cell) for cell in ("1", "0", "1.0", "2")] == [Fault.CODE] * 4
    assert [read(cell) for cell in ("yes", "no", "+")] == [True, False, True]
    assert reader("ascites", unclear=["signs"]).read("+") == Fault.CODE


def test_other_letters_are_not_understood_where_a_mapping_explains_one() -> None:
    read = reader("sex", values={"H": "male"}).read
    assert [read(cell) for cell in ("H", "M", "female", "NA")] == ["male", Fault.NO_WORD, "female", None]


# --- messages ---------------------------------------------------------------------------------------------------------


def test_every_fault_says_what_is_wrong_and_how_to_mend_it() -> None:
    assert set(FAULTS) == set(Fault)
    for why, mend in FAULTS.values():
        assert why
        assert mend
        assert "{" not in why + mend  # a fixed text, so that no cell can be in it


# --- units that follow a number ---------------------------------------------------------------------------------------

odd = st.text(st.sampled_from("0123456789.,-+eE<>= \u2264\u2267\u00a0\u3000%/gLx*\n\u2028\U0001d7d3\u0665_'"), max_size=10)


@given(
    odd,
    st.sampled_from(["platelets", "hba1c", "serum_ascites_albumin_gradient", "plasma_vegf"]),
    st.sampled_from([None, ".", ","]),
)
def test_no_text_breaks_the_reader(cell: str, finding: str, decimal: str | None) -> None:
    """A text is a quantity, unknown or a fault; one that is clear by itself means the same where the mark is given."""
    alone, with_decimal = reader(finding).read(cell), reader(finding, decimal=decimal).read(cell)
    if isinstance(alone, Quantity) and isinstance(with_decimal, Quantity):
        assert alone == with_decimal
