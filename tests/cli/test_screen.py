"""``poems screen`` as people run it: what it reads and writes, and where."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import yaml

from poems_cli.model import Rules
from poems_cli.report.schema import json_schema
from poems_cli.rules.loading import load_rules
from tests.cli.command import poems, python
from tests.cli.tables import (
    CONTRADICTORY,
    HEADING,
    ODD,
    ROWS,
    SECRET,
    VERDICTS,
    WARD,
    assert_nothing_of_patients,
    rows,
    screen,
    verdicts,
)


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder with tables."""
    for name, text in (("ward.csv", WARD), ("odd.csv", ODD), ("contradictory.csv", CONTRADICTORY)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["out.csv", "out.CSV.gz", "out.csv.zst", "out.tsv", "out.tsv.gz", "out.ndjson", "out.jsonl.zst", "out.parquet"]
)
def test_the_file_name_of_the_answer_gives_its_format(name: str, ward: Path) -> None:
    ran = screen("ward.csv", "-o", name, folder=ward)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    answer = read(ward / name)
    assert verdicts(answer) == VERDICTS
    assert [row["steps_to_met"] or None for row in answer] in (["0", None, "3", "1"], [None, None, 3, 1])


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of an answer in any form."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    with pa.input_stream(str(path)) as stream:
        text = stream.read().decode()
    if "json" in path.name:
        return [json.loads(line) for line in text.splitlines()]
    return list(rows(text, "\t" if "tsv" in path.name else ","))


@pytest.mark.parametrize("form", ["csv", "tsv", "ndjson"])
def test_standard_input_to_standard_output(form: str, ward: Path) -> None:
    ran = screen("-", "--format", form, folder=ward, stdin=WARD)
    assert (ran.code, ran.err) == (0, "")
    answer = ran.answers if form == "ndjson" else rows(ran.out, "\t" if form == "tsv" else ",")
    assert verdicts(answer) == VERDICTS
    assert list(verdicts(answer)) == list(VERDICTS)


def test_no_time_is_lost_with_pandas(ward: Path) -> None:
    """Pyarrow would load it."""
    code = (
        "import sys; from poems_cli.__main__ import main; code = main(); "
        "sys.stderr.write(f'{\"pandas\" in sys.modules}'); sys.exit(code)"
    )
    assert python(code, "screen", "ward.csv", "-q", "-o", "out.parquet", folder=ward) == (0, "", "False")


def test_every_form_of_a_table_gives_the_same_answer(ward: Path) -> None:
    expected = screen("ward.csv", folder=ward).out
    table = pa.table({heading: [row[heading] or None for row in rows(WARD)] for heading in HEADING.split(",")})
    pq.write_table(table, ward / "ward.parquet")
    (ward / "ward.ndjson").write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    (ward / "ward.csv.zst").write_bytes(pa.compress(WARD.encode(), "zstd", asbytes=True))
    (ward / "ward.tsv").write_text("".join("\t".join(row) + "\n" for row in csv.reader(WARD.splitlines())))
    (ward / "ward.csv.gz").write_bytes(gzip.compress(WARD.encode(), mtime=0))
    (ward / "utf16.csv").write_bytes(WARD.encode("utf-16"))
    for name in ("ward.parquet", "ward.ndjson", "ward.csv.zst", "ward.tsv", "ward.csv.gz", "utf16.csv"):
        assert screen(name, folder=ward) == (0, expected, ""), name


