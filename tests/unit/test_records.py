"""Input: every input gives patients or problems, never an exception, and no problem shows a patient's value."""

import io
import json
import math
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.checking.inputs import read_patients
from poems_cli.model import AnyOf, Compare, Finding, Given, Patient, Quantity, Rules, RulesIdentity
from poems_cli.records import Limits, PatientReader, Problem, Reading, Record, round_trip
from poems_cli.units import UnitFrom, UnitTable, unit_table


def finding(name: str, kind: str, label: str = "", **more: Any) -> Finding:
    empty: dict[str, Any] = {"part_of": None, "unit": None, "choices": {}, "definition": None, "gray_zone": None}
    label = label or name.replace("_", " ")
    return Finding(id=name, kind=cast("Any", kind), label=label, **(empty | more))


VEGF = AnyOf((Compare("plasma_vegf", "above", 200.0), Compare("serum_vegf", "above", 1920.0)))
FINDINGS = [
    finding("polyneuropathy", "boolean"),
    finding("papilledema", "boolean", "swelling of the optic discs"),
    finding("ascites", "boolean"),
    finding("vegf_elevated", "boolean", "raised VEGF", definition=VEGF),
    finding("light_chain", "choice", choices={"lambda": "lambda", "kappa": "kappa", "both": "both"}),
    finding("m_protein_heavy_chain", "choice", choices={"IgG": "IgG", "IgA": "IgA", "none": "none"}),
    finding("age", "quantity", unit="a"),
    finding("plasma_vegf", "quantity", "plasma VEGF", unit="pg/mL"),
    finding("serum_vegf", "quantity", "serum VEGF", unit="pg/mL"),
    finding("platelets", "quantity", "platelet count", unit="10*9/L"),
    finding("hematocrit", "quantity", unit="%"),
    finding("free_light_chain_ratio", "quantity", unit="{ratio}"),
    finding("serum_ascites_albumin_gradient", "quantity", unit="g/dL"),
]
BY_ID = {finding.id: finding for finding in FINDINGS}
QUANTITIES = {finding.id: str(finding.unit) for finding in FINDINGS if finding.kind == "quantity"}
PLAUSIBLE = {"serum_vegf": [0, 100000], "hematocrit": [3, 90], "age": [0, 130], "serum_ascites_albumin_gradient": [-3, 6]}
UNITS: UnitTable = unit_table(
    {
        "spellings": {"10*9/L": ["x10^9/L", "K/uL"]},
        "accepted": {
            "serum_vegf": {"pg/mL": 1, "ng/mL": 1000},
            "platelets": {"10*9/L": 1, "/uL": 0.001},
            "hematocrit": {"%": 1},
        },
        "plausible": PLAUSIBLE,
        "mistaken": [{"findings": ["serum_vegf"], "units": ["ng/mL"], "numbers": [0, 20], "why": "in papers"}],
        "unit_unsaid": {"age": "in years"},
        "canonical": QUANTITIES,
    }
)
RULES = Rules(RulesIdentity("test", "1", "0"), "test", "none", BY_ID, tuple(BY_ID), {}, {}, (), {}, {}, UNITS, {}, {})
ONE = b'{"id": "p1", "findings": {"polyneuropathy": true}}'
TWO = b'{"id": "p2", "findings": {"polyneuropathy": false}}'


def read(data: bytes, limits: Limits | None = None) -> list[Reading]:
    return list(read_patients(["-"], RULES, io.BytesIO(data), limits or Limits()))


def read_one(findings: object) -> Reading:
    (reading,) = read(json.dumps({"id": "p1", "findings": findings}).encode())
    return reading


def value_of(name: str, given: object) -> object:
    reading = read_one({name: given})
    assert reading.patient is not None, reading.problems
    return reading.patient.observed.get(name)


def problems_of(name: str, given: object) -> tuple[Problem, ...]:
    reading = read_one({name: given})
    assert reading.patient is None
    assert all(problem.where == f"standard input, line 1, patient 1, finding {name}" for problem in reading.problems)
    return reading.problems


def problem_of(name: str, given: object) -> str:
    (problem,) = problems_of(name, given)
    return f"{problem.what}: {problem.mend}"


def ids(readings: list[Reading]) -> list[str | None]:
    return [reading.patient.id if reading.patient else None for reading in readings]


