"""What each entry of the rules files looks like: its keys, and where text is wanted, where a list of texts, and where a number.

What the entries mean (ids that exist, limits with a source) is checked by ``compiling``. Here only their form is, so that
no later step meets a number or a mapping where it shows a text.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean

Report: TypeAlias = Callable[[Path, str, str], None]

#: What an id is made of.
ID = "[A-Za-z0-9._-]+"
_ID = re.compile(ID)
# Control characters and the marks that turn the direction of writing spoil a terminal, and a line break ends a comment.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_BREAK = re.compile(r"[\t\n]")
_STAND_IN = "?"  # so that a field with a problem is not reported as missing, too
_QUOTES = "Put it in quotes if it looks like a number, a truth value or a mapping."


class Word(NamedTuple):
    """A text; of one line unless ``lines``, an id if ``plain``, and a whole number will do as well if ``number``.

    ``of`` are the words that it may be; which one it is, is checked where it is compiled.
    """

    lines: bool = False
    plain: bool = False
    number: bool = False
    of: tuple[str, ...] = ()


class Number(NamedTuple):
    """A number."""


class Truth(NamedTuple):
    """True or false."""


class Other(NamedTuple):
    """What is checked where it is compiled; ``schema`` says in JSON Schema what it may be."""

    schema: Mapping[str, Any]


class Listed(NamedTuple):
    """A list; one item without a list around it will do as well if ``single``."""

    item: "Shape"
    single: bool = False


class Each(NamedTuple):
    """A mapping with keys of the author's choice: ids unless ``words``, each with an entry of the same shape."""

    entry: "Shape"
    words: bool = False


class Fields(NamedTuple):
    """A mapping with known keys, some of them ``required``; the keys of an expression come besides if it ``is_condition``."""

    shapes: Mapping[str, "Shape"]
    required: tuple[str, ...] = ()
    is_condition: bool = False


class Condition(NamedTuple):
    """An expression: a finding's id, or one of ``EXPRESSIONS``."""


class Either(NamedTuple):
    """A mapping that says more, or ``short`` alone."""

    whole: Fields
    short: "Shape"


Shape: TypeAlias = Word | Number | Truth | Other | Listed | Each | Fields | Condition | Either

#: The words of the keys that have only a few.
KINDS = ("boolean", "quantity", "choice")
READ = ("full text", "abstract", "table", "page", "secondary", "recalled")
OPERATORS = ("above", "at_least", "below", "at_most", "is")
SIDES = ("low", "high")
WEIGHS = ("both", "presence", "absence")
FREQUENCIES = ("very_common", "common", "uncommon", "rare", "very_rare")
CHANGES, BETTER = ("percent", "difference"), ("lower", "higher")

_LINE, _TEXT, _NAME, _CODE, _NUMBER = Word(), Word(lines=True), Word(plain=True), Word(number=True), Number()
_LINES, _TEXTS, _NAMES = Listed(_LINE), Listed(_TEXT), Listed(_NAME)
_WHEN = Condition()
_READ = Word(of=READ)
_CLASS = Other({"type": "integer", "minimum": 0, "maximum": 4})
_SCALAR = Other({"type": ["string", "boolean"]})

#: What an entry rests on.
BASIS: dict[str, Shape] = {"source": _NAME, "read": _READ, "default": Truth(), "note": _TEXT}
_TOLD: dict[str, Shape] = {"text": _TEXT, **BASIS}

# --- expressions ------------------------------------------------------------------------------------------------------