def test_several_files_and_patterns_are_one_table_in_order(ward: Path) -> None:
    (ward / "part-2.csv").write_text(f"papilledema,id,odd\nyes,2,\n{SECRET},3,\n")
    (ward / "part-1.csv").write_text(f"id,papilledema,odd\n1,no,{SECRET}\n")
    (ward / "more.csv").write_text("id,odd,papilledema\n4,,no\n5,,x\n")
    ran = screen("part-*.csv", "more.csv", "--rejects", "rejects.csv", folder=ward)
    assert ran.code == 0
    first, second = ran.err.splitlines()
    assert first.startswith("poems: columns not read: 'odd'; ")
    assert second.startswith("poems: 2 cells in 2 rows were not understood and count as unknown; ")
    assert list(verdicts(rows(ran.out))) == ["1", "2", "3", "4", "5"]
    rejects = rows((ward / "rejects.csv").read_text())
    # as a spreadsheet counts them, with the headings in row 1
    assert [(reject["file"], reject["row"], reject["id"]) for reject in rejects] == [
        ("part-2.csv", "3", "3"),
        ("more.csv", "3", "5"),
    ]
    assert [(row["id"], row["file"], row["row"]) for row in rows(ran.out)] == [
        ("1", "part-1.csv", "2"),
        ("2", "part-2.csv", "2"),
        ("3", "part-2.csv", "3"),
        ("4", "more.csv", "2"),
        ("5", "more.csv", "3"),
    ]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_long_table_keeps_its_order(name: str, tmp_path: Path) -> None:
    """Also across the batches that several processors answer."""
    cells = ["yes", "no", ""]
    given = [(f"{row:060}", cells[row * row % 7 % 3]) for row in range(300_000, 0, -1)]
    (tmp_path / "long.csv").write_text("id,papilledema\n" + "".join(f"{patient_id},{cell}\n" for patient_id, cell in given))
    columns = "id,mayo_minor_criterion_present,mayo_minor_criterion_unknown"
    ran = screen("long.csv", "-o", name, "--columns", columns, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    types = pa_csv.ConvertOptions(column_types={"id": pa.string()})
    path = tmp_path / name
    answered_rows = pq.read_table(path) if name.endswith("parquet") else pa_csv.read_csv(path, convert_options=types)
    assert answered_rows["id"].to_pylist() == [patient_id for patient_id, _ in given]
    counts = {"yes": (1, 5), "no": (0, 5), "": (0, 6)}
    assert list(zip(answered_rows[1].to_pylist(), answered_rows[2].to_pylist(), strict=True)) == [
        counts[cell] for _, cell in given
    ]


def test_a_quiet_run_has_the_same_answers(ward: Path) -> None:
    """A quiet run without a summary need not know how far each row is from met; a worklist and a column must."""
    for more in (["--columns", "id,mayo"], ["--columns", "id,mayo", "--worklist"], ["--columns", "id,steps_to_met,next_test"]):
        ran = poems("screen", "ward.csv", *more, folder=ward)
        assert screen("ward.csv", *more, folder=ward).out == ran.out
    screen("ward.csv", "--columns", "id,mayo", "--summary", "summary.json", "-o", "out.csv", folder=ward)
    assert json.loads((ward / "summary.json").read_text())["steps"]


@pytest.mark.parametrize("cell", ["1_000", '"5\n00"', '"50""0"'])
def test_a_cell_that_prevents_the_quick_reader_changes_no_other(cell: str, ward: Path) -> None:
    """The table is then read again, each row once."""
    (ward / "late.csv").write_text(
        "id,platelets (K/uL),papilledema\n" + "".join(f"{row},500,no\n" for row in range(3_000)) + f"x,{cell},no\ny,500,no\n"
    )
    ran = screen("late.csv", "--columns", "id,not_understood", folder=ward)
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)
    assert ran.out == "id,not_understood\n" + "".join(f"{row},0\n" for row in range(3_000)) + "x,1\ny,0\n"


def test_patients_without_ids_are_numbered(ward: Path) -> None:
    (ward / "none.csv").write_text("papilledema\nyes\n\nno\n")
    ran = screen("none.csv", "--columns", "id,not_understood", folder=ward)
    assert ran == (0, "id,not_understood\n1,0\n2,0\n3,0\n", "")
    ran = screen("ward.csv", "--id", "papilledema", "--columns", "id", folder=ward)
    assert ran.out.splitlines() == ["id", "yes", '""', '""', '""']


# --- answers ----------------------------------------------------------------------------------------------------------


