"""One change at a time of the rules as their files say them: what each change would be, and where it is made.

Only what decides something is changed: conditions, limits, weights, lists of ids, classes, factors. Texts and sources are not.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple, TypeAlias

from poems_cli.rules.shape import FREQUENCIES, OPERATORS, WEIGHS
from poems_cli.rules.strict_yaml import Path, dotted
from poems_cli.written_numbers import is_number

#: The kinds of rules, as the report counts them, with the sections that they are in.
KINDS: Mapping[str, Sequence[str]] = {
    "criteria sets": ("criteria",),
    "definitions and warnings": ("findings", "warnings"),
    "criteria of mimics": ("mimic_criteria",),
    "mimics": ("mimics", "evidence", "reference"),
    "profile": ("profile",),
    "red flags": ("red_flags",),
    "outlook": ("outlook",),
    "tests": ("tests",),
    "units": ("units",),
    "explanations and staging": ("explained_by", "not_counted", "staging"),
}
#: Sections that are compiled whole: a change is one of the whole section.
WHOLE = ("evidence", "reference", "profile", "red_flags", "outlook", "units", "explained_by", "not_counted", "staging")

_FLIPPED = {"above": "at_least", "at_least": "above", "below": "at_most", "at_most": "below"}
_TURNED = {"above": "below", "at_least": "at_most", "below": "above", "at_most": "at_least"}
_CONDITIONS = (
    "when", "present_when", "absent_when", "met", "consider_when", "shown_when", "confirmed_when", "excluded_when",
    "sensible_when",
)  # fmt: skip
_COUNTED = re.compile(r"\d+ of (\d+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MOST_SHOWN = 40
_HIGHEST_CLASS = 4


class Change(NamedTuple):
    """One change: ``entry`` of a ``section`` becomes ``value``, which differs at the path ``at`` of the rules.

    ``what`` says in a few words what is changed there. Of a section that is compiled whole, ``value`` is the section.
    """

    kind: str
    section: str
    entry: str
    at: Path
    what: str
    value: Any

    @property
    def place(self) -> str:
        """Where it is made, as ``findings.platelets.when.above``."""
        return dotted(self.at)


class _Edit(NamedTuple):
    """A change within some data: the path below it, what is changed, and the data with the change."""

    at: Path
    what: str
    value: Any


_Edits: TypeAlias = Iterator[_Edit]
_Editor: TypeAlias = Callable[[Any], _Edits]


def changes_of(top: Mapping[str, Any]) -> Iterator[Change]:
    """Every change of the rules, section after section; ``top`` is the data of all files."""
    choices = {finding: list(body["choices"]) for finding, body in top["findings"].items() if "choices" in body}
    editor = _Editing(choices, list(top.get("evidence", {}).get("words", ())))
    for kind, sections in KINDS.items():
        for section in sections:
            for edit in editor.section(section, top.get(section, {})):
                entry = section if section in ("profile", "evidence") else _entry(section, edit.at)
                value = edit.value if section in WHOLE else edit.value[entry]
                yield Change(kind, section, entry, (section, *edit.at), edit.what, value)


def _entry(section: str, at: Path) -> str:
    """The id of the entry that a path leads into; those of red flags, outlook and units are one step deeper."""
    deep = section in ("red_flags", "outlook", "units")
    return str(at[1] if deep and len(at) > 1 else at[0])


class _Editing:
    """Finds the changes; ``choices`` are the words of findings, ``words`` those that mean a frequency."""

    def __init__(self, choices: Mapping[str, Sequence[str]], words: Sequence[str]) -> None:
        self._choices = choices
        self._words = words

    def section(self, section: str, body: dict[str, Any]) -> _Edits:
        """The changes of one section."""
        match section:
            case "criteria" | "mimic_criteria":
                yield from _each(body, self._criteria)
            case "findings" | "warnings":
                yield from _each(body, self._defined)
            case "mimics":
                yield from _each(body, self._mimic)
            case "profile":
                yield from self._weighed(body)
            case "evidence":
                yield from _evidence(body)
            case "reference":
                yield from self._reference(body)
            case "red_flags":
                yield from _below(body, "flags", lambda flags: _each(flags, self._flag))
            case "outlook":
                for key in ("survival_factors", "other_factors", "treatment_fork"):
                    yield from _below(body, key, lambda factors: _each(factors, self._conditions))
            case "tests":
                yield from _each(body, self._test)
            case "units":
                yield from _below(body, "accepted", lambda accepted: _each(accepted, lambda units: _each(units, _factor)))
                yield from _below(body, "plausible", lambda plausible: _each(plausible, _limits))
            case _:
                yield from _each(body, self._listing)

    def _criteria(self, entry: dict[str, Any]) -> _Edits:
        yield from self._conditions(entry)
        yield from _below(entry, "levels", lambda levels: _each(levels, self._expression))
        levels = entry.get("levels", {})
        order = list(levels)
        for number in range(len(order) - 1):
            turned = [*order[:number], order[number + 1], order[number], *order[number + 2 :]]
            what = f"the levels {order[number]} and {order[number + 1]} change places"
            yield _Edit(("levels", order[number]), what, {**entry, "levels": {level: levels[level] for level in turned}})

    def _defined(self, entry: dict[str, Any]) -> _Edits:
        yield from self._conditions(entry)
        yield from _without(entry, "part_of")

    def _mimic(self, entry: dict[str, Any]) -> _Edits:
        yield from self._conditions(entry)
        yield from self._weighed(entry)
        yield from _below(entry, "settled_by", self._settled_by)
        yield from _below(entry, "frequency", lambda frequency: _words(frequency, "class", FREQUENCIES))
        yield from _members(entry, "criteria")
        yield from _without(entry, "shown_when", "urgency")

    def _settled_by(self, entry: dict[str, Any]) -> _Edits:
        yield from self._conditions(entry)
        yield from _members(entry, "tests")
        for way in ("confirmed", "excluded"):
            if f"{way}_when" in entry:
                rest = {key: value for key, value in entry.items() if key not in (way, f"{way}_when")}
                yield _Edit((f"{way}_when",), f"{way}_when removed", rest)

    def _flag(self, entry: dict[str, Any]) -> _Edits:
        yield from self._conditions(entry)
        yield from _members(entry, "labels")
        yield from _members(entry, "except")

    def _test(self, entry: dict[str, Any]) -> _Edits:
        yield from _members(entry, "answers")
        yield from _members(entry, "shows")
        for key in ("cost", "invasiveness"):
            for other in (entry.get(key, 0) - 1, entry.get(key, 0) + 1):
                if 0 <= other <= _HIGHEST_CLASS:
                    yield _changed(entry, key, other)
        yield from self._conditions(entry)
        for key, with_it in (("sensible_when", "sensible_words"), ("ordered_with", "order_label"), ("last", "last")):
            if key in entry:
                rest = {name: value for name, value in entry.items() if name not in (key, with_it)}
                yield _Edit((key,), f"{key} removed", rest)

    def _listing(self, entry: dict[str, Any]) -> _Edits:
        """A cause, a finding that does not count, or a stage."""
        yield from self._conditions(entry)
        yield from _members(entry, "findings")
        yield from _without(entry, "unless")

    def _weighed(self, entry: dict[str, Any]) -> _Edits:
        """The evidence for a disease and against it."""
        yield from _members(entry, "evidence")
        yield from _below(entry, "evidence", lambda listed: _each(listed, self._item))

    def _item(self, item: dict[str, Any]) -> _Edits:
        """An item of evidence: its condition, and its weight by sign and size."""
        yield from self._expression(item)
        for key in ("frequency", "reference"):
            yield from self._share(item, key)
        if "reference" in item:
            turned = {**item, "frequency": item["reference"], "reference": item["frequency"]}
            yield _Edit(("frequency",), "frequency and reference change places", turned)
        today = item.get("weighs", "both")
        for way in WEIGHS:
            if way != today:
                yield _Edit(("weighs",), f"weighs {today} -> {way}", {**item, "weighs": way})
        yield from _without(item, "counts_once")

    def _share(self, item: dict[str, Any], key: str) -> _Edits:
        """How often something is present: the first number of a figure up and down a tenth, or a neighbor of a word."""
        if key not in item:
            return
        figure = item[key]
        if figure in self._words:
            yield from _words(item, key, self._words)
        elif number := _NUMBER.search(figure):
            for other in _shares(figure, float(number.group())):
                yield _changed(item, key, f"{figure[: number.start()]}{other:g}{figure[number.end() :]}")

    def _reference(self, table: dict[str, Any]) -> _Edits:
        """How often findings are present in the reference."""
        for finding, figure in table.items():
            if isinstance(figure, dict):
                yield from _below(table, finding, lambda row: self._share(row, "frequency"))
            else:
                yield from self._share(table, finding)

    def _conditions(self, entry: dict[str, Any]) -> _Edits:
        """The conditions of an entry; where one is no more than a finding, its opposite."""
        for key in _CONDITIONS:
            if key not in entry:
                continue
            if isinstance(entry[key], str):
                yield _Edit((key,), f"{entry[key]} -> not {entry[key]}", {**entry, key: {"not": entry[key]}})
            yield from _below(entry, key, self._expression)
        if "present_when" in entry:
            yield from _turned_round(entry)

    def _expression(self, node: Any) -> _Edits:
        """The changes of a condition and of all within it."""
        if not isinstance(node, dict):
            return
        for key in ("all", "any", "of"):
            if key in node:
                yield from self._counting(node, key)
        if "not" in node:
            yield _Edit(("not",), "not dropped", _merged(node["not"], node, "not"))
            yield from _below(node, "not", self._expression)
        if "present_when" in node:
            for key in ("present_when", "absent_when"):
                yield from _below(node, key, self._expression)
            yield from _turned_round(node)
        if "asserted" in node:
            yield _Edit(("asserted",), "asserted dropped", _merged(node["asserted"], node, "asserted"))
        if "known" in node:
            yield _Edit(("known",), "known -> not known", {"not": node})
        if "finding" in node:
            yield from self._comparison(node)

    def _counting(self, node: dict[str, Any], key: str) -> _Edits:
        members = node[key]
        if key != "of" and len(members) > 1:
            other_key = "any" if key == "all" else "all"
            yield _Edit((key,), f"{key} -> {other_key}", _renamed(node, key, other_key))
        if len(members) > max(1, node.get("at_least", 1) if key == "of" else 1):
            yield from _removed(node, key)
        if key == "of" and "at_least" in node:
            for count in (node["at_least"] - 1, node["at_least"] + 1):
                if 1 <= count <= len(members):
                    yield _changed(node, "at_least", count)
        if "score_at_least" in node:
            needed = node["score_at_least"]
            for other in (needed - 1, needed + 1):
                yield _changed(node, "score_at_least", other)
            yield from _below(node, key, lambda listed: _each(listed, self._points))
        else:
            yield from _below(node, key, lambda listed: _each(listed, self._expression))

    def _points(self, element: Any) -> _Edits:
        """An element of a score."""
        points = element["points"]
        for other in (-points, points + 1 or points + 2):
            yield _changed(element, "points", other)
        yield from _below(element, "when", self._expression)

    def _comparison(self, node: dict[str, Any]) -> _Edits:
        operator = next((candidate for candidate in OPERATORS if candidate in node), None)
        if operator == "is":
            yield from self._words_of(node)
        elif operator is not None:
            limit = node[operator]
            if is_number(limit):
                yield from _scaled(node, operator)
                other = _FLIPPED[operator]
                yield _Edit((operator,), f"{operator} {limit} -> {other} {limit}", _renamed(node, operator, other))
            elif isinstance(limit, dict):
                yield from _below(node, operator, lambda times: _scaled(times, "times_upper"))
            other = _TURNED[operator]
            yield _Edit((operator,), f"{operator} -> {other}", _renamed(node, operator, other))
            if is_number(limit):
                yield from _without(node, "laboratory")

    def _words_of(self, node: dict[str, Any]) -> _Edits:
        """A choice: with a word less, or with another word."""
        wanted, known = node["is"], self._choices.get(node["finding"], ())
        if isinstance(wanted, list):
            yield from _removed(node, "is") if len(wanted) > 1 else ()
            return
        others = [word for word in known if word != wanted]
        if others:
            yield _Edit(("is",), f"is {wanted} -> is {others[0]}", {**node, "is": others[0]})


def _below(data: Any, key: str | int, editor: _Editor) -> _Edits:
    """The changes of what is under a key of a mapping, or at a place of a list."""
    if isinstance(key, int) or key in data:
        for at, what, value in editor(data[key]):
            yield _Edit((key, *at), what, _with(data, key, value))


def _each(data: Any, editor: _Editor) -> _Edits:
    """The changes of each entry of a mapping, or item of a list."""
    for key in data if isinstance(data, dict) else range(len(data)):
        yield from _below(data, key, editor)


def _with(data: Any, key: str | int, value: Any) -> Any:
    changed = copy(data)
    changed[key] = value
    return changed


def _removed(node: dict[str, Any], key: str) -> _Edits:
    """A list with an item less."""
    items = node[key]
    for number, item in enumerate(items):
        yield _Edit((key, number), f"{_short(item)} removed", {**node, key: [*items[:number], *items[number + 1 :]]})


def _members(entry: dict[str, Any], key: str) -> _Edits:
    """A list of ids with one less, if there is one."""
    if key in entry:
        yield from _removed(entry, key)


def _changed(node: dict[str, Any], key: str, value: Any) -> _Edit:
    return _Edit((key,), f"{key} {node[key]} -> {value}", {**node, key: value})


def _without(node: dict[str, Any], *keys: str) -> _Edits:
    """A mapping without one of some keys."""
    for key in keys:
        if key in node:
            yield _Edit((key,), f"{key} removed", {name: value for name, value in node.items() if name != key})


def _renamed(node: dict[str, Any], key: str, other: str) -> dict[str, Any]:
    return {other if name == key else name: value for name, value in node.items()}


def _merged(inner: Any, node: dict[str, Any], key: str) -> Any:
    """What is left of an expression when its operator is dropped; an item of evidence keeps its other keys."""
    rest = {name: value for name, value in node.items() if name != key}
    if not rest:
        return inner
    return {**({"finding": inner} if isinstance(inner, str) else inner), **rest}


def _turned_round(node: dict[str, Any]) -> _Edits:
    if "absent_when" in node:
        turned = {**node, "present_when": node["absent_when"], "absent_when": node["present_when"]}
        yield _Edit(("present_when",), "present_when and absent_when change places", turned)


def _scaled(node: dict[str, Any], key: str) -> _Edits:
    """A number up and down a tenth."""
    number: Any = node.get(key)
    if is_number(number):
        for other in _tenths(number):
            yield _Edit((key,), f"{key} {number:g} -> {other:g}", {**node, key: other})


def _tenths(number: float) -> tuple[float, float]:
    """A number up and down a tenth; from 0, which has none, up and down 1."""
    return (float(f"{number * 1.1:.6g}"), float(f"{number * 0.9:.6g}")) if number else (1.0, -1.0)


def _words(node: dict[str, Any], key: str, words: Sequence[str]) -> _Edits:
    """A word of an ordered list, and its neighbors."""
    if node.get(key) in words and len(words) > 1:
        place = words.index(node[key])
        other = words[place - 1] if place else words[1]
        yield _changed(node, key, other)


def _shares(figure: str, number: float) -> Iterator[float]:
    """Of a figure such as 7 % or 13 of 69 the first number up and down a tenth, as far as that is possible."""
    counted = _COUNTED.fullmatch(figure)
    if counted is None:
        yield from (other for other in _tenths(number) if 0 < other < 100)
    else:
        step = max(1, round(number / 10))
        yield from (other for other in (number + step, number - step) if 0 <= other <= float(counted[1]))


def _evidence(body: dict[str, Any]) -> _Edits:
    """What words of the evidence mean, what suggests a disease, and what an explained finding counts."""
    yield from _below(body, "words", lambda numbers: (edit for word in numbers for edit in _scaled(numbers, word)))
    yield from _below(body, "suggests", _limits)
    yield from _scaled(body, "explained")


def _factor(entry: Any) -> _Edits:
    """A unit's factor, unless it is that of the canonical unit, and its offset."""
    if isinstance(entry, dict):
        yield from _scaled(entry, "factor")
        yield from _scaled(entry, "offset")
    else:
        for other in _tenths(entry):
            yield _Edit((), f"factor {entry:g} -> {other:g}", other)


def _limits(limits: Any) -> _Edits:
    """Each of some numbers up and down a tenth."""
    for number, limit in enumerate(limits):
        for other in _tenths(limit):
            yield _Edit((number,), f"{limit:g} -> {other:g}", _with(limits, number, other))


def _short(node: Any) -> str:
    """A member in a few words."""
    if isinstance(node, str):
        return node
    if isinstance(node, dict):
        named = node.get("name")
        parts = [f"{key} {value}" if key != "finding" else str(value) for key, value in node.items() if key not in _TEXTS]
        text = str(named) if named else " ".join(parts)
        return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."
    return str(node)


_TEXTS = ("source", "read", "default", "note", "reason", "unit", "name")
