import io

import pytest

from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.criteria import conditions
from poems_cli.engine.logic import plain_number
from poems_cli.explain.glossary import words
from poems_cli.explain.lists import LISTS
from poems_cli.explain.topics import Index
from poems_cli.model import All, AnyOf, AtLeast, Basis, Binds, Compare, Expression, Known, Not, Present, Rules, Source
from poems_cli.phrases import listed
from poems_cli.report.blocks import Explanation, Table
from poems_cli.report.console import make_console
from poems_cli.report.explanation import explanation_markdown, print_explanation
from poems_cli.report.words import citation, marks, outline
from tests.cli.test_plain_english import stumbles


@pytest.fixture(scope="module")
def index(rules: Rules) -> Index:
    return Index(rules)


def explained(rules: Rules, topic: str) -> Explanation:
    explanation = Index(rules).explain(topic)
    assert explanation is not None
    return explanation


def printed(rules: Rules, topic: str) -> str:
    stream = io.StringIO()
    print_explanation(make_console(stream), explained(rules, topic))
    return stream.getvalue()


def joined(text: str) -> str:
    return " ".join(text.split())


def test_every_topic_can_be_explained_and_printed(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for topic in dict.fromkeys([*[topic_of.id for topic_of in index.topics], "definite", "urticarial rash", "G61.8"]):
        explanation = index.explain(topic)
        assert explanation is not None, topic
        stream = io.StringIO()
        print_explanation(make_console(stream), explanation)
        text = stream.getvalue()
        assert max(len(line) for line in text.splitlines()) <= 80, topic
        assert "\u2026" not in text, topic
        markdown = explanation_markdown(explanation)
        assert markdown.startswith("# "), topic
        assert stumbles(markdown) == [], topic


def shown_ids(rules: Rules, kind: str) -> list[str]:
    """Every id of a kind that some output shows."""
    if kind == "columns":
        return [column.name for column in every_column(rules, list(rules.criteria))]
    if kind == "levels":
        every = (*rules.criteria.values(), *rules.mimic_criteria.values())
        return [level.id for criteria in every for level in criteria.levels]
    if kind == "groups":
        every = (*rules.criteria.values(), *rules.mimic_criteria.values())
        parts = [part for criteria in every for level in criteria.levels for part in conditions(level.expression)]
        return [part.name for part in parts if part.name]
    if kind == "words":
        return ["met", "not met", "undetermined", "consider", "less likely", "unlikely", "excluded", "not assessed", *_GIVEN]
    return {
        "findings": [*rules.findings],
        "labels of findings": [finding.label for finding in rules.findings.values()],
        "sets": [*rules.criteria, *rules.mimic_criteria],
        "titles of sets": [title for criteria in rules.criteria.values() for title in (criteria.title, criteria.short)],
        "mimics": [name for mimic in rules.mimics.values() for name in (mimic.id, mimic.name, mimic.short)],
        "tests": [name for test in rules.tests.values() for name in (test.id, test.label)],
        "sources": [*rules.sources],
        "warnings": [warning.id for warning in rules.warnings],
        "gray zones": [f"gray_zone:{finding.id}" for finding in rules.findings.values() if finding.gray_zone],
        "red flags": [*[flag.id for flag in rules.red_flags], *rules.labels],
        "outlook": [factor.id for factor in (*rules.outlook.factors, *rules.outlook.fork)] if rules.outlook else [],
        "follow-up": followed_ids(rules),
        "outlook notes": [note.id for note in rules.outlook.notes] if rules.outlook else [],
        "stages and causes": [*[stage.id for stage in rules.staging], *[cause.id for cause in rules.causes]],
        "syndrome": [rules.title, rules.identity.id, *rules.syndrome.names],
    }[kind]


def followed_ids(rules: Rules) -> list[str]:
    """The ids that poems follow shows."""
    outlook = rules.outlook.follow_up if rules.outlook else None
    assert outlook is not None
    levels = [level.id for domain in outlook.response for level in domain.levels]
    every = (*outlook.groups, *outlook.response, *outlook.landmarks)
    return [*levels, *[entry.id for entry in every], "reached", "not reached", "not evaluable", "nadir", "baseline"]


_GIVEN = ("recalled", "urgent", "likelihood ratio", "evidence", "reference", "steps_to_met", "next_test", "exit code 12", "12")
KINDS = (
    "findings", "labels of findings", "sets", "titles of sets", "mimics", "tests", "sources", "warnings", "gray zones",
    "red flags", "outlook", "outlook notes", "follow-up", "stages and causes", "syndrome", "columns", "levels", "groups",
    "words",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_that_an_output_shows_is_explained_however_it_is_written(kind: str, rules: Rules, index: Index) -> None:
    ids = shown_ids(rules, kind)
    assert ids
    for name in ids:
        topics = index.find(name)
        assert topics, name
        for written in (name.upper(), name.replace("_", " "), name.replace("_", "-"), name.replace(" ", "_")):
            assert [topic.id for topic in index.find(written)] == [topic.id for topic in topics], written


def test_the_syndrome_lists_and_words_are_topics(index: Index) -> None:
    known = {topic.id for topic in index.topics}
    assert {"poems", *LISTS, *[word.id for word in words()]} <= known


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Crow-Fukase", "poems"),
        ("Takatsuki", "poems"),
        ("PEP", "poems"),
        ("osteosclerotic myeloma", "poems"),
        ("ORPHA:2905", "poems"),
        ("M protein", "m_protein"),
        ("haemoglobin", "hemoglobin"),
        ("Guillain-Barr\u00e9", "guillain_barre"),
        ("orpha 2932", "cidp"),
        ("HP:0031052", "vegf_elevated"),
        ("serum_vegf__high", "serum_vegf"),
        ("22547581", "dispenzieri-2012"),
        ("settling-set", "settling set"),
        ("Settling sets", "settling set"),
        ("grey zone", "gray zone"),
        ("mayo_minor_criterion_unknown", "mayo_minor_criterion"),
        ("criteria sets", "sets"),
        ("red_flags", "red-flags"),
    ],
)
def test_a_name_leads_to_its_topic(name: str, topic: str, index: Index) -> None:
    assert {topic_found.id for topic_found in index.find(name)} == {topic}


