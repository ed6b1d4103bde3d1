"""The mapping file: what it can hold, every fault it can have, and that a suggested mapping reads back unchanged."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.errors import PoemsError
from poems_cli.rules.loading import load_rules
from poems_cli.tables.columns import Column, Meaning, TableMap, Unplaced
from poems_cli.tables.deciding import DecidingOptions, decide_table
from poems_cli.tables.headings import place
from poems_cli.tables.map_file import meanings, read_map
from poems_cli.tables.map_writing import write_map
from poems_cli.written_numbers import SPACE
from tests.build import profiles_of

RULES = load_rules()
HEADINGS = ("MRN", "PLT", "PLT_LLN", "Edema", "Sex", "Comment", "CRP (mg/dL)", "Odd (U/L)", "x.values.y", "Twice", "Twice")
MAP = """\
id: MRN
columns:
  PLT:
    finding: platelets
    unit: K/uL
    low: PLT_LLN
    high: 400
  Edema: peripheral_edema
  Sex: {finding: sex, values: {1: M, 2: Female, "9": null}}
  CRP (mg/dL): c_reactive_protein
  Comment: null
"""


def read(text: str, headings: Sequence[str] = HEADINGS) -> TableMap:
    return read_map(text, "map.yaml", headings, RULES)


def problems(text: str, headings: Sequence[str] = HEADINGS) -> list[str]:
    with pytest.raises(PoemsError) as caught:
        read(text, headings)
    return str(caught.value).splitlines()


def test_a_mapping_gives_the_columns_their_units_limits_and_cells() -> None:
    table = read(MAP)
    assert table.id == "MRN"
    assert table.columns == (
        Column("PLT", "platelets", "10*3/uL", "PLT_LLN", 400.0, unit_from="mapping"),
        Column("Edema", "peripheral_edema"),
        Column("Sex", "sex", values={"1": "male", "2": "female", "9": None}),
        Column("CRP (mg/dL)", "c_reactive_protein", "mg/dL", unit_from="heading"),
    )
    assert table.ignored == ("Comment",)
    # A column of limits is read, with the values that it belongs to.
    assert [column.heading for column in table.unplaced] == ["Odd (U/L)", "x.values.y", "Twice", "Twice"]
    assert table.ambiguous == ()


def test_a_unit_that_is_not_given_is_left_open() -> None:
    assert read("columns: {PLT: platelets}").columns == (Column("PLT", "platelets"),)


def test_a_mapping_names_the_column_that_holds_the_unit() -> None:
    assert read("columns: {PLT: {finding: platelets, unit: Comment}}").columns[0].unit_column == "Comment"
    table = read("columns: {PLT: platelets}", ["PLT", "PLT_unit"])
    assert table.columns[0].unit_column == "PLT_unit"
    assert table.unplaced == ()
    assert read("columns: {PLT: platelets, PLT_unit: null}", ["PLT", "PLT_unit"]).columns[0].unit_column is None


def test_a_mapping_gives_the_marks_within_numbers() -> None:
    column = read('columns: {PLT: {finding: platelets, decimal: ",", thousands: "."}}').columns[0]
    assert (column.decimal, column.thousands) == (",", ".")


def test_without_an_id_the_patients_are_numbered() -> None:
    assert read("id: null\ncolumns: {Edema: fever}").id is None
    assert read("columns: {Edema: fever}").id is None


# the fault: the mapping, its line, the message, how to mend it
FAULTS: dict[str, tuple[str, int, str, str]] = {
    "empty": ("# nothing\n", 1, "the mapping is empty", "--suggest-map writes one"),
    "a list": ("- PLT\n", 1, "a mapping file holds id: and columns:", "--suggest-map writes one"),
    "no columns": ("id: MRN\n", 1, "columns: is a mapping of headings", "write one heading per line"),
    "columns in a list": ("id: MRN\ncolumns: [PLT]\n", 2, "columns: is a mapping of headings", "write one heading per line"),
    "a key too many": (
        "id: MRN\ncolumns: {}\ncolums: {}\n",
        3,
        "a mapping file has no key 'colums'",
        "did you mean 'columns:'?",
    ),
    "an id that no column is": (
        "id: MRNN\ncolumns: {}\n",
        1,
        "no column is called 'MRNN'",
        "did you mean 'MRN'?; null numbers",
    ),
    "an id that is a number": ("id: 5\ncolumns: {}\n", 1, "id: is the heading of a column", "put it in quotes"),
    "a column that is not there": (
        "columns:\n  PLTT: platelets\n",
        2,
        "column 'PLTT': there is no such column",
        "did you mean 'PLT'?",
    ),
    "a heading that appears twice": (
        "columns:\n  Twice: fever\n",
        2,
        "column 'Twice': more than one column has this name",
        "rename them in the table",
    ),
    "no finding": ("columns:\n  PLT: {unit: K/uL}\n", 2, "column 'PLT': finding: is missing", "say which finding it is"),
    "an unknown finding": (
        "columns:\n  PLT: platlets\n",
        2,
        "column 'PLT': there is no finding 'platlets'",
        "did you mean 'platelets'?",
    ),
    "a synonym for a finding": ("columns:\n  PLT: Thrombocytes\n", 2, "there is no finding", "did you mean 'platelets'?"),
    "a number for a finding": ("columns:\n  PLT: 5\n", 2, "column 'PLT': this is not a column", "write the id of a finding"),
    "a finding twice": (
        "columns:\n  PLT: platelets\n  Comment: platelets\n",
        3,
        "column 'Comment': 'platelets' is column 'PLT' already",
        "keep one of them",
    ),
    "the id as a finding": ("id: MRN\ncolumns:\n  MRN: fever\n", 3, "column 'MRN': it is the id", "leave it out here"),
    "an unknown unit": (
        "columns:\n  PLT:\n    finding: platelets\n    unit: mg\n",
        4,
        "column 'PLT': the unit 'mg' is not understood for 'platelets'",
        "write unit: with one of 10*9/L",
    ),
    "an unknown unit in the heading": (
        "columns:\n  Odd (U/L): hemoglobin\n",
        2,
        "the unit in its heading is not understood for 'hemoglobin'",
        "write unit: with one of g/dL",
    ),
    "a unit of what is not measured": (
        "columns:\n  Edema: {finding: fever, unit: mg}\n",
        2,
        "column 'Edema': 'fever' has no unit",
        "remove unit:",
    ),
    "limits of what is not measured": (
        "columns:\n  Edema: {finding: fever, low: 1}\n",
        2,
        "'fever' is not measured, so it has no limits",
        "remove low:",
    ),
    "limits exchanged": (
        "columns:\n  PLT: {finding: platelets, low: 5, high: 1}\n",
        2,
        "column 'PLT': low: is above high:",
        "exchange them",
    ),
    "a limit that is neither": ("columns:\n  PLT: {finding: platelets, low: [1]}\n", 2, "low: is a limit", "write a number"),
    "a limit that is true": ("columns:\n  PLT: {finding: platelets, low: true}\n", 2, "low: is a limit", "write a number"),
    "a limit that no column is": (
        "columns:\n  PLT: {finding: platelets, low: PLT_LN}\n",
        2,
        "low: names no column and is not a number",
        "did you mean 'PLT_LLN'?",
    ),
    "a limit of itself": (
        "columns:\n  PLT: {finding: platelets, low: PLT}\n",
        2,
        "low: names its own column",
        "write a number",
    ),
    "a mark that is none": (
        'columns:\n  PLT: {finding: platelets, decimal: ";"}\n',
        2,
        "column 'PLT': decimal: is a mark within numbers",
        'write decimal: with "." or ",", in quotes',
    ),
    "marks of what is not measured": (
        'columns:\n  Edema: {finding: fever, decimal: ","}\n',
        2,
        "'fever' is not measured, so it has no numbers",
        "remove decimal:",
    ),
    "one mark for both": (
        'columns:\n  PLT: {finding: platelets, decimal: ",", thousands: ","}\n',
        2,
        "decimal: and thousands: are the same mark",
        "write the mark that each of them is",
    ),
    "an id that is there twice": (
        "id: Twice\ncolumns: {}\n",
        1,
        "more than one column is called 'Twice'",
        "rename all but one of them",
    ),
    "values in a list": ("columns:\n  Sex: {finding: sex, values: [1]}\n", 2, "values: is a mapping of cells", "write values:"),
    "a cell of a choice with no such word": (
        "columns:\n  Sex: {finding: sex, values: {1: mail}}\n",
        2,
        "column 'Sex': a cell of 'sex' cannot mean this",
        "write female, male or null",
    ),
    "letters that mean the same": (
        "columns:\n  Sex: {finding: sex, values: {1: H, 2: M}}\n",
        2,
        "column 'Sex': two letters would mean the same here",
        "write female, male or null",
    ),
    "a cell of a boolean with a word": (
        'columns:\n  Edema: {finding: fever, values: {x: "yes"}}\n',
        2,
        "a cell of 'fever' cannot mean this",
        "write true, false or null",
    ),
    "a cell of a number with a number": (
        "columns:\n  PLT: {finding: platelets, values: {low: 5}}\n",
        2,
        "a cell of 'platelets' cannot mean this",
        "write null if it means unknown",
    ),
    "a key of a column that is unknown": (
        "columns:\n  PLT: {finding: platelets, units: mg}\n",
        2,
        "a column has no key 'units'",
        "did you mean 'unit:'?",
    ),
    "a heading given twice": ("columns:\n  PLT: fever\n  PLT: ascites\n", 3, "the key 'PLT' appears twice", "keep one"),
    "not YAML": ("columns:\n  PLT: [platelets\n", 3, "not readable as YAML", "check indentation, quotes and colons there"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_problem_with_line_and_mend(fault: str) -> None:
    text, line, message, mend = FAULTS[fault]
    messages = problems(text)
    assert len(messages) == 1, messages
    assert messages[0].startswith(f"map.yaml:{line}: ")
    assert message in messages[0]
    assert mend in messages[0].replace(message, "")


def test_all_problems_are_reported_at_once_in_order() -> None:
    messages = problems("id: MRNN\ncolumns:\n  PLT: platlets\n  Comment: {finding: sex, unit: mg}\n")
    assert [problem.split(":")[1] for problem in messages] == ["1", "3", "4"]


@pytest.mark.parametrize(
    "values",
    [
        "{Jane Doe: true, Jane Doe: false}",
        '{"Jane Doe ": true, "Jane Doe": false}',
        "{Jane Doe: maybe}",
        "{*Jane: true}",
        "{!Jane x: true}",
        "{&Jane a: *Jane}",
        "{Jane Doe: [",
        "{[Jane, Doe]: true}",
        "{? {Jane: Doe} : true}",
        "[Jane Doe]",
        "Jane Doe",
        "{Jane Doe: {Jane: Doe}}",
    ],
)
def test_no_problem_repeats_a_cell(values: str) -> None:
    for column in ("Edema: {finding: fever", "x.values.y: {finding: sex", "PLT: {finding: platelets"):
        messages = problems(f"columns:\n  {column}, values: {values}}}\n")
        assert messages
        assert not any("Jane" in problem or "Doe" in problem for problem in messages), messages


def test_meanings_are_those_of_the_kind() -> None:
    assert meanings(RULES.findings["fever"]) == "true, false or null"
    assert meanings(RULES.findings["sex"]) == "female, male or null"
    assert meanings(RULES.findings["platelets"]) == "null if it means unknown"
    assert "poems explain diagnosis_label" in meanings(RULES.findings["diagnosis_label"])


# --- writing ----------------------------------------------------------------------------------------------------------

TABLE = ("MRN", "PLT (K/uL)", "Sex (M/F)", "Hb", "Hgb g/dL", "VEGF", "DoctorToldYouHaveDiabetes", "Room", "Fever", "Calcium")
CELLS: dict[str, dict[str, int]] = {
    "PLT (K/uL)": {"250.5": 10, "<10": 1, "clumped": 2, " clumped": 1, "1,20": 1, "99999999": 1},
    "Sex (M/F)": {"F": 5, "M": 3, "divers": 1},
    "Fever": {"1": 3, "2": 1, "NA": 2, "yes": 3, "": 9},
    "Calcium": {"2.31": 5, "2.95": 5},
}
SUGGESTED = """\
# How poems screen reads this table. Check the findings, the units, and what the cells mean.
# Lines that begin with '# ' below were not understood: remove the '# ' and say what they mean.
# It quotes cells of the table: keep it as you keep the patients' data.
id: MRN
columns:
  PLT (K/uL):
    finding: platelets   # platelet count
    unit: "10*3/uL"   # in the heading, 92 % of them possible; or 10*9/L, /uL, 10*4/uL, 10*5/uL, 10*10/L or 10*6/L
    decimal: "."
    values:
      # clumped: null   # 3 of the first 10 rows; say null if it means unknown
    # 1 of the first 10 rows: a point, a comma or a blank within the number can mean two things; write no separators
    # 1 of the first 10 rows: no patient can have this value; check the number and the unit of the column
  Fever:
    finding: fever
    values:
      # "1": null   # 3 of the first 10 rows; say true, false or null
      "yes": true   # 3 of the first 10 rows
      NA: null   # 2 of the first 10 rows
      # "2": null   # 1 of the first 10 rows; say true, false or null
  # In doubt, so not read. Remove the '# ' from what is right, and correct it:
  # Sex (M/F):   # 1 of its 3 words is not understood
  #   finding: sex
  #   values:
  #     F: female   # 5 of the first 10 rows
  #     M: male   # 3 of the first 10 rows
  #     # divers: null   # 1 of the first 10 rows; say female, male or null
  # Calcium: {finding: calcium, unit: mmol/L}   # or mg/dL, meq/L or mg/L: its unit is not known, and its numbers may
  # Not read, for only you can say whether these are right:
  # Hb: hemoglobin   # it names 'hemoglobin', and so does 'Hgb g/dL'
  # Hgb g/dL: {finding: hemoglobin, unit: g/dL}   # it names 'hemoglobin', and so does 'Hb'
  # VEGF: plasma_vegf   # it does not say which one: plasma_vegf or serum_vegf
  # DoctorToldYouHaveDiabetes: diabetes_mellitus   # is it this?
  # Not read:
  # Room: null