def test_columns(ward: Path) -> None:
    usual = screen("ward.csv", folder=ward).out.splitlines()[0].split(",")
    every = screen("ward.csv", "--columns", "all", folder=ward).out.splitlines()[0].split(",")
    assert every[0] == usual[0] == "id"
    assert set(usual) < set(every)
    assert {"mayo", "mhlw_level", "mayo_minor_criterion_present", "steps_to_met", "next_test", "not_understood"} < set(usual)
    assert {"mimic_1", "mhlw_definite_polyneuropathy_unknown"} <= set(every) - set(usual)
    some = screen("ward.csv", "--columns", "next_test, id ,mayo,usual", folder=ward).out.splitlines()[0].split(",")
    assert some[:3] == ["next_test", "id", "mayo"]
    assert sorted(some) == sorted(usual)


def test_the_first_set_of_criteria_is_the_default_one(ward: Path) -> None:
    ran = screen("ward.csv", "-c", "castleman-variant", "-c", "mayo", folder=ward)
    heading = ran.out.splitlines()[0].split(",")
    assert heading[:3] == ["id", "castleman_variant", "mayo"]
    assert "mhlw" not in heading
    assert any(name.startswith("castleman_variant_") for name in heading)
    assert verdicts(rows(ran.out), "castleman_variant")["001"] == "not met"
    assert verdicts(rows(ran.out), "steps_to_met")["001"] == ""


def test_mimics(ward: Path) -> None:
    ran = screen("ward.csv", "--mimics", "-c", "mayo", folder=ward)
    named = {row["id"]: [row["mimic_1"], row["mimic_2"], row["mimic_3"]] for row in rows(ran.out)}
    assert named["003"] == ["", "", ""]
    assert named["0,04"][0] == "al_amyloidosis"


def test_the_worklist_has_those_who_could_still_be_met_nearest_first(ward: Path) -> None:
    text = "\n".join([HEADING, "a,yes,,,,,,", *ROWS, "b,,,,,,,", "c,yes,yes,,yes,,,", ""])
    (ward / "more.csv").write_text(text)
    ran = screen("more.csv", "--worklist", "--columns", "id,mayo,steps_to_met", folder=ward)
    assert ran.out == (
        "id,mayo,steps_to_met\n"
        '"0,04",undetermined,1\nc,undetermined,1\na,undetermined,3\n003,undetermined,3\nb,undetermined,4\n'
    )


def test_a_worklist_of_patients_who_are_all_as_near_keeps_their_order(ward: Path) -> None:
    """A table with no finding of the default set."""
    (ward / "far.csv").write_text("id,obesity\nb,yes\na,no\nc,\n")
    for columns in ("id", "id,mayo,steps_to_met", "usual"):
        ran = screen("far.csv", "--worklist", "--columns", columns, folder=ward)
        assert (ran.code, ran.err) == (0, "")
        assert [line.split(",")[0] for line in ran.out.splitlines()] == ["id", "b", "a", "c"]


def test_decimal_commas(ward: Path) -> None:
    (ward / "komma.csv").write_text(
        "id;serum M protein (g/dL);Blutplättchen\n1;0,5;x\n2;1.5;x\n".replace("Blutplättchen", "note")
    )
    (ward / "komma.csv").write_text("id;platelets (K/uL);papilledema\n1;450,5;yes\n2;450.5;no\n")
    with_comma = screen("komma.csv", "--decimal", ",", "--columns", "id,not_understood", folder=ward)
    assert (with_comma.code, with_comma.out) == (0, "id,not_understood\n1,0\n2,1\n")


def test_spreadsheet_safe(ward: Path) -> None:
    (ward / "ids.csv").write_text('id,papilledema\n=1+1,yes\n-1,no\n"@a,b",no\n1-1,no\n')
    ran = screen("ids.csv", "--spreadsheet-safe", "--columns", "id", folder=ward)
    assert ran.out == "id\n'=1+1\n'-1\n\"'@a,b\"\n1-1\n"
    ran = screen("ids.csv", "--columns", "id", folder=ward)
    assert ran.out == 'id\n=1+1\n-1\n"@a,b"\n1-1\n'