def messages_of(readings: list[Reading]) -> str:
    return "\n".join(" | ".join(problem) for reading in readings for problem in reading.problems)


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"[" + ONE + b", " + TWO + b"]",
        ONE + b"\n" + TWO,
        ONE + b"\r\n\r\n" + TWO + b"\r\n",
        b"\n\n  " + ONE + b"\n\n" + TWO + b"\n",
        b"\xef\xbb\xbf" + ONE + b"\n\xef\xbb\xbf" + TWO,
        b"- id: p1\n  polyneuropathy: yes\n- id: p2\n  findings: {polyneuropathy: no}\n",
        b"# two\n---\nid: p1\nfindings:\n  polyneuropathy: true\n---\nid: p2\npolyneuropathy: absent\n---\n",
        b"\n\n- " + ONE + b"\n- " + TWO,
    ],
)
def test_two_patients_in_every_format(data: bytes) -> None:
    readings = read(data)
    assert messages_of(readings) == ""
    assert [(r.patient.id, r.patient.observed) for r in readings if r.patient] == [
        ("p1", {"polyneuropathy": True}),
        ("p2", {"polyneuropathy": False}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        ONE,
        json.dumps(json.loads(ONE), indent=2).encode(),
        b'{"id": "p1",\n"polyneuropathy": "Present"}',
        b"id: p1\npolyneuropathy: Yes",
    ],
)
def test_one_patient(data: bytes) -> None:
    assert [r.patient for r in read(data)] == [Patient("p1", {"polyneuropathy": True}, {})]


