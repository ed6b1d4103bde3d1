"""JSON Schemas of what goes in and what comes out: the contract, made from the rules and the report's shape."""

import re
from typing import get_args

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.model import Finding, Rules
from poems_cli.report.json import SCHEMA_VERSION
from poems_cli.report.schema_parts import (
    DRAFT,
    TEXT,
    TEXT_OR_NULL,
    TRUTH,
    VERDICT,
    Schema,
    basis_properties,
    by_id,
    list_of,
    or_null,
    record,
    ref,
)
from poems_cli.units import UnitFrom

_TRUTHS = tuple(word for word in (*PRESENT_WORDS, *ABSENT_WORDS, *UNKNOWN_WORDS) if word)
_SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
_SETTLES = {"enum": ["in", "out"]}
WORDS = list_of(TEXT)
KEY = {**TEXT_OR_NULL, "description": "as the record has it; null where it may be the patient's own data"}
STATUS = {"enum": ["consider", "less likely", "not assessed", "excluded"]}
STEPS = {
    "type": ["integer", "null"],
    "description": "fewest further answers that would meet the default set; null when it cannot be met",
}
_UNIT_FROM = {"enum": list(get_args(UnitFrom))}
_LITERAL = re.compile(r"[.*+?()\[\]/]")
_BARE = "a number without a unit is read where it can mean one thing only, and its unit then counts as assumed"


def _any_case(word: str) -> str:
    """A word in any case, for the regular expressions of every language that validates."""
    return "".join([f"[{letter.upper()}{letter}]" if letter.isalpha() else _LITERAL.sub(r"\\\g<0>", letter) for letter in word])


def input_schema(rules: Rules) -> Schema:
    """The schema of one patient; a file may also hold an array of them, or one per line."""
    findings = {finding.id: _finding(finding) for finding in rules.findings.values()}
    return {
        "$schema": DRAFT,
        "title": "A patient for poems check",
        "description": f"Findings of rules {rules.identity.id} {rules.identity.version}. What is left out is unknown.",
        "anyOf": [ref("patient"), ref("flat")],
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
                    "id": ref("id"),
                    "date": ref("date"),
                    "label": ref("label"),
                    "findings": ref("findings"),
                },
                "required": ["findings"],
            },
            "flat": {
                "type": "object",
                "properties": {
                    "id": ref("id"),
                    "date": ref("date"),
                    "label": ref("label"),
                    **findings,
                },
                "additionalProperties": False,
            },
        },
    }


def _finding(finding: Finding) -> Schema:
    reasoned = record({"value": {"type": "null"}, "reason": TEXT}, ["value"])
    described = {"description": finding.label}
    if finding.kind == "boolean":
        words = {"type": "string", "pattern": f"^({'|'.join(map(_any_case, _TRUTHS))})$"}
        value = record({"value": {"type": ["boolean", "string", "null"]}, "reason": TEXT}, ["value"])
        return {**described, "anyOf": [{"type": ["boolean", "null"]}, words, value]}
    if finding.kind == "choice":
        return {**described, "anyOf": [{"enum": [*finding.choices, None]}, reasoned, TEXT, {"type": "object"}]}
    measured = record(
        {
            "value": {"type": ["number", "string"]},
            "unit": {"type": "string", "description": f"canonical: {finding.unit}"},
            "comparator": {"enum": ["<", "<=", ">", ">=", None]},
            "low": {"type": ["number", "null"], "description": "the laboratory's own lower limit, in the same unit"},
            "high": {"type": ["number", "null"], "description": "the laboratory's own upper limit, in the same unit"},
            "given": {
                **record({"value": {"type": "number"}, "unit": TEXT}),
                "description": "the value in the record's own unit, as answers keep it next to the converted one",
            },
            "unit_from": {**_UNIT_FROM, "description": "as answers keep it; a unit that is written is given"},
            "reason": TEXT,
        },
        ["value"],
    )
    unknown = record({"value": {"type": "null"}, "unit": TEXT, "reason": TEXT}, ["value"])
    bare = {"type": ["number", "string", "null"], "description": _BARE}
    return {**described, "anyOf": [bare, measured, unknown]}