def test_columns_of_the_table_come_along(ward: Path) -> None:
    (ward / "kept.csv").write_text('id,papilledema,ward,mayo\n1,yes,"4, north",=1\n2,no,,x\n')
    ran = screen("kept.csv", "--keep", "ward,mayo", "--columns", "id,mayo", folder=ward)
    assert ran.out == 'id,mayo,ward,input_mayo\n1,undetermined,"4, north",=1\n2,undetermined,,x\n'
    ran = screen("kept.csv", "--keep", "all", "--columns", "id", "-f", "ndjson", folder=ward)
    assert ran.answers[0] == {"id": "1", "input_id": "1", "papilledema": "yes", "ward": "4, north", "mayo": "=1"}
    ran = screen("kept.csv", "--keep", "mayo", "--columns", "id", "--spreadsheet-safe", folder=ward)
    assert ran.out == "id,mayo\n1,'=1\n2,x\n"
    ran = screen("kept.csv", "--keep", "wards", folder=ward)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("poems: --keep: no column is called 'wards'; ")


def test_columns_of_ids_may_have_their_labels(ward: Path, rules: Rules) -> None:
    answer = rows(screen("odd.csv", "--labels", folder=ward).out)
    test = next(row["next_test"] for row in answer if row["next_test"])
    assert next(row["next_test_label"] for row in answer if row["next_test"]) == rules.tests[test].label
    assert {row["id"]: row["contradictions_label"] for row in answer}["002"] == rules.findings["skin_changes"].label
    assert all(bool(row["warnings"]) == bool(row["warnings_label"]) for row in answer)


def test_a_byte_order_mark_marks_utf_8_for_excel(ward: Path) -> None:
    assert screen("ward.csv", "--excel", folder=ward).out == "\ufeff" + screen("ward.csv", folder=ward).out
    screen("ward.csv", "--excel", "-o", "out.ndjson", "-o", "out.tsv", folder=ward)
    assert not (ward / "out.ndjson").read_bytes().startswith(b"\xef\xbb\xbf")


def test_one_run_writes_several_forms(ward: Path) -> None:
    ran = screen("ward.csv", "-o", "a.csv", "-o", "a.parquet", "-o", "a.jsonl.gz", "-o", "-", folder=ward)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (ward / "a.csv").read_text()
    assert read(ward / "a.parquet") == read(ward / "a.jsonl.gz")
    assert verdicts(read(ward / "a.parquet")) == VERDICTS


# --- cells not understood, and contradictions -------------------------------------------------------------------------


def test_rejects(ward: Path) -> None:
    ran = screen("odd.csv", "-o", "out.csv", "--rejects", "rejects.csv", folder=ward)
    assert (ran.code, len(ran.err.splitlines())) == (12, 1)
    answer = rows((ward / "out.csv").read_text())
    assert verdicts(answer) == {"001": "met", "002": "undetermined", "003": "undetermined"}
    assert verdicts(answer, "not_understood") == {"001": "1", "002": "1", "003": "0"}
    assert verdicts(answer, "contradictions") == {"001": "", "002": "skin_changes", "003": ""}
    text = (ward / "rejects.csv").read_text()
    assert text.startswith("file,row,id,column,finding,cell,problem,mend\n")
    assert [
        (reject["row"], reject["id"], reject["column"], reject["finding"], reject["cell"], reject["problem"])
        for reject in rows(text)
    ] == [
        ("2", "001", "Platelets (K/uL)", "platelets", SECRET, "this is not a number"),
        (
            "3",
            "002",
            "polyneuropathy",
            "polyneuropathy",
            SECRET,
            "this is neither present nor absent",
        ),
        (
            "3",
            "002",
            "skin_changes",
            "skin_changes",
            "no",
            "what the table says of it and what other findings of the row imply contradict each other; it counts as unknown",
        ),
    ]
    assert all(reject["mend"] for reject in rows(text))


def test_exit_codes_of_a_table_that_is_answered(ward: Path) -> None:
    assert [screen(name, folder=ward).code for name in ("ward.csv", "odd.csv", "contradictory.csv")] == [0, 12, 12]


