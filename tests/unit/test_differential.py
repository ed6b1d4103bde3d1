"""The mimics of small rules: weights, status, order, what is left unexplained, and what would settle them."""

from typing import Any

import yaml

from poems_cli.engine.assess import Assessor
from poems_cli.model import Assessment, Held, Observed, Rival, Rules
from poems_cli.report.mimics import row_reason
from tests.build import QUANTITY, compile_text, patient, rules_from, rules_text

FINDINGS: dict[str, dict[str, Any]] = {
    "neuropathy": {},
    "clone": {},
    "swelling": {},
    "ascites": {"part_of": "swelling"},
    "amyloid": {},
    "gene": {},
    "tongue": {},
    "cough": {},
    "drug": {"is_sign": False},
    "number": QUANTITY,
    "diagnosis_label": {"kind": "choice", "choices": {"amyloidosis": "amyloidosis", "heredity": "heredity", "other": "other"}},
}

OURS = {"reason": "for tests", "default": True}


def mimic(**more: Any) -> dict[str, Any]:
    """A mimic that is to consider with a neuropathy."""
    entry = {
        "name": more.pop("name", "a disease"),
        "about": "For tests.",
        "frequency": {"class": "rare", "text": "rare", "default": True},
        "consider_when": "neuropathy",
        "evidence": [{"finding": "neuropathy", "frequency": "nearly always", **OURS}],
        "settled_by": {"tests": ["asking"], "text": "Ask.", "default": True},
    }
    return {**entry, "short": entry["name"], **more}


MIMICS: dict[str, Any] = {
    "amyloidosis": mimic(
        name="amyloidosis",
        synonyms=["AL"],
        evidence=[
            {"finding": "neuropathy", "frequency": "nearly always", "weighs": "presence", **OURS},
            {"finding": "tongue", "frequency": "half", "weighs": "presence", **OURS},
            {"finding": "clone", "frequency": "nearly always", **OURS},
        ],
        shares=["ascites"],
        urgency={"text": "It kills.", "default": True},
        settled_by={
            "tests": ["biopsy"],
            "text": "Congo red.",
            "confirmed_when": "amyloid",
            "confirmed": "amyloid on biopsy",
            "excluded_when": {"not": "clone"},
            "excluded": "no clone",
            "default": True,
        },
        criteria=["amyloid-set"],
    ),
    "heredity": mimic(
        name="heredity",
        consider_when={"all": ["neuropathy", "cough"]},
        settled_by={
            "tests": ["sequencing"],
            "text": "Sequence.",
            "confirmed_when": {"all": ["gene", "amyloid"]},
            "confirmed": "the gene",
            "excluded_when": {"not": "gene"},
            "excluded": "no gene",
            "default": True,
        },
    ),
    "tiredness": mimic(
        name="tiredness",
        frequency={"class": "very_common", "text": "everybody", "default": True},
        evidence=[
            {"finding": "neuropathy", "frequency": "nearly always", **OURS},
            {"finding": "clone", "frequency": "5 %", "reason": "for tests", "source": "paper"},
        ],
    ),
}