def test_a_name_of_several_things_lists_them(rules: Rules) -> None:
    tables = [block for block in explained(rules, "monoclonal gammopathy").blocks if isinstance(block, Table)]
    assert {row[0] for row in tables[0].rows} == {"mgus", "monoclonal_protein"}


def test_a_short_id_names_its_other_meanings(rules: Rules) -> None:
    text = joined(printed(rules, "VEGF"))
    assert "Speaks for POEMS syndrome" in text
    for also in ("vegf_elevated", "plasma_vegf", "vegf_serum"):
        assert also in text


@pytest.mark.parametrize("name", LISTS)
def test_a_list_names_each_of_its_entries(name: str, rules: Rules) -> None:
    rows = [row for block in explained(rules, name).blocks if isinstance(block, Table) for row in block.rows]
    assert len(rows) == LISTS[name].count(rules)
    text = printed(rules, name)
    page = explanation_markdown(explained(rules, name))
    assert f"\n| {rows[0][0]} | " in page
    for row in rows:
        assert row[0] in text


def test_a_misspelled_name_or_synonym_is_suggested(index: Index) -> None:
    assert index.suggestion("vegf_elevatd") == "Did you mean 'vegf_elevated'?"
    assert index.suggestion("Crow-Fukasi") == "Did you mean 'poems'?"


def test_an_unknown_topic_has_no_explanation(index: Index) -> None:
    assert index.explain("polyneuropathie") is None


def test_a_topic_can_be_a_synonym_of_a_finding(rules: Rules) -> None:
    for topic in ("Hb", "haemoglobin", "HEMOGLOBIN"):
        assert explained(rules, topic) == explained(rules, "hemoglobin")
    assert "also called Hb, Hgb, haemoglobin" in joined(printed(rules, "hemoglobin"))


def test_a_choice_tells_its_other_words(rules: Rules) -> None:
    text = joined(printed(rules, "light_chain"))
    assert "other words l, \u03bb, lamda" in text
    assert "kappa and lambda" in text
    assert "(both)" in text


def test_an_id_of_two_things_explains_both(rules: Rules) -> None:
    shared = set(rules.findings) & set(rules.tests)
    for topic in shared:
        text = joined(printed(rules, topic))
        assert "question" in text
        assert "invasiveness" in text


def test_a_finding_tells_definition_limits_and_uses(rules: Rules) -> None:
    text = joined(printed(rules, "vegf_elevated"))
    assert "plasma VEGF above 200 pg/mL [dispenzieri-2012]" in text
    assert "serum VEGF above 1920 pg/mL [briani-2011, recalled]" in text
    assert "limit of this program: no paper gives one" in text
    assert "Does not count" in text
    assert "Gray zone" in text
    assert "HP:0031052" in text
    assert "vegf_plasma" in text
    assert "- Mayo" in text


def test_a_quantity_shows_its_units_and_what_is_refused(rules: Rules) -> None:
    text = joined(printed(rules, "hemoglobin"))
    assert "accepted units g/dL, g/L, mmol/L" in text
    assert "refused outside 1 to 30 g/dL" in text
    assert "usual range" in text


def test_a_choice_tells_its_words(rules: Rules) -> None:
    assert "both (both lambda and kappa)" in joined(printed(rules, "light_chain"))


def test_a_criteria_set_tells_levels_counts_and_years(rules: Rules) -> None:
    text = joined(printed(rules, "mhlw"))
    for level in ("definite", "probable", "possible"):
        assert f"Level {level}" in text
    assert "two minor criteria: at least 2 of" in text
    assert "reading of this program: no paper gives one" in text
    assert "2015 to today" in text


def test_a_test_tells_its_traps_and_whose_classes_they_are(rules: Rules) -> None:
    text = joined(printed(rules, "fundoscopy"))
    assert "Traps" in text
    assert "this program's, from no paper" in text
    assert "papilledema" in text