@pytest.mark.parametrize(("name", "code", "messages"), [("odd.csv", 11, 3), ("contradictory.csv", 12, 1), ("ward.csv", 0, 0)])
def test_strict_writes_nothing_where_something_is_wrong(name: str, code: int, messages: int, ward: Path) -> None:
    before = sorted(path.name for path in ward.iterdir())
    arguments = ["-o", "out.csv", "--rejects", "rejects.csv", "--summary", "summary.json", "--strict"]
    ran = screen(name, *arguments, folder=ward)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", messages)
    if code:
        assert sorted(path.name for path in ward.iterdir()) == sorted([*before, "spill"])
        assert all(line.startswith(f"poems: {name}, row ") for line in ran.err.splitlines())
    else:
        assert {"out.csv", "rejects.csv", "summary.json"} <= {path.name for path in ward.iterdir()}


def test_strict_reports_at_most_ten_problems(ward: Path) -> None:
    (ward / "many.csv").write_text("id,papilledema\n" + f"1,{SECRET}\n" * 30)
    ran = screen("many.csv", "--strict", folder=ward)
    assert (ran.code, len(ran.err.splitlines())) == (11, 11)
    assert ran.err.splitlines()[-1] == "poems: and 20 more; --rejects FILE without --strict writes all of them"


def test_strict_reports_every_column_left_out(ward: Path) -> None:
    (ward / "more.csv").write_text("id,papilledema,shoe size\n1,yes,42\n")
    assert screen("more.csv", folder=ward).code == 0
    ran = screen("more.csv", "--strict", folder=ward)
    assert ran.code == 11
    assert ran.err.startswith("poems: column 'shoe size': not the name of a finding; ")


def test_the_summary(ward: Path) -> None:
    ran = poems(*["screen", "odd.csv", "-o", "out.csv", "--rejects", "rejects.csv", "--summary", "summary.json"], folder=ward)
    assert_nothing_of_patients(ran.err)
    assert (ran.code, ran.out) == (12, "")
    assert "3 rows screened in " in ran.err
    summary = json.loads((ward / "summary.json").read_text())
    jsonschema.Draft202012Validator(json_schema("summary", load_rules())).validate(summary)
    assert SECRET not in json.dumps(summary)
    assert (summary["rows"], summary["met"], summary["can_no_longer_be_met"]) == (3, 1, 0)
    assert summary["not_understood"]["cells"] == 2
    assert summary["contradictory"]["findings"] == [{"finding": "skin_changes", "rows": 1}]
    assert [(output["kind"], output["path"], output["rows"]) for output in summary["outputs"]] == [
        ("verdicts", "out.csv", 3),
        ("rejects", "rejects.csv", 3),
        ("summary", "summary.json", None),
    ]


def test_a_patient_of_two_levels_is_counted_under_the_higher(ward: Path) -> None:
    (ward / "levels.csv").write_text(
        "id,polyneuropathy,monoclonal_protein,serum_vegf (pg/mL),skin_changes,peripheral_edema\n"
        "a,yes,yes,3000,yes,yes\nb,yes,,3000,yes,yes\nc,yes,no,3000,yes,\nd,yes,yes,,yes,yes\ne,yes,,,,\n"
    )
    arguments = ["-o", "out.csv", "--summary", "summary.json", "--columns", "id,mhlw,mhlw_level"]
    screen("levels.csv", *arguments, folder=ward)
    levels = json.loads((ward / "summary.json").read_text())["verdicts"]["mhlw"]["levels"]
    reached = [row["mhlw_level"] for row in rows((ward / "out.csv").read_text())]
    assert reached == ["definite", "probable", "probable", "possible", ""]
    assert {level: counts["highest"] for level, counts in levels.items()} == {"definite": 1, "probable": 2, "possible": 1}
    assert levels["possible"]["met"] > 1  # a patient of a higher level meets this one, too


# --- mappings ---------------------------------------------------------------------------------------------------------


