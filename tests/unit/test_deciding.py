"""How a column is read: its unit, its codes, its words and its marks, or why it is not certain and what would settle it."""

from collections.abc import Mapping, Sequence

import pytest

from poems_cli.model import Observed, Quantity
from poems_cli.rules.loading import load_rules
from poems_cli.tables.cells import Cell, CellReader, Fault
from poems_cli.tables.columns import Column, TableMap, UnitFrom, Unplaced
from poems_cli.tables.deciding import DecidingOptions, decide_table
from poems_cli.tables.headings import place
from poems_cli.tables.map_file import read_map
from poems_cli.tables.map_writing import write_map
from poems_cli.tables.mistaken_names import MISTAKEN_NAMES, MistakenName
from tests.build import profiles_of

RULES = load_rules()
NO_OPTIONS = DecidingOptions()


def decided(
    columns: Mapping[str, Sequence[str]], options: DecidingOptions = NO_OPTIONS, mapping: str | None = None
) -> TableMap:
    headings = list(columns)
    table = place(headings, RULES) if mapping is None else read_map(mapping, "map.yaml", headings, RULES)
    return decide_table(table, profiles_of(table, columns, RULES), RULES, options)


def read(heading: str, *cells: str, mapping: str | None = None, **options: str) -> Column:
    table = decided({heading: cells}, DecidingOptions(**options), mapping)  # type: ignore[arg-type]
    assert table.unplaced == (), table.unplaced
    return table.columns[0]


def in_doubt(heading: str, *cells: str, mapping: str | None = None, **options: str) -> Unplaced:
    table = decided({heading: cells}, DecidingOptions(**options), mapping)  # type: ignore[arg-type]
    assert table.columns == (), table.columns
    assert table.unplaced[0].in_doubt
    return table.unplaced[0]


def cells_of(column: Column, *cells: str) -> list[Cell]:
    reader = CellReader(column, RULES.findings[column.finding], RULES.units)
    return [reader.read(cell) for cell in cells]


def numbers_of(column: Column, *cells: str) -> list[float | Cell]:
    return [cell.value if isinstance(cell, Quantity) else cell for cell in cells_of(column, *cells)]


# --- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "cells", "unit", "unit_from"),
    [
        ("Calcium (mmol/L)", ["2.31", "2.95"], "mmol/L", "heading"),
        ("Age", ["48", "53"], "a", "canonical only"),
        ("LH", ["4.1", "7"], "[IU]/L", "canonical only"),
        ("Sodium", ["140", "131"], "mmol/L", "canonical only"),
        ("HbA1c", ["5.6", "6.1", "11.0"], "%", "assumed"),
        ("Hematocrit", ["44", "29"], "%", "assumed"),
        ("Creatinine", ["1.2", "7.2", "0.8"], "mg/dL", "assumed"),
        ("serum VEGF", ["48", "2812"], "pg/mL", "assumed"),
        ("Prolactin", ["212 mIU/L", "300 mIU/L", ""], "m[IU]/L", "cells"),
        ("Prolactin", ["", "NA"], "ng/mL", "canonical only"),  # nothing to be read wrongly
    ],
)
def test_a_unit_that_is_known(heading: str, cells: list[str], unit: str, unit_from: UnitFrom) -> None:
    column = read(heading, *cells)
    assert (column.unit, column.unit_from) == (unit, unit_from)


