"""JSON Schemas of what goes in and what comes out: the contract, made from the rules and the report's shape."""

import re
from typing import Any, get_args

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.model import Finding, Rules
from poems_cli.report.json import SCHEMA_VERSION
from poems_cli.units import UnitFrom

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VERDICT = {"enum": ["met", "not met", "undetermined"]}
_TRUTH = {"type": ["boolean", "null"], "description": "true present, false absent, null unknown"}
_TRUTHS = tuple(word for word in (*PRESENT_WORDS, *ABSENT_WORDS, *UNKNOWN_WORDS) if word)
_SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
_SETTLES = {"enum": ["in", "out"]}
_WORDS = {"type": "array", "items": {"type": "string"}}
_KEY = {"type": ["string", "null"], "description": "as the record has it; null where it may be the patient's own data"}
_STATUS = {"enum": ["consider", "less likely", "not assessed", "excluded"]}
_STEPS = {
    "type": ["integer", "null"],
    "description": "fewest further answers that would meet the default set; null when it cannot be met",
}
_UNIT_FROM = {"enum": list(get_args(UnitFrom))}
_LITERAL = re.compile(r"[.*+?()\[\]/]")
_BARE = "a number without a unit is read where it can mean one thing only, and its unit then counts as assumed"


def _any_case(word: str) -> str:
    """A word in any case, for the regular expressions of every language that validates."""
    return "".join([f"[{letter.upper()}{letter}]" if letter.isalpha() else _LITERAL.sub(r"\\\g<0>", letter) for letter in word])


def input_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one patient; a file may also hold an array of them, or one per line."""
    findings = {finding.id: _finding(finding) for finding in rules.findings.values()}
    return {
        "$schema": _DRAFT,
        "title": "A patient for poems check",
        "description": f"Findings of rules {rules.identity.id} {rules.identity.version}. What is left out is unknown.",
        "anyOf": [{"$ref": "#/$defs/patient"}, {"$ref": "#/$defs/flat"}],
        "$defs": {
            "id": {"type": ["string", "integer", "null"]},
            "date": {
                "type": ["string", "null"],
                "description": "of the visit, as 2025-03-14; poems follow needs it, other commands ignore it",
            },
            "label": {
                "description": "the diagnosis given so far: the id, name or a synonym of a mimic; others bring no red flags"
            },
            "findings": {"type": ["object", "null"], "properties": findings, "additionalProperties": False},
            "patient": {
                "type": "object",
                "description": "Keys other than id, label and findings are ignored.",
                "properties": {
                    "id": {"$ref": "#/$defs/id"},
                    "date": {"$ref": "#/$defs/date"},
                    "label": {"$ref": "#/$defs/label"},
                    "findings": {"$ref": "#/$defs/findings"},
                },
                "required": ["findings"],
            },
            "flat": {
                "type": "object",
                "properties": {
                    "id": {"$ref": "#/$defs/id"},
                    "date": {"$ref": "#/$defs/date"},
                    "label": {"$ref": "#/$defs/label"},
                    **findings,
                },
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
            "unit_from": {**_UNIT_FROM, "description": "as answers keep it; a unit that is written is given"},
            "reason": {"type": "string"},
        },
        ["value"],
    )
    unknown = _object({"value": {"type": "null"}, "unit": {"type": "string"}, "reason": {"type": "string"}}, ["value"])
    bare = {"type": ["number", "string", "null"], "description": _BARE}
    return {**described, "anyOf": [bare, measured, unknown]}


def output_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one answer of ``poems check --format json``; several answers come one per line."""
    sets = list(rules.criteria)
    return {
        "$schema": _DRAFT,
        "title": "An answer of poems check",
        "description": "Everything is named by its id: labels gives the names, poems explain ID the rest.",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "program": _object({"name": {"const": "poems"}, "version": {"type": "string"}}),
                "rules": _object(
                    {"id": {"type": "string"}, "version": {"type": "string"}, "sha256": {"pattern": "^[0-9a-f]{64}$"}}
                ),
                "urgent": {**_list(_ref("warning")), "description": "what is present and calls for action today"},
                "patient": _ref("patient"),
                "default_criteria": {"enum": sets},
                "verdict": {**_VERDICT, "description": "of the default criteria set"},
                "outcome": {
                    **_or_null(_ref("outcome")),
                    "description": "a described picture where the default set is not met; it changes no verdict",
                },
                "steps_to_met": _STEPS,
                "criteria": _by_id(sets, _ref("criteria")),
                "decisive_unknowns": _list(_ref("unknown")),
                "settling_sets": _by_id(
                    sets,
                    {
                        "type": "object",
                        "description": "met, not met, or the id of a level: what would settle it that way",
                        "additionalProperties": _ref("settling"),
                    },
                ),
                "tests": {**_list(_ref("test")), "description": "in the order worth doing"},
                "syndrome": {**_or_null(_ref("syndrome")), "description": "the syndrome's own row on the scale of the mimics"},
                "mimics": {**_list(_ref("mimic")), "description": "every mimic, ranked"},
                "common_causes": {
                    **_list(_object({"mimic": {"enum": list(rules.mimics)}, "test": {"enum": list(rules.tests)}})),
                    "description": "common causes of what is present that nobody has looked for, each with its first test",
                },
                "red_flags": {
                    **_or_null(_ref("red_flags")),
                    "description": "for a patient with one of the labels that deserve a second look",
                },
                "outlook": {**_or_null(_ref("outlook")), "description": "once the default set is met, for display only"},
                "staging": {**_or_null(_list(_ref("stage"))), "description": "what is needed once the default set is met"},
                "explained": {
                    **_list(_ref("explained")),
                    "description": "present findings that count toward the default set although another disease explains them",
                },
                "explained_groups": {
                    **_WORDS,
                    "description": "conditions of the default set that are met only by explained findings",
                },
                "not_counted": {
                    **_list(_ref("not_counted")),
                    "description": "present findings that do not count toward the default set, and why",
                },
                "warnings": {**_list(_ref("warning")), "description": "apart from the urgent ones"},
                "contradictions": _list(
                    _object({"finding": _ref("finding"), "asserted": _TRUTH, "derived": _ref("trace")}),
                ),
                "notes": {**_WORDS, "description": "remarks on the record, as on its label"},
                "refused": {
                    **_list(_refused()),
                    "description": "entries of the record that were not understood; they count as unknown",
                },
                "sources": _by_id(list(rules.sources), _source()),
                "labels": _labels(rules),
            }
        ),
        "$defs": {
            "finding": {"enum": list(rules.findings)},
            "findings": _list(_ref("finding")),
            "basis": {
                "source": {"enum": list(rules.sources)},
                "read": {"type": "string", "description": "what was read, where it differs from the source's own entry"},
                "default": {"const": True, "description": "a limit of this program: no paper gives one"},
            },
            **_patient_definitions(list(rules.findings)),
            **_criteria_definitions(rules),
            **_open_definitions(rules),
            **_mimic_definitions(rules),
            **_second_look_definitions(rules),
        },
    }