def test_the_suggested_mapping_gives_the_same_answer(ward: Path) -> None:
    (ward / "hospital.csv").write_text(
        "MRN,Optic disc swelling,Platelets (10^9/L),Plasma VEGF (pg/mL),Sex,Shoes\n1,Y,512,250,F,40\n2,N,>1000,<31,M,44\n"
    )
    suggested = screen("--suggest-map", "hospital.csv", folder=ward)
    assert (suggested.code, suggested.err) == (0, "")
    (ward / "map.yaml").write_text(suggested.out)
    assert screen("hospital.csv", "--map", "map.yaml", folder=ward) == screen("hospital.csv", folder=ward)
    body = yaml.safe_load(suggested.out)
    assert body["id"] == "MRN"
    assert body["columns"]["Plasma VEGF (pg/mL)"] == {"finding": "plasma_vegf", "unit": "pg/mL"}
    (ward / "again.yaml").write_text(suggested.out)
    again = screen("--suggest-map", "hospital.csv", "--map", "again.yaml", folder=ward).out
    assert yaml.safe_load(again) == body


def test_a_mapping_gives_the_meaning_of_cells(ward: Path) -> None:
    (ward / "coded.csv").write_text("nr,eye,note\n7,2,a\n8,1,b\n9,8,c\n")
    mapping = {
        "id": "nr",
        "columns": {"eye": {"finding": "papilledema", "values": {"1": True, "2": False, "8": None}}, "note": None},
    }
    (ward / "map.yaml").write_text(yaml.safe_dump(mapping))
    ran = screen("coded.csv", "--map", "map.yaml", "--strict", "--columns", "id,mayo_minor_criterion_present", folder=ward)
    assert ran == (0, "id,mayo_minor_criterion_present\n7,0\n8,1\n9,0\n", "")


def test_a_mapping_that_cannot_be_used(ward: Path) -> None:
    (ward / "map.yaml").write_text(
        f"id: id\ncolumns:\n  polyneuropathy:\n    finding: polineuropathy\n    values: {{{SECRET}: maybe}}\n"
    )
    ran = screen("ward.csv", "--map", "map.yaml", "-o", "out.csv", folder=ward)
    assert (ran.code, ran.out) == (11, "")
    assert (
        "map.yaml:4: column 'polyneuropathy': there is no finding 'polineuropathy'; did you mean 'polyneuropathy'?" in ran.err
    )
    assert not (ward / "out.csv").exists()


def test_columns_that_could_be_two_things_are_refused_a_line_each(ward: Path) -> None:
    (ward / "two.csv").write_text(f"id,VEGF (pg/mL),papilledema,Optic disc edema\n1,{SECRET},yes,no\n")
    ran = screen("two.csv", "-o", "out.csv", folder=ward)
    assert (ran.code, ran.out) == (11, "")
    lines = ran.err.splitlines()
    assert lines[0].startswith("poems: column 'VEGF (pg/mL)': it does not say which one: ")
    assert lines[1].startswith("poems: columns 'papilledema' and 'Optic disc edema' both name 'papilledema'; ")
    assert lines[2:] == ["poems: poems screen --suggest-map FILE writes a mapping to complete; give it with --map"]
    assert not (ward / "out.csv").exists()
    assert screen("--suggest-map", "two.csv", folder=ward).code == 0


def test_a_table_without_any_finding(ward: Path) -> None:
    (ward / "none.csv").write_text("id,shoe size\n1,42\n")
    ran = screen("none.csv", folder=ward)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (11, "", 1)
    assert ran.err.startswith("poems: no column has the name of a finding; ")
    (ward / "none.csv").write_text("id,shoe size,PLT (cells),Papilledema (choice=Yes)\n1,42,300,1\n")
    unit, choice, _ = screen("none.csv", folder=ward).err.splitlines()
    assert unit.startswith("poems: column 'PLT (cells)': the unit 'cells' is not understood for 'platelets'; ")
    assert choice.startswith("poems: column 'Papilledema (choice=Yes)': 'papilledema' has no unit, and what follows its name ")
    (ward / "map.yaml").write_text("id: id\ncolumns: {shoe size: null}\n")
    ran = screen("none.csv", "--map", "map.yaml", folder=ward)
    assert ran.err.startswith(
        "poems: the mapping says of no column which finding it is; say under columns: which finding it is"
    )


