"""The one bounded cache, so that a long run over very different patients does not grow without end."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memo(dict[Key, Value], Generic[Key, Value]):
    """A dictionary that empties itself at ``limit`` entries: frequent entries soon return.

    It is bounded by their number, not by their size: what one entry holds is bounded by the rules (a list of settling sets
    by its own limit), and to weigh it would mean to walk it.
    """

    __slots__ = ("_limit",)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: Key, value: Value) -> None:
        if len(self) >= self._limit:
            self.clear()
        super().__setitem__(key, value)