"""


def decided(headings: Sequence[str], cells: Mapping[str, Mapping[str, int]] = CELLS) -> TableMap:
    table = place(headings, RULES)
    every = {heading: list(Counter(counts).elements()) for heading, counts in cells.items()}
    return decide_table(table, profiles_of(table, every, RULES), RULES, DecidingOptions())


def suggested(headings: Sequence[str] = TABLE, cells: Mapping[str, Mapping[str, int]] = CELLS) -> str:
    return write_map(decided(headings, cells), cells, 10, RULES)


def as_mapped(table: TableMap) -> list[Column]:
    """The columns as a mapping describes them, without how each value was found and without what cells mean by themselves."""
    return [column._replace(unit_from=None, fits=None, unclear=frozenset(), values={}) for column in table.columns]


def test_a_suggested_mapping_shows_what_it_uses_how_every_cell_was_read_and_what_is_in_doubt() -> None:
    lines = [line.partition(" between thousands")[0].partition(" be in mmol/L")[0] for line in suggested().splitlines()]
    assert lines == SUGGESTED.splitlines()


def test_a_suggested_mapping_is_what_would_be_used() -> None:
    table = decided(TABLE)
    again = read(suggested(), TABLE)
    assert again.id == table.id
    assert as_mapped(again) == as_mapped(table)
    assert {column.heading for column in again.unplaced} == {column.heading for column in table.unplaced}


def test_the_commented_out_lines_can_be_used() -> None:
    text = suggested()
    for line in text.splitlines():
        if line.startswith(("  # Hb:", "  # VEGF:", "  # Doctor", "  # Calcium", "  # Sex", "  #   ", '      # "1"')):
            text = text.replace(line, line.replace("# ", "", 1).replace("null   # 3", "true   # 3"))
    columns = {column.heading: column for column in read(text, TABLE).columns}
    assert columns["Hb"] == Column("Hb", "hemoglobin")
    assert columns["VEGF"].finding == "plasma_vegf"
    assert columns["DoctorToldYouHaveDiabetes"].finding == "diabetes_mellitus"
    assert columns["Calcium"].unit == "mmol/L"
    assert columns["Sex (M/F)"].values == {"F": "female", "M": "male"}
    assert columns["Fever"].values == {"yes": True, "NA": None, "1": True}


def test_a_table_without_an_id_is_numbered() -> None:
    assert "\nid: null   # patients are numbered\n" in suggested(["Fever"])
    assert read(suggested(["Fever"]), ["Fever"]).id is None


def test_a_table_that_names_nothing_still_gives_a_mapping() -> None:
    assert read(suggested(["a", "b"]), ["a", "b"]).columns == ()


def test_only_so_many_cells_are_shown_the_most_frequent_first() -> None:
    cells = {"Fever": {f"word {number}": number for number in range(1, 300)} | {"y" * 200: 999}}
    text = suggested(["Fever"], cells)
    assert text.count("say true, false or null") == 200
    assert text.index("word 259:") < text.index("word 258:")
    assert "# and 100 more, not shown" in text
    assert "yyy" not in text
    assert as_mapped(read(text, ["Fever"])) == [Column("Fever", "fever")]


HAZARDS = [
    "id",
    "null",
    "yes",
    "1",
    "",
    " ",
    ": ",
    "#x",
    "- a",
    "a: b",
    "'",
    '"',
    "\\",
    "\n",
    "\u2028",
    "\x85",
    "\ufeff",
    "?",
    "*a",
    "&a",
    "!a",
]
odd = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from([*HAZARDS, "x" * 2000, "\t" * 300])
)
cells = st.dictionaries(odd.map(lambda text: text.strip(SPACE)), st.none(), max_size=3)
limits = st.sampled_from([None, 1.5])
marks = st.sampled_from([None, ",", "."])
BOOLEANS = [finding.id for finding in RULES.findings.values() if finding.kind == "boolean"][:40]


@st.composite
def maps(draw: st.DrawFn) -> tuple[TableMap, list[str]]:
    """A mapping and the headings of its table."""
    headings = draw(st.lists(odd, min_size=1, max_size=8, unique=True))
    kinds = draw(
        st.lists(st.sampled_from(["boolean", "number", "choice", "ignored", "unplaced", "limit"]), min_size=len(headings))
    )
    columns: list[Column] = []
    ignored: list[str] = []
    unplaced: list[Unplaced] = []
    limit: str | None = None
    identity = draw(st.one_of(st.none(), st.just(headings[0])))
    for number, (heading, kind) in enumerate(zip(headings, kinds, strict=False)):
        values: dict[str, Meaning] = dict(draw(cells))
        if heading == identity:
            continue
        if kind == "limit" and limit is None:
            limit = heading
        elif kind == "boolean":
            values = {cell: draw(st.sampled_from([True, False, None])) for cell in values}
            columns.append(Column(heading, BOOLEANS[number], values=values))
        elif kind == "choice" and not any(column.finding == "sex" for column in columns):
            columns.append(Column(heading, "sex", values={cell: draw(st.sampled_from(["male", None])) for cell in values}))
        elif kind == "number" and not any(column.finding == "platelets" for column in columns):
            high = draw(st.floats(5, 1e300))
            unit = "10*3/uL"
            columns.append(Column(heading, "platelets", unit, draw(limits), high, values, "mapping", decimal=draw(marks)))
        elif kind == "ignored":
            ignored.append(heading)
        else:
            unplaced.append(
                Unplaced(heading, "not in the mapping", "say under columns: which finding it is, or null to leave it out")
            )
    measured = [column for column in columns if column.finding == "platelets"]
    if limit is not None and measured:
        columns[columns.index(measured[0])] = measured[0]._replace(low=limit)
    elif limit is not None:
        ignored.append(limit)
    return TableMap(identity, tuple(columns), tuple(ignored), tuple(unplaced)), headings


@given(maps())
def test_a_mapping_written_reads_back_to_the_same(case: tuple[TableMap, list[str]]) -> None:
    table, headings = case
    text = write_map(table, {}, 0, RULES)
    assert read(text, headings) == table, text


@given(st.lists(odd, max_size=8, unique=True), st.dictionaries(odd, st.integers(1, 9), max_size=8))
def test_any_table_has_a_suggestion_that_reads_back(headings: list[str], texts: dict[str, int]) -> None:
    every = list(dict.fromkeys([*headings, "Fever", "CRP (mg/dL)", "Gender", "PLT"]))
    cells = dict.fromkeys(every, texts)
    table, text = decided(every, cells), suggested(every, cells)
    again = read(text, every)
    assert again.id == table.id
    assert as_mapped(again) == as_mapped(table), text
    assert {column.heading for column in again.unplaced} == {column.heading for column in table.unplaced}


def test_the_example_of_the_documentation_can_be_used() -> None:
    import poems_cli.tables.map_file as module

    example = textwrap.dedent((module.__doc__ or "").split("::\n")[1].split("\n``map_writing``")[0])
    table = read(example, ["MRN", "PLT", "PLT_LLN", "Edema", "Sex", "Comment"])
    assert [column.finding for column in table.columns] == ["platelets", "peripheral_edema", "sex"]
    assert table.unplaced == ()


def test_a_code_may_be_written_as_a_decimal() -> None:
    text = "columns: {a: {finding: ascites, values: {1.0: false, 2.0: true}}}"
    (column,) = read_map(text, "map.yaml", ["a"], RULES).columns
    assert column.values == {"1": False, "2": True}
    text = 'columns: {a: {finding: ascites, values: {"01": false, 1: true}}}'
    (column,) = read_map(text, "map.yaml", ["a"], RULES).columns
    assert column.values == {"01": False, "1": True}