def test_a_quiet_run_still_says_which_columns_it_did_not_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,polyneuropathy,Platelets (furlongs)\n1,yes,5\n", encoding="utf-8")
    ran = poems("screen", "t.csv", "--quiet", folder=tmp_path)
    assert ran.code == 0
    assert ran.err.startswith("poems: columns not read: 'Platelets (furlongs)'; ")
    assert ran.err.count("\n") == 1


# --- the laboratory's own limits --------------------------------------------------------------------------------------

ENZYME = """\
id: small
version: "1"
title: One enzyme
default_criteria: enzyme
groups:
  all: {label: all}
sources:
  made_up: {title: Made up for a test, read: recalled}
findings:
  enzyme: {label: enzyme, group: all, kind: quantity, unit: U/L, question: How much was it?}
tests:
  asking: {label: asking, how: Ask., cost: 0, invasiveness: 0, answers: [enzyme]}
units:
  accepted:
    enzyme: {U/L: 1}
criteria:
  enzyme:
    title: Over one and a half times the upper limit
    short: Enzyme
    source: made_up
    about: A relation that is unknown where the laboratory's limit is.
    met: {finding: enzyme, above: {times_upper: 1.5}, default: true}
"""


def test_a_number_next_to_an_unknown_limit_is_not_taken_for_normal(tmp_path: Path) -> None:
    """A comparison with the laboratory's limit is unknown where the limit is, however clear the number."""
    (tmp_path / "rules.yaml").write_text(ENZYME, encoding="utf-8")
    (tmp_path / "ward.csv").write_text("id,enzyme,limit\n1,200,100\n2,120,100\n3,200,\n4,,100\n5,120,\n", encoding="utf-8")
    columns = {"enzyme": {"finding": "enzyme", "high": "limit"}, "limit": None}
    (tmp_path / "map.yaml").write_text(yaml.safe_dump({"id": "id", "columns": columns}), encoding="utf-8")
    more = ("--rules", "rules.yaml", "--map", "map.yaml", "--columns", "id,enzyme")
    ran = screen("ward.csv", *more, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert verdicts(rows(ran.out), "enzyme") == {
        "1": "met",
        "2": "not met",
        "3": "undetermined",
        "4": "undetermined",
        "5": "undetermined",
    }


def test_the_worst_of_a_long_table_is_that_of_the_finding_in_the_mapping(tmp_path: Path) -> None:
    tests = "a,PLT-X,512,K/uL\na,PLT-X,300,10^3/ul\nb,PLT-X,210000,/uL\n"
    (tmp_path / "long.csv").write_text(f"MRN,Test,Result,Unit\n{tests}")
    (tmp_path / "map.yaml").write_text("id: MRN\ncolumns: {PLT-X: platelets}\n")
    arguments = ("--long", "MRN,Test,Result,Unit", "--visits", "worst", "--map", "map.yaml", "-o", "-")
    ran = screen("long.csv", *arguments, "--columns", "id,mayo_minor_criterion_present,not_understood", folder=tmp_path)
    assert ran.out.splitlines()[1:] == ["a,1,0", "b,0,0"]


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (("--long", "id,test,value,unit,day", "--visits", "latest"), ["5,2,PLT (10*9/L)", "4,1,TSH (mIU/L)"]),
        (("--long", "id,test,value,unit,day", "--visits", "worst"), ["3,2,PLT (10*9/L)", "4,1,TSH (mIU/L)"]),
        (("--visits", "worst"), ["5,2,fever"]),
    ],
)
def test_a_reject_has_the_row_of_its_cell_and_not_that_of_the_patient(
    options: tuple[str, ...], places: list[str], tmp_path: Path
) -> None:
    long = "id,test,value,unit,day\n1,PLT,300,10*9/L,1\n2,PLT,clumped,10*9/L,1\n1,TSH,x,mIU/L,1\n2,PLT,bad,10*9/L,3\n"
    wide = "id,fever,headache\n1,yes,no\n2,no,no\n1,no,no\n2,maybe,no\n"
    (tmp_path / "t.csv").write_text(long if "--long" in options else wide)
    assert screen("t.csv", *options, "--rejects", "r.csv", folder=tmp_path).code == 0
    found = [",".join(line.split(",")[1:4]) for line in (tmp_path / "r.csv").read_text().splitlines()[1:]]
    assert sorted(found) == sorted(places)


