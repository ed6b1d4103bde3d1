"""What every format needs to know: how answers are to be written, and where to."""

from collections.abc import Callable
from typing import IO, Any, NamedTuple


class Wanted(NamedTuple):
    """How answers are to be written, as the user asked.

    ``explain`` asks for the whole reasoning, ``every_mimic`` and ``every_test`` for all of them; ``plain`` for words without
    boxes, bars or symbols; ``brief`` for ids, verdicts and counts alone; ``paged`` allows a pager; ``several`` patients follow.
    """

    explain: bool = False
    every_mimic: bool = False
    every_test: bool = False
    plain: bool = False
    brief: bool = False
    paged: bool = True
    several: bool = False


#: What is written where nothing else is asked for.
AS_USUAL = Wanted()


class Place(NamedTuple):
    """Where answers go: an open stream, of text or of bytes as the format has it."""

    stream: IO[Any]
    to_file: bool = False

    @property
    def on_terminal(self) -> bool:
        """Whether a person sees it at once."""
        return not self.to_file and self.stream.isatty()

    @property
    def is_utf8(self) -> bool:
        """Whether the stream has every letter."""
        encoding = str(getattr(self.stream, "encoding", None) or "utf-8")
        return encoding.lower().replace("_", "-") in ("utf-8", "utf8")

    def pages(self, page: Callable[[Any], str], between: str) -> Callable[[Any], None]:
        """Write the page of each answer, with ``between`` from the second on."""
        has_begun = False

        def write(answer: Any) -> None:
            nonlocal has_begun
            self.stream.write((between if has_begun else "") + page(answer))
            has_begun = True

        return write