@pytest.mark.parametrize(
    ("heading", "cells", "why"),
    [
        ("Prolactin", ["212", "8"], "may be in ng/mL, m[IU]/L or pmol/L"),
        ("PLT", ["250", "480"], "10*9/L"),
        ("PLT", ["25.3", "48"], "10*4/uL"),
        ("Calcium", ["2.31", "2.95"], "may be in mmol/L or meq/L"),
        ("Hb", ["13.5", "12.9"], "may be in g/dL, g/L or mmol/L"),
        ("Fasting glucose", ["5.4", "14.8"], "may be in mmol/L or g/L"),
        ("PTH", ["4.8"], "pmol/L"),
        ("Testosterone", ["18.1"], "nmol/L"),
        ("CRP", ["5", "80"], "mg/dL"),
        ("Eosinophils", ["0.3", "2"], "%"),
        ("neutrophils", ["4.2", "61"], "%"),
        ("BMPC", ["0.62", "0.1"], "%"),
        ("DLCO", ["22", "18"], "mL/min/mmHg"),
        ("FVC", ["2.1", "3.4"], "L"),
        ("Albumin", ["1", "4", "0", "2"], "albumin in urine, as the grades 0 to 5 of a test strip"),
        ("ALB", ["3.9", "4.1"], "g/dL or g/L"),
        ("EGFR", ["85", "90"], "the gene EGFR"),
        ("ALT", ["25", "30"], "an alternative allele"),
        ("E2", ["30", "40"], "E2"),
        ("M-spike", ["1", "0", "1"], "0 and 1 may be codes"),
        ("CRP", ["-6.57", "-6.81"], "fit none of those that are usual"),  # logarithms
        ("Creatinine", ["900000", "900001"], "fit none of those that are usual"),
    ],
)
def test_a_unit_that_is_not_known_is_asked_for(heading: str, cells: list[str], why: str) -> None:
    column = in_doubt(heading, *cells)
    assert why in column.why
    assert "write it in the heading, or in the mapping, as in " in column.mend
    assert f"{heading}: {{finding: {column.likely[0].finding}, unit: " in column.mend
    assert not column.ambiguous


def test_the_option_is_offered_where_it_helps() -> None:
    assert in_doubt("Hb", "13.5", "12.9").mend.endswith("; --units us says it for the whole table")
    assert "--units" not in in_doubt("eosinophils", "3.1", "2").mend  # they may be percent in any country
    assert "--units" not in in_doubt("BMPC", "0.62", "0.1").mend
    assert "--units" not in in_doubt("M-spike", "0", "1").mend


def test_a_column_without_a_number_may_be_something_else_of_the_name() -> None:
    assert "it may be an alternative allele" in in_doubt("ALT", "A", "C", "T").why
    assert cells_of(read("CRP", "high"), "high") == [Fault.NO_NUMBER]


@pytest.mark.parametrize(
    ("heading", "cells", "system", "unit"),
    [
        ("Calcium", ["9.1", "11.8"], "us", "mg/dL"),
        ("Calcium", ["2.31", "2.95"], "si", "mmol/L"),
        ("PLT", ["250", "480"], "us", "10*3/uL"),
        ("Hb", ["135", "142"], "si", "g/L"),
        ("Hb", ["8.1", "9.2"], "si", "mmol/L"),
        ("Testosterone", ["18.1"], "si", "nmol/L"),
        ("ALT", ["25", "30"], "us", "U/L"),
    ],
)
def test_an_option_gives_the_units_of_the_whole_table(heading: str, cells: list[str], system: str, unit: str) -> None:
    column = read(heading, *cells, system=system)
    assert (column.unit, column.unit_from) == (unit, "option")


@pytest.mark.parametrize(
    ("heading", "cells", "system", "why"),
    [
        ("Calcium", ["2.31", "2.25", "2.95"], "us", "impossible in mg/dL (by --units us), and possible in mmol/L (--units si)"),
        ("Albumin", ["1", "4", "0", "2"], "us", "a test strip"),
        ("eGFR", ["0", "1", "1"], "us", "codes"),
        ("M-spike", ["0", "1", "1"], "us", "codes"),
        ("Prolactin", ["212"], "si", "m[IU]/L"),
    ],
)
def test_an_option_that_the_numbers_contradict_is_not_used(heading: str, cells: list[str], system: str, why: str) -> None:
    column = in_doubt(heading, *cells, system=system)
    assert why in column.why


def test_an_option_that_a_column_contradicts_is_not_used_where_it_alone_gives_the_unit() -> None:
    cells = {
        "Albumin": ["38.5", "41", "36"],
        "Bilirubin": ["0.7", "1.1"],
        "Creatinine": ["0.9", "1.1"],
        "Platelets": ["250000"],
    }
    table = decided(cells, DecidingOptions("us"))
    why = {column.heading: column.why for column in table.unplaced}
    assert why["Albumin"].startswith("most of its numbers are impossible in g/dL (by --units us), and possible in g/L")
    assert why["Bilirubin"] == "only --units us says that it is in mg/dL, and the numbers of 'Albumin' contradict --units us"
    assert [column.heading for column in table.columns] == ["Creatinine", "Platelets"], "possible in one unit"
    mapping = "columns: {Albumin: {finding: albumin, unit: g/L}, Bilirubin: bilirubin}"
    assert [column.unit for column in decided(cells, DecidingOptions("us"), mapping).columns] == ["g/L", "mg/dL"]