def test_files_by_extension_and_the_rest_still_answered(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(ONE)
    (tmp_path / "b.YML").write_bytes(b"{id: p2, findings: {light_chain: Kappa}}")
    (tmp_path / "c.jsonl").write_bytes(b"[1]\n" + ONE)
    (tmp_path / "empty.json").write_bytes(b"\n \n")
    (tmp_path / "patients.json").write_bytes(b"id: p1")
    (tmp_path / "folder").mkdir()
    names = ["a.json", "patient.json", "b.YML", "folder", "c.jsonl", "empty.json", "patients.json", "\0", "x" * 5000]
    readings = list(read_patients([str(tmp_path / n) for n in names] + ["-", "-"], RULES, io.BytesIO(TWO)))
    assert ids(readings) == ["p1", None, "p2", None, None, "p1", None, None, None, None, "p2", None]
    messages = messages_of(readings)
    assert f"did you mean {tmp_path}/patients.json?" in messages
    assert "this is a folder" in messages
    assert "this is a list" in messages
    assert "there is nothing in it" in messages
    assert "a YAML file needs a name that ends in .yaml" in messages
    assert "cannot be the name of a file" in messages
    assert "only once" in messages


def test_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "no permission" in messages_of(list(read_patients(["closed.json"], RULES, io.BytesIO())))


def test_an_error_while_reading_a_file_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            if not line:
                raise OSError(5, "Input/output error")
            return line

    monkeypatch.setattr("builtins.open", lambda *_: Broken(ONE + b"\n"))
    readings = list(read_patients(["a.jsonl"], RULES, io.BytesIO()))
    assert ids(readings) == ["p1", None]
    assert "Input/output error" in messages_of(readings)


def test_control_characters_in_a_file_name_are_escaped() -> None:
    (reading,) = read_patients(["no\x1b[31m\nsuch"], RULES, io.BytesIO())
    assert reading.problems[0].where == r"no\x1b[31m\nsuch"


# --- JSON that is wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        (b"", "standard input", "nothing in it"),
        (b'{"id": "p1", "findings": {', "standard input, line 1, column 27", "ends too early"),
        (b'{\n "id": "p1",\n "findings": {"a\n', "standard input, line 3", "ends too early"),
        (b'{\n "id": p1\n}', "standard input, line 2, column 8", "not valid JSON"),
        (b'{\n "id": 1\n}\n{\n "id": 2\n}', "standard input, line 4, column 1", "something follows"),
        (b"{'id': 1}", "standard input, line 1, column 2", "double quotes"),
        (b'{"a": "\xe9"}', "standard input, line 1", "not UTF-8 text (byte 8 of the line)"),
        (b'[\n\n{"a": "\xe9"}]', "standard input, line 3", "not UTF-8 text (byte 8 of the line)"),
        ('{"id": 1}'.encode("utf-16"), "standard input", "UTF-16"),
        ('{"id": 1}'.encode("utf-16-le"), "standard input", "UTF-16"),
        (b'{"ascites": true, "ascites": false}', "standard input, line 1, patient 1", "'ascites' is given twice"),
        (b'{"findings": {}, "findings": {}}', "standard input, line 1, patient 1", "'findings' is given twice"),
        (b'{"a":' * 100_000, "standard input", "nested too deeply"),
        (b"[" * 100_000, "standard input", "nested too deeply"),
        (b"42", "standard input", "this is a number"),
        (b'"text"', "standard input", "this is text"),
        (b"[[]]", "standard input, line 1", "this is a list"),
        (b"[null]", "standard input, line 1", "this is null"),
        (b'{"id": true}', "standard input, line 1, patient 1", "an id must be text or a whole number"),
        (b'{"id": "a\\u001b[0m"}', "standard input, line 1, patient 1", "control characters"),
        (b'{"id": "\\ud800"}', "standard input, line 1, patient 1", "control characters"),
        (b'{"id": "p", "findings": 3}', "standard input, line 1, patient 1", "'findings' must be an object"),
        (b'{"id": "p", "Findings": {}}', "standard input, line 1, patient 1, finding Findings", "not 'findings'"),
        (b'{"findings": {}, "finding": {}}', "standard input, line 1, patient 1", "looks like it"),
        (b'{"findings": {}, "ascites": true}', "standard input, line 1, patient 1, finding ascites", "next to"),
        (b'{"findings": {"id": 1}}', "standard input, line 1, patient 1, finding id", "among the findings"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_json(data: bytes, where: str, message: str) -> None:
    readings = read(data)
    assert ids(readings) == [None]
    (problem,) = readings[0].problems
    assert problem.where.startswith(where)
    assert message in f"{problem.what}: {problem.mend}"


BAD_LINES = [
    b'{"id": tru}', b'{"a": "', b'{"a": 1} x', b"{}{}", b"\xff", b"[]", b"3", b'{"x":' * 50_000, b'{"ascites": 1e999}',
    b'{"hematocrit": 1' + b"0" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_LINES)
def test_one_bad_line_never_stops_the_rest(bad: bytes, tmp_path: Path) -> None:
    readings = read(b"\n".join([ONE, b"", bad, TWO]))
    assert ids(readings) == ["p1", None, "p2"]
    assert readings[1].problems[0].where.startswith("standard input, line 3")
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n".join([bad, ONE, bad, TWO, bad]))
    assert ids(list(read_patients([str(path)], RULES, io.BytesIO()))) == [None, "p1", None, "p2", None]


@pytest.mark.parametrize("bad", [b'{"id": tru}', b'{"a": "', b'{"a": 1} x', b'{"a": "\xff"}', b'{"x"' + b":[" * 50_000 + b"0"])
def test_a_bad_first_line_is_still_a_line(bad: bytes) -> None:
    assert ids(read(bad + b"\n" + b" \n" * 1000 + ONE + b"\n" + TWO)) == [None, "p1", "p2"]


def test_records_before_an_error_in_an_array_are_answered() -> None:
    readings = read(b"[" + ONE + b',\n{"ascites": 3},\n' + TWO + b',\n{"id": ')
    assert ids(readings) == ["p1", None, "p2", None]
    assert "line 2, patient 2, finding ascites" in messages_of(readings)
    assert "line 4, column 8" in messages_of(readings)


@pytest.mark.parametrize("data", [b"[]", b" [ ] \n", b'{"patients": []}'])
def test_an_empty_list_is_refused(data: bytes) -> None:
    assert ids(readings := read(data)) == [None]
    assert "there is nothing in it" in messages_of(readings)


@pytest.mark.parametrize(
    "data",
    [
        b'{"patients": [%s, %s]}' % (ONE, TWO),
        b'{"exported": "2026-01-01", "cases": [%s, %s]}' % (ONE, TWO),
        b"patients:\n- {id: p1, polyneuropathy: true}\n- {id: p2, polyneuropathy: false}\n",
        b'{"data": [%s]}\n{"data": [%s]}\n' % (ONE, TWO),
        b'{"Patients": {"p1": {"polyneuropathy": true}, "p2": {"findings": {"polyneuropathy": false}}}}',
    ],
)
def test_an_object_around_a_list_of_patients_is_the_list(data: bytes) -> None:
    assert ids(read(data)) == ["p1", "p2"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"resourceType": "Bundle", "entry": []}', "this is a FHIR Bundle"),
        (b'{"resourceType": "Patient", "id": "1"}\n{"resourceType": "Patient", "id": "2"}\n', "this is a FHIR Patient"),
        (b'[{"resourceType": "Observation"}, {"resourceType": "Observation"}]', "this is a FHIR Observation"),
        (b'{"resourceType": "Smith, John"}', "this is a FHIR resource"),
        (b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"/>', "this is FHIR in XML"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<ClinicalDocument xmlns="urn:hl7-org:v3">', "a clinical document (CDA)"),
        (b'{"id": "x", "phenotypicFeatures": [], "metaData": {}}', "this is a phenopacket"),
        (b'{"id": "f", "proband": {}, "pedigree": {}, "metaData": {}}', "this is a phenopacket"),
        (b"MSH|^~\\&|LAB|H|||20240101||ORU^R01|1|P|2.5\rPID|1||123||X^Y\r", "this is an HL7 v2 message"),
        (b"\x0bMSH|^~\\&|LAB\r", "this is an HL7 v2 message"),
        (b'{"person_id": 1, "gender_concept_id": 8507}\n', "this is a table of an OMOP export"),
        (b"$FL2@(#) SPSS DATA FILE", "this is a file of SPSS or Stata"),
        (b"PK\x03\x04\x14\x00", "this is an Excel workbook or another zip archive"),
        (b"\x1f\x8b\x08\x00", "this is compressed with gzip"),
        (b"%PDF-1.7", "this is a PDF document"),
        (b"id,polyneuropathy\n1,yes\n", "this looks like a table, but not by its name"),
        (b"MRN;PLT (K/uL)\r\n1;512\r\n", "this looks like a table, but not by its name"),
    ],
)
def test_a_record_of_another_kind_is_called_by_its_name_once(data: bytes, message: str) -> None:
    (reading,) = read(data)
    (problem,) = reading.problems
    assert message in problem.what
    assert problem.mend
    assert "John" not in problem.what


@pytest.mark.parametrize("array", [b"[,]", b"[{},]", b"[{} {}]", b"[{}", b"[{}]]", b"[", b"[{},", b"[}"])
def test_broken_arrays(array: bytes) -> None:
    assert read(array)[-1].patient is None


# --- limits -----------------------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A stream that generates its bytes as they are read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.rest = self.rest or next(self.pieces, b"")
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


def peak_of(pieces: Iterator[bytes], limits: Limits) -> tuple[list[str | None], int]:
    stream = io.BufferedReader(Endless(pieces))
    tracemalloc.start()
    try:
        last: list[str | None] = []
        for reading in read_patients(["-"], RULES, stream, limits):
            last = [*last, *ids([reading])][-3:]
        return last, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_line_too_long_is_passed_over_unheld() -> None:
    def pieces() -> Iterator[bytes]:
        yield ONE + b'\n{"a": "'
        for _ in range(64):
            yield b"x" * (1 << 20)
        yield b'"}\n' + TWO

    last, peak = peak_of(pieces(), Limits(line=1 << 16))
    assert last == ["p1", None, "p2"]
    assert peak < 8 << 20


def test_memory_is_flat_however_many_lines_come() -> None:
    def pieces(count: int) -> Iterator[bytes]:
        yield from (ONE + b"\n" for _ in range(count))

    assert peak_of(pieces(5000), Limits())[1] < 2 * peak_of(pieces(100), Limits())[1] + (1 << 20)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_limits_to_the_byte(start: bytes) -> None:
    fits, over = Limits(line=len(ONE)), Limits(line=len(ONE) - 1)
    assert ids(read(start + ONE, fits)) == ids(read(start + ONE + b"\n", fits)) == ["p1"]
    readings = read(start + ONE + b" \n" + b'{"id": 2}\n', over)
    assert ids(readings) == [None, "2"]
    assert f"longer than {len(ONE) - 1} bytes" in messages_of(readings)
    document = ONE.replace(b" ", b"\n")
    assert ids(read(start + document, Limits(json=len(start + document)))) == ["p1"]
    assert "larger than" in messages_of(read(start + document, Limits(json=len(document) - 1)))
    array = b"[" + ONE + b", " + ONE + b"]"
    assert ids(read(start + array, Limits(json=len(ONE)))) == ["p1", "p1"]
    assert "longer than" in messages_of(read(start + array, Limits(json=len(ONE) - 1)))
    assert ids(read(b"id: p1", Limits(yaml=6))) == ["p1"]
    assert "larger than" in messages_of(read(b"id: p1", Limits(yaml=5)))


# --- YAML -------------------------------------------------------------------------------------------------------------


def test_yaml_means_what_a_person_reads_in_it() -> None:
    data = b"""
id: 2020-01-01
findings:
  polyneuropathy: no
  papilledema: "Yes"
  ascites: ~
  age: 1e1
  platelets: 450 K/uL
  hematocrit: +4.5e1
  m_protein_heavy_chain: none
  light_chain:
    value: null
    reason: not-performed
"""
    (reading,) = read(data)
    quantities: dict[str, tuple[float, UnitFrom]] = {
        "age": (10.0, "given"), "platelets": (450.0, "given"), "hematocrit": (45.0, "assumed"),
    }  # fmt: skip
    observed: dict[str, Any] = {"polyneuropathy": False, "papilledema": True, "m_protein_heavy_chain": "none"}
    observed |= {
        name: Quantity(value, QUANTITIES[name], unit_from=unit_from) for name, (value, unit_from) in quantities.items()
    }
    assert reading[:2] == (Patient("2020-01-01", observed, {"light_chain": "not-performed"}), ())


@pytest.mark.parametrize(
    ("written", "identity"),
    [("007", "007"), ("0x1F", "0x1F"), ("12", "12"), ("yes", "yes"), ("1:30", "1:30"), ("~", "patient 1")],
)
def test_yaml_ids(written: str, identity: str) -> None:
    assert ids(read(f"id: {written}".encode())) == [identity]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"id: p\nfindings:\n\tage: 1", "line 3, column 1"),
        (b"id: p\nage: &a 1", "anchors and aliases (&) are not read here (line 2)"),
        (b"age: 1\nid: *a", "anchors and aliases (*) are not read here (line 2)"),
        (b"id: !!python/object/apply:os.system [ls]", "tags (!) are not read here (line 1)"),
        (b"&a [{id: p}]", "anchors"),
        (b"id: p\nage: 1\nage: 2", "'age' is given twice (line 3)"),
        (b"? [a]\n: 1", "a key must be text, but this is a list (line 1)"),
        (b"id: true", "an id must be text or a whole number"),
        (b"age: .nan", "NaN is not a value"),
        (b"age: -.inf", "infinite or too large"),
        (b"age: 1" + b"0" * 5000, "infinite or too large"),
        (b"just text", "this is text"),
        (b"- {id: c\n", "line 2"),
        (b"- " * 100_000, "nested too deeply"),
        (b"a: {" * 100_000, "nested too deeply"),
        (b"id: \x01", "control character"),
        (b'id: "\\UFFFFFFFF"', "not valid YAML"),
        (b"%YAML 1." + b"9" * 5000 + b"\n---\nid: 1", "not valid YAML"),
        (b"# nothing\n", "nothing in it"),
        (b"id: \xe9", "line 1 | this is not UTF-8 text (byte 5"),
    ],
)
def test_what_is_wrong_with_yaml(data: bytes, message: str) -> None:
    readings = read(data)
    assert ids(readings) == [None]
    assert message in messages_of(readings)


