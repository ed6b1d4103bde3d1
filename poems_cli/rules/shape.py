"""What each entry of the rules files looks like: its keys, and where text is wanted, where a list of texts, and where a number.

``fitting`` holds the files to it. What the entries mean (ids that exist, limits with a source) is checked by ``compiling``.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

#: What an id is made of.
ID = "[A-Za-z0-9._-]+"


class Word(NamedTuple):
    """A text; of one line unless ``lines``, an id if ``plain``, and a whole number will do as well if ``number``."""

    lines: bool = False
    plain: bool = False
    number: bool = False


class Choice(NamedTuple):
    """One of a few words; ``what`` says of any other text what is wrong, and ``mend`` what to write instead."""

    words: tuple[str, ...]
    what: str
    mend: str


class Id(NamedTuple):
    """The id of an entry of a section, which must be there; ``what`` is what such an entry is."""

    section: str
    what: str
    mend: str = ""


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
    """A mapping with keys of the author's choice, each with an entry of the same shape.

    The keys are ids unless ``words``; those of entries that are there, where it says of which (``known``).
    """

    entry: "Shape"
    words: bool = False
    known: Id | None = None


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


Shape: TypeAlias = Word | Choice | Id | Number | Truth | Other | Listed | Each | Fields | Condition | Either

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
_FINDING = Id("findings", "finding", "Add it under findings:")
_GROUP = Id("groups", "group", "Add it under groups:")
_SOURCE = Id("sources", "source", "Add it to sources.yaml.")
_TEST, _MIMIC = Id("tests", "test"), Id("mimics", "mimic")
_FINDINGS, _SOURCES, _TESTS = Listed(_FINDING), Listed(_SOURCE), Listed(_TEST)
_WHEN = Condition()
_USE_ONE = f"Use one of {', '.join(READ)}."
_READ = Choice(READ, "{!r} does not say what was read", _USE_ONE)
_CLASS = Other({"type": "integer", "minimum": 0, "maximum": 4})
_SCALAR = Other({"type": ["string", "boolean"]})
_TWO_NUMBERS = Other({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})

#: What an entry rests on.
BASIS: dict[str, Shape] = {"source": _SOURCE, "read": _READ, "default": Truth(), "note": _TEXT}
_TOLD: dict[str, Shape] = {"text": _TEXT, **BASIS}


_LIMIT = Either(
    whole=Fields({"times_upper": _NUMBER}, ("times_upper",)),
    short=Other({"anyOf": [{"type": "number"}, {"const": "laboratory"}]}),
)
_WORDS = Other({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]})
_POINTS = Other({"type": "number"})
_NAMED: dict[str, Shape] = {"name": _LINE, **BASIS}
#: Each form of an expression by the key that tells it, with all its keys.
EXPRESSIONS: dict[str, Fields] = {
    "all": Fields({"all": Listed(_WHEN), **_NAMED}, ("all",)),
    "any": Fields({"any": Listed(_WHEN), **_NAMED}, ("any",)),
    "not": Fields({"not": _WHEN, **_NAMED}, ("not",)),
    "of": Fields({"at_least": Other({"type": "integer", "minimum": 1}), "of": Listed(_WHEN), **_NAMED}, ("at_least", "of")),
    "score_at_least": Fields(
        {
            "score_at_least": _POINTS,
            "of": Listed(Fields({"points": _POINTS, "when": _WHEN}, ("points", "when"))),
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
            "laboratory": Choice(SIDES, "laboratory is low or high, not {!r}", "Name the side of its range."),
            **_NAMED,
        },
        ("finding",),
    ),
}

_TELLING = ("finding", "of", "all", "any", "not", "present_when", "known", "asserted")


def forms_of(body: Mapping[str, Any]) -> list[str]:
    """The forms that the keys of an expression tell; there should be one."""
    forms = [form for form in _TELLING if form in body]
    return ["score_at_least"] if forms == ["of"] and "score_at_least" in body else forms


ITEM = Fields(
    {
        "name": _LINE, "absent_name": _LINE, "reason": _TEXT, "frequency": _LINE, "reference": _LINE,
        "weighs": Choice(WEIGHS, "{!r} cannot weigh", f"Write {', '.join(WEIGHS)}."), "counts_once": _NAME, **BASIS,
    },
    ("reason",),
    is_condition=True,
)  # fmt: skip
_PROFILE: dict[str, Shape] = {
    "evidence": Listed(ITEM), "shares": _FINDINGS, "does_not_explain": _FINDINGS,
}  # fmt: skip
_CODES = Each(Listed(_CODE, single=True))
FACTOR = Fields({"when": _WHEN, "hazard_ratio": _NUMBER, "interval": Listed(_NUMBER), **_TOLD}, ("when", "text"))
CRITERIA_SET = Fields(
    {
        "title": _LINE, "short": _LINE, "source": _SOURCE, "more_sources": _SOURCES, "about": _TEXT, "notes": _TEXTS,
        "read": _READ, "current": Fields({"from": _CODE, "to": _CODE}), "met": _WHEN, "levels": Each(_WHEN),
    },
    ("title", "short", "source", "about"),
)  # fmt: skip
_KIND = Choice(KINDS, "{!r} is not a kind", "Write boolean, quantity or choice.")
FINDING = Fields(
    {
        "label": _LINE, "short": _LINE, "term": _LINE, "synonyms": _LINES, "group": _GROUP, "kind": _KIND, "question": _LINE,
        "includes": _TEXTS, "excludes": _TEXTS, "look_for": _TEXT, "part_of": _FINDING, "codes": _CODES,
        "when": _WHEN, "present_when": _WHEN, "absent_when": _WHEN, "gray_zone": _TEXT, "source": _SOURCE, "read": _READ,
        "note": _TEXT, "unit": _LINE, "usual": Fields({"low": _NUMBER, "high": _NUMBER, **_TOLD}),
        "choices": Each(_LINE, words=True), "words": Each(_LINE, words=True),
        "means": Each(Each(_LINE, known=_FINDING), words=True), "shows_whole": Truth(), "is_sign": Truth(),
    },
    ("label", "kind", "question"),
)  # fmt: skip
_KNOWN_MIMIC = _MIMIC._replace(mend="Name a mimic, or remove it.")
WARNING = Fields({"when": _WHEN, "short": _LINE, "urgent": Truth(), "mimics": Listed(_KNOWN_MIMIC), **_TOLD}, ("when", "text"))
OUTCOME = Fields({"name": _LINE, "when": _WHEN, **_TOLD}, ("name", "when", "text"))
TEST = Fields(
    {
        "label": _LINE, "how": _LINE, "answers": _FINDINGS, "shows": _FINDINGS, "cost": _CLASS, "invasiveness": _CLASS,
        "short": _LINE, "caution": _LINE, "ordered_with": _TESTS, "order_label": _LINE, "sensible_when": _WHEN,
        "sensible_words": _LINE, "last": Truth(), "traps": _TEXTS, **BASIS,
    },
    ("label", "answers", "how", "cost", "invasiveness"),
)  # fmt: skip
SOURCE = Fields(
    {
        "authors": _LINE, "title": _LINE, "journal": _LINE, "year": _CODE, "volume": _CODE, "pages": _CODE, "doi": _LINE,
        "pmid": _CODE, "pmcid": _CODE, "url": _LINE,
        "read": Choice(READ, "read must say what was read", _USE_ONE), "note": _TEXT, "publisher": _LINE,
    },
    ("read",),
)  # fmt: skip
_FREQUENCY_CLASS = Choice(FREQUENCIES, "{!r} is not a frequency class", f"Write one of {', '.join(FREQUENCIES)}.")
FREQUENCY = Fields({"class": _FREQUENCY_CLASS, **_TOLD}, ("class", "text"))
FACT = Fields(_TOLD, ("text",))
SETTLED_BY = Fields(
    {
        "tests": _TESTS, "confirmed_when": _WHEN, "confirmed": _LINE, "excluded_when": _WHEN, "excluded": _LINE, **_TOLD,
    },
    ("tests", "text"),
)  # fmt: skip
COMMON_CAUSE = Fields({"of": _WHEN, "name": _LINE, "test": _TEST, "asks": _LINE}, ("of", "name", "test"))
MIMIC = Fields(
    {
        "name": _LINE, "short": _LINE, "synonyms": _LINES, "about": _TEXT, "codes": _CODES, "codes_note": _TEXT,
        "frequency": FREQUENCY, "urgency": FACT, "consider_when": _WHEN, **_PROFILE, "settled_by": SETTLED_BY,
        "criteria": Listed(Id("mimic_criteria", "criteria set")), "notes": _TEXTS, "shown_when": _WHEN,
        "common_cause": COMMON_CAUSE,
    },
    ("name", "short", "about", "frequency", "consider_when", "evidence", "settled_by"),
)  # fmt: skip
CAUSE = Fields({"name": _LINE, "when": _WHEN, "mimic": _MIMIC, "findings": _FINDINGS, **BASIS}, ("name", "findings"))
UNCOUNTED = Fields(
    {
        "finding": _FINDING, "element": _FINDING, "criteria": Listed(Id("criteria", "criteria set")), "reason": _LINE,
        "unless": _FINDING, **BASIS,
    },
    ("finding", "element", "reason"),
)  # fmt: skip
STAGE = Fields(
    {"name": _LINE, "short": _LINE, "tests": _TESTS, "findings": _FINDINGS, "more_sources": _SOURCES, **_TOLD},
    ("name", "short", "tests", "findings", "text"),
)
MISTAKEN = Fields({"findings": _NAMES, "units": _LINES, "numbers": Listed(_NUMBER), "why": _LINE}, ("findings", "units", "why"))
_FACTOR = Other(
    {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "object", "required": ["factor"], "properties": {"factor": {"type": "number"}}},
        ]
    }
)
UNITS = Fields(
    {
        "spellings": Each(_LINES, words=True),
        "accepted": Each(Each(_FACTOR, words=True)),
        "plausible": Each(_TWO_NUMBERS),
        "common": Each(_TWO_NUMBERS),
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


FOLLOWED = Fields(
    {
        "finding": _FINDING, "name": _LINE,
        "change": Choice(CHANGES, "change says one of percent and difference", "Write change: percent or difference."),
        "better": Choice(BETTER, "better says one of lower and higher", "Write better: lower or higher."),
    },
    ("finding",),
)  # fmt: skip
FOLLOWED_GROUP = Fields({"name": _LINE, "clinical": Truth(), "rows": Listed(Either(FOLLOWED, _FINDING))}, ("name", "rows"))
FALL = Fields({"finding": _FINDING, "percent": _NUMBER}, ("finding", "percent"))
WAY = Fields({"baseline": _WHEN, "now": _WHEN, "fall": FALL})
RESPONSE_LEVEL = Fields({"name": _LINE, "ways": Listed(WAY), **_TOLD}, ("text", "ways"))
RESPONSE_DOMAIN = Fields({"name": _LINE, "below": _LINE, "levels": Each(RESPONSE_LEVEL)}, ("name", "levels", "below"))
LANDMARK = Fields(
    {
        "title": _LINE, "finding": _FINDING, "months": _NUMBER, "within": _NUMBER, "when": _WHEN, "facts": Listed(FACT),
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


PROGRESS = Fields({"letter": _LINE, "finding": _FINDING, "short": _LINE}, ("finding", "short"))
SPECIALIST = Fields(
    {"name": _LINE, "patient": _LINE, "groups": Listed(_GROUP), "findings": _FINDINGS, "tests": _TESTS},
    ("name", "groups", "tests"),
)
_ITEMS = Listed(Fields({"finding": _FINDING, "words": _LINE, "ask": _LINE, "name": _LINE}))
QUESTIONNAIRE = Fields(
    {
        "progress": Listed(PROGRESS),
        "areas": Listed(Fields({"short": _LINE, "findings": _FINDINGS, "tested": Truth()})),
        "symptoms": Listed(Fields({"id": _NAME, "short": _LINE, "ask": _LINE, "findings": _FINDINGS})),
        "only": Each(_NAME, known=_FINDING),
        "before_treatment": Fields({"values": _FINDINGS, "raised": _FINDING, "after": _FINDING}),
        "closing": Each(Fields({"text": _LINE, "patient": _LINE}), known=_FINDING),
        "patient": Listed(
            Fields(
                {
                    "id": _NAME, "short": _LINE, "ask": _LINE, "help": _TEXT, "finding": _FINDING, "after": _NAMES,
                    "items": _ITEMS, "looked_for": _ITEMS,
                    "options": Listed(Fields({"words": _LINE, "says": Each(_SCALAR, known=_FINDING)})),
                }
            )
        ),
        "page": Fields(
            {
                "fits": Listed(Fields({"findings": _FINDINGS, "what": _LINE, "others": _LINE, **BASIS})),
                "begin": Fields({"doctor": _LINE, "then": _LINE, "findings": _FINDINGS}),
                "tests": Listed(Fields({"tests": _TESTS, "findings": _FINDINGS, "words": _LINE})),
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
        "reference": Each(Either(REFERENCE, _LINE), known=_FINDING),
        "red_flags": RED_FLAGS,
        "outlook": OUTLOOK,
        "questionnaire": QUESTIONNAIRE,
    }
)