@pytest.mark.parametrize(
    ("heading", "cells", "why"),
    [
        ("Calcium (mg/dL)", ["2.31", "2.25", "2.95"], "67 % of its numbers are impossible in mg/dL (in the heading)"),
        ("Hb (g/dL)", ["135", "142", "13"], "most are possible in g/L"),
        ("Hct %", ["0.45", "0.29"], "most are possible in L/L"),
        ("BMPC (%)", ["0.62", "0.1", "1"], "its numbers are shares of 1"),
        ("Calcium (mmol/L)", ["1.18", "1.22"], "may be ionized calcium"),
        ("Albumin (mg/dL)", ["30", "250", "12"], "may be albumin in urine"),
        ("Creatinine (mg/dL)", ["70", "120"], "creatinine in urine"),
        ("HbA1c (%)", ["42", "58"], "most are possible in mmol/mol"),
        ("Age", ["1950", "1961"], "its numbers in years may be years of birth"),
    ],
)
def test_a_stated_unit_that_the_numbers_contradict_is_not_used(heading: str, cells: list[str], why: str) -> None:
    assert why in in_doubt(heading, *cells).why


def test_a_unit_in_the_mapping_is_used_unless_the_numbers_are_impossible() -> None:
    assert read("BMPC", "0.62", "0.1", mapping='columns: {BMPC: {finding: bone_marrow_plasma_cells, unit: "%"}}').unit == "%"
    assert read("EGFR", "85", mapping="columns: {EGFR: {finding: egfr, unit: mL/min/1.73m2}}").unit_from == "mapping"
    column = in_doubt("Ca", "2.3", "2.2", mapping="columns: {Ca: {finding: calcium, unit: mg/dL}}")
    assert "impossible in mg/dL (in the mapping), and most are possible in mmol/L" in column.why


@pytest.mark.parametrize(
    ("heading", "cells", "option"),
    [
        ("Hb", ["135", "142", "13.5"], None),
        ("Hb", ["135", "142", "13.5"], "si"),
        ("Hb (g/L)", ["135", "13.5", "12"], None),
        ("Creatinine", ["0.9", "60", "70"], "us"),
        ("Neutrophils (/uL)", ["4100", "3.2"], None),
        ("IgG", ["900", "1200", "9.5"], None),
        ("TSAT", ["25", "31", "0.3"], None),
    ],
)
def test_a_column_that_may_be_in_two_units_is_in_doubt(heading: str, cells: list[str], option: str | None) -> None:
    why = in_doubt(heading, *cells, **({"system": option} if option else {})).why
    assert "unusual in" in why
    assert "usual in" in why


def test_the_unit_that_is_offered_is_the_one_of_most_numbers() -> None:
    assert in_doubt("Albumin", "4.1", "3.9", "4.4", "38").mend.endswith("as in Albumin: {finding: albumin, unit: g/dL}")
    assert in_doubt("Albumin", "41", "39", "38", "4.4").mend.endswith("as in Albumin: {finding: albumin, unit: g/L}")
    assert 'HbA1c: {finding: hba1c, unit: "%"}' in in_doubt("HbA1c", "5.6", "42", "7").mend, (
        "5.6 mmol/mol is possible, and rare"
    )


def test_numbers_that_are_seldom_in_the_unit_of_the_option_contradict_it() -> None:
    table = decided({"Albumin": ["3.8", "4.1"], "PLT": ["450", "300"]}, DecidingOptions("si"))
    albumin, platelets = table.unplaced
    assert albumin.why == "2 of its 2 numbers are unusual in g/L (by --units), and usual in g/dL"
    assert albumin.mend.startswith("check --units; or say the unit in the mapping")
    assert "the numbers of 'Albumin' contradict --units si" in platelets.why


def test_few_unusual_numbers_are_those_of_patients() -> None:
    assert read("Hb (g/L)", *["135"] * 20, "13.5").unit == "g/L"
    assert read("PLT", "250000", "8000").unit == "/uL"
    assert read("Creatinine", *["0.9"] * 20, "9.5").unit == "mg/dL"
    assert read("Hb", "135", "13.5", mapping="columns: {Hb: {finding: hemoglobin, unit: g/L}}").unit == "g/L"


def test_the_share_that_fits_is_counted() -> None:
    assert read("Hb (g/dL)", *["13"] * 9, "130").fits == 0.9