def _refused() -> dict[str, Any]:
    """An entry of a record that was not understood."""
    return _object({"key": _KEY, "what": {"type": "string"}, "mend": {"type": "string"}})


def _patient_definitions(findings: list[str]) -> dict[str, Any]:
    """The patient as understood, and the traces of what follows."""
    derived = _object({"value": {"type": "boolean"}, "because": _ref("trace")})
    measured = _object(
        {
            "value": {"type": "number"},
            "unit": {"type": "string"},
            "comparator": {"enum": ["<", "<=", ">", ">="]},
            "low": {"type": "number"},
            "high": {"type": "number"},
            "given": _object({"value": {"type": "number"}, "unit": {"type": "string"}}),
            "unit_from": {
                **_UNIT_FROM,
                "description": "the record gave the unit, the number can mean nothing else, or --units said it",
            },
        },
        ["value", "unit", "unit_from"],
    )
    unknown = _object({"value": {"type": "null"}, "reason": {"type": "string"}})
    understood = {
        "type": "object",
        "propertyNames": {"enum": findings},
        "additionalProperties": {"anyOf": [{"type": ["boolean", "string"]}, measured, unknown]},
        "description": "as understood, in canonical units, with the given value and unit where they differ; valid input again",
    }
    return {
        "patient": _object({"id": {"type": "string"}, "findings": understood, "derived": _by_id(findings, derived)}),
        "trace": _object(
            {
                "kind": {
                    "enum": ["compare", "known", "asserted", "implied", "not", "all", "any", "at_least", "score", "binds"],
                    "description": "left out of a finding",
                },
                "value": {"type": "boolean", "description": "true present, false absent; left out where it is unknown"},
                "id": {"type": "string", "description": "what the rules define here under a name of its own"},
                "finding": _ref("finding"),
                "comparison": _ref("comparison"),
                "needed": {"type": "number"},
                "reached": {**_list({"type": "number"}), "description": "the least and the most that a score comes to"},
                "points": {"type": "number", "description": "what an element of a score is worth"},
                **_basis_properties(),
                "children": {**_list(_ref("trace")), "description": "left out of what has an id, where nothing is known of it"},
            },
            [],
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
                "unit_from": {**_UNIT_FROM, "description": "left out where the record gave the unit"},
            },
            ["value", "operator", "whose"],
        ),
    }