_LIMIT = Other(
    {
        "anyOf": [
            {"type": "number"},
            {"const": "laboratory"},
            {
                "type": "object",
                "properties": {"times_upper": {"type": "number"}},
                "required": ["times_upper"],
                "additionalProperties": False,
            },
        ]
    }
)
_WORDS = Other({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]})
_NAMED: dict[str, Shape] = {"name": _LINE, **BASIS}
#: Each form of an expression by the key that tells it, with all its keys.
EXPRESSIONS: dict[str, Fields] = {
    "all": Fields({"all": Listed(_WHEN), **_NAMED}, ("all",)),
    "any": Fields({"any": Listed(_WHEN), **_NAMED}, ("any",)),
    "not": Fields({"not": _WHEN, **_NAMED}, ("not",)),
    "of": Fields({"at_least": Other({"type": "integer", "minimum": 1}), "of": Listed(_WHEN), **_NAMED}, ("at_least", "of")),
    "score_at_least": Fields(
        {
            "score_at_least": _NUMBER,
            "of": Listed(Fields({"points": _NUMBER, "when": _WHEN}, ("points", "when"))),
            **_NAMED,
        },
        ("score_at_least", "of"),
    ),
    "present_when": Fields({"present_when": _WHEN, "absent_when": _WHEN, **_NAMED}, ("present_when", "absent_when")),
    "known": Fields({"known": _NAME, **_NAMED}, ("known",)),
    "asserted": Fields({"asserted": _NAME, **_NAMED}, ("asserted",)),
    "finding": Fields(
        {
            "finding": _NAME,
            **dict.fromkeys(OPERATORS[:-1], _LIMIT),
            "is": _WORDS,
            "unit": _LINE,
            "laboratory": Word(of=SIDES),
            **_NAMED,
        },
        ("finding",),
    ),
}

# --- entries ----------------------------------------------------------------------------------------------------------

