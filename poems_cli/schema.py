"""JSON Schemas of what goes in and what comes out: the contract, made from the rules and the report's shape."""

from typing import Any

from poems_cli.model import Finding, Rules
from poems_cli.report.json import SCHEMA_VERSION

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VERDICT = {"enum": ["met", "not met", "undetermined"]}
_TRUTH = {"type": ["boolean", "null"], "description": "true present, false absent, null unknown"}
_TRUTHS = ("yes", "no", "present", "absent", "true", "false", "unknown")
_SETTLES = {"enum": ["in", "out"]}
_WORDS = {"type": "array", "items": {"type": "string"}}


def _any_case(word: str) -> str:
    """A word in any case, for the regular expressions of every language that validates."""
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


def input_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one patient; a file may also hold an array of them, or one a line."""
    findings = {finding.id: _finding(finding) for finding in rules.findings.values()}
    return {
        "$schema": _DRAFT,
        "title": "A patient for poems check",
        "description": f"Findings of rules {rules.identity.id} {rules.identity.version}. What is left out is unknown.",
        "anyOf": [{"$ref": "#/$defs/patient"}, {"$ref": "#/$defs/flat"}],
        "$defs": {
            "id": {"type": ["string", "integer", "null"]},
            "label": {
                "description": "the diagnosis given so far: the id, name or a synonym of a mimic; others bring no red flags"
            },
            "findings": {"type": ["object", "null"], "properties": findings, "additionalProperties": False},
            "patient": {
                "type": "object",
                "description": "Keys beside id, label and findings are passed over.",
                "properties": {
                    "id": {"$ref": "#/$defs/id"},
                    "label": {"$ref": "#/$defs/label"},
                    "findings": {"$ref": "#/$defs/findings"},
                },
                "required": ["findings"],
            },
            "flat": {
                "type": "object",
                "properties": {"id": {"$ref": "#/$defs/id"}, "label": {"$ref": "#/$defs/label"}, **findings},
                "additionalProperties": False,
            },
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    reasoned = _object({"value": {"type": "null"}, "reason": {"type": "string"}}, ["value"])
    described = {"description": finding.label}
    if finding.kind == "boolean":
        words = {"type": "string", "pattern": f"^({'|'.join(map(_any_case, _TRUTHS))})$"}
        value = _object({"value": {"type": ["boolean", "string", "null"]}, "reason": {"type": "string"}}, ["value"])
        return {**described, "anyOf": [{"type": ["boolean", "null"]}, words, value]}
    if finding.kind == "choice":
        return {**described, "anyOf": [{"enum": [*finding.choices, None]}, reasoned, {"type": "string"}, {"type": "object"}]}
    measured = _object(
        {
            "value": {"type": ["number", "string"]},
            "unit": {"type": "string", "description": f"canonical: {finding.unit}"},
            "comparator": {"enum": ["<", "<=", ">", ">=", None]},
            "low": {"type": ["number", "null"], "description": "the laboratory's own lower limit, in the same unit"},
            "high": {"type": ["number", "null"], "description": "the laboratory's own upper limit, in the same unit"},
            "given": {
                **_object({"value": {"type": "number"}, "unit": {"type": "string"}}),
                "description": "the value in the record's own unit, as answers keep it beside the converted one",
            },
            "reason": {"type": "string"},
        },
        ["value"],
    )
    unknown = _object({"value": {"type": "null"}, "unit": {"type": "string"}, "reason": {"type": "string"}}, ["value"])
    bare = {"type": ["number", "string", "null"], "description": f"a bare number is in {finding.unit}"}
    return {**described, "anyOf": [bare, measured, unknown]}


def output_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one answer of ``poems check --format json``; several answers come one a line."""
    sets, findings = list(rules.criteria), {"enum": list(rules.findings)}
    verdicts = {"type": "object", "propertyNames": {"enum": sets}, "additionalProperties": _VERDICT}
    group = _object(
        {
            "name": {"type": "string"},
            "value": _TRUTH,
            "needed": {"type": "number", "description": "how many are needed; of a score, how many points"},
            "present": {**_WORDS, "description": "finding ids, or names of elements that the criteria define in place"},
            "absent": _WORDS,
            "unknown": _WORDS,
        }
    )
    return {
        "$schema": _DRAFT,
        "title": "An answer of poems check",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "program": _object({"name": {"const": "poems"}, "version": {"type": "string"}}),
                "rules": _object(
                    {"id": {"type": "string"}, "version": {"type": "string"}, "sha256": {"pattern": "^[0-9a-f]{64}$"}}
                ),
                "patient": _object(
                    {
                        "id": {"type": "string"},
                        "findings": {
                            "type": "object",
                            "propertyNames": findings,
                            "description": "as understood, in canonical units; valid input again",
                        },
                        "derived": {
                            "type": "object",
                            "propertyNames": findings,
                            "additionalProperties": _object({"value": {"type": "boolean"}, "because": _ref("trace")}),
                        },
                    }
                ),
                "default_criteria": {"enum": sets},
                "verdict": {**_VERDICT, "description": "of the default criteria set"},
                "steps_to_met": {
                    "type": ["integer", "null"],
                    "description": "fewest further answers that would meet the default set; null when it cannot be met",
                },
                "criteria": {
                    "type": "object",
                    "propertyNames": {"enum": sets},
                    "additionalProperties": _ref("criteria"),
                },
                "decisive_unknowns": {"type": "array", "items": _ref("unknown")},
                "settling_sets": {
                    "type": "object",
                    "propertyNames": {"enum": sets},
                    "additionalProperties": {
                        "type": "object",
                        "description": "met, not met, or the id of a level: what would settle it that way",
                        "additionalProperties": _ref("settling"),
                    },
                },
                "tests": {"type": "array", "items": _ref("test"), "description": "in the order worth doing"},
                "syndrome": {
                    "anyOf": [{"type": "null"}, _ref("syndrome")],
                    "description": "the syndrome's own row on the scale of the mimics",
                },
                "mimics": {"type": "array", "items": _ref("mimic"), "description": "every mimic, ranked"},
                "red_flags": {
                    "anyOf": [{"type": "null"}, _ref("red_flags")],
                    "description": "for a patient with one of the labels that deserve a second look",
                },
                "outlook": {
                    "anyOf": [{"type": "null"}, _ref("outlook")],
                    "description": "once the default set is met, for display only",
                },
                "staging": {
                    "anyOf": [{"type": "null"}, {"type": "array", "items": _ref("stage")}],
                    "description": "what is needed once the default set is met",
                },
                "explained": {
                    "type": "array",
                    "items": _ref("explained"),
                    "description": "present findings that count toward the default set although another disease explains them",
                },
                "explained_groups": {
                    **_WORDS,
                    "description": "conditions of the default set that are met only by explained findings",
                },
                "not_counted": {
                    "type": "array",
                    "items": _ref("not_counted"),
                    "description": "present findings that do not count toward the default set, and why",
                },
                "warnings": {"type": "array", "items": _ref("warning")},
                "contradictions": {
                    "type": "array",
                    "items": _object({"finding": findings, "asserted": _TRUTH, "derived": _ref("trace")}),
                },
                "sources": {"type": "object", "additionalProperties": {"type": "object"}},
            }
        ),
        "$defs": {
            "finding": findings,
            "group": group,
            "basis": {
                "source": {"enum": list(rules.sources)},
                "read": {"type": "string", "description": "what was read, where it differs from the source's own entry"},
                "default": {"const": True, "description": "a limit of this program: no paper gives one"},
                "note": {"type": "string"},
            },
            "trace": _object(
                {
                    "kind": {
                        "enum": [
                            "finding",
                            "compare",
                            "known",
                            "asserted",
                            "implied",
                            "not",
                            "all",
                            "any",
                            "at_least",
                            "score",
                            "binds",
                        ]
                    },
                    "value": _TRUTH,
                    "name": {"type": "string"},
                    "finding": findings,
                    "comparison": _ref("comparison"),
                    "needed": {"type": "number"},
                    "points": {"type": "number", "description": "what an element of a score is worth"},
                    **_basis_properties(),
                    "children": {"type": "array", "items": _ref("trace")},
                },
                ["kind", "value"],
            ),
            "criteria": _object(
                {
                    "title": {"type": "string"},
                    "verdict": _VERDICT,
                    "level": {"type": ["string", "null"], "description": "the highest level met"},
                    "groups": {"type": "array", "items": _ref("group")},
                    "trace": _ref("trace"),
                    "source": {"enum": list(rules.sources)},
                    "shown_level": {"type": "string", "description": "the level whose groups and trace are given"},
                    "levels": {
                        "type": "object",
                        "additionalProperties": _object(
                            {"verdict": _VERDICT, "groups": {"type": "array", "items": _ref("group")}}
                        ),
                    },
                },
                ["title", "verdict", "level", "groups", "trace", "source"],
            ),
            "comparison": _object(
                {
                    "value": {
                        "type": ["number", "string"],
                        "description": "in the finding's canonical unit, or a choice's word",
                    },
                    "comparator": {"enum": ["<", "<=", ">", ">="]},
                    "unit": {"type": "string"},
                    "operator": {"enum": ["above", "at_least", "below", "at_most", "is"]},
                    "limit": {"anyOf": [{"type": "number"}, _WORDS]},
                    "whose": {"enum": ["rule", "laboratory", "multiple of laboratory"], "description": "whose limit it is"},
                    "times": {"type": "number", "description": "which multiple of the laboratory's own upper limit"},
                    "given": _object({"value": {"type": "number"}, "unit": {"type": "string"}}),
                },
                ["value", "operator", "whose"],
            ),
            "condition": _object(
                {
                    "operator": {"enum": ["above", "at_least", "is"]},
                    "limit": {"anyOf": [{"type": "number"}, _WORDS]},
                    "times_upper": {"type": "number"},
                },
                ["operator"],
            ),
            "effect": _object({"verdicts": verdicts, "steps_to_met": {"type": ["integer", "null"]}}),
            "unknown": _object(
                {
                    "finding": findings,
                    "label": {"type": "string"},
                    "condition": _ref("condition"),
                    "criteria": {"type": "array", "items": {"enum": sets}},
                    "if_present": _ref("effect"),
                    "if_absent": _ref("effect"),
                    "tests": _WORDS,
                    "reason": {"type": "string", "description": "why it is unknown, where the record says"},
                },
                ["finding", "label", "criteria", "if_present", "if_absent", "tests"],
            ),
            "settling": _object(
                {
                    "words": {"type": "string"},
                    "count": {"type": "integer", "minimum": 1},
                    "complete": {"type": "boolean"},
                    "sets": {"type": "array", "items": _ref("settling_set"), "description": "the first ones"},
                }
            ),
            "settling_set": _object(
                {
                    "answers": {
                        "type": "array",
                        "items": _object(
                            {"finding": findings, "present": {"type": "boolean"}, "condition": _ref("condition")},
                            ["finding", "present"],
                        ),
                    },
                    "tests": _WORDS,
                    "cost": {"type": "integer"},
                    "invasiveness": {"type": "integer"},
                }
            ),
            "test": _object(
                {
                    "id": {"enum": list(rules.tests)},
                    "label": {"type": "string"},
                    "with_tests": {
                        "type": "array",
                        "items": {"enum": list(rules.tests)},
                        "description": "tests that are one order with it; what they give is included",
                    },
                    "condition": {"type": "string", "description": "when it makes sense, while that is not known"},
                    "how": {"type": "string"},
                    "cost": {"type": "integer"},
                    "invasiveness": {"type": "integer"},
                    "worth": {"type": "number", "description": "gain per burden, by which the order was chosen"},
                    "answers": {
                        "type": "array",
                        "items": _object(
                            {
                                "finding": findings,
                                "condition": _ref("condition"),
                                "excludes": {"type": "boolean", "description": "whether a negative result makes it absent"},
                                "if_present": _VERDICT,
                                "if_absent": _VERDICT,
                            },
                            ["finding", "excludes", "if_present", "if_absent"],
                        ),
                    },
                    "mimics": {
                        "type": "array",
                        "description": "the mimics in play that it helps to establish (in) or to exclude (out)",
                        "items": _object({"mimic": {"enum": list(rules.mimics)}, "finding": findings, "settles": _SETTLES}),
                    },
                    "traps": _WORDS,
                },
                ["id", "label", "with_tests", "how", "cost", "invasiveness", "worth", "answers", "mimics", "traps"],
            ),
            **_second_look_definitions(rules, findings),
            **_mimic_definitions(rules, findings),
            "warning": _object({"id": {"type": "string"}, "text": {"type": "string"}, **_basis_properties()}, ["id", "text"]),
        },
    }