def test_yaml_errors_give_the_line_and_the_rest_is_answered() -> None:
    readings = read(b"\n\n- id: p1\n- id: p2\n  vegf: 1\n- *x\n- {id: p3}\n---\nid: p4\n---\nid: p5: x")
    assert ids(readings) == ["p1", None, None, "p3", "p4", None]
    assert "standard input, line 4, patient 2, finding vegf" in messages_of(readings)
    assert "standard input, line 11, column" in messages_of(readings)


def test_an_alias_bomb_is_refused_at_once() -> None:
    levels = [b"- &a0 x"] + [b"- &a%d [%s]" % (n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)]
    assert all(reading.patient is None for reading in read(b"\n".join(levels)))


# --- findings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "value"),
    [(True, True), (False, False), (None, None), ("YES", True), (" present ", True), ("no", False), ("Absent", False),
     ("true", True), ("False", False), ("unknown", None), ({"value": True}, True), ({"value": "no"}, False),
     ({"value": None}, None)],
)  # fmt: skip
def test_boolean_findings(given: object, value: bool | None) -> None:
    assert value_of("ascites", given) is value


@pytest.mark.parametrize(
    "given", [1, 0, "maybe", "", [], {}, {"value": 1}, {"value": True, "reason": "x"}, {"vale": True}, math.nan]
)
def test_wrong_booleans(given: object) -> None:
    assert problems_of("ascites", given)