ITEM = Fields(
    {
        "name": _LINE, "absent_name": _LINE, "reason": _TEXT, "frequency": _LINE, "reference": _LINE, "weighs": Word(of=WEIGHS),
        "counts_once": _NAME, **BASIS,
    },
    ("reason",),
    is_condition=True,
)  # fmt: skip
_PROFILE: dict[str, Shape] = {
    "evidence": Listed(ITEM), "shares": _NAMES, "does_not_explain": _NAMES,
}  # fmt: skip
_CODES = Each(Listed(_CODE, single=True))
FACTOR = Fields({"when": _WHEN, "hazard_ratio": _NUMBER, "interval": Listed(_NUMBER), **_TOLD}, ("when", "text"))
CRITERIA_SET = Fields(
    {
        "title": _LINE, "short": _LINE, "source": _NAME, "more_sources": _NAMES, "about": _TEXT, "notes": _TEXTS,
        "read": _READ, "current": Fields({"from": _CODE, "to": _CODE}), "met": _WHEN, "levels": Each(_WHEN),
    },
    ("title", "short", "source", "about"),
)  # fmt: skip
FINDING = Fields(
    {
        "label": _LINE, "short": _LINE, "term": _LINE, "synonyms": _LINES, "group": _NAME, "kind": Word(of=KINDS),
        "question": _LINE, "includes": _TEXTS, "excludes": _TEXTS, "look_for": _TEXT, "part_of": _NAME, "codes": _CODES,
        "when": _WHEN, "present_when": _WHEN, "absent_when": _WHEN, "gray_zone": _TEXT, "source": _NAME, "read": _READ,
        "note": _TEXT, "unit": _LINE, "usual": Fields({"low": _NUMBER, "high": _NUMBER, **_TOLD}),
        "choices": Each(_LINE, words=True), "words": Each(_LINE, words=True),
        "means": Each(Each(_LINE), words=True), "shows_whole": Truth(),
    },
    ("label", "kind", "question"),
)  # fmt: skip
WARNING = Fields({"when": _WHEN, "short": _LINE, "urgent": Truth(), "mimics": _NAMES, **_TOLD}, ("when", "text"))
OUTCOME = Fields({"name": _LINE, "when": _WHEN, **_TOLD}, ("name", "when", "text"))
TEST = Fields(
    {
        "label": _LINE, "how": _LINE, "answers": _NAMES, "shows": _NAMES, "cost": _CLASS, "invasiveness": _CLASS,
        "short": _LINE, "caution": _LINE, "ordered_with": _NAMES, "order_label": _LINE, "sensible_when": _WHEN,
        "sensible_words": _LINE, "last": Truth(), "traps": _TEXTS, **BASIS,
    },
    ("label", "answers", "how", "cost", "invasiveness"),
)  # fmt: skip
SOURCE = Fields(
    {
        "authors": _LINE, "title": _LINE, "journal": _LINE, "year": _CODE, "volume": _CODE, "pages": _CODE, "doi": _LINE,
        "pmid": _CODE, "pmcid": _CODE, "url": _LINE, "read": _READ, "note": _TEXT, "publisher": _LINE,
    },
    ("read",),
)  # fmt: skip
FREQUENCY = Fields({"class": Word(of=FREQUENCIES), **_TOLD}, ("class", "text"))
FACT = Fields(_TOLD, ("text",))
SETTLED_BY = Fields(
    {
        "tests": _NAMES, "confirmed_when": _WHEN, "confirmed": _LINE, "excluded_when": _WHEN, "excluded": _LINE, **_TOLD,
    },
    ("tests", "text"),
)  # fmt: skip
COMMON_CAUSE = Fields({"of": _WHEN, "name": _LINE, "test": _NAME, "asks": _LINE}, ("of", "name", "test"))
MIMIC = Fields(
    {
        "name": _LINE, "short": _LINE, "synonyms": _LINES, "about": _TEXT, "codes": _CODES, "codes_note": _TEXT,
        "frequency": FREQUENCY, "urgency": FACT, "consider_when": _WHEN, **_PROFILE, "settled_by": SETTLED_BY,
        "criteria": _NAMES, "notes": _TEXTS, "shown_when": _WHEN, "common_cause": COMMON_CAUSE,
    },
    ("name", "short", "about", "frequency", "consider_when", "evidence", "settled_by"),
)  # fmt: skip
CAUSE = Fields({"name": _LINE, "when": _WHEN, "mimic": _NAME, "findings": _NAMES, **BASIS}, ("name", "findings"))
UNCOUNTED = Fields(
    {"finding": _NAME, "element": _NAME, "criteria": _NAMES, "reason": _LINE, "unless": _NAME, **BASIS},
    ("finding", "element", "reason"),
)
STAGE = Fields(
    {"name": _LINE, "short": _LINE, "tests": _NAMES, "findings": _NAMES, "more_sources": _NAMES, **_TOLD},
    ("name", "short", "tests", "findings", "text"),
)
MISTAKEN = Fields({"findings": _NAMES, "units": _LINES, "numbers": Listed(_NUMBER), "why": _LINE}, ("findings", "units", "why"))
UNITS = Fields(
    {
        "spellings": Each(_LINES, words=True),
        "accepted": Each(
            Other(
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            {"type": "number", "exclusiveMinimum": 0},
                            {"type": "object", "required": ["factor"], "properties": {"factor": {"type": "number"}}},
                        ]
                    },
                }
            )
        ),
        "plausible": Each(Other({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})),
        "common": Each(Other({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})),
        "declined": Each(Each(_LINE, words=True)),
        "mistaken": Listed(MISTAKEN),
        "never_bare": Each(Each(_LINE, words=True)),
        "unit_unsaid": Each(_LINE),
        "systems": Each(Each(_LINES)),
    }
)
EVIDENCE = Fields(
    {
        "about": _TEXT, "words": Each(_NUMBER, words=True), "suggests": Listed(_NUMBER), "less_likely": _NUMBER,
        "explained": _NUMBER, **BASIS,
    },
    ("words", "suggests", "less_likely", "explained"),
)  # fmt: skip
REFERENCE = Fields({"frequency": _LINE, **BASIS}, ("frequency",))
LABEL_OF_FLAGS = Fields({"name": _LINE, **_TOLD}, ("name", "text"))
FLAG = Fields({"when": _WHEN, "figure": _TEXT, "labels": _NAMES, "except": _NAMES, **_TOLD}, ("when", "text", "labels"))
RED_FLAGS = Fields({"labels": Each(LABEL_OF_FLAGS), "flags": Each(FLAG)})