def _criteria_definitions(rules: Rules) -> dict[str, Any]:
    """Criteria sets and their groups; those of mimics come without a trace."""
    elements = {**_WORDS, "description": "ids of findings, or of elements that the criteria define in place"}
    answered = {
        "verdict": _VERDICT,
        "level": {"type": ["string", "null"], "description": "the highest level met"},
        "source": {"enum": list(rules.sources)},
        "shown_level": {"type": "string", "description": "the level whose groups and trace are given"},
        "levels": {"type": "object", "additionalProperties": _VERDICT},
        "groups": _list(_ref("group")),
    }
    required = ["verdict", "level", "source", "groups"]
    return {
        "criteria": _object({**answered, "trace": _ref("trace")}, [*required, "trace"]),
        "mimic_criteria": _object(answered, required),
        "group": _object(
            {
                "id": {"type": "string", "description": "the same as in the names of the columns of poems screen"},
                "value": _TRUTH,
                "needed": {"type": "number", "description": "how many are needed; of a score, how many points"},
                "present": elements,
                "absent": elements,
                "unknown": elements,
            }
        ),
    }


def _open_definitions(rules: Rules) -> dict[str, Any]:
    """What is unknown, what would settle it, and the tests."""
    sets = list(rules.criteria)
    condition = _object(
        {
            "operator": {"enum": ["above", "at_least", "is"]},
            "limit": {"anyOf": [{"type": "number"}, _WORDS]},
            "times_upper": {"type": "number"},
        },
        ["operator"],
    )
    settling_set = _object(
        {
            "present": {**_ref("findings"), "description": "what must be found"},
            "absent": {**_ref("findings"), "description": "what must be looked for and not found"},
            "conditions": _list(
                _object({"finding": _ref("finding"), "condition": _ref("condition"), "holds": {"type": "boolean"}})
            ),
            "tests": _tests(rules),
        },
        ["tests"],
    )
    return {
        "condition": condition,
        "effect": _object({"verdicts": _by_id(sets, _VERDICT), "steps_to_met": _STEPS}, ["steps_to_met"]),
        "unknown": _object(
            {
                "finding": _ref("finding"),
                "condition": _ref("condition"),
                "criteria": _list({"enum": sets}),
                "if_present": _ref("effect"),
                "if_absent": _ref("effect"),
                "reason": {"type": "string", "description": "why it is unknown, where the record says"},
            },
            ["finding", "criteria", "if_present", "if_absent"],
        ),
        "settling": _object(
            {
                "words": {"type": "string", "description": "what the default set still needs; each of several levels says so"},
                "count": {"type": "integer", "minimum": 1},
                "complete": {"const": False, "description": "where there are more than could be counted"},
                "sets": {
                    **_list(_ref("settling_set")),
                    "description": "the first ones: three of the default criteria set, one of any other",
                },
            },
            ["count", "sets"],
        ),
        "settling_set": settling_set,
        "test": _object(
            {
                "id": {"enum": list(rules.tests)},
                "with_tests": {**_tests(rules), "description": "tests that are one order with it; what they give is included"},
                "condition": {"type": "string", "description": "when it makes sense, while that is not known"},
                "cost": {"type": "integer", "description": "a class from 0 to 4, the greatest of one order"},
                "invasiveness": {"type": "integer", "description": "a class from 0 to 4, the greatest of one order"},
                "worth": {"type": "number", "description": "gain per burden, by which the order was chosen"},
                "answers": {**_ref("findings"), "description": "the decisive unknowns that its result settles either way"},
                "shows": {**_ref("findings"), "description": "those that only a positive result settles"},
                "mimics": {
                    **_list(
                        _object({"mimic": {"enum": list(rules.mimics)}, "finding": _ref("finding"), "settles": _SETTLES}),
                    ),
                    "description": "the mimics in play that it helps to establish (in) or to exclude (out)",
                },
            },
            ["id", "cost", "invasiveness", "worth", "answers", "shows"],
        ),
        "outcome": _object(
            {
                "id": {"enum": [outcome.id for outcome in rules.outcomes]},
                "name": {"type": "string"},
                "text": {"type": "string"},
                **_basis_properties(),
            },
            ["id", "name", "text"],
        ),
        "warning": _object({"id": {"type": "string"}, "text": {"type": "string"}, **_basis_properties()}, ["id", "text"]),
    }