def document(mimics: dict[str, Any] = MIMICS) -> dict[str, Any]:
    text = rules_text(
        FINDINGS,
        criteria={"set": {"met": {"all": ["neuropathy", "clone", "swelling"]}}},
        tests={
            "asking": {"answers": ["neuropathy", "swelling", "ascites", "tongue", "cough", "number", "diagnosis_label"]},
            "blood": {"answers": ["clone"], "cost": 1, "invasiveness": 1},
            "biopsy": {"answers": ["amyloid"], "cost": 3, "invasiveness": 3},
            "sequencing": {"answers": ["gene"], "cost": 3, "invasiveness": 1},
        },
    )
    return {
        **yaml.safe_load(text),
        "evidence": {
            "words": {"nearly always": 0.95, "often": 0.75, "half": 0.5, "seldom": 0.1, "hardly ever": 0.02},
            "suggests": [10, 5],
            "less_likely": -3,
            "explained": 0.5,
            "default": True,
        },
        "reference": {
            "neuropathy": "half",
            "tongue": "hardly ever",
            "clone": "half",
            "swelling": {"frequency": "10 %", "source": "paper"},
            "cough": "seldom",
        },
        "mimics": mimics,
        "mimic_criteria": {
            "amyloid-set": {
                "title": "amyloid set",
                "short": "amyloid set",
                "source": "paper",
                "about": "For tests.",
                "met": {"all": ["amyloid", "clone"]},
            }
        },
        "profile": {
            "evidence": [
                {"finding": "neuropathy", "frequency": "nearly always", **OURS},
                {"finding": "clone", "frequency": "nearly always", **OURS},
                {"finding": "swelling", "frequency": "27 of 27", "reason": "for tests", "source": "paper"},
            ],
            "shares": ["tongue"],
        },
        "red_flags": {
            "labels": {"amyloidosis": {"name": "AL", "text": "Look again.", "source": "paper"}},
            "flags": {
                "swollen": {"when": "swelling", "text": "swelling", "labels": ["amyloidosis"], "source": "paper"},
                "coughing": {"when": "cough", "text": "cough", "figure": "1 %", "labels": ["amyloidosis"], "source": "paper"},
            },
        },
    }


RULES: Rules = rules_from(yaml.safe_dump(document(), sort_keys=False))


def assessed(rules: Rules = RULES, **findings: Observed | None) -> Assessment:
    return Assessor(rules).assess(patient(findings))


def row(assessment: Assessment, mimic_id: str) -> Rival:
    return next(rival for rival in assessment.mimics if rival.row.id == mimic_id)


def weights(rival: Rival | None) -> dict[str, float]:
    assert rival is not None
    return {item.label: item.weight for item in (*rival.row.supporting, *rival.row.opposing)}


def order(assessment: Assessment) -> list[str]:
    assert assessment.syndrome is not None
    return [rival.row.id for rival in sorted([*assessment.mimics, assessment.syndrome], key=lambda rival: rival.place)]


# --- weights ----------------------------------------------------------------------------------------------------------


def test_presence_and_absence_weigh_ten_times_the_logarithm_of_the_ratio_to_the_reference() -> None:
    assessment = assessed(neuropathy=True, tongue=True, clone=True, swelling=True)
    assert weights(row(assessment, "amyloidosis")) == {"tongue": 14.0, "clone": 2.8, "neuropathy": 2.8}
    assert weights(row(assessment, "tiredness")) == {"neuropathy": 2.8, "clone": -10.0}
    assert weights(assessment.syndrome)["swelling"] == 9.9, "27 of 27 is read as 27.5 of 28"
    absent = assessed(neuropathy=False, swelling=False)
    assert weights(row(absent, "tiredness")) == {"no neuropathy": -10.0}
    assert weights(absent.syndrome)["no swelling"] == -17.0


def test_what_is_unknown_weighs_nothing() -> None:
    amyloidosis = row(assessed(neuropathy=True), "amyloidosis")
    assert (weights(amyloidosis), amyloidosis.row.evidence) == ({"neuropathy": 2.8}, 2.8)


def test_absence_has_no_weight_where_only_presence_counts() -> None:
    assert weights(row(assessed(neuropathy=True, clone=False, tongue=False), "amyloidosis")) == {
        "neuropathy": 2.8,
        "no clone": -10.0,
    }


def test_what_follows_from_each_other_counts_once() -> None:
    items = [
        {"finding": finding, "frequency": word, "counts_once": "mouth", **OURS}
        for finding, word in (("tongue", "half"), ("cough", "often"))
    ]
    once = rules_from(
        yaml.safe_dump(document({**MIMICS, "tiredness": mimic(name="tiredness", evidence=items)}), sort_keys=False)
    )
    assert weights(row(assessed(once, neuropathy=True, tongue=True, cough=True), "tiredness")) == {"tongue": 14.0}
    assert weights(row(assessed(once, neuropathy=True, tongue=False, cough=True), "tiredness")) == {"cough": 8.8}