def test_a_column_next_to_it_has_the_unit() -> None:
    table = decided({"PLT": ["250", "480", ""], "PLT_unit": ["K/uL", "10^3/uL", ""]})
    assert (table.columns[0].unit, table.columns[0].unit_from) == ("10*3/uL", "column")
    assert table.unplaced == ()
    table = decided({"Ca": ["2.3"], "Ca unit": ["mmol/L"]}, mapping="columns: {Ca: calcium}")
    assert table.columns[0].unit == "mmol/L"


def test_a_column_of_units_may_contradict_the_heading() -> None:
    assert decided({"Prolactin (ng/mL)": ["31"], "Prolactin unit": ["ug/L"]}).columns[0].unit == "ng/mL", "they mean the same"
    (column,) = decided({"Prolactin (ng/mL)": ["310"], "Prolactin unit": ["mIU/L"]}).unplaced
    assert column.why.startswith("its unit is said twice, as 'ng/mL' (in the heading) and 'm[IU]/L' (in the column next to it)")


def test_a_column_of_several_units_is_not_read() -> None:
    table = decided({"Calcium": ["2.3", "9.1"], "Calcium_unit": ["mmol/L", "mg/dL"], "CRP": ["5"], "CRP_unit": ["furlong"]})
    assert table.columns == ()
    assert "the column 'Calcium_unit' next to it has several units" in table.unplaced[0].why
    assert "a unit that is not understood" in table.unplaced[1].why
    assert "furlong" not in table.unplaced[1].why  # it is a cell


def test_a_number_without_a_unit_in_the_column_of_units_puts_its_column_in_doubt() -> None:
    units = ["K/uL", "", "K/uL"]
    assert decided({"PLT": ["450", "", "300"], "PLT_unit": units}).columns[0].unit == "10*3/uL"
    for cells, beside in (
        (["450", "210", "300"], units),
        (["450", "210 H", "NA"], units),  # a unit without a number makes up for none
        (["450", "210", "300"], ["K/uL", "NA", "10^3/uL"]),
    ):
        (doubt,) = decided({"PLT": cells, "PLT_unit": beside}).unplaced
        assert doubt.why == "some of its numbers have no unit in the column 'PLT_unit' next to it"
        assert 'unit: "10*3/uL"' in doubt.mend
        assert "--units" not in doubt.mend, "the option would not settle it"
    assert decided({"TSH": ["1.2", "3"], "TSH_unit": ["mIU/L", ""]}).columns[0].unit == "m[IU]/L"


def test_cells_with_units_of_their_own() -> None:
    column = read("Prolactin", "212 mIU/L", "10 ng/mL")
    assert numbers_of(column, "212 mIU/L", "10 ng/mL") == [10, 10]
    assert "some of its cells have a unit" in in_doubt("Prolactin", "212 mIU/L", "10 ng/mL", "12").why
    assert numbers_of(read("Age", "40", "50", "6 months"), "40", "6 months") == [40, 0.5]
    assert read("HbA1c", "5.6", "6.1", "7.2 %").unit_from == "assumed"
    assert "some of its cells have a unit" in in_doubt("HbA1c", "5.6", "6.1", "42 mmol/mol").why


# --- yes and no under the name of a number ----------------------------------------------------------------------------


def test_yes_and_no_under_the_name_of_a_number() -> None:
    column = in_doubt("M-Protein", "yes", "no", "NA")
    assert column.why == "its cells say yes or no, and 'm_protein' is a number"
    assert column.likely == (Column("M-Protein", "monoclonal_protein"),)


# --- codes and words --------------------------------------------------------------------------------------------------


def read_as(column: Column, *cells: str) -> list[Observed | None]:
    return [None if isinstance(cell, Fault) else cell for cell in cells_of(column, *cells)]


@pytest.mark.parametrize("others", [["2"], ["2", "3"], ["9"], ["-1"], ["0.3"], ["2.0"], ["99", "yes"]])
def test_where_another_number_occurs_no_code_of_truths_is_understood(others: list[str]) -> None:
    column = read("Ascites", "1", "0", *others)
    assert "codes" in column.unclear
    assert read_as(column, "1", "0", "1.0", "yes") == [None, None, None, True]


def test_0_and_1_alone_are_no_and_yes() -> None:
    assert read_as(read("Ascites", "1", "0", "1.0", "", "NA"), "1", "0", "0.0") == [True, False, False]