def test_reasons_are_kept() -> None:
    reading = read_one({"ascites": {"value": None, "reason": "not-performed"}, "age": {"value": None, "reason": "?"}})
    assert reading.patient == Patient("p1", {}, {"ascites": "not-performed", "age": "?"})
    for reason in (3, "x" * 300, "\x1b[0m"):
        assert "not a short text" in problem_of("ascites", {"value": None, "reason": reason})


def test_choices() -> None:
    assert value_of("light_chain", "LAMBDA") == "lambda"
    assert value_of("m_protein_heavy_chain", {"value": " igg "}) == "IgG"
    assert value_of("light_chain", None) is None
    wrong: list[object] = ["mu", True, 3, [], ""]
    for other in wrong:
        assert "one of lambda, kappa or both" in problem_of("light_chain", other)


@pytest.mark.parametrize(
    ("given", "quantity"),
    [
        (2812, Quantity(2812, "pg/mL", unit_from="assumed")),
        ("2812 pg/mL", Quantity(2812, "pg/mL")),
        (">= 2 ng/mL", Quantity(2000, "pg/mL", ">=", given=Given(2, "ng/mL"))),
        ("12,5 pg/mL", Quantity(12.5, "pg/mL")),
        ("1.200,5 pg/mL", Quantity(1200.5, "pg/mL")),
        ("2812 pg/mL (H)", Quantity(2812, "pg/mL")),
        ("\u2267 2\u202f812 pg/mL", Quantity(2812, "pg/mL", ">=")),
        ("<0.1 pg/mL", Quantity(0.1, "pg/mL", "<")),
        ("\u226431.", Quantity(31, "pg/mL", "<=", unit_from="assumed")),
        ({"value": 2812, "unit": "pg/mL"}, Quantity(2812, "pg/mL")),
        ({"value": 2812}, Quantity(2812, "pg/mL", unit_from="assumed")),
        ({"value": 2812, "unit": "pg/mL", "unit_from": "option"}, Quantity(2812, "pg/mL", unit_from="option")),
        ({"value": ">2812", "unit": " "}, Quantity(2812, "pg/mL", ">", unit_from="assumed")),
        ({"value": ">2", "unit": "ng/mL"}, Quantity(2000, "pg/mL", ">", given=Given(2, "ng/mL"))),
        ({"value": "2 ng/mL"}, Quantity(2000, "pg/mL", given=Given(2, "ng/mL"))),
        ({"value": "2 ng/mL", "unit": "ng/mL"}, Quantity(2000, "pg/mL", given=Given(2, "ng/mL"))),
        (
            {"value": 2, "unit": "ng/mL", "comparator": "<", "low": 0, "high": "1.5"},
            Quantity(2000, "pg/mL", "<", 0, 1500, Given(2, "ng/mL")),
        ),
        (
            {"value": 2000, "unit": "pg/mL", "given": {"value": 2, "unit": "ng/mL"}},
            Quantity(2000, "pg/mL", given=Given(2, "ng/mL")),
        ),
        ({"value": 2, "unit": "pg/mL", "comparator": None, "low": None, "reason": None}, Quantity(2, "pg/mL")),
        (None, None),
        ({"value": None}, None),
        ({"value": None, "unit": "pg/mL"}, None),
    ],
)
def test_quantities(given: object, quantity: Quantity | None) -> None:
    assert value_of("serum_vegf", given) == quantity