def output_schema(rules: Rules) -> Schema:
    """The schema of one answer of ``poems check --format json``; several answers come one per line."""
    sets = list(rules.criteria)
    return {
        "$schema": DRAFT,
        "title": "An answer of poems check",
        "description": "Everything is named by its id: labels gives the names, poems explain ID the rest.",
        **record(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "program": record({"name": {"const": "poems"}, "version": TEXT}),
                "rules": record({"id": TEXT, "version": TEXT, "sha256": {"pattern": "^[0-9a-f]{64}$"}}),
                "urgent": {**list_of(ref("warning")), "description": "what is present and calls for action today"},
                "patient": ref("patient"),
                "default_criteria": {"enum": sets},
                "verdict": {**VERDICT, "description": "of the default criteria set"},
                "outcome": {
                    **or_null(ref("outcome")),
                    "description": "a described picture where the default set is not met; it changes no verdict",
                },
                "steps_to_met": STEPS,
                "criteria": by_id(sets, ref("criteria")),
                "decisive_unknowns": list_of(ref("unknown")),
                "settling_sets": by_id(
                    sets,
                    {
                        "type": "object",
                        "description": "met, not met, or the id of a level: what would settle it that way",
                        "additionalProperties": ref("settling"),
                    },
                ),
                "tests": {
                    **list_of(ref("test")),
                    "description": "in the order worth doing; all only with --all-tests",
                },
                "syndrome": {**or_null(ref("syndrome")), "description": "the syndrome's own row on the scale of the mimics"},
                "mimics": {**list_of(ref("mimic")), "description": "every mimic, ranked"},
                "common_causes": {
                    **list_of(record({"mimic": {"enum": list(rules.mimics)}, "test": {"enum": list(rules.tests)}})),
                    "description": "common causes of what is present that nobody has looked for, each with its first test",
                },
                "red_flags": {
                    **or_null(ref("red_flags")),
                    "description": "for a patient with one of the labels that deserve a second look",
                },
                "outlook": {**or_null(ref("outlook")), "description": "once the default set is met, for display only"},
                "staging": {**or_null(list_of(ref("stage"))), "description": "what is needed once the default set is met"},
                "explained": {
                    **list_of(ref("explained")),
                    "description": "present findings that count toward the default set although another disease explains them",
                },
                "explained_groups": {
                    **WORDS,
                    "description": "conditions of the default set that are met only by explained findings",
                },
                "not_counted": {
                    **list_of(ref("not_counted")),
                    "description": "present findings that do not count toward the default set, and why",
                },
                "warnings": {**list_of(ref("warning")), "description": "apart from the urgent ones"},
                "contradictions": list_of(
                    record({"finding": ref("finding"), "asserted": TRUTH, "derived": ref("trace")}),
                ),
                "notes": {**WORDS, "description": "remarks on the record, as on its label"},
                "refused": {
                    **list_of(_refused()),
                    "description": "entries of the record that were not understood; they count as unknown",
                },
                "sources": by_id(list(rules.sources), _source()),
                "labels": _labels(rules),
            }
        ),
        "$defs": {
            "finding": {"enum": list(rules.findings)},
            "findings": list_of(ref("finding")),
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


def _refused() -> Schema:
    """An entry of a record that was not understood."""
    return record({"key": KEY, "what": TEXT, "mend": TEXT})


def _patient_definitions(findings: list[str]) -> Schema:
    """The patient as understood, and the traces of what follows."""
    derived = record({"value": {"type": "boolean"}, "because": ref("trace")})
    measured = record(
        {
            "value": {"type": "number"},
            "unit": TEXT,
            "comparator": {"enum": ["<", "<=", ">", ">="]},
            "low": {"type": "number"},
            "high": {"type": "number"},
            "given": record({"value": {"type": "number"}, "unit": TEXT}),
            "unit_from": {
                **_UNIT_FROM,
                "description": "the record gave the unit, the number can mean nothing else, or --units said it",
            },
        },
        ["value", "unit", "unit_from"],
    )
    unknown = record({"value": {"type": "null"}, "reason": TEXT})
    understood = {
        "type": "object",
        "propertyNames": {"enum": findings},
        "additionalProperties": {"anyOf": [{"type": ["boolean", "string"]}, measured, unknown]},
        "description": "as understood, in canonical units, with the given value and unit where they differ; valid input again",
    }
    return {
        "patient": record({"id": TEXT, "findings": understood, "derived": by_id(findings, derived)}),
        "trace": record(
            {
                "kind": {
                    "enum": ["compare", "known", "asserted", "implied", "not", "all", "any", "at_least", "score", "binds"],
                    "description": "left out of a finding",
                },
                "value": {"type": "boolean", "description": "true present, false absent; left out where it is unknown"},
                "id": {"type": "string", "description": "what the rules define here under a name of its own"},
                "finding": ref("finding"),
                "comparison": ref("comparison"),
                "needed": {"type": "number"},
                "reached": {**list_of({"type": "number"}), "description": "the least and the most that a score comes to"},
                "points": {"type": "number", "description": "what an element of a score is worth"},
                **basis_properties(),
                "children": {
                    **list_of(ref("trace")),
                    "description": "left out of what has an id, where nothing is known of it",
                },
            },
            [],
        ),
        "comparison": record(
            {
                "value": {
                    "type": ["number", "string"],
                    "description": "in the finding's canonical unit, or a choice's word",
                },
                "comparator": {"enum": ["<", "<=", ">", ">="]},
                "unit": TEXT,
                "operator": {"enum": ["above", "at_least", "below", "at_most", "is"]},
                "limit": {"anyOf": [{"type": "number"}, WORDS]},
                "whose": {"enum": ["rule", "laboratory", "multiple of laboratory"], "description": "whose limit it is"},
                "times": {"type": "number", "description": "which multiple of the laboratory's own upper limit"},
                "given": record({"value": {"type": "number"}, "unit": TEXT}),
                "unit_from": {**_UNIT_FROM, "description": "left out where the record gave the unit"},
            },
            ["value", "operator", "whose"],
        ),
    }


def _criteria_definitions(rules: Rules) -> Schema:
    """Criteria sets and their groups; those of mimics come without a trace."""
    elements = {**WORDS, "description": "ids of findings, or of elements that the criteria define in place"}
    answered = {
        "verdict": VERDICT,
        "level": {"type": ["string", "null"], "description": "the highest level met"},
        "source": {"enum": list(rules.sources)},
        "shown_level": {"type": "string", "description": "the level whose groups and trace are given"},
        "levels": {"type": "object", "additionalProperties": VERDICT},
        "groups": list_of(ref("group")),
    }
    required = ["verdict", "level", "source", "groups"]
    return {
        "criteria": record({**answered, "trace": ref("trace")}, [*required, "trace"]),
        "mimic_criteria": record(answered, required),
        "group": record(
            {
                "id": {"type": "string", "description": "the same as in the names of the columns of poems screen"},
                "value": TRUTH,
                "needed": {"type": "number", "description": "how many are needed; of a score, how many points"},
                "present": elements,
                "absent": elements,
                "unknown": elements,
            }
        ),
    }


def _open_definitions(rules: Rules) -> Schema:
    """What is unknown, what would settle it, and the tests."""
    sets = list(rules.criteria)
    condition = record(
        {
            "operator": {"enum": ["above", "at_least", "is"]},
            "limit": {"anyOf": [{"type": "number"}, WORDS]},
            "times_upper": {"type": "number"},
        },
        ["operator"],
    )
    settling_set = record(
        {
            "present": {**ref("findings"), "description": "what must be found"},
            "absent": {**ref("findings"), "description": "what must be looked for and not found"},
            "conditions": list_of(
                record({"finding": ref("finding"), "condition": ref("condition"), "holds": {"type": "boolean"}})
            ),
            "tests": list_of({"enum": list(rules.tests)}),
        },
        ["tests"],
    )
    return {
        "condition": condition,
        "effect": {
            **record({"verdicts": by_id(sets, VERDICT), "steps_to_met": STEPS}, []),
            "description": "the verdicts that change, and the steps to met if they do (null where it cannot be met any more)",
        },
        "unknown": record(
            {
                "finding": ref("finding"),
                "condition": ref("condition"),
                "criteria": list_of({"enum": sets}),
                "if_present": ref("effect"),
                "if_absent": ref("effect"),
                "reason": {"type": "string", "description": "why it is unknown, where the record says"},
            },
            ["finding", "criteria", "if_present", "if_absent"],
        ),
        "settling": record(
            {
                "words": {"type": "string", "description": "what the default set still needs; each of several levels says so"},
                "count": {"type": "integer", "minimum": 1},
                "complete": {"const": False, "description": "where there are more than could be counted"},
                "sets": {
                    **list_of(ref("settling_set")),
                    "description": "the first ones: three of the default criteria set, one of any other",
                },
            },
            ["count", "sets"],
        ),
        "settling_set": settling_set,
        "test": record(
            {
                "id": {"enum": list(rules.tests)},
                "with_tests": {
                    **list_of({"enum": list(rules.tests)}),
                    "description": "tests that are one order with it; what they give is included",
                },
                "condition": {"type": "string", "description": "when it makes sense, while that is not known"},
                "cost": {"type": "integer", "description": "a class from 0 to 4, the greatest of one order"},
                "invasiveness": {"type": "integer", "description": "a class from 0 to 4, the greatest of one order"},
                "worth": {"type": "number", "description": "gain per burden, by which the order was chosen"},
                "answers": {**ref("findings"), "description": "the decisive unknowns that its result settles either way"},
                "shows": {**ref("findings"), "description": "those that only a positive result settles"},
                "mimics": {
                    **list_of(
                        record({"mimic": {"enum": list(rules.mimics)}, "finding": ref("finding"), "settles": _SETTLES}),
                    ),
                    "description": "the mimics in play that it helps to establish (in) or to exclude (out)",
                },
            },
            ["id", "cost", "invasiveness", "worth", "answers", "shows"],
        ),
        "outcome": record(
            {
                "id": {"enum": [outcome.id for outcome in rules.outcomes]},
                "name": TEXT,
                "text": TEXT,
                **basis_properties(),
            },
            ["id", "name", "text"],
        ),
        "warning": record({"id": TEXT, "text": TEXT, **basis_properties()}, ["id", "text"]),
    }


def _mimic_definitions(rules: Rules) -> Schema:
    """The rows of the differential, the red flags, the outlook."""
    place = {"type": "integer", "minimum": 1, "description": "among all mimics and the syndrome itself"}
    weighed = {
        "evidence": {"type": "number", "description": "sum of the weights of for and against, never a probability"},
        "for": list_of(ref("evidence")),
        "against": list_of(ref("evidence")),
        "place": place,
        "unexplained": {**ref("findings"), "description": "present findings that it does not explain"},
    }
    item = {
        "label": TEXT,
        "findings": ref("findings"),
        "weight": {
            "type": "number",
            "description": "10 times the decimal logarithm of frequency / reference, or, where the finding is absent, of "
            "(1 - frequency) / (1 - reference)",
        },
        "frequency": {**_SHARE, "description": "how often it is present in the disease"},
        "reference": {**_SHARE, "description": "how often it is present in the average patient in question"},
        "explained_by": {"type": "string", "description": "an established disease that explains it, so that it weighs less"},
        "reason": TEXT,
        **basis_properties(),
    }
    still_open = record({"finding": ref("finding"), "present": {"type": "boolean"}, "settles": _SETTLES})
    mimic = record(
        {
            "id": {"enum": list(rules.mimics)},
            "status": STATUS,
            **weighed,
            "reason": {"type": "string", "description": "why it has its status, in a sentence"},
            "urgent": {"const": True, "description": "must not be missed or delayed"},
            "called_up": {**TRUTH, "description": "whether what is known calls for it"},
            "confirmed": {**TRUTH, "description": "whether a finding establishes it; null also where none can"},
            "excluded": {**TRUTH, "description": "whether a finding excludes it; null also where none can"},
            "settled_by": record({"tests": list_of({"enum": list(rules.tests)}), "open": list_of(still_open)}),
            "criteria": {
                **by_id(list(rules.mimic_criteria), ref("mimic_criteria")),
                "description": "its own published criteria",
            },
        },
        ["id", "status", "evidence", "place"],
    )
    whole = ["reason", "called_up", "confirmed", "excluded", "for", "against", "settled_by"]
    considered = {"properties": {"status": {"const": "consider"}}}
    flag = {"id": TEXT, "text": TEXT, "figure": TEXT, "findings": ref("findings")}
    flags = list_of(record({**flag, **basis_properties()}, ["id", "text", "findings"]))
    factor = {"id": TEXT, "text": TEXT, "figure": TEXT, "value": TRUTH}
    factors = list_of(record({**factor, **basis_properties()}, ["id", "text", "value"]))
    return {
        "evidence": record(item, ["label", "findings", "weight", "reason"]),
        "syndrome": record({"id": {"const": rules.identity.id}, **weighed}, ["id", "evidence", "for", "against", "place"]),
        "mimic": {
            **mimic,
            "description": "in full where it is to be considered, or with --all-mimics; else what ranks it",
            "if": considered,
            "then": {"required": whole},
        },
        "red_flags": record(
            {
                "label": {"enum": list(rules.mimics)},
                "text": TEXT,
                "present": flags,
                "unknown": flags,
                "absent": flags,
            }
        ),
        "outlook": record(
            {
                "factors": factors,
                "treatment": factors,
                "treatment_held_back": {
                    "type": "boolean",
                    "description": "no treatment is given, because another disease explains what the default set counts",
                },
                "notes": {
                    **list_of(record({"id": TEXT, "title": TEXT})),
                    "description": "what is published of the course and the treatment; poems explain ID has the text",
                },
            }
        ),
    }


def _second_look_definitions(rules: Rules) -> Schema:
    """What qualifies a verdict: what else explains a finding, what does not count, what is needed next."""
    finding, text, basis = ref("finding"), TEXT, basis_properties()
    entry = {"enum": [cause.id for cause in rules.causes], "description": "the id of the cause in the rules"}
    explained = {"finding": finding, "cause": {**text, "description": "the name of the disease"}, "entry": entry}
    uncounted = {"finding": finding, "element": {**finding, "description": "what it does not count as"}, "reason": text}
    stage = {
        "id": {"enum": [stage.id for stage in rules.staging]},
        "tests": list_of({"enum": list(rules.tests)}),
        "findings": {**list_of(finding), "description": "what the tests make known"},
        "text": {**text, "description": "what and why"},
        "done": {"type": ["boolean", "null"], "description": "whether all (true), some (null) or none of them are known"},
    }
    return {
        "stage": record({**stage, **basis, "more_sources": WORDS}, list(stage)),
        "explained": record({**explained, **basis}, list(explained)),
        "not_counted": record({**uncounted, **basis}, list(uncounted)),
    }


def _source() -> Schema:
    """A citation; what was read of it word for word, ``poems explain`` tells."""
    texts = dict.fromkeys(("authors", "title", "journal", "publisher", "doi", "pmid", "url", "read"), TEXT)
    return record({**texts, "year": {"type": ["integer", "string"]}}, ["read"])


def _labels(rules: Rules) -> Schema:
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
        "additionalProperties": TEXT,
    }
    return record({**{kind: by_id(ids, TEXT) for kind, ids in known.items()}, "elements": elements})
