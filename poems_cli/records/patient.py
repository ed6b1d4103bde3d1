"""A patient from plain data, whatever the format it came in: every finding understood, or every reason why not."""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.engine.expressions import leaves
from poems_cli.finding_names import (
    choice_words,
    finding_names,
    longer_words,
    mimic_names,
    nearest_finding,
    plain_name,
    said_by,
    which_of,
)
from poems_cli.model import LABEL, Finding, Observed, Patient, Quantity, Rules, Said
from poems_cli.phrases import listed
from poems_cli.records.other_kinds import other_record
from poems_cli.records.problem import Flaw, Flaws, Reading, Record, is_fit, is_label, kind_of
from poems_cli.records.quantity import KEYS, MEASURED_KEYS, Bare, Refuse, example, read_quantity
from poems_cli.suggestions import nearest

#: Why a finding that was refused is unknown.
NOT_UNDERSTOOD = "not understood"

#: A text without anything in it is not a word.
_UNKNOWN = frozenset(UNKNOWN_WORDS) - {""}
_TRUTHS = {**dict.fromkeys(PRESENT_WORDS, True), **dict.fromkeys(ABSENT_WORDS, False), **dict.fromkeys(_UNKNOWN)}
_PATIENT_MEND = 'write {"id": "p1", "findings": {...}}, or the findings alone'
_UNKNOWN_MEND = "poems template lists every id; where a record holds other keys too, put its findings under a key 'findings'"
_ID_MEND = 'write a text or a whole number, as in "id": "p1", or leave it out'
_BESIDE = Flaw("this finding is next to 'findings', where it is not read", "move it into 'findings'")
_LABEL_NOTE = (
    "The record's label is none of the diagnoses known here, so it was not understood and brings no red flags; "
    "poems explain mimics lists those known."
)
#: What a patient's record says that is not a finding: who it is, and when; the date matters to ``poems follow`` alone.
_OF_A_VISIT = ("id", "date")
_LONGEST_REASON = 200
_LONGEST_NAME = 60
_LONGEST_LABEL = 200
_MOST_SUGGESTED = 1000
_NAMES_OF_A_PATIENT = ("patient", "patient_id", "name", "case", "case_id", "mrn", "subject")
_LIKE = 0.8


class _Read(NamedTuple):
    """What was read of one record so far; ``meant`` is what the word for one finding says of others, with that finding."""

    observed: dict[str, Observed]
    reasons: dict[str, str]
    notes: list[str]
    meant: dict[str, tuple[str, Observed]]


