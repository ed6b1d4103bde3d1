"""Holds the data of rules files to their shapes, so that no later step meets a number or a mapping where it shows a text."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from poems_cli.rules.shape import (
    EXPRESSIONS,
    ID,
    RULES,
    Choice,
    Condition,
    Each,
    Either,
    Fields,
    Id,
    Listed,
    Number,
    Other,
    Shape,
    Truth,
    Word,
    forms_of,
)
from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean
from poems_cli.written_numbers import is_number

Report: TypeAlias = Callable[[Path, str, str], None]

_ID = re.compile(ID)
# Control characters and the marks that turn the direction of writing spoil a terminal, and a line break ends a comment.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_BREAK = re.compile(r"[\t\n]")
_ANY_FORM = Fields({key: shape for form in reversed(EXPRESSIONS.values()) for key, shape in form.shapes.items()})
_STAND_IN = "?"  # so that a field with a problem is not reported as missing, too
_LETTERS = "Write letters, digits, dots, dashes and underscores only."
_QUOTES = "Put it in quotes if it looks like a number, a truth value or a mapping."


def shaped(data: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The rules with every field of the shape it should have; what has another is reported, and replaced by a stand-in."""
    fitted: dict[str, Any] = _Fitting(data, report).fields((), data, RULES)
    return fitted


class _Fitting:
    """Holds data to shapes; ``data`` are the rules as they are written, whose ids can be named."""

    def __init__(self, data: Mapping[str, Any], report: Report) -> None:
        self._data = data
        self._report = report

    def _fitted(self, path: Path, value: Any, shape: Shape) -> Any:
        match shape:
            case Word():
                return self._word(path, value, shape)
            case Choice():
                return self._choice(path, value, shape)
            case Id():
                name = self._word(path, value, Word(plain=True))
                self._known(path, name, shape)
                return name
            case Number() | Truth():
                return self._plain(path, value, shape)
            case Listed():
                return self._listed(path, value, shape)
            case Each():
                return self._each(path, value, shape)
            case Fields():
                return self.fields(path, value, shape)
            case Other():
                return value
            case Condition():
                return self._condition(path, value)
            case Either():
                return self._fitted(path, value, shape.whole if isinstance(value, dict) else shape.short)

    def _word(self, path: Path, value: Any, shape: Word) -> Any:
        if shape.number and is_number(value):
            return value
        if not isinstance(value, str):
            wanted = "text or a number" if shape.number else "text"
            self._report(path, f"{_last(path)} is {wanted}, but this is {_kind(value)}", _QUOTES)
            return str(value) if isinstance(value, int | float) else _STAND_IN
        if shape.plain and not _ID.fullmatch(value):
            self._report(path, f"{_last(path)} is not a valid id", _LETTERS)
        elif _UNFIT.search(value):
            self._report(path, f"{_last(path)} holds a control character", "Take it out.")
        elif not shape.lines and _BREAK.search(value.strip()):
            self._report(path, f"{_last(path)} is one line, but here are several", "Join them to one line, and take out tabs.")
        elif not value.strip():
            self._report(path, f"{_last(path)} is text, but this is an empty one", "Write it, or leave the key out.")
        else:
            return value
        return _STAND_IN

    def _choice(self, path: Path, value: Any, shape: Choice) -> Any:
        word = self._word(path, value, Word())
        if word not in (*shape.words, _STAND_IN):
            self._report(path, shape.what.format(word), shape.mend)
        return word

    def _known(self, path: Path, name: str, shape: Id) -> bool:
        """Whether an entry is there; what is not an id at all is reported already."""
        section = self._data.get(shape.section)
        entries = section if isinstance(section, dict) else {}
        if name == _STAND_IN or name in entries:
            return True
        mend = did_you_mean(name, entries) or shape.mend or f"Add the {shape.what}."
        self._report(path, f"unknown {shape.what} {name!r}", mend)
        return False

    def _plain(self, path: Path, value: Any, shape: Number | Truth) -> Any:
        """A number or a truth."""
        if isinstance(shape, Truth):
            if isinstance(value, bool):
                return value
            self._report(path, f"{_last(path)} is true or left out", f"Write {_last(path)}: true.")
            return False
        if not is_number(value):
            self._report(path, f"{_last(path)} is a number, but this is {_kind(value)}", "Write the number without quotes.")
            return 1
        return value

    def _listed(self, path: Path, value: Any, shape: Listed) -> Any:
        if isinstance(value, list):
            return [self._fitted((*path, number), item, shape.item) for number, item in enumerate(value)]
        if shape.single:
            return self._fitted(path, value, shape.item)
        mend = f"Write {_last(path)}: [...], or a line with - for each."
        self._report(path, f"{_last(path)} is a list, but this is {_kind(value)}", mend)
        return []

    def _each(self, path: Path, value: Any, shape: Each) -> Any:
        if not isinstance(value, dict):
            key = "word" if shape.words else "id"
            mend = f"Write one {key} per line, each with what belongs to it."
            self._report(path, f"{_last(path)} must be a mapping of {key}s", mend)
            return {}
        fitted = {}
        for key, entry in value.items():
            place = (*path, key)
            if shape.words:
                fit = bool(key.strip()) and not _UNFIT.search(key) and not _BREAK.search(key)
                mend = "Write a word on one line, without control characters."
            else:
                fit, mend = _ID.fullmatch(key) is not None, _LETTERS
            if not fit:
                what = "this key is not a word of one line" if shape.words else "this key is not a valid id"
                self._report(place, what, mend)
            elif shape.known is None or self._known(place, key, shape.known):
                fitted[key] = self._fitted(place, entry, shape.entry)
        return fitted

    def fields(self, path: Path, value: Any, shape: Fields) -> Any:
        """An entry; a key without a value is as if it were left out."""
        if not isinstance(value, dict):
            keys = f"Give it the keys {', '.join(shape.required)}."
            mend = keys if shape.required else "Write its keys below it, each with a value."
            self._report(path, "this entry must be a mapping", mend)
            value = {}
        fitted = {}
        for key, field in value.items():
            if key not in shape.shapes:
                fitted[key] = field
                if not shape.is_condition:
                    mend = did_you_mean(key, shape.shapes) or f"Known keys: {', '.join(sorted(shape.shapes))}."
                    self._report((*path, key), f"unknown key {key!r}", mend)
            elif field is not None:
                fitted[key] = self._fitted((*path, key), field, shape.shapes[key])
        for key in shape.required:
            if key not in fitted:
                self._report(path, f"{key} is missing", f"Add {key}:")
        if not shape.is_condition:
            return fitted
        rest = {key: field for key, field in fitted.items() if key not in shape.shapes}
        return {**fitted, **self._condition(path, rest)}

    def _condition(self, path: Path, value: Any) -> Any:
        """An expression; what is of no form, or of several, is reported where it is compiled."""
        if not isinstance(value, dict):
            return value
        forms = forms_of(value)
        return self.fields(path, value, EXPRESSIONS[forms[0]] if len(forms) == 1 else _ANY_FORM)


def _last(path: Path) -> str:
    """What a field is called in a message: the nearest key, since an item of a list has only a number."""
    named = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
    return f"an item of {named}" if path and isinstance(path[-1], int) else named


def _kind(value: Any) -> str:
    """The kind of a value, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
