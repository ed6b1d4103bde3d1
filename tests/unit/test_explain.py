import io

import pytest

from poems_cli.explain import explain, topics
from poems_cli.explain.blocks import Explanation
from poems_cli.logic import plain_number
from poems_cli.model import All, AnyOf, AtLeast, Basis, Binds, Compare, Expression, Known, Not, Present, Rules
from poems_cli.report.console import make_console
from poems_cli.report.explanation import explanation_markdown, print_explanation
from poems_cli.words import citation, listed, marks, outline


def explained(rules: Rules, topic: str) -> Explanation:
    found = explain(rules, topic)
    assert found is not None
    return found


def printed(rules: Rules, topic: str) -> str:
    stream = io.StringIO()
    print_explanation(make_console(stream), explained(rules, topic))
    return stream.getvalue()


def joined(text: str) -> str:
    return " ".join(text.split())


def test_every_topic_can_be_explained_and_printed(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for topic in topics(rules):
        text = printed(rules, topic)
        assert max(len(line) for line in text.splitlines()) <= 80, topic
        assert "\u2026" not in text, topic
        assert explanation_markdown(explained(rules, topic)).startswith("# "), topic


def test_topics_are_all_ids_once(rules: Rules) -> None:
    known = topics(rules)
    warnings = [one.id for one in rules.warnings]
    assert len(known) == len(set(known))
    sets = {*rules.criteria, *rules.mimic_criteria}
    assert {"poems", "mimics", *rules.findings, *sets, *rules.mimics, *rules.tests, *rules.sources, *warnings} == set(known)


def test_an_unknown_topic_is_nothing(rules: Rules) -> None:
    assert explain(rules, "polyneuropathie") is None


def test_a_topic_can_be_a_synonym_of_a_finding(rules: Rules) -> None:
    for topic in ("Hb", "haemoglobin", "HEMOGLOBIN"):
        assert explained(rules, topic) == explained(rules, "hemoglobin")
    assert "also called Hb, Hgb, haemoglobin" in joined(printed(rules, "hemoglobin"))


def test_the_name_of_a_mimic_goes_before_the_synonym_of_a_finding(rules: Rules) -> None:
    assert "monoclonal gammopathy" in rules.findings["monoclonal_protein"].texts["synonyms"]
    assert explained(rules, "monoclonal gammopathy") == explained(rules, "mgus")


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
    assert "limit of this program, no paper gives one" in text
    assert "Does not count" in text
    assert "Gray zone" in text
    assert "HP:0031052" in text
    assert "vegf_plasma" in text
    assert "- Mayo" in text


def test_a_quantity_tells_units_and_what_is_refused(rules: Rules) -> None:
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
    assert "reading of this program, no paper gives one" in text
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


def test_the_syndrome_is_told_whole(rules: Rules) -> None:
    text = joined(printed(rules, "poems"))
    assert "Crow-Fukase syndrome" in text
    for one in rules.syndrome["letters"]:
        assert one["word"] in text
    for section in rules.syndrome["sections"]:
        assert section["title"] in text
        for fact in section.get("facts", ()):
            assert joined(fact["text"]) in text
    assert "2A83.Y" in text


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
        "[naddaf-2015, recalled; limit of this program, no paper gives one]"
    )
    assert citation({"authors": "A B.", "journal": "J", "year": 2001, "volume": "3", "pages": "4"}) == "A B. J 2001;3:4"


def test_lists_and_numbers() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a, b or c", "d"], "or") == "a, b or c; or d"
    assert plain_number(1000000.0) == "1000000"
    assert plain_number(0.3) == "0.3"
