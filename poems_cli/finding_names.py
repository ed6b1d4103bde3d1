"""What a finding may be called, and which one a name means: one, several, or none that is known."""

import re
from collections.abc import Mapping
from functools import lru_cache

from poems_cli.model import Finding, Said
from poems_cli.suggestions import nearest

_SHORTEST = 5
#: How laboratories join a heavy and a light chain: IgG lambda, IgG-lambda, IgG (lambda), and so on.
_JOINED = ("{0} {1}", "{0}-{1}", "{0}/{1}", "{0}, {1}", "{0}{1}", "{0} ({1})")
_MOST_MORE = 2
_PAIR = 2
_LISTED = re.compile(" ?[,;+&] ?| and ")


def plain_name(name: str) -> str:
    """A name as ids are written: lower case, words joined by underscores; what is not a letter or digit only parts words.

    A percent sign is a word, since a share is another value than a count.
    """
    spaced = name.replace("%", " percent ").lower()
    return "_".join("".join(letter if letter.isalnum() else " " for letter in spaced).split())


def without_remark(label: str) -> str:
    """A label without the remark in parentheses at its end."""
    return label.rpartition(" (")[0] if label.endswith(")") and " (" in label else label


@lru_cache(maxsize=2048)  # names of the rules, never what a patient has
def column_name(words: str) -> str:
    """Words as an id that any table can have as a column: ASCII, lower case, joined by underscores."""
    return "_".join(re.findall(r"[a-z0-9]+", words.lower()))


def finding_names(findings: Mapping[str, Finding]) -> dict[str, str]:
    """Every plain name of a finding, and its id: id, label, term and synonyms. A label of two findings names neither."""
    called: dict[str, set[str]] = {}
    for finding in findings.values():
        for name in (finding.label, finding.term, *finding.synonyms):
            called.setdefault(plain_name(str(name or "")), set()).add(finding.id)
    single = {name: next(iter(ids)) for name, ids in called.items() if name and len(ids) == 1}
    return single | {plain_name(finding): finding for finding in findings}


def choice_words(finding: Finding) -> dict[str, str]:
    """Every word for a choice, its case folded, and the choice: its id before its label, and that before other words."""
    words = {choice.casefold(): choice for choice in finding.choices}
    for word, choice in ((label, choice) for choice, label in finding.choices.items()):
        words.setdefault(word.casefold(), choice)
    for word, choice in finding.words.items():
        words.setdefault(word.casefold(), choice)
    return words


def longer_words(finding: Finding) -> dict[str, Said]:
    """The words that say something of several findings or of another one, their case folded, and what each says.

    A word of two pieces is written in several ways: ``IgG lambda``, ``IgG-lambda``, ``IgG (lambda)``.
    """
    words: dict[str, Said] = {}
    for word, meant in finding.means.items():
        pieces = word.split(" ")
        forms = [form.format(*pieces) for form in _JOINED] if len(pieces) == _PAIR else [word]
        words |= {form.casefold(): meant for form in forms}
    return words


def said_by(text: str, words: Mapping[str, Said]) -> Said | None:
    """What a text says that is one of these longer words, or lists several.

    ``None`` for any other text, also where a piece of it is another word (``IgG lambda?``, ``no ascites``) or two say different
    things: it may leave a doubt, or deny.
    """
    folded = " ".join(text.casefold().split())
    whole = words.get(folded)
    if whole is not None or not words:
        return whole
    said: dict[str, bool | str] = {}
    for piece in _LISTED.split(folded):
        meant = words.get(piece)
        if meant is None or any(said.setdefault(other, value) != value for other, value in meant.items()):
            return None
    return said


def which_of(plain: str, findings: Mapping[str, Finding]) -> list[str]:
    """The quantities that a name, or its first word, would fit alike, if there are several."""
    return ending_so(plain, findings) or ending_so(plain.partition("_")[0], findings)


def ending_so(plain: str, findings: Mapping[str, Finding]) -> list[str]:
    """The quantities whose ids end with a name, if there are several."""
    fitting = [name for name, finding in findings.items() if finding.kind == "quantity" and name.endswith(f"_{plain}")]
    return fitting if plain and len(fitting) > 1 else []


def nearest_finding(plain: str, names: Mapping[str, str], alike: float = 0.67) -> str | None:
    """The finding whose name is most like a plain one; an abbreviation is like too many words to be suggested."""
    near = nearest(plain, [name for name, finding in names.items() if len(name) >= _SHORTEST or name == finding], alike)
    return names[near] if near else None


def named_around(plain: str, names: Mapping[str, str]) -> list[str]:
    """The findings one of whose names is the words of a plain one and few more, the fewest alone."""
    words = set(plain.split("_"))
    around = {name: len(set(name.split("_")) - words) for name in names if words <= set(name.split("_"))}
    fewest = min(around.values(), default=_MOST_MORE + 1)
    return list(dict.fromkeys(names[name] for name, more in around.items() if more == fewest)) if fewest <= _MOST_MORE else []