def test_a_source_tells_what_was_read_and_where_it_is_cited(rules: Rules) -> None:
    text = joined(printed(rules, "dispenzieri-2012"))
    assert "Blood 2012;119:5650-5658" in text
    assert "read a table of it" in text
    assert "vegf_elevated" in text
    assert "mayo" in text
    for link in ("doi.org/10.1182/blood-2012-03-378992", "pubmed.ncbi.nlm.nih.gov/22547581/"):
        assert f"https://{link}" in text


def test_the_syndrome_is_explained_in_full(rules: Rules) -> None:
    text = joined(printed(rules, "poems"))
    assert "Crow-Fukase syndrome" in text
    for letter in rules.syndrome.letters:
        assert letter.word in text
    for section in rules.syndrome.sections:
        assert section.title in text
        for fact in section.facts:
            assert joined(fact.text) in text
    assert "2A83.Y" in text


SEED = {
    "breathing": ("difficulty breathing", "weak breathing muscles"),
    "hormones": ("fatigue", "sexual problems", "swelling", "metabolism", "hypothyroidism", "diabetes"),
    "hormones that do not count": ("neither counts alone", "the criteria are right"),
    "skin": ("thicker skin", "not a sign of the mayo criteria"),
    "cause": ("paraneoplastic", "mgus", "osteosclerotic myeloma", "autoimmune", "nonautoimmune"),
    "cytokines": ("il-1b", "il-6", "tnf-alpha", "vegf", "gherardi-1996", "kanai-2012", "chiba-angiogenic-2013", "dsouza-2011"),
    "course": ("chronic", "quickly", "life-threatening", "untreated"),
    "survival": ("8 to 14 years", "older figure", "82 %", "62 %", "77 %"),
    "treatment": ("no standard treatment", "radiation", "stem cells", "randomized"),
    "thrombosis": ("27 % of 230", "30 % of 83", "prophylactic antiplatelet"),
    "follow-up": ("35 months by vegf", "j-post", "138 patients", "bevacizumab", "steroid emergency card", "54 months"),
}


@pytest.mark.parametrize("subject", SEED)
def test_the_syndrome_in_the_words_of_pages_for_patients(subject: str, rules: Rules) -> None:
    text = joined(printed(rules, "poems")).lower()
    assert [words for words in SEED[subject] if words not in text] == []


# --- words ------------------------------------------------------------------------------------------------------------


def lines(rules: Rules, expression: Expression) -> list[tuple[int, str]]:
    return [(line.depth, line.text) for line in outline(rules, expression)]


def test_expressions_in_words(rules: Rules) -> None:
    expression = All(
        (
            Present("polyneuropathy"),
            Not(Present("papilledema")),
            Not(Known("plasma_vegf")),
            AtLeast(2, (Present("organomegaly"), Present("skin_changes")), "minor"),
        )
    )
    assert lines(rules, expression) == [
        (0, "all of"),
        (1, "polyneuropathy"),
        (1, "no swelling of the optic discs"),
        (1, "plasma VEGF: not given"),
        (1, "minor: at least 2 of"),
        (2, "organomegaly"),
        (2, "skin changes"),
    ]


@pytest.mark.parametrize(
    ("compare", "words"),
    [
        (Compare("platelets", "above", 450.0), "platelet count above 450 10*9/L"),
        (
            Compare("platelets", "at_most", 450.0, "high"),
            "platelet count at most 450 10*9/L (or the laboratory's own upper limit, if given)",
        ),
        (Compare("platelets", "below", None, "low"), "platelet count below the laboratory's own lower limit"),
        (
            Compare("plasma_vegf", "at_least", None, "high", 3.0),
            "plasma VEGF at least 3 times the laboratory's own upper limit",
        ),
        (Compare("light_chain", "is", ("lambda", "both")), "light chain of the clone: lambda or both lambda and kappa"),
    ],
)
def test_comparisons_in_words(rules: Rules, compare: Compare, words: str) -> None:
    assert lines(rules, compare) == [(0, words)]


def test_both_ways_of_a_definition_are_named(rules: Rules) -> None:
    expression = Binds(Present("ascites"), AnyOf((Not(Present("ascites")), Not(Present("fever")))), "fluid")
    assert [text for _, text in lines(rules, expression)] == [
        "fluid",
        f"present when: {rules.findings['ascites'].label}",
        "absent when: any of",
        f"no {rules.findings['ascites'].label}",
        f"no {rules.findings['fever'].label}",
    ]


def test_marks_and_citations(rules: Rules) -> None:
    assert marks(rules, None) == ""
    assert marks(rules, Basis("naddaf-2015", "recalled", True)) == (
        "[naddaf-2015, recalled; limit of this program: no paper gives one]"
    )
    assert citation(Source("full text", authors="A B.", journal="J", year=2001, volume="3", pages="4")) == "A B. J 2001;3:4"


def test_lists_and_numbers() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a, b or c", "d"], "or") == "a, b or c; or d"
    assert plain_number(1000000.0) == "1000000"
    assert plain_number(0.3) == "0.3"