@pytest.mark.parametrize(
    ("finding", "given", "message"),
    [
        ("platelets", "180.000/mm3", "can mean two things"),
        ("platelets", {"value": "180.000", "unit": "cells/mm3"}, "can mean two things"),
        ("platelets", "180,000/mm3", "can mean two things"),
        ("platelets", "1.2,3 K/uL", "can mean two things"),
        ("platelets", "36*109", "a power of ten without its sign"),
        ("hematocrit", "3+", "a dipstick reading is not a measured value"),
        ("hematocrit", "++", "a dipstick reading is not a measured value"),
    ],
)
def test_marks_that_can_mean_two_things_are_refused(finding: str, given: object, message: str) -> None:
    assert message in problem_of(finding, given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (True, "this is true or false"),
        ([1], "this is a list"),
        ({}, "no 'value'"),
        ({"value": {}, "unit": "pg/mL"}, "this is an object"),
        ({"value": 2001, "unit": "pg/mL", "given": {"value": 2, "unit": "ng/mL"}}, "'given' is not the same value"),
        ({"value": 2000, "unit": "pg/mL", "given": "2 ng/mL"}, "'given' is not the same value"),
        ({"value": 1, "unit": 3}, "a unit must be text"),
        (
            {"value": 1, "unit": "ug/mL"},
            "the unit 'ug/mL' is not understood here: serum VEGF may be in pg/mL or ng/mL",
        ),
        ({"value": 1, "unit": "x" * 300}, "the unit is not understood"),
        ({"value": 1, "unit": "p\x1bg"}, "the unit is not understood"),
        ({"value": "1 ng/mL", "unit": "pg/mL"}, "two units"),
        ({"value": "<1", "unit": "pg/mL", "comparator": ">"}, "two comparators"),
        ({"value": 1, "unit": "pg/mL", "comparator": "~"}, "comparator is not understood"),
        ({"value": 1, "unit": "pg/mL", "comparator": 1}, "comparator is not understood"),
        ({"value": 1, "unit": "pg/mL", "low": 5, "high": 2}, "'low' is above 'high'"),
        ({"value": 1, "unit": "pg/mL", "low": True}, "limit 'low' is not a finite number"),
        ({"value": 1, "unit": "pg/mL", "high": "<2"}, "limit 'high' is not a finite number"),
        ({"value": 1, "unit": "pg/mL", "high": -2}, "limit 'high' is negative"),
        ({"value": 1, "unit": "pg/mL", "high": 10**350}, "not a finite number"),
        ({"value": 1, "unit": "pg/mL", "units": 3}, "did you mean 'unit'?"),
        (-1, "the value is negative"),
        ("-1", "the value is negative"),
        ("<0", "nothing can be less than 0"),
        (math.nan, "NaN is not a value: write null"),
        (math.inf, "infinite or too large"),
        (10**400, "infinite or too large"),
        (10**350, "infinite or too large"),
        ("1e999", "infinite or too large"),
        ({"value": 1e308, "unit": "ng/mL"}, "infinite or too large"),
        ("1,234", "can mean two things"),
        ("1.234 pg/mL", "can mean two things"),
        ("high", "not a number with a unit"),
        ("9" * 500, "not a number with a unit"),
        ("5 to 10 pg/mL", "a range is not one value: write one number"),
        ("5-10", "a range is not one value: write one number"),
        ("5 (John Smith)", "what follows the number is not a unit"),
        ("1 000 pg/mL", "can mean two things"),
        ("5 furlongs", "what follows the number is not a unit understood here"),
    ],
)
def test_wrong_quantities(given: object, message: str) -> None:
    assert message in problem_of("serum_vegf", given)