# --- the course -------------------------------------------------------------------------------------------------------

FOLLOWED = Fields({"finding": _NAME, "name": _LINE, "change": Word(of=CHANGES), "better": Word(of=BETTER)}, ("finding",))
FOLLOWED_GROUP = Fields({"name": _LINE, "clinical": Truth(), "rows": Listed(Either(FOLLOWED, _NAME))}, ("name", "rows"))
FALL = Fields({"finding": _NAME, "percent": _NUMBER}, ("finding", "percent"))
WAY = Fields({"baseline": _WHEN, "now": _WHEN, "fall": FALL})
RESPONSE_LEVEL = Fields({"name": _LINE, "ways": Listed(WAY), **_TOLD}, ("text", "ways"))
RESPONSE_DOMAIN = Fields({"name": _LINE, "below": _LINE, "levels": Each(RESPONSE_LEVEL)}, ("name", "levels", "below"))
LANDMARK = Fields(
    {
        "title": _LINE, "finding": _NAME, "months": _NUMBER, "within": _NUMBER, "when": _WHEN, "facts": Listed(FACT),
    },
    ("title", "finding", "months", "within", "when", "facts"),
)  # fmt: skip
OUTLOOK_NOTE = Fields({"title": _LINE, "treatment": Truth(), "facts": Listed(FACT)}, ("title", "facts"))
_FACTORS = Each(FACTOR)
OUTLOOK = Fields(
    {
        "survival_factors": _FACTORS, "survival_text": FACT, "other_factors": _FACTORS, "treatment_fork": _FACTORS,
        "notes": Each(OUTLOOK_NOTE), "follow": Each(FOLLOWED_GROUP), "response": Each(RESPONSE_DOMAIN),
        "clinical_response": FACT, "landmarks": Each(LANDMARK),
    },
    ("survival_factors", "treatment_fork"),
)  # fmt: skip

# --- the questions ----------------------------------------------------------------------------------------------------

PROGRESS = Fields({"letter": _LINE, "finding": _NAME, "short": _LINE}, ("finding", "short"))
SPECIALIST = Fields(
    {"name": _LINE, "patient": _LINE, "groups": _NAMES, "findings": _NAMES, "tests": _NAMES}, ("name", "groups", "tests")
)
_ITEMS = Listed(Fields({"finding": _NAME, "words": _LINE, "ask": _LINE, "name": _LINE}))
QUESTIONNAIRE = Fields(
    {
        "progress": Listed(PROGRESS),
        "areas": Listed(Fields({"short": _LINE, "findings": _NAMES, "tested": Truth()})),
        "symptoms": Listed(Fields({"id": _NAME, "short": _LINE, "ask": _LINE, "findings": _NAMES})),
        "only": Each(_NAME),
        "before_treatment": Fields({"values": _NAMES, "raised": _NAME, "after": _NAME}),
        "closing": Each(Fields({"text": _LINE, "patient": _LINE})),
        "patient": Listed(
            Fields(
                {
                    "id": _NAME, "short": _LINE, "ask": _LINE, "help": _TEXT, "finding": _NAME, "after": _NAMES,
                    "items": _ITEMS, "looked_for": _ITEMS, "options": Listed(Fields({"words": _LINE, "says": Each(_SCALAR)})),
                }
            )
        ),
        "page": Fields(
            {
                "fits": Listed(Fields({"findings": _NAMES, "what": _LINE, "others": _LINE, **BASIS})),
                "begin": Fields({"doctor": _LINE, "then": _LINE, "findings": _NAMES}),
                "tests": Listed(Fields({"tests": _NAMES, "findings": _NAMES, "words": _LINE})),
                "urgent": _LINES,
                "urgent_basis": Fields(BASIS),
            }
        ),
        "specialists": Listed(SPECIALIST),
    }
)  # fmt: skip

