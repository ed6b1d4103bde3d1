"""The runner of example cases: a wrong expectation fails with its reason, and no case can break it."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poems_cli.authoring.cases import Case, CaseResult
from poems_cli.authoring.patients import Others
from poems_cli.authoring.reading import read_examples
from poems_cli.authoring.running import run_examples
from poems_cli.model import Patient, Quantity
from poems_cli.rules.loading import load_rules

RULES = load_rules()
MET = "{polyneuropathy: true, monoclonal_plasma_cell_disorder: true, vegf_elevated: true, papilledema: true}"


def write(folder: Path, text: str, name: str = "cases.yaml") -> Path:
    file = folder / name
    file.write_text(dedent(text), encoding="utf-8")
    return file


def run(folder: Path, text: str) -> list[CaseResult]:
    return list(run_examples(RULES, write(folder, text)))


def run_one(folder: Path, findings: str, expect: str, more: str = "") -> CaseResult:
    lines = ["cases:", "  - id: one", "    about: a test", f"    findings: {findings}", f"    expect: {expect}"]
    (result,) = run(folder, "\n".join(lines + ([f"    {more}"] if more else [])))
    return result


def test_a_right_expectation_has_no_failures(tmp_path: Path) -> None:
    result = run_one(tmp_path, MET, "{criteria: {mayo: met}, steps_to_met: 0, contradictions: []}")
    assert result == CaseResult("one", str(tmp_path / "cases.yaml"), 2, ())


@pytest.mark.parametrize(
    ("findings", "expect", "words"),
    [
        (
            MET,
            "{criteria: {mayo: not met}}",
            ["criteria mayo: expected not met, got met", "papilledema is present"],
        ),
        (
            "{polyneuropathy: false}",
            "{criteria: {mayo: met}}",
            ["expected met, got not met", "polyneuropathy is absent"],
        ),
        (
            "{polyneuropathy: true}",
            "{criteria: {mayo: met}}",
            ["got undetermined", "castleman_disease", "unknown"],
        ),
        (
            "{platelets: 300}",
            "{findings: {thrombocytosis: true}}",
            ["expected true, got false", "platelets 300", "450"],
        ),
        ('{platelets: ">400"}', "{findings: {thrombocytosis: true}}", ["got unknown", ">400", "leaves open"]),
        ("{platelets: 600}", "{findings: {thrombocytosis: unknown}}", ["expected unknown, got true", "above 450"]),
        ("{papilledema: true}", "{findings: {papilledema: false}}", ["got true", "given as present"]),
        ("{}", "{findings: {papilledema: false}}", ["got unknown", "nothing is known of it"]),
        ("{light_chain: lambda}", "{warnings: [igm_or_kappa]}", ["expected shown, got not shown"]),
        (
            "{light_chain: kappa}",
            "{no_warnings: [igm_or_kappa]}",
            ["expected not shown, got shown", "light_chain kappa"],
        ),
        ("{plasma_vegf: 50}", '{warnings: ["gray_zone:vegf_elevated"]}', ["not shown", "plasma_vegf 50"]),
        ("{polyneuropathy: true}", "{decisive: [polyneuropathy]}", ["expected decisive, got not decisive"]),
        ("{}", "{not_decisive: [vegf_elevated]}", ["expected not decisive, got decisive", "undetermined"]),
        ("{}", "{steps_to_met: 3}", ["expected 3, got 4", "mayo is undetermined"]),
        ("{polyneuropathy: false}", "{steps_to_met: 1}", ["expected 1, got never"]),
        ("{}", "{contradictions: [skin_changes]}", ["expected a contradiction, got none"]),
        ("{ascites: true}", "{explained: [ascites]}", ["expected yes, got no", "these are: none"]),
        ("{ascites: true, cirrhosis: true}", "{not_explained: [ascites]}", ["expected no, got yes", "cirrhosis"]),
        ("{}", "{explained_groups: [minor criterion]}", ["expected ['minor criterion'], got []"]),
        ("{clubbing: true}", "{not_counted: [diabetes_mellitus]}", ["expected yes, got no", "clubbing"]),
        ("{}", "{next_test: prolactin}", ["expected prolactin, got neurological_examination"]),
        ("{}", "{staging: {eyes: true}}", ["expected true, got none", "mayo is undetermined"]),
        ("{polyneuropathy: true}", "{mimics: {cidp: {place: 39}}}", ["mimics cidp place: expected place 39"]),
        ("{polyneuropathy: true}", "{mimics: {cidp: {evidence: 99}}}", ["mimics cidp evidence: expected 99"]),
        (
            "{diagnosis_label: cidp, severe_leg_pain: true}",
            "{no_red_flags: [severe_leg_pain]}",
            ["expected not present, got true", "it is present"],
        ),
        (MET, "{outlook: {clubbing: true}}", ["outlook clubbing: expected true, got unknown"]),
        (MET, "{outlook: none}", ["expected none, got given"]),
        ("{}", "{outlook: {clubbing: unknown}}", ["expected unknown, got none"]),
        ("{}", "{if_absent: {polyneuropathy: {mayo: met}}}", ["if_absent polyneuropathy mayo: expected met, got not met"]),
        (
            "{}",
            "{if_present: {polyneuropathy: {steps_to_met: 0}}}",
            ["if_present polyneuropathy steps_to_met: expected 0, got 3"],
        ),
        (MET, "{if_present: {papilledema: {mayo: met}}}", ["expected a decisive unknown, got not decisive"]),
        ("{}", "{tests: [vegf_plasma, history]}", ["expected vegf_plasma, history, got history, vegf_plasma"]),
        ("{}", "{answered_by: {papilledema: [history]}}", ["expected history, got fundoscopy"]),
        ("{}", "{shown_by: {papilledema: [fundoscopy]}}", ["expected fundoscopy, got none"]),
        ("{}", "{sensible: {lip_biopsy: true}}", ["sensible lip_biopsy: expected true, got unknown"]),
        ("{hypothyroidism: true}", "{counted: [papilledema]}", ["is not a finding"]),
        ("{creatinine: {value: 88.4, unit: umol/L}}", "{quantities: {creatinine: 2}}", ["expected 2, got 0.99"]),
        ("{creatinine: {value: 88.4, unit: umol/L}}", "{refused: [creatinine]}", ["expected refused, got read"]),
        ("{polyneuropathy: true}", "{mimics: {schnitzler: {first: 1}}}", ["mimics schnitzler first"]),
        ("{polyneuropathy: false}", "{mimics: {poems: {first: 1}}}", ["mimics poems first"]),
        ("{polyneuropathy: true}", "{mimics: {cidp: excluded}}", ["mimics cidp status: expected excluded"]),
        ("{diagnosis_label: cidp, thrombocytosis: false}", "{red_flags: [thrombocytosis]}", ["red_flags thrombocytosis"]),
        ("{thrombocytosis: true}", "{red_flags: [thrombocytosis]}", ["red_flags thrombocytosis"]),
        (
            "{thrombocytosis: false, platelets: 600}",
            "{findings: {thrombocytosis: false}}",
            ["findings thrombocytosis: expected false, got unknown", "given as absent but platelets 600"],
        ),
        (
            "{polyneuropathy: true, serum_vegf: 1500, papilledema: true, monoclonal_plasma_cell_disorder: false}",
            "{criteria: {mhlw: {level: definite}}}",
            ["criteria mhlw level: expected definite, got probable"],
        ),
        (
            "{polyneuropathy: true, serum_vegf: 1500, papilledema: true}",
            "{criteria: {mhlw: {levels: {definite: met}}}}",
            ["criteria mhlw levels definite: expected met, got undetermined", "monoclonal_protein"],
        ),
    ],
)
def test_a_wrong_expectation_shows_the_actual_answer_and_why(
    tmp_path: Path, findings: str, expect: str, words: list[str]
) -> None:
    failures = run_one(tmp_path, findings, expect).failures
    assert failures
    assert failures[0].startswith(f"{tmp_path / 'cases.yaml'}:5: ")
    for word in words:
        assert word in failures[0]


def test_each_wrong_expectation_is_reported(tmp_path: Path) -> None:
    assert len(run_one(tmp_path, MET, "{criteria: {mayo: not met, mayo-2003: not met}, steps_to_met: 3}").failures) == 3


def test_an_unexpected_contradiction_is_a_failure(tmp_path: Path) -> None:
    findings = "{skin_changes: false, white_nails: true}"
    (failure,) = run_one(tmp_path, findings, "{findings: {white_nails: true}}").failures
    assert "contradictions skin_changes: expected none, got a contradiction" in failure
    assert not run_one(tmp_path, findings, "{contradictions: [skin_changes]}").failures


@pytest.mark.parametrize(
    ("case", "line", "words"),
    [
        ("{id: a, about: b, findings: {}, expect: {}}", 2, ["nothing is expected", "write expect:"]),
        ("{id: a, about: b, findings: {}}", 2, ["nothing is expected"]),
        ("{id: a, findings: {}, expect: {steps_to_met: 4}}", 2, ["about is missing"]),
        ("{about: b, findings: {}, expect: {steps_to_met: 4}}", 2, ["id is missing"]),
        ("{id: a, about: b, expect: {steps_to_met: 4}}", 2, ["findings is a mapping"]),
        ("{id: a, about: b, findings: [], expect: {steps_to_met: 4}}", 2, ["findings is a mapping"]),
        ("{id: a, about: b, finding: {}, findings: {}, expect: {steps_to_met: 4}}", 2, ["'finding'", "did you mean"]),
        ("{id: a, about: b, source: nobody-1900, findings: {}, expect: {steps_to_met: 4}}", 2, ["is not a source"]),
        ("{id: a, about: b, findings: {}, expect: {verdict: met}}", 2, ["unknown key 'verdict'"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {majo: met}}}", 2, ["is not a criteria set", "'mayo'"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mayo: unknown}}}", 2, ["is not a verdict"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mayo: [met]}}}", 2, ["is not a verdict"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mayo: {}}}}", 2, ["nothing is expected of it"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mhlw: {level: sure}}}}", 2, ["is not a level", "definite"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mhlw: {levels: {sure: met}}}}}", 2, ["is not a level"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mhlw: {levels: met}}}}", 2, ["levels is a mapping"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: {mhlw: {leveles: {}}}}}", 2, ["unknown key 'leveles'"]),
        ("{id: a, about: b, findings: {}, expect: {criteria: met}}", 2, ["criteria is a mapping"]),
        ("{id: a, about: b, findings: {}, expect: {findings: {age: true}}}", 2, ["is not a boolean finding"]),
        ("{id: a, about: b, findings: {}, expect: {findings: {papilledema: maybe}}}", 2, ["true, false or unknown"]),
        ("{id: a, about: b, findings: {}, expect: {findings: {papilledema: null}}}", 2, ["true, false or unknown"]),
        ("{id: a, about: b, findings: {}, expect: {warnings: [kappa]}}", 2, ["is not a warning"]),
        ("{id: a, about: b, findings: {}, expect: {warnings: igm_or_kappa}}", 2, ["warnings is a list"]),
        ('{id: a, about: b, findings: {}, expect: {warnings: ["gray_zone:ascites"]}}', 2, ["is not a warning"]),
        ("{id: a, about: b, findings: {}, expect: {decisive: [vegf]}}", 2, ["is not a finding"]),
        ("{id: a, about: b, findings: {}, expect: {next_test: mri}}", 2, ["is not a test"]),
        ("{id: a, about: b, findings: {}, expect: {explained: [vegf]}}", 2, ["is not a finding"]),
        ("{id: a, about: b, findings: {}, expect: {explained_groups: [minor]}}", 2, ["is not a condition", "minor criterion"]),
        ("{id: a, about: b, findings: {}, expect: {staging: {ears: true}}}", 2, ["is not a stage"]),
        ("{id: a, about: b, findings: {}, expect: {staging: {eyes: maybe}}}", 2, ["true, false or unknown"]),
        ("{id: a, about: b, findings: {}, expect: {steps_to_met: many}}", 2, ["whole number", "never"]),
        ("{id: a, about: b, findings: {}, expect: {steps_to_met: true}}", 2, ["whole number"]),
        ("{id: a, about: b, findings: {}, absent: rest, expect: {steps_to_met: 4}}", 2, ["absent is a list"]),
        ("{id: a, about: b, findings: {}, absent: [age], expect: {steps_to_met: 4}}", 2, ["is not a boolean finding"]),
        (
            "{id: a, about: b, findings: {ascites: true}, absent: [ascites], expect: {steps_to_met: 4}}",
            2,
            ["findings too"],
        ),
        ("{id: a, about: b, findings: {ascitis: true}, expect: {steps_to_met: 4}}", 2, ["'ascitis'", "ascites"]),
        ("{id: a, about: b, findings: {platelets: {value: 3, unit: mg}}, expect: {steps_to_met: 4}}", 2, ["is not understood"]),
        ("{id: a, about: b, findings: {hematocrit: 450}, expect: {steps_to_met: 4}}", 2, ["not possible"]),
        ("{id: a, about: b, findings: {ascites: 3}, expect: {steps_to_met: 4}}", 2, ["expected present or absent"]),
        ("{id: a, about: b, findings: {ascites: yes}, expect: {steps_to_met: 4}}", 2, ["truth value"]),
        ("{id: a, id: b, about: b, findings: {}, expect: {steps_to_met: 4}}", 2, ["appears twice"]),
        ("just text", 2, ["a case is a mapping"]),
    ],
)
def test_a_malformed_case_is_a_failure_with_its_place(tmp_path: Path, case: str, line: int, words: list[str]) -> None:
    (result,) = run(tmp_path, f"cases:\n  - {case}\n")
    failures = "\n".join(result.failures)
    assert f"cases.yaml:{line}: " in failures
    for word in words:
        assert word in failures


def test_a_fault_is_reported_with_its_own_line(tmp_path: Path) -> None:
    (result,) = run(
        tmp_path,
        """\
        cases:
          - id: one
            about: a test
            findings:
              polyneuropathy: true
              plasma_vegf: {value: 350, unit: mg}
            expect:
              steps_to_met: 3
        """,
    )
    assert result.line == 2
    assert result.failures[0].startswith(f"{tmp_path / 'cases.yaml'}:6: (findings.plasma_vegf) the unit is not")


def test_one_malformed_case_does_not_stop_the_others(tmp_path: Path) -> None:
    results = run(
        tmp_path,
        """\
        cases:
          - {id: first, about: fine, findings: {}, expect: {steps_to_met: 4}}
          - {id: second, about: wrong, findings: {}, expect: {steps: 4}}
          - {id: second, about: again, findings: {}, expect: {steps_to_met: 4}}
          - {id: fourth, about: fine, findings: {}, expect: {steps_to_met: 4}}
        """,
    )
    assert [bool(result.failures) for result in results] == [False, True, True, False]
    assert "is used in" in results[2].failures[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("cases:\n  - {id: [", "not readable as YAML"),
        ("case: []\n", "no list of cases"),
        ("cases: []\n", "no list of cases"),
        ("- a\n", "no list of cases"),
        ("just text", "no list of cases"),
    ],
)
def test_a_file_without_cases_is_one_failure(tmp_path: Path, text: str, words: str) -> None:
    (result,) = run(tmp_path, text)
    assert result.id == "cases.yaml"
    assert words in result.failures[0]


def test_a_key_next_to_the_cases_is_a_failure(tmp_path: Path) -> None:
    results = run(tmp_path, "caes: 1\ncases:\n  - {id: a, about: b, findings: {}, expect: {steps_to_met: 4}}\n")
    assert "unknown key 'caes'" in results[0].failures[0]
    assert results[1] == CaseResult("a", str(tmp_path / "cases.yaml"), 3, ())


def test_files_that_cannot_be_read_are_failures(tmp_path: Path) -> None:
    (missing,) = run_examples(RULES, tmp_path / "none.yaml")
    assert "cannot be read" in missing.failures[0]
    (empty,) = run_examples(RULES, tmp_path)
    assert "cannot be read" in empty.failures[0]
    (tmp_path / "latin.yaml").write_bytes(b"cases:\n  - {id: \xe9}\n")
    (latin,) = run_examples(RULES, tmp_path / "latin.yaml")
    assert "not UTF-8" in latin.failures[0]


def test_a_folder_is_run_in_the_order_of_its_files_and_each_id_occurs_once(tmp_path: Path) -> None:
    text = "cases:\n  - {id: same, about: b, findings: {}, expect: {steps_to_met: 4}}\n"
    write(tmp_path, text, "b.yaml")
    write(tmp_path, text, "a.yaml")
    first, second = run_examples(RULES, str(tmp_path))
    assert (Path(first.file).name, first.failures) == ("a.yaml", ())
    assert "a.yaml:2" in second.failures[0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.sampled_from(["cases", "id", "about", "findings", "absent", "expect", "criteria", "mayo", "met", "others"])
        | st.none()
        | st.booleans()
        | st.integers(-3, 3)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["cases", "id", "about", "findings", "absent", "expect", "criteria", "levels"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_no_case_ever_raises(tmp_path: Path, entry: object) -> None:
    import yaml

    file = tmp_path / "any.yaml"
    file.write_text(yaml.safe_dump({"cases": [entry]}, allow_unicode=True), encoding="utf-8")
    results = list(run_examples(RULES, file))
    assert results
    assert all(result.line >= 1 for result in results)


# --- absent: others ---------------------------------------------------------------------------------------------------


def others(**known: bool | str | Quantity | None) -> set[str]:
    observed = {name: value for name, value in known.items() if value is not None}
    return set(Others(RULES).of(Patient("p", observed, {}), frozenset(known)))


def test_others_are_all_boolean_findings_that_the_criteria_depend_on() -> None:
    every = others()
    assert {"polyneuropathy", "hepatomegaly", "serum_immunofixation", "hemangioma", "pericardial_effusion"} <= every
    assert not every & {"diabetes_mellitus", "weight_loss", "platelets", "light_chain", "clubbing"}


def test_others_do_not_include_what_is_given_or_follows_from_it() -> None:
    filled = others(white_nails=True, ascites=None)
    assert not filled & {"white_nails", "skin_changes", "ascites", "extravascular_volume_overload"}
    assert {"hypertrichosis", "peripheral_edema", "organomegaly"} <= filled


def test_others_leave_the_parts_of_a_whole_open_that_is_given_as_present_or_unknown() -> None:
    filled = others(organomegaly=True, endocrinopathy=None)
    assert not filled & {"hepatomegaly", "splenomegaly", "lymphadenopathy", "hypogonadism", "gynecomastia"}


def test_others_do_not_include_findings_derived_from_given_numbers() -> None:
    filled = others(plasma_vegf=Quantity(150.0, "pg/mL"), platelets=Quantity(600.0, "10*9/L"))
    assert not filled & {"vegf_elevated", "thrombocytosis", "thrombocytosis_or_polycythemia"}
    assert "polycythemia" in filled


def test_others_never_contradict_a_given_light_chain() -> None:
    filled = others(light_chain="lambda")
    assert not filled & {"monoclonal_plasma_cell_disorder", "monoclonal_protein", "clonal_plasma_cells", "plasmacytoma"}
    assert "sclerotic_bone_lesion" in filled


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_others_never_change_what_is_known(data: st.DataObject) -> None:
    from poems_cli.engine.findings import resolve

    names = sorted(others())
    given = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from([True, False, None]), max_size=6))
    patient = Patient("p", {name: value for name, value in given.items() if value is not None}, {})
    absent = Others(RULES).of(patient, frozenset(given))
    before = resolve(RULES, patient)
    after = resolve(RULES, patient._replace(observed={**patient.observed, **dict.fromkeys(absent, False)}))
    assert {contradiction.finding for contradiction in after.contradictions} == {
        contradiction.finding for contradiction in before.contradictions
    }
    assert all(after.values[name] is value for name, value in before.values.items() if value is not None)
    assert all(
        after.values.get(name) is None for name, value in given.items() if value is None and before.values.get(name) is None
    )


def test_a_listed_absent_finding_is_absent(tmp_path: Path) -> None:
    expect = "{findings: {organomegaly: unknown, hepatomegaly: false}}"
    assert not run_one(tmp_path, "{}", expect, "absent: [hepatomegaly, splenomegaly]").failures


def test_cases_can_be_read_without_being_run(tmp_path: Path) -> None:
    (case,) = read_examples(
        RULES, write(tmp_path, f"cases:\n  - {{id: a, about: b, findings: {MET}, expect: {{steps_to_met: 7}}}}\n")
    )
    assert isinstance(case, Case)
    assert (case.id, case.line, case.expect) == ("a", 2, {"steps_to_met": 7})


def test_a_set_that_no_mimic_lists_is_a_failure_and_not_an_error(tmp_path: Path) -> None:
    rules = RULES._replace(mimics={})
    (tmp_path / "cases.yaml").write_text(
        "cases:\n  - {id: a, about: b, findings: {polyneuropathy: true}, expect: {criteria: {cidp-ean-pns-2021: met}}}\n"
    )
    (result,) = run_examples(rules, tmp_path / "cases.yaml")
    assert "'cidp-ean-pns-2021' is not a criteria set of the rules" in result.failures[0]


def test_a_table_of_limits_is_a_case_for_each_value(tmp_path: Path) -> None:
    results = run(
        tmp_path,
        """\
        limits:
          - {of: platelets, unit: 10*9/L, finding: thrombocytosis, values: {450: false, 451: true, ">400": true}}
          - {of: severe_leg_pain, with: {diagnosis_label: cidp}, red_flag: severe_leg_pain, values: {true: shown}}
        """,
    )
    assert [bool(result.failures) for result in results] == [False, False, True, False]
    assert [result.line for result in results] == [2, 2, 2, 3]
    assert "cases.yaml:2: findings thrombocytosis: expected true, got unknown" in results[2].failures[0]


def test_tables_of_units_and_of_tests(tmp_path: Path) -> None:
    results = run(
        tmp_path,
        """\
        units: [{of: creatinine, unit: umol/L, values: {88.4: 1, 177: 1, 99999: refused}}]
        answered_by: {papilledema: [fundoscopy]}
        shown_by: {papilledema: [fundoscopy]}
        """,
    )
    assert [bool(result.failures) for result in results] == [False, True, False, False, True]


def test_a_table_of_weights_gives_the_evidence_of_a_row(tmp_path: Path) -> None:
    (right, wrong) = run(tmp_path, "weights: {cidp: {sex: {female: 0, male: 3}}}")
    assert not right.failures
    assert "mimics cidp evidence: expected 3, got 0" in wrong.failures[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("limits: [{of: platelets, finding: thrombocytosis}]", "a row has of: and values:"),
        ("limits: [{of: platelets, values: {1: true}}]", "a row says what follows of one thing"),
        ("limits: [{of: platelets, findig: thrombocytosis, values: {1: true}}]", "unknown key 'findig'"),
        ("limits: [{of: papilledema, warning: igm_or_kappa, values: {true: maybe}}]", "'maybe' is not understood"),
        ("limits: [{of: platelets, finding: trombocytosis, values: {1: true}}]", "'trombocytosis'"),
        ("weights: {cidp: {polyneuropathy: 3}}", "weights are two numbers or a mapping"),
        ("weights: [cidp]", "weights is a mapping of ids"),
        ("units: {creatinine: 1}", "units is a list of rows"),
    ],
)
def test_a_table_that_is_not_understood_is_a_failure_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    failures = [failure for result in run(tmp_path, text) for failure in result.failures]
    assert any(words in failure and failure.startswith(f"{tmp_path / 'cases.yaml'}:1: ") for failure in failures), failures