def test_quantities_of_their_own_kind() -> None:
    assert value_of("free_light_chain_ratio", {"value": 1.2}) == Quantity(1.2, "{ratio}")
    assert value_of("serum_ascites_albumin_gradient", "-0.4 g/dL") == Quantity(-0.4, "g/dL")
    assert value_of("platelets", "<450 x10^9/L") == Quantity(450, "10*9/L", "<")
    assert "not possible" in problem_of("hematocrit", "0.45 %")
    assert "not possible" in problem_of("serum_ascites_albumin_gradient", "-4 g/dL")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("haematocrit", "did you mean 'hematocrit'?"),
        ("Serum VEGF", "did you mean 'serum_vegf'?"),
        ("platelet count", "did you mean 'platelets'?"),
        ("swelling of optic disc", "did you mean 'papilledema'?"),
        ("vegf", "does not say which one: plasma_vegf or serum_vegf"),
        ("VEGF level", "does not say which one: plasma_vegf or serum_vegf"),
        ("zzzz", "poems template lists every id"),
    ],
)
def test_unknown_findings(name: str, message: str) -> None:
    assert message in problem_of(name, True)


@pytest.mark.parametrize("name", ["", "Smith, John", "1960-02-01", "0044 4711", "p-4711", "a\nb", "HIV positive since " * 4])
def test_a_key_that_is_not_a_label_is_not_shown(name: str) -> None:
    (problem,) = read_one({name: True}).problems
    assert problem.where == "standard input, line 1, patient 1"
    assert problem.what in ("there is no finding of this name", "'findings' must be an object, but this is a number")


@pytest.mark.parametrize("unit", ["HIV-positive", "Smith", "1960-02-01", "furlong", "pg/mL in John", "x" * 300, "p\u202eg"])
def test_text_that_is_not_a_unit_is_not_shown(unit: str) -> None:
    for value in ({"value": 1, "unit": unit}, f"1 {unit}", {"value": f"1 {unit}"}):
        assert not any(unit in problem.what + problem.mend for problem in problems_of("serum_vegf", value))


@pytest.mark.parametrize("given", [2812, "2812 pg/mL", {"value": 2812, "unit": "pg/mL"}])
def test_a_number_for_raised_vegf_is_pointed_to_its_specimen(given: object) -> None:
    assert "belongs to plasma_vegf or serum_vegf" in problem_of("vegf_elevated", given)


def test_long_and_odd_names_are_cut_and_escaped() -> None:
    reading = read_one({"x\x1b[31m" + "y" * 1000: 1})
    assert len(reading.problems[0].what) < 100
    assert "\x1b" not in messages_of([reading])


def test_other_keys_next_to_findings_are_ignored() -> None:
    (reading,) = read(b'{"source": {"a": [1]}, "final_diagnosis": "x", "findings": null}')
    assert reading[:2] == (Patient("patient 1", {}, {}), ())


def test_all_problems_of_a_patient_come_at_once_and_not_too_many() -> None:
    reading = read_one({"vegf": 1, "age": -1, "ascites": 3, "platelets": {"value": "x", "unit": 3, "low": "y"}})
    assert len(reading.problems) == 6
    reading = read_one({f"unknown{n}": 1 for n in range(100_000)})
    assert len(reading.problems) == 101
    assert reading.problems[-1].what == "99900 more problems are not shown"


def test_patients_without_an_id_are_counted_from_one() -> None:
    assert ids(read(b'{}\n\n{"id": null}\n[]\n{"id": " "}\n{"id": 7}\n{"id": 7}')) == [
        "patient 1",
        "patient 2",
        None,
        "patient 4",
        "7",
        "7",
    ]


# --- laws -------------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from([*BY_ID, "vegf", "id", "findings", "value", "unit", "comparator", "low", "high", "reason"])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["yes", "lambda", "<0.1", "2 ng/mL", "1,5", "pg/mL", "<", 10**400, "5 to 6"])
)  # fmt: skip
THINGS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
FRAGMENTS = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"id"', b'"findings"', b":", b",", b"\n", b" ", b"- ", b"---\n", b"id: ", b"&a", b"*a",
     b"!t ", b'"ascites"', b"true", b"null", b"1e3", b"NaN", b'"\\ud800"', b"'", b"#", b"|", b">", b"? ", b"\t",
     b"%YAML 1.1\n",     b"\xff", b"\0", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"findings:\n  age: 1\n", ONE, b"\r"]
)  # fmt: skip
JUNK = (
    st.binary(max_size=60)
    | st.lists(FRAGMENTS, max_size=25).map(b"".join)
    | THINGS.map(lambda value: json.dumps(value).encode())
)


def check(readings: list[Reading]) -> None:
    for reading in readings:
        assert reading.patient is not None or reading.problems
        assert reading.patient is None or not reading.problems or (reading.patient.observed and reading.patient.refused)
        for problem in reading.problems:
            assert all(part and part.isprintable() for part in problem)


@settings(max_examples=1500, deadline=None)
@given(JUNK, st.sampled_from([Limits(), Limits(8, 40, 40)]))
def test_any_bytes_give_only_readings(data: bytes, limits: Limits) -> None:
    check(read(data, limits))


