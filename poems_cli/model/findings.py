"""What the rules say of findings, and the criteria that count them."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.model.expressions import Basis, Expression

#: What something is called in other systems: the codes, by system.
Codes: TypeAlias = Mapping[str, tuple[str, ...]]


class Fact(NamedTuple):
    """A text for readers with what it rests on."""

    text: str
    basis: Basis = Basis()


class Source(NamedTuple):
    """A paper, guideline or page, and how much of it was read (``read``); ``note`` says which part."""

    read: str
    authors: str | None = None
    title: str | None = None
    journal: str | None = None
    publisher: str | None = None
    year: int | str | None = None
    volume: int | str | None = None
    pages: int | str | None = None
    doi: str | None = None
    pmid: int | str | None = None
    pmcid: int | str | None = None
    url: str | None = None
    note: str | None = None


class Usual(NamedTuple):
    """The usual range of a quantity in its canonical unit, for display only; ``text`` says it in other words."""

    low: float | None
    high: float | None
    text: str | None
    basis: Basis


#: What a word says of several findings, by their ids.
Said: TypeAlias = Mapping[str, bool | str]


class Finding(NamedTuple):
    """One observation about one patient, as ``rules/poems.yaml`` describes it.

    ``definition`` derives a boolean finding from others; ``part_of`` is its whole (part present makes
    the parent present, parent asserted absent makes the part absent). ``unit`` is the canonical UCUM unit of a quantity;
    ``choices`` maps the words of a choice to their labels; ``words`` are other words for a choice, ``means`` words that say
    something of several findings, or of a truth more than yes or no. Of a part that does not always show its whole
    ``shows_whole`` is false: then only the parent's definition says when it does.

    The rest is for readers: ``short`` is the shortest name, ``term`` the clinical one, ``group`` the heading under which it
    is listed; ``includes``, ``excludes`` and ``look_for`` say what counts and how to look.
    """

    id: str
    kind: Literal["boolean", "quantity", "choice"]
    label: str
    part_of: str | None
    unit: str | None
    choices: Mapping[str, str]
    definition: Expression | None
    gray_zone: str | None
    shows_whole: bool = True
    question: str = ""
    short: str | None = None
    term: str | None = None
    synonyms: tuple[str, ...] = ()
    group: str | None = None
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    look_for: str | None = None
    note: str | None = None
    usual: Usual | None = None
    codes: Mapping[str, tuple[str, ...]] = {}
    words: Mapping[str, str] = {}
    means: Mapping[str, Said] = {}
    basis: Basis = Basis()


class Level(NamedTuple):
    """One level of a criteria set; most sets have only ``met``."""

    id: str
    expression: Expression


class Years(NamedTuple):
    """The years in which a criteria set is in use; ``None`` where that is not known, or where it still is."""

    first: int | str | None
    last: int | str | None


class CriteriaSet(NamedTuple):
    """One published set of criteria; ``levels`` run from the highest to the lowest."""

    id: str
    title: str
    short: str
    source: str
    levels: tuple[Level, ...]
    about: str = ""
    current: Years | None = None
    more_sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Warn(NamedTuple):
    """Something worth saying whenever ``when`` holds; ``short`` says it in one line.

    What is ``urgent`` calls for action today, and is shown first whatever else is answered; of the ``mimics`` it says why they
    must not be missed, which need not be said again.
    """

    id: str
    when: Expression
    text: str
    basis: Basis
    short: str | None = None
    urgent: bool = False
    mimics: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """A picture with a ``name`` of its own, described where the default set is not met; it never changes a verdict."""

    id: str
    name: str
    when: Expression
    text: str
    basis: Basis


class Cause(NamedTuple):
    """An established disease that accounts for findings which would otherwise count toward the criteria.

    ``findings`` cover their parts too.
    """

    id: str
    name: str
    when: Expression
    findings: tuple[str, ...]
    basis: Basis


class Uncounted(NamedTuple):
    """A finding that looks like an element of the criteria and does not count toward it; ``reason`` says why, in a phrase.

    ``criteria`` are the sets for which that is true; it is left out where the finding ``unless``, which does count, is present.
    """

    id: str
    finding: str
    element: str
    criteria: tuple[str, ...]
    reason: str
    basis: Basis
    unless: str | None = None