def _mimic_definitions(rules: Rules, findings: dict[str, Any]) -> dict[str, Any]:
    """The rows of the differential, the red flags, the outlook."""
    ids = {"type": "array", "items": findings}
    weighed = {
        "name": {"type": "string"},
        "reason": {"type": "string", "description": "why it has its status, in a sentence"},
        "evidence": {"type": "number", "description": "sum of the weights of for and against, never a probability"},
        "for": {"type": "array", "items": _ref("evidence")},
        "against": {"type": "array", "items": _ref("evidence")},
        "place": {"type": "integer", "minimum": 1, "description": "among all mimics and the syndrome itself"},
        "unexplained": {**ids, "description": "present findings that it does not explain; of rows that are considered"},
    }
    item = {
        "label": {"type": "string"},
        "findings": ids,
        "weight": {"type": "number", "description": "10 times the decimal logarithm of the likelihood ratio"},
        "grade": {"enum": ["strong", "moderate", "weak"]},
        "likelihood_ratio": {"type": "number"},
        "reason": {"type": "string"},
        **_basis_properties(),
    }
    still_open = _object({"finding": findings, "present": {"type": "boolean"}, "settles": _SETTLES})
    flag = {
        "id": {"type": "string"},
        "text": {"type": "string"},
        "figure": {"type": "string"},
        "findings": ids,
        **_basis_properties(),
    }
    factor = {"id": {"type": "string"}, "text": {"type": "string"}, "figure": {"type": "string"}, "value": _TRUTH}
    flags = {"type": "array", "items": _object(flag, ["id", "text", "findings"])}
    factors = {"type": "array", "items": _object({**factor, **_basis_properties()}, ["id", "text", "value"])}
    return {
        "evidence": _object(item, ["label", "findings", "weight", "reason"]),
        "syndrome": _object({"id": {"const": rules.identity.id}, **weighed}),
        "mimic": _object(
            {
                "id": {"enum": list(rules.mimics)},
                **weighed,
                "status": {"enum": ["consider", "less likely", "not assessed", "excluded"]},
                "urgent": {"type": "boolean", "description": "must not be missed or delayed"},
                "called_up": {**_TRUTH, "description": "whether what is known brings it up"},
                "confirmed": {**_TRUTH, "description": "whether a finding establishes it; null also where none can"},
                "excluded": {**_TRUTH, "description": "whether a finding excludes it; null also where none can"},
                "settled_by": _object(
                    {
                        "tests": _WORDS,
                        "text": {"type": "string", "description": "how they tell, where it is considered"},
                        "open": {"type": "array", "items": still_open},
                    },
                    ["tests", "open"],
                ),
                "criteria": {
                    "type": "object",
                    "description": "its own published criteria, answered where it is considered, or with --all-mimics",
                    "propertyNames": {"enum": list(rules.mimic_criteria)},
                    "additionalProperties": _ref("criteria"),
                },
            }
        ),
        "red_flags": _object(
            {
                "label": {"enum": list(rules.mimics)},
                "name": {"type": "string"},
                "text": {"type": "string"},
                "present": flags,
                "unknown": flags,
                "absent": flags,
            }
        ),
        "outlook": _object(
            {
                "factors": factors,
                "treatment": factors,
                "treatment_held_back": {
                    "type": "boolean",
                    "description": "no treatment is given, because another disease explains what the default set counts",
                },
                "survival_text": {"type": "object"},
                "response": {"type": "array", "items": {"type": "object"}},
            },
            ["factors", "treatment", "treatment_held_back"],
        ),
    }