#: All that a rules file may hold.
RULES = Fields(
    {
        "id": _NAME,
        "version": _NAME,
        "title": _LINE,
        "default_criteria": _NAME,
        "include": _LINES,
        "groups": Each(Fields({"label": _LINE})),
        "findings": Each(FINDING),
        "criteria": Each(CRITERIA_SET),
        "warnings": Each(WARNING),
        "outcomes": Each(OUTCOME),
        "tests": Each(TEST),
        "sources": Each(SOURCE),
        "syndrome": Fields(
            {
                "names": _LINES,
                "summary": _TEXT,
                "letters": Listed(Fields({"letter": _LINE, "word": _LINE, **_TOLD})),
                "sections": Listed(Fields({"title": _LINE, "text": _TEXT, "facts": Listed(FACT)})),
                "codes": Each(Either(Fields({"code": _CODE, **BASIS}), Listed(_CODE, single=True))),
            }
        ),
        "explained_by": Each(CAUSE),
        "not_counted": Each(UNCOUNTED),
        "staging": Each(STAGE),
        "link_hosts": Each(_LINE, words=True),
        "units": UNITS,
        "mimics": Each(MIMIC),
        "mimic_criteria": Each(CRITERIA_SET),
        "profile": Fields(_PROFILE),
        "evidence": EVIDENCE,
        "reference": Each(Either(REFERENCE, _LINE)),
        "red_flags": RED_FLAGS,
        "outlook": OUTLOOK,
        "questionnaire": QUESTIONNAIRE,
    }
)


