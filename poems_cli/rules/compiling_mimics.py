"""The mimics of the rules files -> their records: profiles, criteria, red flags, outlook; what ``compiling`` builds on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from poems_cli.engine.expressions import children_of
from poems_cli.finding_names import without_remark
from poems_cli.model import (
    LABEL,
    All,
    AnyOf,
    AtLeast,
    CommonCause,
    Compare,
    DiagnosisLabel,
    Evidence,
    EvidenceScale,
    Expression,
    Fact,
    Factor,
    Frequency,
    Mimic,
    Outlook,
    OutlookNote,
    Present,
    RedFlag,
    Score,
    Settles,
)
from poems_cli.rules.checker import Checker
from poems_cli.rules.compiling_follow import compile_follow, noted_facts
from poems_cli.rules.entries import codes_of, filled, noted_basis
from poems_cli.rules.frequency import FORMS, is_figure, points, share
from poems_cli.rules.shape import BASIS, FREQUENCIES, ITEM
from poems_cli.rules.strict_yaml import Path

_OF_ITEM = ITEM.shapes.keys() - BASIS.keys() - {"name"}  # the rest is of the condition
_EVERY_LABEL = "all"
_RAREST = len(FREQUENCIES)  # the syndrome, after the frequency classes of the mimics
_NO_FREQUENCY = Frequency("", 0.5, None)  # in place of one with a problem


class MimicsCompiler(Checker):
    """Compiles what the rules say of mimics; once the scale of the evidence is read, one entry at a time too."""

    def mimics_fields(self) -> dict[str, Any]:
        """The fields of the rules about mimics, empty where there are none."""
        evidence, self.reference = self._evidence(), self._reference()
        mimics, profile, sets = (self.section(key) for key in ("mimics", "profile", "mimic_criteria"))
        fields = {
            "evidence": evidence,
            "mimics": {mimic: self._mimic(mimic, body) for mimic, body in mimics.items()},
            "profile": self._syndrome(profile) if profile else None,
            "mimic_criteria": {set_id: self.criteria_set("mimic_criteria", set_id, body) for set_id, body in sets.items()},
            **self._red_flags(self.section("red_flags")),
            "outlook": self._outlook(self.section("outlook")),
        }
        self._unique(mimics)
        for set_id in sets:
            if set_id in self.section("criteria"):
                self.problem(("mimic_criteria", set_id), "a criteria set has this id already", "Choose another id.")
        return fields

    def mimics_part(self, section: str, entry: str) -> dict[str, Any]:
        """What one entry of these sections compiles to; ``red_flags`` and ``outlook`` are compiled whole."""
        body = self.section(section)
        match section:
            case "mimics":
                return {"mimics": {entry: self._mimic(entry, body[entry])}}
            case "profile":
                return {"profile": self._syndrome(body)}
            case "red_flags":
                return self._red_flags(body)
            case _:
                return {"outlook": self._outlook(body)}

    def _evidence(self) -> EvidenceScale:
        """The scale of the evidence; it leaves what each word stands for."""
        path: Path = ("evidence",)
        entry = self.section("evidence")
        self.words: dict[str, float] = {}
        if not entry:
            if self.section("mimics"):
                self.problem(("mimics",), "evidence: is missing", "Say there what each word of a frequency stands for.")
            return EvidenceScale()
        for word, part in entry.get("words", {}).items():
            if not 0 < part < 1:
                message = f"{part!r} is not a share between 0 and 1"
                self.problem((*path, "words", word), message, "Write a number above 0 and below 1.")
            else:
                self.words[word] = part
        points: Any = entry.get("suggests", ())
        if len(points) != 2 or not points[0] >= points[1] > 0:
            mend = "Write [9, 5]: the points of one present finding, and of another."
            self.problem((*path, "suggests"), "suggests: is two numbers, the greater first", mend)
        if entry.get("less_likely", 0) > 0:
            mend = "Write the points below which a disease is less likely than in the average patient, such as -3."
            self.problem((*path, "less_likely"), "less_likely: is 0 or below", mend)
        if not 0 <= entry.get("explained", 0) <= 1:
            self.problem((*path, "explained"), "explained: is a part", "Write a number from 0 to 1.")
        return filled(EvidenceScale, entry, words=self.words)

    def _reference(self) -> dict[str, Frequency]:
        """How often each finding is present in the reference."""
        table: dict[str, Frequency] = {}
        for finding, row in self.section("reference").items():
            entry = row if isinstance(row, dict) else {"frequency": row}
            table[finding] = self._frequency(("reference", finding), entry.get("frequency"), entry.get("source"))
        return table

    def _frequency(self, path: Path, text: Any, source: Any) -> Frequency:
        """A frequency as it is written, as a share, and with the source of a figure."""
        text = str(text)
        part = share(text, self.words)
        figure = is_figure(text)
        if part is None:
            mend = f"{FORMS}; none and all as 0 of 27 and 27 of 27." if figure else f"{FORMS}, or {', '.join(self.words)}."
            self.problem(path, f"{text!r} is not a frequency", mend)
        elif figure and not source:
            self.problem(path, f"the figure {text!r} has no source", "Add source:, or write one of the words.")
        return Frequency(text, part or 0.5, source if figure else None)

    def _mimic(self, mimic: str, entry: Mapping[str, Any]) -> Mimic:
        path: Path = ("mimics", mimic)
        settled_by, frequency = entry.get("settled_by", {}), entry.get("frequency", {})
        confirmed, excluded = [self._settles((*path, "settled_by"), settled_by, key) for key in ("confirmed", "excluded")]
        its_class = frequency.get("class")
        consider_when = self.expression((*path, "consider_when"), entry.get("consider_when"), False)
        evidence = self._items(path, entry)
        return filled(
            Mimic,
            entry,
            id=mimic,
            consider_when=self._with_label(mimic, consider_when),
            evidence=evidence,
            confirmed=confirmed,
            excluded=excluded,
            explains=self._explains(path, entry, evidence),
            tests=tuple(settled_by.get("tests", ())),
            commonness=FREQUENCIES.index(its_class) if its_class in FREQUENCIES else 0,
            shown_when=self.optional(path, entry, "shown_when"),
            common_cause=self._common_cause((*path, "common_cause"), entry["common_cause"])
            if "common_cause" in entry
            else None,
            frequency_class=str(its_class),
            codes=codes_of(entry.get("codes", {})),
        )

    def _syndrome(self, body: Mapping[str, Any]) -> Mimic:
        """The syndrome's own row: it is always considered, its criteria establish it, and it is rarer than the mimics."""
        evidence = self._items(("profile",), body)
        explains = self._explains(("profile",), body, evidence)
        name, title = str(self.top.get("id")), str(self.top.get("title"))
        met = Settles(AnyOf(()), "its criteria are met")
        return Mimic(name, title, title, All(()), evidence, met, None, explains, (), (), _RAREST)

    def _common_cause(self, path: Path, entry: Mapping[str, Any]) -> CommonCause:
        """Of what the disease is a common cause, its name in a word, and the cheap test that comes first."""
        return filled(CommonCause, entry, of=self.expression((*path, "of"), entry.get("of"), False))

    def _with_label(self, mimic: str, expression: Expression) -> Expression:
        """Its own condition calls for a mimic, and so does the label that the patient carries."""
        if mimic not in self.section("findings").get(LABEL, {}).get("choices", {}):
            return expression
        called = Compare(LABEL, "is", (mimic,), name="the label given so far")
        is_plain = isinstance(expression, AnyOf) and expression.name is None and expression.basis is None
        return AnyOf((*(children_of(expression) if is_plain else (expression,)), called))

    def _items(self, path: Path, entry: Mapping[str, Any]) -> tuple[Evidence, ...]:
        """The evidence for and against a disease."""
        bodies = enumerate(entry.get("evidence", ()))
        evidence = tuple([self._item((*path, "evidence", number), item) for number, item in bodies])
        for number, item in enumerate(evidence):
            if item.once and sum(other.once == item.once for other in evidence) == 1:
                mend = "Give the same word to items where only the heaviest is to count."
                self.problem((*path, "evidence", number, "counts_once"), f"{item.once!r} names one item only", mend)
        return evidence

    def _explains(self, path: Path, entry: Mapping[str, Any], evidence: Iterable[Evidence]) -> frozenset[str]:
        """All that a disease names as its own."""
        explains = {finding for item in evidence if item.present > 0 for finding in _positive(item.when)}
        for key in ("shares", "does_not_explain"):
            for number, finding in enumerate(entry.get(key, ())):
                if key == "shares":
                    explains.add(finding)
                elif finding in explains:
                    mend = "Keep it there, or among the evidence for it and under shares:."
                    self.problem((*path, key, number), f"{finding!r} is explained above", mend)
        return frozenset(explains)

    def _item(self, path: Path, item: Any) -> Evidence:
        """One item of evidence: a condition with the two frequencies, what it weighs, and why."""
        condition = {key: item[key] for key in item if key not in _OF_ITEM}
        expression = self.expression(path, condition, True)  # unlike a criterion, it may ask what is known
        frequency, reference = self._frequencies(path, item, expression)
        present, absent = points(frequency.value, reference.value)
        weighs = item.get("weighs", "both")
        name = item.get("name") or self._leaf_name(expression)
        if name is None:
            self.problem(path, "an item of several findings needs a name", "Add name: in a few words.")
        return Evidence(
            expression._replace(basis=None),  # the item itself carries what it rests on
            name or "",
            item.get("absent_name") or f"no {name}",
            frequency,
            reference,
            0.0 if weighs == "absence" else present,
            0.0 if weighs == "presence" else absent,
            item.get("reason", ""),
            noted_basis(item),
            item.get("counts_once"),
        )

    def _frequencies(self, path: Path, item: Mapping[str, Any], expression: Expression) -> tuple[Frequency, Frequency]:
        """How often the condition of an item holds in the disease, and in the reference: its own, or that of the table."""
        frequency, reference = _NO_FREQUENCY, _NO_FREQUENCY
        if item.get("frequency") is None:
            mend = f"Write how often it holds in this disease: {FORMS.removeprefix('Write ')}, or {', '.join(self.words)}."
            self.problem(path, "an item needs its frequency", mend)
        else:
            frequency = self._frequency((*path, "frequency"), item["frequency"], item.get("source"))
        single = expression.finding if isinstance(expression, Present) else None
        if single in self.reference and item.get("reference") is not None:
            mend = "Leave out reference: here, or change it there: every disease is compared with the same."
            self.problem((*path, "reference"), f"{single!r} has its reference in the table", mend)
        if item.get("reference") is not None:
            reference = self._frequency((*path, "reference"), item["reference"], item.get("source"))
        elif single is not None and single in self.reference:
            reference = self.reference[single]
        else:
            mend = "Add reference: to it, or, for a single finding, a row under reference:."
            self.problem(path, "an item needs how often it holds in the reference", mend)
        return frequency, reference

    def _leaf_name(self, expression: Expression) -> str | None:
        """A finding's label; what is not a plain finding is named by hand."""
        finding = expression.finding if isinstance(expression, Present) else None
        label = self.section("findings").get(str(finding), {}).get("label")
        return without_remark(label) if label else None

    def _settles(self, path: Path, body: Mapping[str, Any], key: str) -> Settles | None:
        """What establishes a disease (``confirmed``), or excludes it."""
        when = self.optional(path, body, f"{key}_when")
        if (when is None) != (key not in body):
            self.problem(path, f"{key}_when: and {key}: belong together", "Say in a phrase what the condition means.")
        return None if when is None else Settles(when, body.get(key, ""))

    def _unique(self, mimics: Mapping[str, Any]) -> None:
        """No two mimics may answer to one word."""
        seen: dict[str, str] = {}
        for mimic, body in mimics.items():
            words = [mimic, body.get("name"), body.get("short"), *body.get("synonyms", ())]
            for word in {str(other).casefold() for other in words if other}:
                if seen.setdefault(word, mimic) != mimic:
                    self.problem(("mimics", mimic), f"{word!r} also names {seen[word]}", "Keep it in one of them.")

    def _red_flags(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        path: Path = ("red_flags",)
        labels = {label: filled(DiagnosisLabel, body) for label, body in entry.get("labels", {}).items()}
        for label in labels:
            if label not in self.section("mimics"):
                self.problem((*path, "labels", label), f"{label!r} is not a mimic", "A label is the id of a mimic.")
        flags = [self._flag((*path, "flags", flag), flag, body, labels) for flag, body in entry.get("flags", {}).items()]
        return {"labels": labels, "red_flags": tuple(flags)}

    def _flag(self, path: Path, flag: str, entry: Mapping[str, Any], labels: Mapping[str, Any]) -> RedFlag:
        named = self._labels(path, entry, labels)
        when = self.expression((*path, "when"), entry.get("when"), False)
        return filled(RedFlag, entry, id=flag, when=when, labels=named, basis=noted_basis(entry))

    def _labels(self, path: Path, flag: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[str, ...]:
        """The labels of a flag: those listed, or all of them but some."""
        left_out, named = flag.get("except", []), flag.get("labels", [])
        is_every = named == [_EVERY_LABEL]
        if left_out and not is_every:
            self.problem((*path, "except"), "except: goes with labels: [all]", "Write labels: [all], or leave it out.")
        for key, listed in (("except", left_out), ("labels", [] if is_every else named)):
            for number, label in enumerate(listed):
                self.is_known((*path, key, number), label, labels, f"unknown label {label!r}", "Add the label.")
        return tuple([label for label in labels if label not in left_out] if is_every else named)

    def _outlook(self, entry: Mapping[str, Any]) -> Outlook | None:
        path: Path = ("outlook",)
        if not entry:
            return None
        factors = [*self._factors(path, entry, "survival_factors"), *self._factors(path, entry, "other_factors")]
        fork = tuple(self._factors(path, entry, "treatment_fork"))
        survival = filled(Fact, entry["survival_text"]) if "survival_text" in entry else None
        notes = [filled(OutlookNote, body, id=note, facts=noted_facts(body)) for note, body in entry.get("notes", {}).items()]
        return Outlook(tuple(factors), fork, survival, tuple(notes), compile_follow(self, path, entry))

    def _factors(self, path: Path, outlook: Mapping[str, Any], key: str) -> Iterator[Factor]:
        """Conditions with a text: each named by its id."""
        for factor, entry in outlook.get(key, {}).items():
            when = self.expression((*path, key, factor, "when"), entry.get("when"), False)
            figure = f"hazard ratio {entry['hazard_ratio']}" if "hazard_ratio" in entry else None
            if figure and len(entry.get("interval", ())) == 2:
                figure += " (95 % interval {} to {})".format(*entry["interval"])
            yield filled(Factor, entry, id=factor, when=when, figure=figure, basis=noted_basis(entry))


def _positive(expression: Expression) -> Iterator[str]:
    """The boolean findings whose presence an expression asks for."""
    if isinstance(expression, Present):
        yield expression.finding
    elif isinstance(expression, All | AnyOf | AtLeast | Score):
        for child in expression.children:
            yield from _positive(child)
