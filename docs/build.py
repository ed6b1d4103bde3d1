"""Make the parts of the documentation that come from the program: ``python docs/build.py`` writes, ``--check`` compares.

Between ``<!-- made: NAME -->`` and ``<!-- end -->`` a page has what the program says of itself, and behind a block of commands
what they print. ``docs/poems.1`` is the manual page, ``docs/architecture.svg`` the picture of the packages.
Without names of files all of them are made.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from making.architecture import picture, uses
from making.columns_page import columns_reference
from making.commands_page import commands_reference, exit_codes
from making.glossary_page import words
from making.json_page import json_reference
from making.knowledge_page import (
    criteria_sets,
    default_limits,
    notes_of_sets,
    pages_differ,
    readings_of_ours,
    recalled_limits,
    sources_read,
)
from making.man_page import man_page
from making.meaning_page import meaning
from making.shell_blocks import run_page

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"

PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "commands": commands_reference,
    "exit codes": exit_codes,
    "columns": columns_reference,
    **{f"json {which}": partial(json_reference, which) for which in ("input", "output", "brief", "follow", "summary")},
    "meaning": meaning,
    "criteria sets": criteria_sets,
    "sources read": sources_read,
    "default limits": default_limits,
    "recalled limits": recalled_limits,
    "readings of ours": readings_of_ours,
    "notes of sets": notes_of_sets,
    "pages differ": pages_differ,
    "package uses": uses,
    "words": words,
}
WHOLE: Mapping[str, Callable[[], str]] = {"poems.1": man_page, "architecture.svg": picture}
_PART = re.compile(r"(?P<start><!-- made: (?P<name>[\w ]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """README, the hand-written pages, and the files that are made as a whole."""
    return [README, *sorted(DOCS.glob("*.md")), *[DOCS / name for name in WHOLE]]


def _made(path: Path) -> tuple[str, tuple[str, ...]]:
    """A file as it should be today, and the commands in it that fail."""
    if path.name in WHOLE:
        return WHOLE[path.name](), ()
    text = path.read_text(encoding="utf-8")
    text = _PART.sub(lambda part: part["start"] + "\n" + "\n".join(PARTS[part["name"]]()) + "\n" + part["end"], text)
    return run_page(text)


def main() -> int:
    """Write what has changed, or with ``--check`` only name it; 1 where a command failed, or a file is not as it should be."""
    check = "--check" in sys.argv
    named = [Path(name).resolve() for name in sys.argv[1:] if name != "--check"]
    failed = False
    for path in named or pages():
        text, problems = _made(path)
        for problem in problems:
            print(f"{path.name}: {problem}")
        stale = not path.exists() or path.read_text(encoding="utf-8") != text
        failed = failed or bool(problems) or (check and stale)
        if stale and check:
            print(f"{path.name}: not what the program says today; run python docs/build.py")
        elif stale and not problems:  # what a failed command said is not an output to show
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: updated")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
