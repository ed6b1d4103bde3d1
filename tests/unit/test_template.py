import csv
import io
import json

import pytest
import yaml

from poems_cli.model import Rules
from poems_cli.records import PatientReader, Record
from poems_cli.report.template import depends_on, template


def test_json_asks_for_every_finding_with_its_unit(rules: Rules) -> None:
    findings = json.loads(template(rules, "json", None))["findings"]
    assert set(findings) == set(rules.findings)
    assert findings["serum_vegf"] == {"value": None, "unit": "pg/mL"}
    assert findings["polyneuropathy"] is None


def test_yaml_is_the_same_record(rules: Rules) -> None:
    assert yaml.safe_load(template(rules, "yaml", None)) == json.loads(template(rules, "json", None))


def test_yaml_tells_the_question_the_words_and_the_other_units(rules: Rules) -> None:
    text = template(rules, "yaml", None)
    assert "# ---- nerves ----" in text
    assert "# one of: lambda, kappa, both" in text
    assert "# or in: ng/L, ng/mL" in text
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "..." not in text


def test_csv_has_a_header_with_units_and_one_empty_row(rules: Rules) -> None:
    header, row = csv.reader(io.StringIO(template(rules, "csv", None)))
    assert header[0] == "id"
    assert "platelets (10*9/L)" in header
    assert "polyneuropathy" in header
    assert len(header) == 1 + len(rules.findings) == len(row)
    assert not any(row[1:])


@pytest.mark.parametrize("set_id", ["mayo", "mayo-2003", "imwg-2014", "mhlw", "suichi-2019", "castleman-variant"])
def test_a_criteria_set_keeps_what_it_depends_on(rules: Rules, set_id: str) -> None:
    findings = json.loads(template(rules, "json", set_id))["findings"]
    assert set(findings) == depends_on(rules, set_id)
    assert 0 < len(findings) < len(rules.findings)


def test_it_includes_definitions_and_parts(rules: Rules) -> None:
    wanted = depends_on(rules, "mayo")
    assert {"vegf_elevated", "serum_vegf", "platelets", "hemoglobin", "sex", "liver_length", "white_nails"} <= wanted
    assert "asthma" not in wanted


def test_an_unknown_set_is_an_error(rules: Rules) -> None:
    with pytest.raises(KeyError):
        template(rules, "json", "mayo-1999")


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_it_is_accepted_unchanged(rules: Rules, form: str) -> None:
    text = template(rules, form, None)  # type: ignore[arg-type]
    value = json.loads(text) if form == "json" else yaml.safe_load(text)
    reading = PatientReader(rules).read(Record(value, "template", 1))
    assert reading.problems == ()
    assert reading.patient is not None
    assert reading.patient.observed == {}
