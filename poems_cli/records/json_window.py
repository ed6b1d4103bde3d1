"""A long JSON document, only a window of which is held: its text from where it was read to, and a little more."""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable
from json import JSONDecodeError
from typing import TypeAlias

from poems_cli.records.problem import Flaw
from poems_cli.records.source import Source

#: Reads the value that begins at a place of a text: the value, where it ends, and what is wrong with it.
ReadValue: TypeAlias = Callable[[str, int], tuple[object, int, tuple[Flaw, ...]]]

_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_WORD = 16  # an escape, a literal or the end of a number that may be cut in two


class ValueTooLongError(Exception):
    """One value is longer than a record may be."""


class Window:
    """The text of an input from ``at`` on, read piece by piece.

    ``line`` and ``column`` are where the text that is held begins (from 1). ``fault`` is what was wrong with the bytes, if the
    text ends there and not at the end of the input.
    """

    def __init__(self, source: Source) -> None:
        self.text = ""
        self.at = 0
        self.line = source.lines + 1
        self.column = 1
        self.fault: UnicodeDecodeError | None = None
        self._source = source
        self._decoder = getincrementaldecoder("utf-8")()
        self._ended = False
        self._breaks = self._counted = 0  # line breaks before this place

    def skip(self, sign: str) -> bool:
        """Skip ``sign`` with the space around it, if it comes next."""
        self._pass_space()
        found = self.text.startswith(sign, self.at)
        if found:
            self.at += len(sign)
            self._pass_space()
        return found

    def value(self, read: ReadValue) -> tuple[object, tuple[Flaw, ...]]:
        """The value that comes next. Raises ValueTooLongError, and JSONDecodeError for what is not JSON."""
        while True:
            try:
                value, end, flaws = read(self.text, self.at)
            except JSONDecodeError as error:
                if not self.is_cut(error) or not self._more():
                    raise
                continue
            may_go_on = isinstance(value, int | float) and end > len(self.text) - _LONGEST_WORD
            if may_go_on and self._more():
                continue
            if end - self.at > self._source.limits.json:
                raise ValueTooLongError
            self.at = end
            return value, flaws

    def is_at_end(self) -> bool:
        """Whether nothing but space is left."""
        self._pass_space()
        return self.at == len(self.text)

    def here(self) -> int:
        """The line of the place that was read to."""
        self._breaks += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self.line + self._breaks

    def is_cut(self, error: JSONDecodeError) -> bool:
        """Whether a value may only seem broken, because the text that is held ends within it."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - _LONGEST_WORD

    def _pass_space(self) -> None:
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or not self._more():
                return

    def _more(self) -> bool:
        """Hold more; false at the end. What was read is forgotten. Raises ValueTooLongError for more than a value may have."""
        if self._ended:
            return False
        self._forget()
        if len(self.text) > self._source.limits.json:
            raise ValueTooLongError
        piece = self._source.piece()
        self._ended = not piece
        try:
            self.text += self._decoder.decode(piece, final=self._ended)
        except UnicodeDecodeError as error:
            self.text += error.object[: error.start].decode()
            self.fault, self._ended = error, True
        return True

    def _forget(self) -> None:
        self.line = self.here()
        last_break = self.text.rfind("\n", 0, self.at)
        self.column = self.at - last_break if last_break >= 0 else self.column + self.at
        self.text = self.text[self.at :]
        self.at = self._breaks = self._counted = 0