class PatientReader:
    """Understands records by one set of rules; ``bare`` says in which units numbers without one are."""

    def __init__(self, rules: Rules, bare: Bare = None) -> None:
        self._bare = bare
        self._findings = rules.findings
        self._mimics = rules.mimics
        self._units = rules.units
        self._flagged = {label: entry.name for label, entry in rules.labels.items()}
        self._suggested: dict[str, Flaw] = {}  # records of one origin share their mistakes

    def read(self, record: Record) -> Reading:
        """The patient of a record, and everything that is wrong with it."""
        flaws = Flaws(record.place, record.refused)
        given = record.value
        if not isinstance(given, dict):
            what = f"a patient must be an object with findings, but this is {kind_of(given)}"
            for flaw in (*record.flaws, Flaw(what, _PATIENT_MEND)):
                flaws.spoil(flaw)
            return Reading(None, flaws.all(), record.place)
        kind = other_record(given)
        if kind is not None:
            flaws.spoil(kind)
            return Reading(None, flaws.all(), record.place)
        identity, unfit = _identity(given.get("id"), record.number)
        flaws.place = f"{record.place}, patient {record.number}"
        for flaw in record.flaws if unfit is None else (*record.flaws, unfit):
            flaws.spoil(flaw)
        read = _Read({}, {}, [], {})
        for name, value in self._members(given, flaws):
            finding = self._findings.get(name)
            if finding is None:
                # Beyond what is shown, looking for the nearest name would only cost time.
                flaws.refuse(Flaw("", "") if flaws.full else self._unknown(name, value), name if is_label(name) else None)
                continue
            before = flaws.count
            self._observe(finding, value, partial(flaws.refuse, key=name), read)
            if flaws.count > before:
                read.observed.pop(name, None)
                read.reasons[name] = NOT_UNDERSTOOD
        for name, flaw in record.wrong.items():
            flaws.refuse(flaw, name)
            read.reasons[name] = NOT_UNDERSTOOD
        self._fill_in(flaws, read)
        self._label(given, partial(flaws.refuse, key="label"), read)
        read.notes.extend(self._without_flags(read.observed.get(LABEL)))
        problems = flaws.all()
        if flaws.spoiled or (problems and not read.observed):
            return Reading(None, problems, record.place)
        patient = Patient(identity, read.observed, read.reasons, tuple(read.notes), tuple(flaws.refused))
        return Reading(patient, problems, record.place)

    def _label(self, given: Mapping[str, object], refuse: Refuse, read: "_Read") -> None:
        """Note the diagnosis given so far, by whatever name, or that it is not known."""
        label = given.get("label")
        if LABEL not in self._findings or label is None or label == "":
            return
        known = self._labels.get(_plain(label)) if isinstance(label, str) else None
        if known is None and LABEL not in read.observed:
            read.notes.append(_LABEL_NOTE)
        if known is not None and read.observed.setdefault(LABEL, known) != known:
            del read.observed[LABEL]
            refuse(Flaw(f"the label and the finding '{LABEL}' differ", "keep the one that is right"))

    def _without_flags(self, label: Observed | None) -> Iterator[str]:
        """The remark on a label for which no red flags exist: that none are shown means nothing."""
        if isinstance(label, str) and label not in self._flagged and self._flagged:
            named = self._findings[LABEL].choices.get(label, label)
            yield f"There are no red flags for the label {named}; they exist for {listed(self._flagged.values(), 'and')}."

    def _members(self, given: Mapping[str, object], flaws: Flaws) -> Iterator[tuple[str, object]]:
        """The findings by name, from under ``findings`` or from a flat object."""
        if "findings" not in given:
            for name, value in given.items():
                if name not in _OF_A_VISIT and (name != "label" or LABEL not in self._findings):
                    yield name, value
            return
        for name in given:
            if name in ("id", "findings"):
                continue
            if name in self._findings:
                flaws.refuse(_BESIDE, name)
            elif is_label(name) and _is_like_findings(name):
                message = f"the key '{name}' next to 'findings' looks like it"
                flaws.spoil(Flaw(message, "put all findings under the one key 'findings'"))
        findings = given["findings"]
        if isinstance(findings, dict):
            yield from findings.items()
        elif findings is not None:
            message = f"'findings' must be an object, but this is {kind_of(findings)}"
            flaws.spoil(Flaw(message, f'write "findings": {{"{next(iter(self._findings))}": ...}}'))

    def _observe(self, finding: Finding, given: object, refuse: Refuse, read: "_Read") -> None:
        """Note the entry of one finding: its value, why it is unknown, or what is wrong."""
        known: Observed | None = None
        if isinstance(given, dict):
            if finding.kind == "boolean" and not given.keys().isdisjoint(MEASURED_KEYS):
                refuse(self._not_a_truth(finding, 0))
            elif _is_sound(finding, given, refuse):
                value = given["value"]
                known = None if value is None or _is_unknown(value) else self._value(finding, given, refuse, read)
                _note_reason(finding, given, known, refuse, read.reasons)
        elif given is not None and not _is_unknown(given):
            known = self._value(finding, given, refuse, read)
        if known is not None:
            read.observed[finding.id] = known

    def _value(self, finding: Finding, given: object, refuse: Refuse, read: "_Read") -> Observed | None:
        if finding.kind == "quantity":
            return read_quantity(finding, given, self._units, refuse, self._bare)
        value = given["value"] if isinstance(given, dict) else given
        return (
            self._truth(finding, value, refuse, read) if finding.kind == "boolean" else self._word(finding, value, refuse, read)
        )

    def _truth(self, finding: Finding, given: object, refuse: Refuse, read: "_Read") -> Observed | None:
        if isinstance(given, bool):
            return given
        word = given.strip().lower() if isinstance(given, str) else ""
        if word in _TRUTHS:
            return _TRUTHS[word]
        meant = said_by(word, self._longer[finding.id])
        if meant is not None:
            return self._meant(finding, meant, read)
        refuse(self._not_a_truth(finding, given))
        return None

    def _word(self, finding: Finding, given: object, refuse: Refuse, read: "_Read") -> Observed | None:
        """The choice that a word names; a longer word may say something of other findings too, or of them alone."""
        if isinstance(given, str):
            word = given.strip()
            if word in finding.choices:
                return word
            words = self._words[finding.id]
            if word.casefold() in words:
                return words[word.casefold()]
            meant = said_by(word, self._longer[finding.id])
            if meant is not None:
                return self._meant(finding, meant, read)
        mend = f"write one of {listed(finding.choices, 'or')}, or null for unknown"
        refuse(Flaw(f"expected one of its words, but this is {_kind_of_word(given)}", mend))
        return None

    @staticmethod
    def _meant(finding: Finding, meant: Said, read: "_Read") -> bool | str | None:
        """What a longer word says of its own finding; what it says of others is noted."""
        read.meant.update({other: (finding.id, value) for other, value in meant.items() if other != finding.id})
        return meant.get(finding.id)

    def _fill_in(self, flaws: Flaws, read: "_Read") -> None:
        """Note what words say of other findings, unless the record has another value for these."""
        for other, (finding, value) in read.meant.items():
            if read.observed.setdefault(other, value) == value:
                read.reasons.pop(other, None)
                continue
            for disputed in (finding, other):
                read.observed.pop(disputed, None)
                read.reasons[disputed] = NOT_UNDERSTOOD
            what = f"what is said here of '{other}' differs from the finding itself"
            flaws.refuse(Flaw(what, "keep the one that is right"), finding)

    def _not_a_truth(self, finding: Finding, given: object) -> Flaw:
        mend = "write true, false or null (or yes, no, unknown)"
        is_measured = any(map(str.isdigit, given)) if isinstance(given, str) else isinstance(given, int | float)
        measured = _measured(finding, self._findings) if is_measured else []
        if measured:
            mend += f"; a measured value belongs to {listed(measured, 'or')}"
        return Flaw(f"expected present or absent, but this is {_kind_of_word(given)}", mend)

    def _unknown(self, name: str, value: object) -> Flaw:
        """The flaw of a name that is not a finding's id, with the id most likely meant."""
        if name == "id":
            return Flaw("the id is among the findings", "put it next to 'findings'")
        if isinstance(value, dict) and is_label(name) and _is_like_findings(name):
            return Flaw(f"the key '{name}' is not 'findings'", "write it 'findings', in lower case")
        flaw = self._suggested.get(name)
        if flaw is None:
            flaw = self._suggestion(name)
            if len(self._suggested) < _MOST_SUGGESTED:
                self._suggested[name] = flaw
        return flaw

    def _suggestion(self, name: str) -> Flaw:
        plain = _plain(name)
        shown = f"'{name}'" if is_label(name) else "of this name"
        if plain in _NAMES_OF_A_PATIENT:
            return Flaw(f"there is no finding {shown}", "a patient's name for the record goes under 'id'")
        which = which_of(plain, self._findings)
        if which and self._known_names.get(plain) is None:
            mend = "write the one that was measured: they are different tests, each with limits of its own"
            subject = shown if is_label(name) else "this name"
            return Flaw(f"{subject} does not say which one: {listed(which, 'or')}", mend)
        near = self._nearest(name)
        return Flaw(f"there is no finding {shown}", f"did you mean '{near}'?" if near else _UNKNOWN_MEND)

    @cached_property
    def _known_names(self) -> Mapping[str, str]:
        return finding_names(self._findings) | {"id": "id"}

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return mimic_names(self._mimics)

    @cached_property
    def _longer(self) -> Mapping[str, Mapping[str, Said]]:
        return {finding.id: longer_words(finding) for finding in self._findings.values()}

    @cached_property
    def _words(self) -> Mapping[str, Mapping[str, str]]:
        return {finding.id: choice_words(finding) for finding in self._findings.values() if finding.kind == "choice"}

    def _nearest(self, name: str) -> str | None:
        """The finding that a name most likely means."""
        plain = _plain(name)
        return self._known_names.get(plain) or nearest_finding(plain[:_LONGEST_NAME], self._known_names)