def _mimic_definitions(rules: Rules) -> dict[str, Any]:
    """The rows of the differential, the red flags, the outlook."""
    place = {"type": "integer", "minimum": 1, "description": "among all mimics and the syndrome itself"}
    weighed = {
        "evidence": {"type": "number", "description": "sum of the weights of for and against, never a probability"},
        "for": _list(_ref("evidence")),
        "against": _list(_ref("evidence")),
        "place": place,
        "unexplained": {**_ref("findings"), "description": "present findings that it does not explain"},
    }
    item = {
        "label": {"type": "string"},
        "findings": _ref("findings"),
        "weight": {
            "type": "number",
            "description": "10 times the decimal logarithm of frequency / reference, or, where the finding is absent, of "
            "(1 - frequency) / (1 - reference)",
        },
        "frequency": {**_SHARE, "description": "how often it is present in the disease"},
        "reference": {**_SHARE, "description": "how often it is present in the average patient in question"},
        "explained_by": {"type": "string", "description": "an established disease that explains it, so that it weighs less"},
        "reason": {"type": "string"},
        **_basis_properties(),
    }
    still_open = _object({"finding": _ref("finding"), "present": {"type": "boolean"}, "settles": _SETTLES})
    mimic = _object(
        {
            "id": {"enum": list(rules.mimics)},
            "status": _STATUS,
            **weighed,
            "reason": {"type": "string", "description": "why it has its status, in a sentence"},
            "urgent": {"const": True, "description": "must not be missed or delayed"},
            "called_up": {**_TRUTH, "description": "whether what is known calls for it"},
            "confirmed": {**_TRUTH, "description": "whether a finding establishes it; null also where none can"},
            "excluded": {**_TRUTH, "description": "whether a finding excludes it; null also where none can"},
            "settled_by": _object({"tests": _tests(rules), "open": _list(still_open)}),
            "criteria": {
                **_by_id(list(rules.mimic_criteria), _ref("mimic_criteria")),
                "description": "its own published criteria",
            },
        },
        ["id", "status", "evidence", "place"],
    )
    whole = ["reason", "called_up", "confirmed", "excluded", "for", "against", "settled_by"]
    considered = {"properties": {"status": {"const": "consider"}}}
    flag = {"id": {"type": "string"}, "text": {"type": "string"}, "figure": {"type": "string"}, "findings": _ref("findings")}
    flags = _list(_object({**flag, **_basis_properties()}, ["id", "text", "findings"]))
    factor = {"id": {"type": "string"}, "text": {"type": "string"}, "figure": {"type": "string"}, "value": _TRUTH}
    factors = _list(_object({**factor, **_basis_properties()}, ["id", "text", "value"]))
    return {
        "evidence": _object(item, ["label", "findings", "weight", "reason"]),
        "syndrome": _object({"id": {"const": rules.identity.id}, **weighed}, ["id", "evidence", "for", "against", "place"]),
        "mimic": {
            **mimic,
            "description": "in full where it is to be considered, or with --all-mimics; else what ranks it",
            "if": considered,
            "then": {"required": whole},
        },
        "red_flags": _object(
            {
                "label": {"enum": list(rules.mimics)},
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
                "notes": {
                    **_list(_object({"id": {"type": "string"}, "title": {"type": "string"}})),
                    "description": "what is published of the course and the treatment; poems explain ID has the text",
                },
            }
        ),
    }


def _second_look_definitions(rules: Rules) -> dict[str, Any]:
    """What is said of a verdict: what else explains a finding, what does not count, what is needed next."""
    finding, text, basis = _ref("finding"), {"type": "string"}, _basis_properties()
    entry = {"enum": [cause.id for cause in rules.causes], "description": "the id of the cause in the rules"}
    explained = {"finding": finding, "cause": {**text, "description": "the name of the disease"}, "entry": entry}
    uncounted = {"finding": finding, "element": {**finding, "description": "what it does not count as"}, "reason": text}
    stage = {
        "id": {"enum": [stage.id for stage in rules.staging]},
        "tests": _tests(rules),
        "findings": {**_list(finding), "description": "what the tests make known"},
        "text": {**text, "description": "what and why"},
        "done": {"type": ["boolean", "null"], "description": "whether all (true), some (null) or none of them are known"},
    }
    return {
        "stage": _object({**stage, **basis, "more_sources": _WORDS}, list(stage)),
        "explained": _object({**explained, **basis}, list(explained)),
        "not_counted": _object({**uncounted, **basis}, list(uncounted)),
    }