def shaped(data: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The rules with every field of the shape it should have; what has another is reported, and replaced by a stand-in."""
    fitted = _fitted((), data, RULES, report)
    return fitted if isinstance(fitted, dict) else {}


def _fitted(path: Path, value: Any, shape: Shape, report: Report) -> Any:
    match shape:
        case Word():
            return _word(path, value, shape, report)
        case Number() | Truth():
            return _plain(path, value, shape, report)
        case Listed():
            return _listed(path, value, shape, report)
        case Each():
            return _each(path, value, shape, report)
        case Fields():
            return _fields(path, value, shape, report)
        case Other():
            return value
        case Condition():
            return _condition(path, value, report)
        case Either():
            return _fitted(path, value, shape.whole if isinstance(value, dict) else shape.short, report)


def _word(path: Path, value: Any, shape: Word, report: Report) -> Any:
    if shape.number and _is_number(value):
        return value
    if not isinstance(value, str):
        wanted = "text or a number" if shape.number else "text"
        report(path, f"{_last(path)} is {wanted}, but here is {_kind(value)}", _QUOTES)
        return str(value) if isinstance(value, int | float) else _STAND_IN
    if shape.plain and not _ID.fullmatch(value):
        report(path, f"{_last(path)} is not a valid id", "Write letters, digits, dots, dashes and underscores only.")
    elif _UNFIT.search(value):
        report(path, f"{_last(path)} holds a control character", "Take it out.")
    elif not shape.lines and _BREAK.search(value.strip()):
        report(path, f"{_last(path)} is one line, but here are several", "Join them to one line, and take out tabs.")
    elif not value.strip():
        report(path, f"{_last(path)} is text, but here is an empty one", "Write it, or leave the key out.")
    else:
        return value
    return _STAND_IN


def _plain(path: Path, value: Any, shape: Number | Truth, report: Report) -> Any:
    """A number or a truth."""
    if isinstance(shape, Truth):
        if isinstance(value, bool):
            return value
        report(path, f"{_last(path)} is true or left out", f"Write {_last(path)}: true.")
        return False
    if not _is_number(value):
        report(path, f"{_last(path)} is a number, but here is {_kind(value)}", "Write the number without quotes.")
        return 1
    return value


def _listed(path: Path, value: Any, shape: Listed, report: Report) -> Any:
    if isinstance(value, list):
        return [_fitted((*path, number), item, shape.item, report) for number, item in enumerate(value)]
    if shape.single:
        return _fitted(path, value, shape.item, report)
    report(
        path, f"{_last(path)} is a list, but here is {_kind(value)}", f"Write {_last(path)}: [...], or a line with - for each."
    )
    return []


def _each(path: Path, value: Any, shape: Each, report: Report) -> Any:
    if not isinstance(value, dict):
        key = "word" if shape.words else "id"
        report(path, f"{_last(path)} must be a mapping of {key}s", f"Write one {key} a line, each with what belongs to it.")
        return {}
    fitted = {}
    for key, entry in value.items():
        place = (*path, key)
        if shape.words:
            fit = bool(key.strip()) and not _UNFIT.search(key) and not _BREAK.search(key)
            mend = "Write a word on one line, without control characters."
        else:
            fit, mend = _ID.fullmatch(key) is not None, "Write letters, digits, dots, dashes and underscores only."
        if fit:
            fitted[key] = _fitted(place, entry, shape.entry, report)
        else:
            report(place, "this key is not a word of one line" if shape.words else "this key is not a valid id", mend)
    return fitted


def _fields(path: Path, value: Any, shape: Fields, report: Report) -> Any:
    """An entry; a key without a value is as if it were left out."""
    if not isinstance(value, dict):
        report(path, "this entry must be a mapping", "Write its keys below it, each with a value.")
        return {}
    fitted = {}
    for key, field in value.items():
        if key not in shape.shapes:
            fitted[key] = field
            if not shape.is_condition:
                mend = did_you_mean(key, shape.shapes) or f"Known keys: {', '.join(sorted(shape.shapes))}."
                report((*path, key), f"unknown key {key!r}", mend)
        elif field is not None:
            fitted[key] = _fitted((*path, key), field, shape.shapes[key], report)
    if not shape.is_condition:
        return fitted
    rest = {key: field for key, field in fitted.items() if key not in shape.shapes}
    return {**fitted, **_condition(path, rest, report)}


_KEYS_OF_CONDITIONS = {key: shape for form in EXPRESSIONS.values() for key, shape in form.shapes.items()}
_TEXTS_OF_CONDITIONS = {key: shape for key, shape in _KEYS_OF_CONDITIONS.items() if isinstance(shape, Word | Truth)}
_PARTS_OF_CONDITIONS = {key for key, shape in _KEYS_OF_CONDITIONS.items() if isinstance(shape, Listed)}
_ONE_PART = {"when", *(key for key, shape in _KEYS_OF_CONDITIONS.items() if isinstance(shape, Condition))}


def _condition(path: Path, value: Any, report: Report) -> Any:
    """An expression: its texts here, how it is put together in ``compiling``."""
    if not isinstance(value, dict):
        return value
    fitted: dict[str, Any] = {}
    for key, part in value.items():
        place = (*path, key)
        if key in _PARTS_OF_CONDITIONS and isinstance(part, list):
            fitted[key] = [_condition((*place, number), child, report) for number, child in enumerate(part)]
        elif key in _ONE_PART:
            fitted[key] = _condition(place, part, report)
        elif key not in _TEXTS_OF_CONDITIONS:
            fitted[key] = part
        elif part is not None:
            fitted[key] = _fitted(place, part, _TEXTS_OF_CONDITIONS[key], report)
    return fitted


def _last(path: Path) -> str:
    """What a field is called in a message: the nearest key, since an item of a list has only a number."""
    named = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
    return f"an item of {named}" if path and isinstance(path[-1], int) else named


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    """What kind of thing stands there, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
