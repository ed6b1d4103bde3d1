"""What people type, and what is understood of it."""

import pytest

from poems_cli.interview.jump import named_finding
from poems_cli.interview.patient import PatientQuestions
from poems_cli.interview.question import question_of
from poems_cli.interview.reading import Reader, Reading, amount_words
from poems_cli.interview.sheet import Sheet
from poems_cli.model import Quantity
from poems_cli.rules.loading import load_rules

RULES = load_rules()
READER = Reader(RULES)
PATIENT = PatientQuestions(Sheet(RULES))


def read(finding: str, line: str) -> Reading:
    return READER.read(question_of(RULES, RULES.findings[finding]), line)


def read_line(block: str, line: str) -> Reading:
    return READER.read(PATIENT.again(block), line)


LIVER, SPLEEN, NODES = "hepatomegaly", "splenomegaly", "lymphadenopathy"


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("y", {"organomegaly": True}),
        ("No", {"organomegaly": False}),
        ("looked for and not found", {"organomegaly": False}),
        ("liver", {LIVER: True}),
        ("enlarged liver and spleen", {LIVER: True, SPLEEN: True}),
        ("hepatomegaly", {LIVER: True}),
        ("1-3", {LIVER: True, SPLEEN: True, NODES: True}),
        ("1 to 2", {LIVER: True, SPLEEN: True}),
        ("1 and 2", {LIVER: True, SPLEEN: True}),
        ("1 3", {LIVER: True, NODES: True}),
        ("1 yes 2 no", {LIVER: True, SPLEEN: False}),
        ("1: yes, 2: not done", {LIVER: True}),
        ("liver yes, spleen no", {LIVER: True, SPLEEN: False}),
        ("no spleen", {SPLEEN: False}),
        ("2, rest no", {SPLEEN: True, LIVER: False, NODES: False}),
        ("yes 1 3", {"organomegaly": True, LIVER: True, NODES: True}),
        ("lymph nodes", {NODES: True}),
    ],
)
def test_words_of_a_list(line: str, values: dict[str, bool]) -> None:
    reading = read("organomegaly", line)
    assert (dict(reading.values), reading.wrong) == (values, "")


@pytest.mark.parametrize(
    "line",
    [
        "perhaps so",
        "no 2",
        "4",
        "liver and bananas",
        "1 yes 1 no",
        "-",
        "enlarged",
        "3-1",
        "yes no",
        "1 not 2",
        "1 no 2",
        "rest",
    ],
)
def test_an_answer_with_two_meanings_or_no_meaning_is_asked_again(line: str) -> None:
    reading = read("organomegaly", line)
    assert reading.wrong
    assert not reading.values
    assert line not in reading.wrong or len(line) < 3, "what was typed is never in a message: it may end up in a log"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("1200", 1200), ("1,200", 1200), ("1 200", 1200), ("1,200.5", 1200.5), ("1.200,5", 1200.5), ("1,234,567 pg/L", None),
        ("1200 pg/ml", 1200), ("1.2 ng/mL", 1200), ("1,2 ng/mL", 1200), (">2000", 2000), ("112,5", 112.5),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(line: str, value: float | None) -> None:
    quantity = read("serum_vegf", line).values.get("serum_vegf")
    assert (quantity.value if isinstance(quantity, Quantity) else None) == value


def test_a_decimal_comma_is_never_a_thousand() -> None:
    assert read("m_protein", "0,125 g/dL").values["m_protein"] == Quantity(0.125, "g/dL")


@pytest.mark.parametrize("line", ["1.250", "1.250 pg/mL", "1.2,3", "1,2,3"])
def test_an_ambiguous_number_is_asked_again(line: str) -> None:
    assert read("serum_vegf", line).wrong
    assert read("vegf_elevated", line).wrong


@pytest.mark.parametrize(
    "line",
    [
        "2812 pg/mL (0-700)", "2812 (<700)", "2812 upper limit 700", "2812 pg/mL, ULN 700", "2812 pg/mL (upper limit 700)",
        "2812 (0 - 700 ng/L)",
    ],
)  # fmt: skip
def test_the_laboratorys_limit_in_the_same_line(line: str) -> None:
    quantity = read("serum_vegf", line).values["serum_vegf"]
    assert isinstance(quantity, Quantity)
    assert (quantity.value, quantity.high) == (2812, 700)


@pytest.mark.parametrize(
    "line",
    [
        "45 ng/mL (90-400 mIU/L)",
        "45 (2-3 months ago)",
        "45 ng/mL (0-1.200)",
        "45 ng/mL, limit 400 mIU/L",
        "45 ng/mL (2-3 months ago)",
        "45 ng/mL max 3 days ago",
    ],
)
def test_what_is_not_in_the_unit_of_the_value_is_no_limit_of_it(line: str) -> None:
    assert read("prolactin", line).wrong.startswith("what follows the number is not a unit understood here; ")
    quantity = read("prolactin", "45 \u00b5g/L (4 - 15 ug/l)").values["prolactin"]
    assert isinstance(quantity, Quantity)
    assert (quantity.low, quantity.high) == (4, 15)


def test_a_unit_is_assumed_where_the_number_fits_only_one() -> None:
    value = read("hemoglobin", "130").values["hemoglobin"]
    assert isinstance(value, Quantity)
    assert (value.value, value.unit_from) == (13, "assumed")
    assert amount_words(value) == "130 g/L, that is 13 g/dL (unit assumed)"


