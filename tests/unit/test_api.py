"""The package as a library: what Python code gets, and which errors it sees."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import poems_cli
from poems_cli.model import Rules
from tests.cli.command import ROOT, poems

SECRET = "SECRET123"
PATIENT: dict[str, Any] = {"id": SECRET, "findings": {"polyneuropathy": True, "light_chain": "lambda", "serum_vegf": 2812}}
ABSENT: dict[str, Any] = {"polyneuropathy": False}
UNKNOWN_NAME: dict[str, Any] = {"id": SECRET, "polineuropathy": True}


def refused(*arguments: Any, call: Any = poems_cli.check, **options: Any) -> poems_cli.PoemsError:
    with pytest.raises(poems_cli.PoemsError) as caught:
        call(*arguments, **options)
    assert SECRET not in f"{caught.value!s}{caught.value!r}"
    assert all(problem.where and problem.what and problem.mend for problem in caught.value.problems)
    return caught.value


# --- the package ------------------------------------------------------------------------------------------------------


def test_importing_loads_no_submodule_and_shows_only_public_names() -> None:
    code = "import sys, poems_cli; print(sorted(m for m in sys.modules if m.startswith(('poems_cli', 'rich', 'duckdb'))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['poems_cli']\n"
    assert {name for name in dir(poems_cli) if not name.startswith("__")} == set(poems_cli.__all__) - {"__version__"}
    assert all(getattr(poems_cli, name) is not None for name in poems_cli.__all__)
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        poems_cli.chekc  # noqa: B018


def test_no_module_takes_the_place_of_a_public_name() -> None:
    modules = {path.stem for path in Path(poems_cli.__file__).parent.iterdir()}
    assert not modules & set(poems_cli.__all__)


def test_the_page_about_it_is_true() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    assert code.count("poems_cli.") >= 5
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)


# --- one patient ------------------------------------------------------------------------------------------------------


def test_the_answer_is_that_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_text(json.dumps(PATIENT))
    printed = poems("check", "patient.json", "--format", "json", folder=tmp_path).answers[0]
    answer = poems_cli.check(PATIENT)
    assert answer.to_dict() == json.loads(answer.to_json()) == printed
    assert poems_cli.check(tmp_path / "patient.json").to_dict() == printed
    assert poems_cli.check(str(tmp_path / "patient.json")).to_dict() == printed
    assert poems_cli.check(PATIENT["findings"] | {"id": SECRET}).to_dict() == printed
    assert (answer.verdict, answer.steps_to_met, answer.patient_id) == (printed["verdict"], printed["steps_to_met"], SECRET)
    assert {set_id: result.verdict for set_id, result in answer.criteria.items()} == {
        set_id: result["verdict"] for set_id, result in printed["criteria"].items()
    }
    assert list(answer.next_tests) == [test["id"] for test in printed["tests"]]
    assert [mimic.id for mimic in answer.mimics] == [mimic["id"] for mimic in printed["mimics"]]


def test_it_prints_as_the_terminal_does(tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_text(json.dumps(PATIENT))
    printed = poems("check", "patient.json", folder=tmp_path, COLUMNS="80").out
    answer = poems_cli.check(PATIENT)
    assert str(answer) + "\n" == printed
    assert SECRET not in repr(answer)


def test_a_notebook_shows_the_text_of_a_record_and_never_runs_it() -> None:
    html = poems_cli.check({"id": "<script>alert(1)</script>[bold]&amp;", "polyneuropathy": True})._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[bold]&amp;amp;" in html


def test_the_first_criteria_set_is_the_default_one() -> None:
    answer = poems_cli.check(ABSENT, criteria=["imwg-2014", "mayo"])
    assert (answer.default_criteria, answer.verdict, list(answer.criteria)) == ("imwg-2014", "not met", ["imwg-2014", "mayo"])
    assert list(poems_cli.check(ABSENT, criteria="mayo").criteria) == ["mayo"]


def test_rules_are_a_path_or_what_was_loaded(rules: Rules) -> None:
    loaded = poems_cli.load_rules(ROOT / "rules")
    for given in (None, loaded, ROOT / "rules", str(ROOT / "rules" / "poems.yaml"), rules):
        assert poems_cli.check(PATIENT, rules=given).to_dict() == poems_cli.check(PATIENT).to_dict()
    only = loaded._replace(criteria={"mayo": loaded.criteria["mayo"]})
    assert list(poems_cli.check(PATIENT, rules=only).criteria) == ["mayo"]
    assert len(poems_cli.check(PATIENT, rules=loaded).criteria) > 1
    assert len(poems_cli.check(PATIENT, rules=ROOT / "rules").criteria) > 1


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    given = {
        "polyneuropathy": numpy.bool_(True),
        "age": numpy.int64(51),
        "serum_vegf": {"value": numpy.float64(9.5), "unit": "pg/mL"},
    }
    plain = {"polyneuropathy": True, "age": 51, "serum_vegf": {"value": 9.5, "unit": "pg/mL"}}
    assert poems_cli.check(given).to_dict() == poems_cli.check(plain).to_dict()


def test_a_system_of_units_gives_the_unit_of_numbers_without_one(tmp_path: Path) -> None:
    record = {"polyneuropathy": True, "platelets": 520}
    with pytest.warns(UserWarning, match="without a unit this number can be in"):
        assert poems_cli.check(record).to_dict()["refused"][0]["key"] == "platelets"
    platelets = poems_cli.check(record, units="si").to_dict()["patient"]["findings"]["platelets"]
    assert platelets == {"value": 520.0, "unit": "10*9/L", "unit_from": "option"}
    (tmp_path / "ward.csv").write_text("id;Polyneuropathy;PLT\n1;positive;520\n")
    (answer,) = poems_cli.check_many(tmp_path / "ward.csv", units="us")
    assert answer.to_dict()["patient"]["findings"]["platelets"]["given"] == {"value": 520.0, "unit": "10*3/uL"}
    with pytest.raises(poems_cli.PoemsError, match="write 'us' or 'si'"):
        poems_cli.check(record, units="metric")  # type: ignore[arg-type]


def test_an_answer_and_an_error_go_to_another_process() -> None:
    answer = poems_cli.check(PATIENT)
    assert pickle.loads(pickle.dumps(answer)).to_dict() == answer.to_dict()
    error = refused(UNKNOWN_NAME)
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_every_problem_of_a_patient_is_reported_without_a_value() -> None:
    error = refused({"id": SECRET, "polyneuropathy": SECRET, "polineuropathy": True, "serum_vegf": SECRET, 5: 1})
    named = [f"patient, finding {name}" for name in ("polyneuropathy", "polineuropathy", "serum_vegf")]
    assert [problem.where for problem in error.problems] == [*named, "patient"]
    assert str(error).splitlines()[1] == (
        "patient, finding polineuropathy: there is no finding 'polineuropathy'; did you mean 'polyneuropathy'?"
    )
    assert error.exit_code == 11


@pytest.mark.parametrize("given", [None, 5, [], [PATIENT], json.dumps(PATIENT), float("nan"), {"findings": [SECRET]}])
def test_a_value_that_is_not_a_patient_is_refused(given: Any) -> None:
    assert refused(given).exit_code == 11


def test_files_that_cannot_be_read_as_one_patient(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_text(json.dumps([PATIENT, PATIENT]))
    (tmp_path / "bad.json").write_text(json.dumps(UNKNOWN_NAME))
    assert "check_many" in str(refused(tmp_path / "two.json"))
    assert refused(tmp_path / "bad.json").problems[0].where.endswith("bad.json, line 1, finding polineuropathy")
    assert "no such file" in str(refused(tmp_path / "none.json"))


def test_criteria_and_rules_that_there_are_not(tmp_path: Path) -> None:
    error = refused(PATIENT, criteria=["mayo", "mayoo"])
    assert (str(error), error.exit_code) == ("criteria: no criteria set 'mayoo'; did you mean 'mayo'?", 2)
    (tmp_path / "poems.yaml").write_text("id: mine\nfindings: 5\n")
    for call in (poems_cli.load_rules, lambda path: poems_cli.check(PATIENT, rules=path)):
        assert refused(tmp_path, call=call).exit_code == 10
    assert refused(tmp_path / "none.yaml", call=poems_cli.load_rules).exit_code == 10


def test_findings_not_understood_are_named_and_the_rest_is_answered() -> None:
    given = {"id": SECRET, "findings": {**ABSENT, "tsh": {"value": 3, "unit": SECRET}, "sex": SECRET}}
    with pytest.warns(UserWarning, match="patient, finding tsh: ") as warned:
        answer = poems_cli.check(given)
    assert SECRET not in str(warned[0].message)
    assert warned[0].filename == __file__
    assert answer.verdict == "not met"
    assert [entry.key for entry in answer.refused] == ["tsh", "sex"]
    assert all(entry.what and entry.mend for entry in answer.refused)
    assert [entry["key"] for entry in answer.to_dict()["refused"]] == ["tsh", "sex"]
    assert "Not understood, so it counts as unknown: TSH" in " ".join(str(answer).split())


# --- many patients ----------------------------------------------------------------------------------------------------


def test_many_are_answered_lazily_and_in_order() -> None:
    taken = []

    def ward() -> Any:
        for number in range(3):
            taken.append(number)
            yield {"id": f"p{number}", **ABSENT}

    answers = poems_cli.check_many(ward())
    assert (taken, next(answers).patient_id, taken) == ([0], "p0", [0])
    assert [answer.patient_id for answer in answers] == ["p1", "p2"]


def test_a_refused_patient_raises_or_takes_its_place() -> None:
    ward = [ABSENT, UNKNOWN_NAME, ABSENT]
    first, error, last = poems_cli.check_many(ward, errors="return")
    assert isinstance(first, poems_cli.Assessment)
    assert isinstance(last, poems_cli.Assessment)
    assert isinstance(error, poems_cli.PoemsError)
    assert str(error).startswith("patient 2, finding polineuropathy: ")
    answers = poems_cli.check_many(ward)
    assert next(answers).verdict == "not met"
    assert refused(call=lambda: next(answers)).problems == error.problems


def test_a_file_of_patients(tmp_path: Path) -> None:
    path = tmp_path / "ward.jsonl"
    path.write_text("".join(json.dumps(patient) + "\n" for patient in (PATIENT, UNKNOWN_NAME, {"id": "last", **ABSENT})))
    answers = list(poems_cli.check_many(path, errors="return"))
    assert [getattr(answer, "patient_id", None) for answer in answers] == [SECRET, None, "last"]
    assert ", line 2, finding polineuropathy: " in str(answers[1])
    assert SECRET not in str(answers[1])


def test_a_value_that_is_not_an_iterable_of_patients_is_refused_at_once() -> None:
    assert "use check" in str(refused(PATIENT, call=poems_cli.check_many))
    refused([PATIENT], call=poems_cli.check_many, criteria=["mayoo"])
    refused([PATIENT], call=poems_cli.check_many, errors="ignore")
    with pytest.raises(TypeError):
        poems_cli.check_many(5)  # type: ignore[call-overload]