def test_what_another_established_disease_explains_weighs_less_for_the_syndrome() -> None:
    explained = {
        **document(),
        "explained_by": {"liver": {"name": "liver disease", "when": "cough", "findings": ["swelling"], "default": True}},
    }
    rules = rules_from(yaml.safe_dump(explained, sort_keys=False))
    syndrome = assessed(rules, neuropathy=True, ascites=True, cough=True).syndrome
    assert syndrome is not None
    assert weights(syndrome)["swelling"] == 5.0
    assert [item.explained_by.name for item in syndrome.row.supporting if item.explained_by] == ["liver disease"]
    assert weights(assessed(rules, neuropathy=True, ascites=True).syndrome)["swelling"] == 9.9


# --- status -----------------------------------------------------------------------------------------------------------


def test_a_mimic_is_considered_when_a_known_finding_suggests_it() -> None:
    assessment = assessed(neuropathy=True)
    amyloidosis = row(assessment, "amyloidosis").row
    assert (amyloidosis.status, amyloidosis.called_up, amyloidosis.callers) == ("consider", True, (Held("neuropathy"),))
    assert row_reason(RULES, assessment, amyloidosis) == "Suggested by neuropathy."


def test_where_nothing_is_known_a_mimic_is_not_assessed_and_names_what_was_not_looked_for() -> None:
    assessment = assessed()
    heredity = row(assessment, "heredity").row
    assert (heredity.status, heredity.called_up, heredity.open_callers) == ("not assessed", None, ("neuropathy", "cough"))
    assert row_reason(RULES, assessment, heredity) == "Nothing known suggests it; not looked for: neuropathy, cough."
    assert {rival.row.status for rival in assessment.mimics} == {"not assessed"}
    assert assessment.syndrome is not None
    assert assessment.syndrome.row.status == "not assessed", "no known finding favors the syndrome either"


def test_findings_against_a_mimic_may_outweigh_those_that_suggest_it() -> None:
    assessment = assessed(neuropathy=True, clone=True)
    tiredness = row(assessment, "tiredness").row
    assert tiredness.status == "less likely"
    assert row_reason(RULES, assessment, tiredness) == "Suggested by neuropathy, but more speaks against it: clone."


def test_only_a_finding_that_settles_it_excludes_it() -> None:
    against = row(assessed(neuropathy=False, tongue=False), "amyloidosis").row
    assert against.status == "not assessed"
    assessment = assessed(neuropathy=True, tongue=True, clone=False)
    settled = row(assessment, "amyloidosis").row
    assert settled.status == "excluded"
    assert row_reason(RULES, assessment, settled) == "No clone."


def test_an_establishing_finding_adds_no_points_and_prevents_exclusion() -> None:
    assessment = assessed(neuropathy=True, clone=False, amyloid=True)
    amyloidosis = row(assessment, "amyloidosis").row
    assert (amyloidosis.status, amyloidosis.confirmed, amyloidosis.excluded) == ("consider", True, True)
    assert row_reason(RULES, assessment, amyloidosis) == "Established: amyloid on biopsy, although no clone."
    assert amyloidosis.evidence == 2.8 - 10.0


def test_two_findings_in_favor_of_a_mimic_suggest_it() -> None:
    items = [{"finding": finding, "frequency": "half", **OURS} for finding in ("tongue", "cough")]
    two = rules_from(
        yaml.safe_dump(document({**MIMICS, "heredity": {**MIMICS["heredity"], "evidence": items}}), sort_keys=False)
    )
    assert row(assessed(two, tongue=True, cough=True), "heredity").row.status == "consider"
    assert row(assessed(two, tongue=True), "heredity").row.called_up is not True