def _source() -> dict[str, Any]:
    """A citation; what was read of it word for word, ``poems explain`` tells."""
    texts = {name: {"type": "string"} for name in ("authors", "title", "journal", "publisher", "doi", "pmid", "url", "read")}
    return _object({**texts, "year": {"type": ["integer", "string"]}}, ["read"])


def _labels(rules: Rules) -> dict[str, Any]:
    """What each id of an answer is called, by the kind of thing: a finding and a test may share an id."""
    known = {
        "findings": list(rules.findings),
        "criteria": [*rules.criteria, *rules.mimic_criteria],
        "tests": list(rules.tests),
        "mimics": list(rules.mimics),
    }
    elements = {
        "type": "object",
        "description": "groups, and what the rules define in place",
        "additionalProperties": {"type": "string"},
    }
    return _object({**{kind: _by_id(ids, {"type": "string"}) for kind, ids in known.items()}, "elements": elements})


# --- in brief ---------------------------------------------------------------------------------------------------------


def brief_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one answer of ``poems check --format json --brief``."""
    sets, findings = list(rules.criteria), {"enum": list(rules.findings)}
    group = _object(
        {
            "value": _TRUTH,
            "needed": {"type": "number", "description": "how many are needed; of a score, how many points"},
            "present": _WORDS,
            "unknown": {**_WORDS, "description": "those that can still decide it; left out once it is decided"},
        },
        ["value", "needed"],
    )
    answered = _object(
        {
            "verdict": _VERDICT,
            "level": {"type": "string", "description": "the highest level met, of sets with several"},
            "groups": {"type": "object", "description": "by their ids", "additionalProperties": group},
        },
        ["verdict", "groups"],
    )
    mimic = _object({"id": {"enum": list(rules.mimics)}, "status": _STATUS, "evidence": {"type": "number"}})
    members = {
        "schema_version": {"const": SCHEMA_VERSION},
        "rules": _object({"id": {"type": "string"}, "version": {"type": "string"}}),
        "id": {"type": "string", "description": "the patient's"},
        "default_criteria": {"enum": sets},
        "verdict": {**_VERDICT, "description": "of the default criteria set"},
        "level": {"type": ["string", "null"], "description": "the highest level of it that is met"},
        "steps_to_met": _STEPS,
        "criteria": _by_id(sets, answered),
        "next_tests": {**_tests(rules), "description": "those worth doing, in their order"},
        "mimics": {**_list(mimic), "description": "ranked; those not assessed, of which nothing is known, are left out"},
        "urgent": {**_WORDS, "description": "warnings that call for action today"},
        "outcome": {"enum": [*[outcome.id for outcome in rules.outcomes], None]},
        "warnings": {**_WORDS, "description": "apart from the urgent ones"},
        "contradictions": _list(findings),
        "refused": {**_list(_KEY), "description": "keys of what was not understood, which counts as unknown"},
    }
    flags = {
        **_list({"enum": [flag.id for flag in rules.red_flags]}),
        "description": "those present, for a patient with a label",
    }
    return {
        "$schema": _DRAFT,
        "title": "A brief answer of poems check",
        "description": "Ids alone: poems explain ID says what each is, poems schema output describes the full answer.",
        **_object({**members, "red_flags": flags}, list(members)),
    }


# --- building blocks --------------------------------------------------------------------------------------------------


def _tests(rules: Rules) -> dict[str, Any]:
    return _list({"enum": list(rules.tests)})


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _by_id(ids: list[str], value: dict[str, Any]) -> dict[str, Any]:
    """An object whose names are ids."""
    return {"type": "object", "propertyNames": {"enum": ids}, "additionalProperties": value}


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, value]}


def _basis_properties() -> dict[str, Any]:
    return {name: {"$ref": f"#/$defs/basis/{name}"} for name in ("source", "read", "default")}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these properties and no others; all of them are required unless told otherwise."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