def _second_look_definitions(rules: Rules, findings: dict[str, Any]) -> dict[str, Any]:
    """What is said of a verdict: what else explains a finding, what does not count, what is needed next."""
    text, basis = {"type": "string"}, _basis_properties()
    entry = {"enum": [cause.id for cause in rules.causes], "description": "the id of the cause in the rules"}
    explained = {"finding": findings, "cause": {**text, "description": "the name of the disease"}, "entry": entry}
    uncounted = {"finding": findings, "element": {**findings, "description": "what it does not count as"}, "reason": text}
    stage = {
        "id": {"enum": [stage.id for stage in rules.staging]},
        "tests": {"type": "array", "items": {"enum": list(rules.tests)}},
        "findings": {"type": "array", "items": findings, "description": "what the tests make known"},
        "text": {**text, "description": "what and why"},
        "done": {"type": ["boolean", "null"], "description": "whether all (true), some (null) or none of them are known"},
    }
    return {
        "stage": _object({**stage, **basis, "more_sources": _WORDS}, list(stage)),
        "explained": _object({**explained, **basis}, list(explained)),
        "not_counted": _object({**uncounted, **basis}, list(uncounted)),
    }


def _basis_properties() -> dict[str, Any]:
    return {name: {"$ref": f"#/$defs/basis/{name}"} for name in ("source", "read", "default", "note")}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these properties and no others; all of them are required unless told otherwise."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