def test_codes_explained_by_the_mapping_or_the_heading_are_understood() -> None:
    mapping = 'columns: {Ascites: {finding: ascites, values: {"1": false, "2": true, "3": true}}}'
    assert read_as(read("Ascites", "1", "2", "3", mapping=mapping), "1", "2", "3", "0") == [False, True, True, None]
    assert read_as(read("Ascites (1=No, 2=Yes)", "1", "2"), "1", "2", "2.0", "0") == [False, True, True, None]
    assert read_as(read("Ascites (1=No, 2=Yes)", "1", "0"), "1", "0") == [False, None], "0 is none of these codes"
    mapping = 'columns: {Ascites: {finding: ascites, values: {"9": null}}}'
    assert read_as(read("Ascites", "1", "0", mapping=mapping), "1", "0", "9") == [True, False, None]


def test_a_plus_among_grades_is_not_a_yes() -> None:
    assert read_as(read("proteinuria", "+", "-"), "+", "-") == [True, None]
    assert read_as(read("proteinuria", "+", "++", "-"), "+", "++") == [None, None]
    assert read_as(read("proteinuria", "+", "+/-"), "+") == [None]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["H", "M"], "two of its letters would mean the same"),
        (["1", "2"], "none of its words is understood"),
        (["F", "M", "divers"], "1 of its 3 words is not understood"),
    ],
)
def test_a_choice_is_read_if_every_word_of_it_is_understood(cells: list[str], why: str) -> None:
    column = in_doubt("Sex", *cells)
    assert why in column.why
    assert (
        "say what each of its words means in the mapping, as in Sex: {finding: sex, values: {...: female, ...: male}}"
        in column.mend
    )
    assert not any(cell in column.why for cell in cells if len(cell) > 1)


def test_a_choice_whose_words_are_known_or_mapped_is_read() -> None:
    assert read_as(read("Sex", "F", "M", "", "NA"), "F", "M") == ["female", "male"]
    assert read_as(read("Sex", "Female", "M", "m"), "Female", "m") == ["female", "male"]
    assert read_as(read("Light chain", "L", "\u03bb", "K"), "L", "\u03bb") == ["lambda", "lambda"]
    both = "columns: {Sexo: {finding: sex, values: {H: male, M: female}}}"
    assert read_as(read("Sexo", "H", "M", mapping=both), "H", "M") == ["male", "female"]
    half = "columns: {Sexo: {finding: sex, values: {H: male}}}"
    assert "it has to say it of all" in in_doubt("Sexo", "H", "M", mapping=half).why


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.250", "48"], [Fault.SEPARATOR, 48]),
        (["1,250", "48"], [Fault.SEPARATOR, 48]),
        (["1.250", "48.5"], [1.25, 48.5]),
        (["1.250", "48,5"], [1250, 48.5]),
        (["1,250", "48.5"], [1250, 48.5]),
        (["1,250", "48,5"], [1.25, 48.5]),
        (["1.250", "1.120.000"], [1250, Fault.IMPOSSIBLE]),
        (["1.250", "0.125"], [1.25, 0.125]),
        (["1 250", "48"], [Fault.SEPARATOR, 48]),
        (["1\u00a0250", "1 250"], [1250, 1250]),
        (["1 250,5", "1 250"], [1250.5, 1250]),
        (["1'250", "48"], [1250, 48]),
    ],
)
def test_another_cell_of_the_column_tells_its_decimal_mark(cells: list[str], numbers: list[float | Fault]) -> None:
    assert numbers_of(read("Plasma VEGF (pg/mL)", *cells), *cells) == numbers


def test_the_mapping_or_the_option_tells_the_decimal_mark() -> None:
    mapping = "columns: {V: {finding: plasma_vegf, unit: pg/mL, %s}}"
    assert numbers_of(read("V", "1.250", mapping=mapping % 'decimal: ","'), "1.250") == [1250]
    assert numbers_of(read("V", "1.250", mapping=mapping % 'thousands: "."'), "1.250") == [1250]
    assert numbers_of(read("V", "1.250", mapping=mapping % 'decimal: "."'), "1.250") == [1.25]
    assert numbers_of(read("plasma VEGF pg/mL", "1.250", decimal=","), "1.250") == [1250]
    assert numbers_of(read("plasma VEGF pg/mL", "1,250", decimal="."), "1,250") == [1250]


