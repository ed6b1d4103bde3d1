"""The JSON Schema of a brief answer, as ``poems check --format json --brief`` gives it."""

from poems_cli.model import Rules
from poems_cli.report.json import SCHEMA_VERSION
from poems_cli.report.schema import KEY, STATUS, STEPS, WORDS
from poems_cli.report.schema_parts import DRAFT, TEXT, TEXT_OR_NULL, TRUTH, VERDICT, Schema, by_id, list_of, record


def brief_schema(rules: Rules) -> Schema:
    """The schema of one answer of ``poems check --format json --brief``."""
    sets, findings = list(rules.criteria), {"enum": list(rules.findings)}
    group = record(
        {
            "value": TRUTH,
            "needed": {"type": "number", "description": "how many are needed; of a score, how many points"},
            "present": WORDS,
            "unknown": {**WORDS, "description": "those that can still decide it; left out once it is decided"},
        },
        ["value", "needed"],
    )
    answered = record(
        {
            "verdict": VERDICT,
            "level": {**TEXT, "description": "the highest level met, of sets with several"},
            "groups": {"type": "object", "description": "by their ids", "additionalProperties": group},
        },
        ["verdict", "groups"],
    )
    mimic = record({"id": {"enum": list(rules.mimics)}, "status": STATUS, "evidence": {"type": "number"}})
    members = {
        "schema_version": {"const": SCHEMA_VERSION},
        "rules": record({"id": TEXT, "version": TEXT}),
        "id": {**TEXT, "description": "the patient's"},
        "default_criteria": {"enum": sets},
        "verdict": {**VERDICT, "description": "of the default criteria set"},
        "level": {**TEXT_OR_NULL, "description": "the highest level of it that is met"},
        "steps_to_met": STEPS,
        "criteria": by_id(sets, answered),
        "next_tests": {**list_of({"enum": list(rules.tests)}), "description": "those worth doing, in their order"},
        "mimics": {**list_of(mimic), "description": "ranked; those not assessed are left out"},
        "urgent": {**WORDS, "description": "warnings that call for action today"},
        "outcome": {"enum": [*[outcome.id for outcome in rules.outcomes], None]},
        "warnings": {**WORDS, "description": "apart from the urgent ones"},
        "contradictions": list_of(findings),
        "refused": {**list_of(KEY), "description": "keys of what was not understood, which counts as unknown"},
    }
    flags = {
        **list_of({"enum": [flag.id for flag in rules.red_flags]}),
        "description": "those present, for a patient with a label",
    }
    return {
        "$schema": DRAFT,
        "title": "A brief answer of poems check",
        "description": "Ids alone: poems explain ID says what each is, poems schema output describes the full answer.",
        **record({**members, "red_flags": flags}, list(members)),
    }