@settings(max_examples=500, deadline=None)
@given(JUNK, st.sampled_from(["x.json", "x.jsonl", "x.yaml", "x"]))
def test_any_file_gives_only_readings(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    check(list(read_patients([str(path)], RULES, io.BytesIO())))


@settings(max_examples=500, deadline=None)
@given(JUNK)
def test_the_parser_without_libyaml_gives_only_readings(data: bytes) -> None:
    import yaml

    from poems_cli.rules import strict_yaml

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_yaml, "_Loader", yaml.SafeLoader)
        check(read(b"- " + data))


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(NAMES, THINGS, max_size=6))
def test_any_object_is_a_patient_or_problems(findings: dict[str, object]) -> None:
    reader = PatientReader(RULES)
    check([reader.read(Record(findings, "here", 1)), reader.read(Record({"findings": findings}, "here", 2))])


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(list(BY_ID)), SCALARS, st.dictionaries(NAMES, SCALARS, max_size=5), st.booleans())
def test_any_value_of_any_finding(name: str, value: object, more: dict[str, object], bare: bool) -> None:
    check([PatientReader(RULES).read(Record({name: value if bare else more | {"value": value}}, "here", 1))])


SECRET = 48271  # found in no unit, limit or example


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(BY_ID)),
    st.sampled_from(
        [SECRET * 10**6, -SECRET, f"{SECRET},5", f"secret{SECRET}", f"5 to {SECRET} pg/mL", f"{SECRET}-9", [SECRET],
         {"a": SECRET}, {"value": f"{SECRET} {SECRET}", "low": f"<{SECRET}"},
         {"value": -SECRET, "unit": "nope"}, f"1 secret {SECRET}"]
    ),
)  # fmt: skip
def test_no_problem_tells_a_value(name: str, secret: object) -> None:
    messages = messages_of([read_one({name: secret})])
    assert str(SECRET) not in messages
    assert "secret" not in messages


NUMBERS = st.floats(min_value=0, max_value=1e300)


def quantities_of(name: str) -> st.SearchStrategy[Quantity]:
    low, high = PLAUSIBLE.get(name, [0, 1e300])
    limits = st.lists(NUMBERS, min_size=2, max_size=2).map(sorted)
    values = st.floats(min_value=low, max_value=high)
    signs = st.sampled_from([None, "<=", ">", ">="])
    return st.builds(
        lambda value, sign, pair, given_low, given_high: Quantity(
            value, QUANTITIES[name], sign, pair[0] if given_low else None, pair[1] if given_high else None
        ),
        values, signs, limits, st.booleans(), st.booleans(),
    )  # fmt: skip


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    observed: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    printable = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20)
    for finding in draw(st.lists(st.sampled_from(FINDINGS), unique_by=lambda finding: finding.id)):
        if draw(st.booleans()):
            reasons[finding.id] = draw(printable)
        elif finding.kind == "quantity":
            observed[finding.id] = draw(quantities_of(finding.id))
        else:
            observed[finding.id] = draw(st.booleans() if finding.kind == "boolean" else st.sampled_from(list(finding.choices)))
    return Patient(draw(printable.filter(str.strip)), observed, reasons)


@settings(max_examples=300, deadline=None)
@given(patients())
def test_a_patient_written_out_reads_back_the_same(patient: Patient) -> None:
    import yaml

    written = round_trip(patient)
    assert PatientReader(RULES).read(Record(written, "here", 1))[:2] == (patient, ())
    for data in (
        json.dumps(written),
        json.dumps([written], indent=1, ensure_ascii=False),
        "---\n" + yaml.safe_dump(written, allow_unicode=True),
    ):
        assert [reading[:2] for reading in read(data.encode())] == [(patient, ())]


@pytest.mark.parametrize("written", ["0E0", "1.10", "007", "12345678901234567890", "1e5"])
def test_an_id_in_yaml_stays_as_it_is_written(written: str) -> None:
    assert [reading.patient and reading.patient.id for reading in read(f"id: {written}\nfindings: {{}}\n".encode())] == [
        written
    ]


def test_the_rules_of_this_program_read_all_that_they_name() -> None:
    from poems_cli.rules.loading import load_rules

    rules = load_rules()
    findings: dict[str, Any] = {}
    for name, finding in rules.findings.items():
        low, high = (rules.units.analytes[name].plausible or (1, 1)) if finding.kind == "quantity" else (0, 0)
        choice = next(iter(finding.choices), True)
        findings[name] = {"value": (low + high) / 2, "unit": finding.unit} if finding.kind == "quantity" else choice
    reading = PatientReader(rules).read(Record({"findings": findings}, "here", 1))
    assert reading.patient is not None, reading.problems
    assert set(reading.patient.observed) == set(rules.findings)
    (problem,) = PatientReader(rules).read(Record({"vegf": 2812}, "here", 1)).problems
    assert problem.what == "'vegf' does not say which one: plasma_vegf or serum_vegf"


def test_yaml_is_not_loaded_for_json() -> None:
    import subprocess
    import sys

    program = (
        "import sys, io; from poems_cli.records import *; import poems_cli.records as r; "
        "assert not {'yaml', 'difflib', 'pathlib', 'dataclasses'} & set(sys.modules), set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