def test_points_and_commas_in_one_column_are_asked_about() -> None:
    doubtful = in_doubt("plasma VEGF pg/mL", "48,5", "48.5", "1.250")
    assert doubtful.why == "some of its numbers have decimal points and others decimal commas"
    assert 'decimal: ","' in doubtful.mend
    column = read("plasma VEGF pg/mL", *["48.5"] * 20, "7,5")
    assert numbers_of(column, "48.5", "7,5") == [48.5, Fault.SEPARATOR]  # a typing error is not a rule


# --- numbers that stand for missing values -----------------------------------------------------------------------------


def test_numbers_of_nines_may_be_missing_values() -> None:
    cells = ["310", "52", "9999", "75", "9999"]
    column = in_doubt("Plasma VEGF (pg/mL)", *cells)
    assert column.why == "2 of its 5 numbers are 9999, which often stands for a missing value"
    entry = 'Plasma VEGF (pg/mL): {finding: plasma_vegf, unit: pg/mL, values: {"9999": null}}'
    assert f"say so in the mapping, as in {entry}; or write what was measured" in column.mend
    assert read("Plasma VEGF (pg/mL)", *cells, mapping=f"columns: {{{entry}}}").unit == "pg/mL"
    without = "columns: {PLT: {finding: platelets, unit: K/uL}}"
    assert "999" in in_doubt("PLT", "250", "999", mapping=without).why, "also where a mapping says the unit alone"


def test_a_number_of_nines_among_its_like_or_with_a_unit_or_a_comparator_is_measured() -> None:
    assert read("WBC count (/uL)", *[str(9000 + 40 * step) for step in range(50)], "9999").unit == "/uL"
    assert read("Plasma VEGF (pg/mL)", "310", ">9999", "9999 pg/mL", "99").unit == "pg/mL"
    assert read("Hb (g/dL)", "13.5", "12", "999").fits == 2 / 3, "no patient can have 999 g/dL"


# --- the table of mistakable names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mistaken", MISTAKEN_NAMES, ids=lambda mistaken: mistaken.key)
def test_each_name_that_can_be_mistaken_for_a_finding_is_in_doubt(mistaken: MistakenName) -> None:
    assert mistaken.why
    for finding in mistaken.findings:
        assert RULES.findings[finding].kind == "quantity"
        heading = mistaken.names[0] if mistaken.names else finding
        low, high = mistaken.numbers or (50, 60)
        cells = [f"{low + (high - low) * share:.4g}" for share in (0.3, 0.6, 0.9)]
        if mistaken.whole:
            cells = [str(round(float(cell))) for cell in cells]
        if mistaken.units:
            heading = f"{heading} ({mistaken.units[0]})"
        column = in_doubt(heading, *cells)
        assert "may be" in column.why


@pytest.mark.parametrize(
    ("heading", "cells", "decimal"),
    [
        ("Age", ["60.667", "55.250", "48"], "."),
        ("Hb (g/dL)", ["13.125", "9.500"], "."),
        ("Calcium (mg/dL)", ["9,125", "8,500"], ","),
        ("Age", ["1.500", "60"], "."),
        ("Plasma VEGF (pg/mL)", ["1.250", "2.812"], None),
        ("Platelets (/uL)", ["250.000", "498.000"], None),
        ("Hb (g/dL)", ["13.125", "0.500"], "."),
    ],
)
def test_a_mark_is_known_where_the_other_one_makes_every_number_impossible(
    heading: str, cells: list[str], decimal: str | None
) -> None:
    assert read(heading, *cells).decimal == decimal


def test_a_share_is_never_rounded_to_0_or_100_percent() -> None:
    assert "more than 99 % of its numbers are impossible in mg/dL" in in_doubt("Calcium (mg/dL)", *["2.31"] * 999, "9").why
    mapping = write_map(decided({"Hb (g/dL)": ["13.5"] * 999 + ["135"]}), {}, 1000, RULES)
    assert "more than 99 % of them possible" in mapping


def test_times_are_shown_by_their_names() -> None:
    column = in_doubt("Diabetes duration", "12", "7")
    assert "may be in years or months" in column.why
    assert "unit: years}" in column.mend
    assert "unit: years   # in the heading; or months, weeks or days" in write_map(decided({"Age (y)": ["52"]}), {}, 1, RULES)