def test_a_row_of_several_files_that_were_put_together_is_not_said_to_be_in_the_first(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,fever,day\n1,yes,1\n")
    (tmp_path / "b.csv").write_text("id,fever,day\n2,maybe,1\n1,no,3\n")
    assert screen("a.csv", "b.csv", "--visits", "latest", "--date", "day", "--rejects", "r.csv", folder=tmp_path).code == 0
    assert (tmp_path / "r.csv").read_text().splitlines()[1].startswith("a.csv and b.csv,2,2,fever,")


def test_a_long_table_distinguishes_a_test_in_urine_from_that_in_blood(tmp_path: Path) -> None:
    tests = "a,Creatinine,60,mg/dL,Urine,1\na,Creatinine,0.9,mg/dL,Serum,1\nb,VEGF,900,pg/mL,Plasma,1\n"
    (tmp_path / "long.csv").write_text(f"MRN,Test,Result,Unit,Specimen,Day\n{tests}")
    arguments = ("--long", "MRN,Test,Result,Unit,Day", "-o", "-", "--summary", "summary.json")
    ran = screen("long.csv", *arguments, folder=tmp_path)
    columns = json.loads((tmp_path / "summary.json").read_text())["columns"]
    assert {column["heading"]: column["finding"] for column in columns} == {
        "Serum Creatinine (mg/dL)": "creatinine",
        "Plasma VEGF (pg/mL)": "plasma_vegf",
    }
    assert "columns not read" not in ran.err, "the day is reported as the date"


def test_a_long_table_with_decimal_commas_in_two_units_under_an_id_of_its_own_name(tmp_path: Path) -> None:
    tests = f"""\
Fall;Test;Ergebnis;Einheit;Material
7;Hemoglobin;12,5;g/dl;EDTA-Blut
8;Hemoglobin;12,5;mmol/l;EDTA-Blut
9;Hemoglobin;141,0;g/l;Vollblut
8;Platelets;380.000;/µl;EDTA-Blut
9;Platelets;1.012,0;G/l;EDTA-Blut
9;Biopsy;2 nodes of {SECRET};;
9;CRP;5 {SECRET};;
"""
    (tmp_path / "long.csv").write_text(tests, encoding="utf-8")
    more = ("--columns", "id,mayo_minor_criterion_present,not_understood")
    ran = screen("long.csv", "--long", "Fall,Test,Ergebnis,Einheit", *more, folder=tmp_path)
    assert ran.out.splitlines()[1:] == ["7,0,0", "8,1,0", "9,1,1"]
    assert "columns not read" not in ran.err


@pytest.mark.parametrize("visits", ["latest", "worst"])
def test_a_code_of_an_earlier_visit_leaves_those_of_the_others_in_doubt(visits: str, tmp_path: Path) -> None:
    """1 of 1 and 2 may be no, whatever the rows that are answered have."""
    days = {"2024-01-01": 2, "2024-02-01": 1}
    rows_of = [f"{patient},{day},{code}" for patient in "ab" for day, code in days.items()]
    (tmp_path / "ward.csv").write_text("\n".join(["id,Day,ascites", *rows_of, "Total,,6", ""]))
    tests = [row.replace(f",{day},", f",ascites,{day},") for row in rows_of for day in days if day in row]
    (tmp_path / "long.csv").write_text("\n".join(["id,Test,Day,Result", *tests, ""]))
    more = ("--columns", "id,mayo_minor_criterion_present,not_understood")
    dated = ("--date", "Day") if visits == "latest" else ()
    wide = screen("ward.csv", "--visits", visits, *dated, *more, folder=tmp_path)
    assert wide.out.splitlines()[1:] == ["a,0,1", "b,0,1"]
    assert "1 row holds totals or reference ranges" in wide.err
    long = screen("long.csv", "--long", "id,Test,Result,,Day", "--visits", visits, *more, folder=tmp_path)
    assert long.out.splitlines()[1:] == ["a,0,1", "b,0,1"]