def round_trip(patient: Patient) -> dict[str, Any]:
    """The patient as plain data in canonical units, which reads back to the same patient."""
    findings: dict[str, Any] = {name: plain_value(value) for name, value in patient.observed.items()}
    findings |= {name: {"value": None, "reason": reason} for name, reason in patient.reasons.items()}
    return {"id": patient.id, "findings": findings}


def plain_value(value: Observed) -> Any:
    """What was observed as plain data, which reads back to the same."""
    if not isinstance(value, Quantity):
        return value
    parts = value._replace(given=None)._asdict() | {"given": value.given._asdict() if value.given else None}
    return {name: part for name, part in parts.items() if part is not None}


def _identity(given: object, number: int) -> tuple[str, Flaw | None]:
    """The patient's id, by position if none is given."""
    by_position = f"patient {number}"
    if given is None or (isinstance(given, str) and not given.strip()):
        return by_position, None
    if isinstance(given, bool) or not isinstance(given, str | int):
        return by_position, Flaw(f"an id must be text or a whole number, but this is {kind_of(given)}", _ID_MEND)
    identity = str(given)
    if not is_fit(identity):
        return identity, Flaw("the id holds control characters", "leave out line breaks, tabs and invisible characters")
    return identity, None


@lru_cache(maxsize=256)  # the same few names come with every record
def _is_like_findings(name: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name.lower(), "findings").ratio() >= _LIKE  # finding, Findings, findngs


