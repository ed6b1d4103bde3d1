"""Bad input: one clear line each, with where it is and how to mend it; the others are answered; no value is shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import MET, OPEN, poems, write

SECRET = "77123"

#: A record by name: its findings as JSON text, and words of the message.
RECORDS = {
    "unknown id": (
        '{"polineuropathy": true}',
        "finding polineuropathy: there is no finding 'polineuropathy'; did you mean 'polyneuropathy'?",
    ),
    "a number for a truth": (
        '{"polyneuropathy": 77123}',
        "finding polyneuropathy: expected present or absent, but this is a number; write true, false or null",
    ),
    "a truth for a number": (
        '{"platelets": true}',
        'finding platelets: expected a measured value, but this is true or false; write {"value": 1.5, ',
    ),
    "another word": (
        '{"light_chain": "77123"}',
        "finding light_chain: expected one of its words, but this is another text; write one of ",
    ),
    "a list": ('{"ascites": [77123]}', "finding ascites: expected present or absent, but this is a list; write true"),
    "unit missing": (
        '{"hemoglobin": {"value": 7.7123}}',
        "finding hemoglobin: without a unit this number can be in g/dL or mmol/L; write it with its unit, as in {",
    ),
    "unit not understood": (
        '{"platelets": {"value": 77123, "unit": "mg/dL"}}',
        "finding platelets: the unit 'mg/dL' is not understood here; platelet count may be in 10*9/L, ",
    ),
    "negative": ('{"platelets": -77123}', "finding platelets: the value is negative; check the number"),
    "impossible": ('{"hematocrit": 450}', "finding hematocrit: the value is not possible; "),
    "specimen missing": ('{"vegf": 77123}', "finding vegf: 'vegf' does not say which one: "),
    "key twice": ('{"ascites": true, "ascites": false}', "the key 'ascites' is given twice; keep the one that is right"),
    "decimal comma": (
        '{"platelets": "77,123"}',
        "finding platelets: a point, a comma or a blank within the number can mean two things; write no separators",
    ),
    "infinite": ('{"platelets": 1e77123}', "finding platelets: the number is infinite or too large; write a finite number"),
    "a value and a reason": (
        '{"platelets": {"value": 400, "unit": "10*9/L", "reason": "lost"}}',
        "finding platelets: a value is given, and a reason why it is unknown; ",
    ),
    "findings are a list": ("[77123]", "'findings' must be an object, but this is a list; write "),
}


def assert_each_reported_once(err: str, expected: dict[str, str]) -> None:
    """Each message, by the place that it names, is a line, and the last line counts them."""
    *lines, last = err.splitlines()
    for line, (where, message) in zip(lines, expected.items(), strict=True):
        assert line.startswith(f"poems: {where}")
        assert message in line
        assert "; " in line  # how to mend it
        assert "450" not in line.split(": ", 2)[2]  # but in a place
    assert last == f"poems: {len(expected)} not understood, 2 answered"
    assert SECRET not in err


def test_bad_records_between_good_ones(tmp_path: Path) -> None:
    bad = [f'{{"id": "p", "findings": {findings}}}' for findings, _ in RECORDS.values()]
    (tmp_path / "ward.jsonl").write_text("\n".join([json.dumps(OPEN), *bad, json.dumps(MET)]))
    ran = poems("check", "ward.jsonl", "--format", "json", folder=tmp_path)
    assert ran.code == 11
    assert [answer["patient"]["id"] for answer in ran.answers] == ["open", "met"]
    places = [f"ward.jsonl, line {number}, patient {number}" for number in range(2, len(bad) + 2)]
    assert_each_reported_once(ran.err, {place: message for place, (_, message) in zip(places, RECORDS.values(), strict=True)})


def alias_bomb() -> bytes:
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 30)]
    return "\n".join(["a0: &a0 [77123]", *levels]).encode()


#: A file by name, with its content (made when needed) and words of the message.
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "truncated.json": (lambda: b'{"id": "p1", "findings": {"platelets": 77123', "line 1, column "),
    "truncated-array.json": (
        lambda: b'[{"id": "p1", "findings": {"platelets": "77123',
        "the JSON ends too early; it may be cut off",
    ),
    "quotes.json": (lambda: b"{'platelets': 77123}", "line 1, column 2: this is not valid JSON ("),
    "latin1.json": (
        lambda: '{"id": "Jürgen 77123"}'.encode("latin-1"),
        "line 1: this is not UTF-8 text (byte 10 of the line); save the file as UTF-8",
    ),
    "utf16.json": (
        lambda: '{"id": "77123"}'.encode("utf-16"),
        "this is not UTF-8 text (it looks like UTF-16); save the file as UTF-8",
    ),
    "binary.json": (lambda: bytes(range(128, 256)) * 9, "line 1: this is not UTF-8 text"),
    "empty.json": (lambda: b"", "there is nothing in it; write a patient, as in "),
    "blank.yaml": (lambda: b"\n \n\n", "there is nothing in it; write a patient, as in "),
    "long.jsonl": (
        lambda: b'{"id": "' + b"77123" * 4_000_000 + b'"}\n',
        "line 1: this line is longer than 8 MiB and was skipped; write one patient per line",
    ),
    "deep.json": (
        lambda: b'{"findings":' + b"[" * 200_000 + b"77123" + b"]" * 200_000 + b"}",
        "this is nested too deeply to be a patient; ",
    ),
    "deep.yaml": (lambda: b"findings: " + b"[" * 200_000, "this is nested too deeply to be a patient; "),
    "tabs.yaml": (lambda: b"findings:\n\tplatelets: 77123\n", "line 2, column 1: this is not valid YAML ("),
    "number.json": (lambda: b"77123", "a patient must be an object with findings, but this is a number; write "),
    "missing.json": (lambda: b"", "there is no such file; check the name and the folder"),
    "folder.json": (lambda: b"", "this is a folder, not a file; name the files in it"),
}


def test_bad_files_between_good_ones(tmp_path: Path) -> None:
    write(tmp_path / "first.json", OPEN)
    write(tmp_path / "last.json", MET)
    (tmp_path / "bad").mkdir()
    for name, (make, _) in FILES.items():
        if name == "folder.json":
            (tmp_path / "bad" / name).mkdir()
        elif name != "missing.json":
            (tmp_path / "bad" / name).write_bytes(make())
    bad = {f"bad/{name}": message for name, (_, message) in FILES.items()}
    ran = poems("check", "first.json", *bad, "last.json", "--format", "json", folder=tmp_path)
    assert ran.code == 11
    assert [answer["patient"]["id"] for answer in ran.answers] == ["open", "met"]
    assert_each_reported_once(ran.err, bad)


def test_an_alias_bomb_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_bytes(alias_bomb())
    ran = poems("check", "bomb.yaml", "-", folder=tmp_path, stdin=json.dumps(OPEN))
    assert ran.code == 11
    assert "anchors and aliases (&) are not read here (line 1); write the value out" in ran.err
    assert "? UNDETERMINED" in ran.out
    assert SECRET not in ran.err


def test_a_long_line_leaves_the_lines_around_it(tmp_path: Path) -> None:
    (tmp_path / "ward.jsonl").write_bytes(
        json.dumps(OPEN).encode() + b"\n" + FILES["long.jsonl"][0]() + json.dumps(MET).encode() + b"\n"
    )
    ran = poems("check", "ward.jsonl", "--format", "json", folder=tmp_path)
    assert [answer["patient"]["id"] for answer in ran.answers] == ["open", "met"]
    assert_each_reported_once(ran.err, {"ward.jsonl, line 2": "this line is longer than 8 MiB"})


def test_all_problems_of_a_patient_are_reported_at_once(tmp_path: Path) -> None:
    findings = {"polineuropathy": True, "hematocrit": 450, "platelets": {"value": 771.23}}
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=json.dumps({"id": "p1", "findings": findings}))
    assert (ran.code, ran.out) == (11, "")
    assert [line.split(": ")[1] for line in ran.err.splitlines()[:-1]] == [
        f"standard input, line 1, patient 1, finding {finding}" for finding in findings
    ]
    assert ran.err.splitlines()[-1] == "poems: 1 not understood"


#: A patient with one finding that is not understood, in every form of input.
IN_PART = {
    "p.json": '{"id": "p1", "findings": {"polyneuropathy": true, "ascites": false, "tsh": {"value": 77123, "unit": "mile"}}}',
    "p.jsonl": '{"id": "p1", "polyneuropathy": true, "tsh": "77123 furlong", "ascites": false}\n',
    "p.yaml": "id: p1\nfindings:\n  polyneuropathy: true\n  tsh: 77123 furlong\n  ascites: false\n",
    "p.csv": "id,polyneuropathy,tsh (furlong),ascites\np1,true,77123,false\n",
}


@pytest.mark.parametrize("name", IN_PART)
def test_one_finding_that_is_not_understood_leaves_the_rest(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(IN_PART[name])
    ran = poems("check", name, "--format", "json", folder=tmp_path)
    assert ran.code == 11
    (answer,) = ran.answers
    assert answer["patient"]["findings"]["polyneuropathy"] is True
    assert answer["patient"]["findings"]["ascites"] is False
    assert "tsh" not in answer["patient"]["derived"]
    (refused,) = answer["refused"]
    assert refused["key"] == "tsh"
    assert "not" in refused["what"]
    assert refused["mend"]
    assert SECRET not in ran.out + ran.err
    assert ran.err.count("furlong") == 2 * (name == "p.csv")  # a heading is not a value
    assert len(ran.err.splitlines()) == 2


def test_what_is_not_understood_is_in_every_answer(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(IN_PART["p.json"])
    table = poems("check", "p.json", folder=tmp_path)
    assert (table.code, "Not understood, so it counts as unknown: TSH" in " ".join(table.out.split())) == (11, True)
    note = poems("check", "p.json", "--format", "note", folder=tmp_path)
    assert (note.code, "Not understood, and counted as unknown: TSH.\n" in note.out) == (11, True)


def test_the_number_answered_in_part_is_reported(tmp_path: Path) -> None:
    lines = [IN_PART["p.jsonl"], json.dumps(OPEN), '{"polineuropathy": true}']
    (tmp_path / "ward.jsonl").write_text("\n".join(lines))
    ran = poems("check", "ward.jsonl", "--format", "json", folder=tmp_path)
    assert ran.err.splitlines()[-1] == "poems: 1 not understood, 2 answered, 1 of them without what was not understood"


@pytest.mark.parametrize(
    ("findings", "read"),
    [
        ({"m_protein_heavy_chain": "IgG lambda"}, {"m_protein_heavy_chain": "IgG", "light_chain": "lambda"}),
        ({"light_chain": "IgA-\u03ba"}, {"m_protein_heavy_chain": "IgA", "light_chain": "kappa"}),
        (
            {"m_protein_heavy_chain": "IgG\u03bb", "light_chain": "\u03bb"},
            {"m_protein_heavy_chain": "IgG", "light_chain": "lambda"},
        ),
        (
            {"serum_immunofixation": "IgG (lambda)"},
            {"serum_immunofixation": True, "m_protein_heavy_chain": "IgG", "light_chain": "lambda"},
        ),
        ({"urine_immunofixation": "free kappa"}, {"urine_immunofixation": True, "light_chain": "kappa"}),
        (
            {"organomegaly": "hepatomegaly and lymphadenopathy"},
            {"organomegaly": True, "hepatomegaly": True, "lymphadenopathy": True},
        ),
        ({"serum_immunofixation": "no monoclonal protein"}, {"serum_immunofixation": False}),
        ({"m_protein_heavy_chain": "non-IgM", "sex": "Mujer"}, {"igm_m_protein": False, "sex": "female"}),
        ({"castleman_histology": "HV", "sex": "uomo"}, {"castleman_histology": "hyaline_vascular", "sex": "male"}),
    ],
)
def test_the_words_of_reports(findings: dict[str, object], read: dict[str, object], tmp_path: Path) -> None:
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=json.dumps({"findings": findings}))
    assert ran.code == 0
    (answer,) = ran.answers
    assert answer["patient"]["findings"] == read


@pytest.mark.parametrize("text", ["IgG lambda?", "? IgG lambda", "IgG (-), lambda (-)", "IgG-, lambda-", "IgG lambda (?)"])
@pytest.mark.parametrize("finding", ["m_protein_heavy_chain", "light_chain", "serum_immunofixation"])
def test_chains_that_are_in_doubt_or_denied_are_no_finding(finding: str, text: str, tmp_path: Path) -> None:
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=json.dumps({"polyneuropathy": True, finding: text}))
    (answer,) = ran.answers
    assert ran.code == 11
    assert answer["patient"]["findings"] == {"polyneuropathy": True, finding: {"value": None, "reason": "not understood"}}


def test_two_light_chains_are_refused_and_the_rest_is_answered(tmp_path: Path) -> None:
    findings = {"polyneuropathy": True, "m_protein_heavy_chain": "IgG lambda", "light_chain": "kappa"}
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=json.dumps({"findings": findings}))
    (answer,) = ran.answers
    assert ran.code == 11
    assert "lambda" not in ran.err
    unknown = {"value": None, "reason": "not understood"}
    assert answer["patient"]["findings"] == {"polyneuropathy": True, "light_chain": unknown, "m_protein_heavy_chain": unknown}


def test_an_assumed_unit_is_marked_in_every_output(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("polyneuropathy: true\nserum_vegf: 2812\nage: 51\n")
    outputs = [f"-oanswer.{ending}" for ending in ("json", "txt", "md", "html")]
    assert poems("check", "p.yaml", *outputs, folder=tmp_path).code == 0
    note = poems("check", "p.yaml", "-f", "note", folder=tmp_path).out
    assert "serum VEGF 2812 pg/mL (unit assumed), above 1920" in note
    findings = json.loads((tmp_path / "answer.json").read_text())["patient"]["findings"]
    assert findings["serum_vegf"] == {"value": 2812.0, "unit": "pg/mL", "unit_from": "assumed"}
    assert findings["age"]["unit_from"] == "given", "an age needs no unit"
    for ending in ("txt", "md", "html"):
        text = (tmp_path / f"answer.{ending}").read_text()
        assert "2812 pg/mL (unit assumed)" in text
        assert "Unit assumed, since the record gives none: serum VEGF (pg/mL)." in text


def test_a_number_that_can_mean_two_things_is_unknown_until_its_unit_is_given(tmp_path: Path) -> None:
    record = '{"polyneuropathy": true, "platelets": 520}'
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=record)
    assert ran.code == 11
    (answer,) = ran.answers
    assert answer["patient"]["findings"]["platelets"] == {"value": None, "reason": "not understood"}
    assert [entry["key"] for entry in answer["refused"]] == ["platelets"]
    assert 'write it with its unit, as in {"value": 1.5, "unit": "10*9/L"}' in ran.err
    assert "520" not in ran.err
    with_units = poems("check", "--format", "json", "--units", "si", folder=tmp_path, stdin=record)
    assert with_units.code == 0
    assert with_units.answers[0]["patient"]["findings"]["platelets"] == {
        "value": 520.0,
        "unit": "10*9/L",
        "unit_from": "option",
    }


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("leprosy", "There are no red flags for the label leprosy"),
        (
            "idiopathic pulmonary hypertension",
            "The record's label is none of the diagnoses known here, so it was not understood",
        ),
        ("CIDP", None),
    ],
)
def test_a_label_without_red_flags_says_so(label: str, expected: str | None, tmp_path: Path) -> None:
    ran = poems("check", "--format", "json", folder=tmp_path, stdin=json.dumps({"label": label, "polyneuropathy": True}))
    (answer,) = ran.answers
    assert ran.code == 0
    assert [note[: len(expected or "")] for note in answer["notes"]] == ([expected] if expected else [])
    assert (answer["red_flags"] is None) == (expected is not None)