# --- order ------------------------------------------------------------------------------------------------------------


def test_the_syndrome_has_a_row_among_them() -> None:
    assert order(assessed(neuropathy=True, clone=True, swelling=True))[0] == "small"
    assert order(assessed(neuropathy=True, tongue=True))[0] == "amyloidosis"


def test_the_commoner_disease_goes_first_where_the_evidence_is_equal() -> None:
    assert order(assessed(neuropathy=True))[:3] == ["tiredness", "amyloidosis", "small"]


def test_the_syndrome_is_not_first_where_no_finding_favors_it() -> None:
    assert order(assessed(swelling=False))[-1] == "small"
    assert order(assessed())[-1] == "small"


def test_to_consider_before_the_others_before_excluded() -> None:
    assessment = assessed(neuropathy=True, clone=False)
    assert [rival.row.status for rival in assessment.mimics] == ["consider", "not assessed", "excluded"]


# --- unexplained, criteria --------------------------------------------------------------------------------------------


def test_present_findings_that_a_row_does_not_explain() -> None:
    assessment = assessed(neuropathy=True, ascites=True, cough=True)
    assert row(assessment, "amyloidosis").unexplained == ("cough",)
    assert row(assessment, "tiredness").unexplained == ("ascites", "cough")
    assert assessment.syndrome is not None
    assert assessment.syndrome.unexplained == ("cough",), "a disease that explains a finding explains its parts"


def test_no_disease_has_to_explain_a_circumstance() -> None:
    assessment = assessed(neuropathy=True, cough=True, drug=True)
    assert row(assessment, "amyloidosis").unexplained == ("cough",)


def test_its_own_criteria_are_answered_by_the_same_engine() -> None:
    (result,) = row(assessed(neuropathy=True, clone=True), "amyloidosis").criteria
    assert (result.id, result.verdict) == ("amyloid-set", "undetermined")
    assert [group.value for group in result.shown.groups] == [None, True]
    assert row(assessed(), "amyloidosis").criteria == (), "not to consider"
    every = Assessor(RULES).assess(patient({}), every_mimic=True)
    assert row(every, "amyloidosis").criteria[0].verdict == "undetermined"


def test_meeting_another_diseases_criteria_excludes_nothing() -> None:
    assessment = assessed(neuropathy=True, clone=True, amyloid=True)
    assert row(assessment, "amyloidosis").criteria[0].verdict == "met"
    assert assessment.syndrome is not None
    assert assessment.syndrome.row.status == "consider"
    assert assessment.criteria["set"].verdict == "undetermined"


# --- the work-up ------------------------------------------------------------------------------------------------------


def test_a_test_names_the_mimics_it_can_suggest_or_rule_out() -> None:
    assessment = assessed(neuropathy=True, cough=True)
    mimics_of = {test.test: {(tells.mimic, tells.inward) for tells in test.mimics} for test in assessment.tests}
    assert mimics_of["biopsy"] == {("amyloidosis", True), ("heredity", True)}
    assert mimics_of["blood"] == {("amyloidosis", False)}
    assert mimics_of["sequencing"] == {("heredity", True), ("heredity", False)}


def test_a_mimic_that_is_not_suggested_asks_for_no_test() -> None:
    assert "sequencing" not in {test.test for test in assessed(neuropathy=True).tests}