@pytest.mark.parametrize(("line", "values"), [("13.5", [13.5, 1.35, 21.7539]), ("9.5 (upper limit 12)", [9.5, 15.3083])])
def test_a_unit_is_asked_for_where_the_number_fits_several(line: str, values: list[float]) -> None:
    reading = read("hemoglobin", line)
    assert not reading.values
    assert reading.wrong.startswith("this number can be in g/dL")
    assert [value.value for _, value in reading.in_units] == values


def test_a_system_of_units_gives_the_unit() -> None:
    reader = Reader(RULES, "si")
    value = reader.read(question_of(RULES, RULES.findings["platelets"]), "520").values["platelets"]
    assert value == Quantity(520, "10*9/L", unit_from="option")


def test_a_number_answers_what_was_asked_with_yes_or_no() -> None:
    assert dict(read("vegf_elevated", "2812 pg/mL serum").values) == {"serum_vegf": Quantity(2812, "pg/mL")}
    assert dict(read("vegf_elevated", "plasma 300").values) == {"plasma_vegf": Quantity(300, "pg/mL", unit_from="assumed")}
    assert dict(read("thrombocytosis", "620 G/L").values) == {"platelets": Quantity(620, "10*9/L")}
    assert [finding.id for finding, _ in read("thrombocytosis", "620").in_units] == ["platelets"] * 3
    named = read("thrombocytosis_or_polycythemia", "hemoglobin 18.5 g/dL").values
    assert dict(named) == {"hemoglobin": Quantity(18.5, "g/dL")}


def test_a_vegf_without_its_specimen_is_never_guessed() -> None:
    reading = read("vegf_elevated", "2812 pg/mL")
    assert not reading.values
    assert [finding.id for finding, _ in reading.which] == ["plasma_vegf", "serum_vegf"]


def test_choices_by_number_word_and_synonym() -> None:
    assert read("sex", "F").values == {"sex": "female"}
    assert read("sex", "2").values == {"sex": "male"}
    assert read("diagnosis_label", "CIDP").values == {"diagnosis_label": "cidp"}
    assert read("sex", "n").wrong


def test_a_patients_symptoms() -> None:
    assert read_line("feet_and_hands", "numbness and trouble walking").values == {
        "paresthesia": True,
        "walking_difficulty": True,
    }
    assert set(read_line("swelling", "n").values.values()) == {False}
    assert read_line("whole_body", "tired").values == {"fatigue": True}
    assert read_line("skin", "y").wrong
    assert read_line("head_and_vessels", "no clot").values == {"thrombosis": False}
    assert read_line("what_first", "n").wrong


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("feet_and_hands", "pain"),
        ("swelling", "swollen"),
        ("skin", "swollen legs"),
        ("skin", "all but 3"),
        ("whole_body", "no clot"),
        ("other_causes", "not now"),
    ],
)
def test_a_word_that_fits_several_symptoms_or_no_symptom_names_no_symptom(question: str, line: str) -> None:
    reading = read_line(question, line)
    assert (bool(reading.wrong), dict(reading.values)) == (True, {})


@pytest.mark.parametrize("line", ["elevated", "not elevated", "high", "high testosterone", "2021"])
def test_hormones_are_named(line: str) -> None:
    reading = read("endocrinopathy", line)
    assert (bool(reading.wrong), dict(reading.values)) == (True, {})


@pytest.mark.parametrize(("finding", "line"), [("thrombocytosis_or_polycythemia", "18.5"), ("vegf_elevated", "1")])
def test_a_bare_number_is_not_the_only_test_that_it_can_be(finding: str, line: str) -> None:
    reading = read(finding, line)
    assert reading.wrong.startswith("this number can be of several tests; write the test and the unit")
    assert not reading.values


def test_a_word_that_begins_only_one_name_means_it() -> None:
    assert read("polyneuropathy", "demyelinating").values == {"demyelinating_neuropathy": True}
    assert read("skin_changes", "darker skin, white nails").wrong
    assert read("skin_changes", "white nails and blue fingers").values == {"white_nails": True, "acrocyanosis": True}


def test_a_band_that_is_typed_answers_what_it_is_of() -> None:
    chains = {"m_protein_heavy_chain": "IgG", "light_chain": "lambda"}
    assert read("serum_immunofixation", "IgG lambda").values == {"serum_immunofixation": True, **chains}
    assert read("monoclonal_plasma_cell_disorder", "IgG-lambda").values == {"monoclonal_protein": True, **chains}
    assert read("m_protein_heavy_chain", "IgG\u03bb").values == chains
    assert read("serum_immunofixation", "IgG lambda?").wrong


def test_not_looked_for_is_never_a_no() -> None:
    for line in ("n", "no", "none", "", "not yet"):
        assert read_line("looked_for", line) == Reading()
    assert read_line("looked_for", "VEGF and spots in the bones").opened == ("vegf_elevated", "sclerotic_bone_lesion")


def test_a_patients_no_denies_nothing_that_only_a_test_can() -> None:
    assert read_line("other_causes", "n").values["diabetes_mellitus"] is False
    assert "limb_weakness" not in read_line("feet_and_hands", "n").values


@pytest.mark.parametrize(
    ("name", "finding"),
    [("vegf", "vegf_elevated"), ("serum VEGF", "serum_vegf"), ("clone", "monoclonal_plasma_cell_disorder"), ("TSH", "tsh")],
)
def test_a_jump_by_name(name: str, finding: str) -> None:
    assert named_finding(RULES, name) == finding