def _is_unknown(given: object) -> bool:
    """Whether a text says that something is not known, whatever kind of finding it is."""
    return isinstance(given, str) and len(given) <= _LONGEST_NAME and given.strip().lower() in _UNKNOWN


def _is_sound(finding: Finding, given: Mapping[str, object], refuse: Refuse) -> bool:
    """Whether a value object has a value and no keys but those of its kind."""
    allowed = KEYS if finding.kind == "quantity" else ("value", "reason")
    strange = [key for key in given if key not in allowed]
    for key in strange[:5]:
        near = nearest(key[:_LONGEST_NAME], allowed)
        mend = f"did you mean '{near}'?" if near else f"it may have {listed(allowed, 'and')}"
        named = f"'{key}'" if is_label(key) else "of this name"
        refuse(Flaw(f"a value of this finding has no key {named}", mend))
    if "value" not in given:
        mend = 'write {"value": null, "reason": "not-performed"}, or the bare value'
        refuse(Flaw("the object has no 'value'", example(finding) if finding.kind == "quantity" else mend))
    return "value" in given and not strange


def _note_reason(
    finding: Finding, given: Mapping[str, object], known: Observed | None, refuse: Refuse, reasons: dict[str, str]
) -> None:
    """Keep why a finding is unknown; a known one has no reason to be."""
    reason = given.get("reason")
    if reason is None or reason == "":
        return
    if not isinstance(reason, str) or len(reason) > _LONGEST_REASON or not is_fit(reason):
        refuse(Flaw("the reason is not a short text", 'say why it is unknown, as in "reason": "not-performed"'))
    elif known is not None:
        mend = "leave out the reason, or write null for the value"
        refuse(Flaw("a value is given, and a reason why it is unknown", mend))
    else:
        reasons[finding.id] = reason


def _kind_of_word(given: object) -> str:
    return "another text" if isinstance(given, str) and given.strip() else kind_of(given)


def _plain(name: str) -> str:
    """A name of the input as ids are written; what is longer than any name is cut, since it would only cost time."""
    return plain_name(name[:_LONGEST_LABEL])


def _measured(finding: Finding, findings: Mapping[str, Finding]) -> list[str]:
    """The quantities that decide a boolean finding, else those that its name would fit."""
    compared = [] if finding.definition is None else [leaf.finding for leaf in leaves(finding.definition)]
    quantities = [name for name in dict.fromkeys(compared) if name in findings and findings[name].kind == "quantity"]
    return quantities or which_of(finding.id, findings)
