"""What is worth saying of a row besides its verdicts: warnings, red flags, contradictions, each as the bit of a mask.

A whole number for each row and kind is all that an engine has to carry; the words are put in where the answer is written. Only
where there are more of a kind than a number has bits, the words themselves are carried.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.findings import uses
from poems_cli.engine.logic import truth
from poems_cli.model import LABEL, Facts, Rules
from poems_cli.sql.findings import Resolved
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import among, as_text, cases, concatenated, every, is_known, mask, some, values_of
from poems_cli.sql.text import Term, Text, string, text, whole

_NOTHING = Facts({}, {}, {}, (), ())

#: So many bits fit into a whole number of every engine, sign aside.
_BITS = 62


class Masks(NamedTuple):
    """Ids, each with the bit of a mask that says whether it holds; ``value`` is the mask, or what it is for every row.

    Of too many ids for a mask ``value`` is those that hold, joined by semicolons, NULL where there are none: ``in_words``.
    """

    ids: tuple[str, ...]
    value: Text | int
    in_words: bool = False

    def ids_of(self, mask: int | str | None) -> tuple[str, ...]:
        """The ids that hold where the value is this."""
        if not isinstance(mask, int):
            return tuple(mask.split(";")) if mask else ()
        return tuple([name for bit, name in enumerate(self.ids) if mask >> bit & 1])

    @property
    def any_holds(self) -> str:
        """The SQL for whether any of the ids holds."""
        if isinstance(self.value, int):
            return "TRUE" if self.value else "FALSE"
        return f"{self.value.sql} IS NOT NULL" if self.in_words else f"{self.value.sql} <> 0"


def warnings(rules: Rules, resolved: Resolved, stages: Stages) -> Masks:
    """The gray zones and the warnings of the rules that hold, in the order in which they are told."""
    noted: dict[str, Term] = {f"gray_zone:{finding}": term for finding, term in resolved.gray.items()}
    translator = resolved.translator_of_reports
    for warning in rules.warnings:
        holds = translator.term(warning.when)
        if truth(warning.when, _NOTHING):  # it would hold of a patient of whom nothing is known, and then is not told
            holds = every([some([translator.known(one) for one in uses(warning.when)]), holds])
        noted[warning.id] = holds
    return _masks("warnings", noted, stages)


def red_flags(rules: Rules, resolved: Resolved, stages: Stages) -> Masks:
    """The red flags that hold of a row that carries one of their labels."""
    label = resolved.inputs.chosen.get(LABEL)
    noted: dict[str, Term] = {}
    if label is None:
        return Masks((), 0)
    for flag in rules.red_flags:
        labels = [one for one in flag.labels if one in rules.labels]
        carried = among(label, labels)
        noted[flag.id] = every([carried, resolved.translator.term(flag.when)])
    known = resolved.translator.known(LABEL)
    return _masks("red_flags", noted, stages, known)  # few rows of a table carry one


def known_inputs(resolved: Resolved, stages: Stages) -> tuple[Masks, ...]:
    """The findings that the columns of a row itself make known, in as many masks as they need."""
    inputs, translator = resolved.inputs, resolved.translator
    known: dict[str, Term] = {finding: is_known(term) for finding, term in inputs.said.items()}
    known |= {finding: translator.known(finding) for finding in (*inputs.measured, *inputs.chosen)}
    each = list(known.items())
    parts = [dict(each[start : start + _BITS]) for start in range(0, len(each), _BITS)]
    return tuple([_masks(f"known_{number}", part, stages) for number, part in enumerate(parts, 1)])


def labels(rules: Rules, resolved: Resolved, stages: Stages) -> Masks:
    """The label that a row carries, of those that deserve a second look."""
    label = resolved.inputs.chosen.get(LABEL)
    carried = {} if label is None else {one: among(label, [one]) for one in rules.labels}
    return _masks("labels", carried, stages)


def contradictions(resolved: Resolved, stages: Stages) -> Masks:
    """The findings that contradict what is said elsewhere in their row."""
    return _masks("contradictions", resolved.contradictory, stages, some(list(resolved.contradictory.values()) or [False]))


def _masks(name: str, noted: Mapping[str, Term], stages: Stages, only_where: Term = True) -> Masks:
    possible = [(one, term) for one, term in noted.items() if True in values_of(term)]
    ids = tuple([one for one, _ in possible])
    if len(possible) > _BITS:
        return Masks(ids, stages.add(f"{name}__mask", as_text(cases((only_where, _words(possible))))), in_words=True)
    value = mask([term for _, term in possible])
    if isinstance(value, Text):
        if only_where is not True:
            value = as_text(cases((only_where, value), otherwise=whole(0)))
        value = stages.add(f"{name}__mask", value)
    return Masks(ids, value)


def _words(noted: Sequence[tuple[str, Term]]) -> Text:
    """The ids that hold, joined by semicolons, NULL where there are none."""
    words = [cases((holds, _word(f";{one}")), otherwise=_word("")) for one, holds in noted]
    return text("NULLIF(SUBSTR({}, 2), '')", concatenated([as_text(one) for one in words]))


def _word(one: str) -> Text:
    return Text(string(one), frozenset())