def test_what_must_not_be_missed_counts_double() -> None:
    with_urgency = {test.test: test.worth for test in assessed(neuropathy=True).tests}
    mimics = {**MIMICS, "amyloidosis": {key: value for key, value in MIMICS["amyloidosis"].items() if key != "urgency"}}
    mimics["tiredness"] = {**MIMICS["heredity"], "name": "more", "short": "more", "consider_when": "neuropathy"}
    plain = rules_from(yaml.safe_dump(document(mimics), sort_keys=False))
    urgent = rules_from(yaml.safe_dump(document({**mimics, "amyloidosis": MIMICS["amyloidosis"]}), sort_keys=False))
    worth = {
        name: {test.test: test.worth for test in assessed(rules, neuropathy=True).tests}
        for name, rules in (("plain", plain), ("urgent", urgent))
    }
    assert worth["urgent"]["biopsy"] > worth["plain"]["biopsy"]
    assert worth["urgent"]["sequencing"] < worth["plain"]["sequencing"]
    assert set(with_urgency) == {"blood", "asking", "biopsy"}


# --- red flags --------------------------------------------------------------------------------------------------------


def test_red_flags_come_with_the_label() -> None:
    assert assessed(swelling=True).red_flags is None
    flags = assessed(swelling=True, diagnosis_label="amyloidosis").red_flags
    assert flags is not None
    assert {flag.id: value for flag, value in flags.flags} == {"swollen": True, "coughing": None}


# --- faults of the rules ----------------------------------------------------------------------------------------------


def messages(**changed: Any) -> list[str]:
    """The problems of a mimic so changed."""
    given = document({"amyloidosis": {**MIMICS["amyloidosis"], **changed}})
    given["red_flags"] = {}
    return [problem.message for problem in compile_text(yaml.safe_dump(given, sort_keys=False))[1]]


def test_faults_of_a_mimic_are_reported() -> None:
    def item(**more: Any) -> list[str]:
        return messages(evidence=[{"finding": "tongue", "frequency": "half", **OURS, **more}])

    assert item() == []
    assert item(frequency=None) == ["an item needs its frequency"]
    assert item(frequency="now and then") == ["'now and then' is not a frequency"]
    assert item(frequency="100 %", source="paper") == ["'100 %' is not a frequency"]
    assert item(frequency="28 of 27", source="paper") == ["'28 of 27' is not a frequency"]
    assert item(frequency="7 %") == ["the figure '7 %' has no source"]
    assert item(finding="gene") == ["an item needs how often it holds in the reference"]
    assert item(reference="half") == ["'tongue' has its reference in the table"]
    assert item(reason=None) == ["reason is missing"]
    assert item(weighs="twice") == ["'twice' cannot weigh"]
    assert item(counts_once="alone") == ["'alone' names one item only"]
    several = {"any": ["tongue", "cough"], "frequency": "half", "reference": "seldom", **OURS}
    assert messages(evidence=[several]) == ["an item of several findings needs a name"]
    assert messages(frequency={"class": "often", "text": "x"}) == ["'often' is not a frequency class"]
    assert messages(notes=[{"a": "colon"}]) == ["an item of notes is text, but this is a mapping"]
    assert messages(criteria=["none"]) == ["unknown criteria set 'none'"]
    assert messages(does_not_explain=["tongue"]) == ["'tongue' is explained above"]
    assert messages(settled_by={"tests": ["x"], "text": "y", "excluded_when": "gene"}) == [
        "excluded_when: and excluded: belong together",
        "unknown test 'x'",
    ]


def test_mimics_and_their_reference_go_on_in_another_file() -> None:
    given = document()
    more = {"mimics": {"another": mimic(name="another", evidence=[{"finding": "gene", "frequency": "half", **OURS}])}}
    more["reference"] = {"gene": "hardly ever"}
    rules = rules_from(yaml.safe_dump(given, sort_keys=False), more=yaml.safe_dump(more))
    assert weights(row(assessed(rules, neuropathy=True, gene=True), "another")) == {"gene": 14.0}


def test_two_mimics_do_not_answer_to_one_word() -> None:
    given = document({**MIMICS, "tiredness": {**MIMICS["tiredness"], "synonyms": ["al"]}})
    assert [problem.message for problem in compile_text(yaml.safe_dump(given))[1]] == ["'al' also names amyloidosis"]
