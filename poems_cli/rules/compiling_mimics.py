"""The mimics of the rules files -> their records: profiles, criteria, red flags, outlook.

A part of ``compiling``, which hands itself over as the :class:`Checker`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from poems_cli.engine.expressions import children_of
from poems_cli.finding_names import without_remark
from poems_cli.model import (
    LABEL,
    All,
    AnyOf,
    AtLeast,
    Basis,
    CommonCause,
    Compare,
    DiagnosisLabel,
    Evidence,
    EvidenceScale,
    Expression,
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
from poems_cli.rules.compiling_follow import compile_facts, compile_follow
from poems_cli.rules.entries import basis_of, codes_of, fact_of, filled
from poems_cli.rules.frequency import FORMS, is_figure, points, share
from poems_cli.rules.shape import (
    BASIS,
    COMMON_CAUSE,
    EVIDENCE,
    FACT,
    FACTOR,
    FLAG,
    FREQUENCIES,
    FREQUENCY,
    ITEM,
    LABEL_OF_FLAGS,
    MIMIC,
    OUTLOOK,
    OUTLOOK_NOTE,
    RED_FLAGS,
    REFERENCE,
    SETTLED_BY,
    WEIGHS,
)
from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean

_OF_ITEM = ITEM.shapes.keys() - BASIS.keys() - {"name"}  # the rest is of the condition
_EVERY_LABEL = "all"
_RAREST = len(FREQUENCIES)  # the syndrome, after the frequency classes of the mimics
_NO_BASIS = Basis()
_NO_FREQUENCY = Frequency("", 0.5, None)  # stands in for one with a problem


def compile_mimics(checker: Checker) -> dict[str, Any]:
    """The fields of the rules about mimics, empty where there are none."""
    return _Mimics(checker).run()


def compile_mimics_part(checker: Checker, section: str, entry: str) -> dict[str, Any]:
    """What one entry of these sections compiles to; ``red_flags`` and ``outlook`` are compiled whole."""
    return _Mimics(checker).part(section, entry)


class _Mimics:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.words: dict[str, float] = {}
        self.reference: dict[str, Frequency] = {}

    def run(self) -> dict[str, Any]:
        evidence = self._evidence()
        self._reference()
        mimics = self.checker.section("mimics")
        profile = self.checker.section("profile")
        flags = self.checker.section("red_flags")
        sets = self.checker.section("mimic_criteria")
        data = {
            "evidence": evidence,
            "mimics": {mimic: self._mimic(mimic, body) for mimic, body in mimics.items()},
            "profile": self._syndrome(profile) if profile else None,
            "mimic_criteria": {
                own_set: self.checker.criteria_set("mimic_criteria", own_set, body) for own_set, body in sets.items()
            },
            **self._red_flags(flags),
            "outlook": self._outlook(self.checker.section("outlook")),
        }
        self._unique(mimics)
        for set_id in sets:
            if set_id in self.checker.section("criteria"):
                self.checker.problem(("mimic_criteria", set_id), "a criteria set has this id already", "Choose another id.")
        return data

    def part(self, section: str, entry: str) -> dict[str, Any]:
        body = self.checker.section(section)
        self._evidence()
        self._reference()
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
        path: Path = ("evidence",)
        body = self.checker.section("evidence")
        if not body:
            if self.checker.section("mimics"):
                self.checker.problem(("mimics",), "evidence: is missing", "Say there what each word of a frequency stands for.")
            return EvidenceScale()
        entry = self.checker.checked(path, body, EVIDENCE)
        self.checker.cites(path, entry)
        for word, part in (entry.get("words") or {}).items():
            if not 0 < part < 1:
                self.checker.problem(
                    (*path, "words", word), f"{part!r} is not a share between 0 and 1", "Write a number above 0 and below 1."
                )
            else:
                self.words[word] = part
        points: Any = entry.get("suggests") or []
        if len(points) != 2 or not points[0] >= points[1] > 0:
            mend = "Write [9, 5]: the points of one present finding, and of another."
            self.checker.problem((*path, "suggests"), "suggests: is two numbers, the greater first", mend)
        if (entry.get("less_likely") or 0) > 0:
            mend = "Write the points below which a disease is less likely than in the average patient, such as -3."
            self.checker.problem((*path, "less_likely"), "less_likely: is 0 or below", mend)
        if not 0 <= (entry.get("explained") or 0) <= 1:
            self.checker.problem((*path, "explained"), "explained: is a part", "Write a number from 0 to 1.")
        less_likely, explained = entry.get("less_likely", 0.0), entry.get("explained", 1.0)
        return EvidenceScale(self.words, tuple(points), less_likely, explained, entry.get("about", ""), basis_of(entry))

    def _reference(self) -> None:
        """How often each finding is present in the reference."""
        for finding, row in self.checker.section("reference").items():
            path: Path = ("reference", finding)
            if not self.checker.named(finding, path):
                continue
            entry = row if isinstance(row, dict) else {"frequency": row}
            self.checker.checked(path, entry, REFERENCE)
            self.checker.cites(path, entry)
            self.reference[finding] = self._frequency(path, entry.get("frequency"), entry.get("source"))

    def _frequency(self, path: Path, text: Any, source: Any) -> Frequency:
        """A frequency as it is written, as a share, and with the source of a figure."""
        text = str(text)
        part = share(text, self.words)
        figure = is_figure(text)
        if part is None:
            mend = f"{FORMS}; none and all as 0 of 27 and 27 of 27." if figure else f"{FORMS}, or {', '.join(self.words)}."
            self.checker.problem(path, f"{text!r} is not a frequency", mend)
        elif figure and not source:
            self.checker.problem(path, f"the figure {text!r} has no source", "Add source:, or write one of the words.")
        return Frequency(text, part or 0.5, source if figure else None)

    # --- mimics -------------------------------------------------------------------------------------------------------

    def _mimic(self, mimic: str, body: Any) -> Mimic:
        path: Path = ("mimics", mimic)
        entry = self.checker.checked(path, body, MIMIC)
        settled_by = self._settled_by((*path, "settled_by"), entry.get("settled_by"))
        confirmed, excluded = [self._settles((*path, "settled_by"), settled_by, key) for key in ("confirmed", "excluded")]
        tests = self._listed((*path, "settled_by", "tests"), settled_by.get("tests"), self.checker.section("tests"), "test")
        frequency = self.checker.checked((*path, "frequency"), entry.get("frequency"), FREQUENCY)
        self.checker.cites((*path, "frequency"), frequency)
        its_class = frequency.get("class")
        if its_class not in FREQUENCIES:
            mend = f"Write one of {', '.join(FREQUENCIES)}."
            self.checker.problem((*path, "frequency"), f"{its_class!r} is not a frequency class", mend)
        urgency = None
        if "urgency" in entry:
            urgency = self.checker.checked((*path, "urgency"), entry["urgency"], FACT)
            self.checker.cites((*path, "urgency"), urgency)
        sets = self._listed((*path, "criteria"), entry.get("criteria"), self.checker.section("mimic_criteria"), "criteria set")
        shown_when = None
        if "shown_when" in entry:
            shown_when = self.checker.expression((*path, "shown_when"), entry["shown_when"], False)
        consider_when = self.checker.expression((*path, "consider_when"), entry.get("consider_when"), False)
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
            tests=tests,
            criteria=sets,
            commonness=FREQUENCIES.index(its_class) if its_class in FREQUENCIES else 0,
            shown_when=shown_when,
            common_cause=self._common_cause((*path, "common_cause"), entry.get("common_cause")),
            frequency_class=str(its_class),
            frequency=fact_of(frequency),
            urgency=None if urgency is None else fact_of(urgency),
            settled_by=fact_of(settled_by),
            codes=codes_of(entry.get("codes", {})),
        )

    def _syndrome(self, body: Mapping[str, Any]) -> Mimic:
        """The syndrome's own row: it is always considered, its criteria establish it, and it is rarer than the mimics."""
        evidence = self._items(("profile",), body)
        explains = self._explains(("profile",), body, evidence)
        name, title = str(self.checker.top.get("id")), str(self.checker.top.get("title"))
        met = Settles(AnyOf(()), "its criteria are met")
        return Mimic(name, title, title, All(()), evidence, met, None, explains, (), (), _RAREST)

    def _common_cause(self, path: Path, body: Any) -> CommonCause | None:
        """Of what the disease is a common cause, its name in a word, and the cheap test that comes first."""
        if body is None:
            return None
        entry = self.checker.checked(path, body, COMMON_CAUSE)
        self._listed(path, [entry["test"]] if entry.get("test") else [], self.checker.section("tests"), "test")
        of = self.checker.expression((*path, "of"), entry.get("of"), False)
        return CommonCause(of, entry.get("name", ""), entry.get("test", ""), entry.get("asks"))

    def _with_label(self, mimic: str, expression: Expression) -> Expression:
        """Its own condition calls for a mimic, and so does the label that the patient carries."""
        label = self.checker.section("findings").get(LABEL)
        if not isinstance(label, dict) or mimic not in (label.get("choices") or {}):
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
                self.checker.problem((*path, "evidence", number, "counts_once"), f"{item.once!r} names one item only", mend)
        return evidence

    def _explains(self, path: Path, entry: Mapping[str, Any], evidence: Iterable[Evidence]) -> frozenset[str]:
        """All that a disease names as its own."""
        explains = {finding for item in evidence if item.present > 0 for finding in _positive(item.when)}
        for key in ("shares", "does_not_explain"):
            for number, finding in enumerate(entry.get(key, ())):
                if not self.checker.named(finding, (*path, key, number)):
                    continue
                if key == "shares":
                    explains.add(finding)
                elif finding in explains:
                    mend = "Keep it there, or among the evidence for it and under shares:."
                    self.checker.problem((*path, key, number), f"{finding!r} is explained above", mend)
        return frozenset(explains)

    def _item(self, path: Path, item: Any) -> Evidence:
        """One item of evidence: a condition with the two frequencies, what it weighs, and why."""
        self.checker.keys(path, item, item, ("reason",))
        condition = {key: item[key] for key in item if key not in _OF_ITEM}
        expression = self.checker.expression(path, condition, True)  # unlike a criterion, it may ask what is known
        frequency, reference = self._frequencies(path, item, expression)
        present, absent = points(frequency.value, reference.value)
        weighs = item.get("weighs", "both")
        if weighs not in WEIGHS:
            self.checker.problem((*path, "weighs"), f"{weighs!r} cannot weigh", f"Write {', '.join(WEIGHS)}.")
        basis = self.checker.basis(path, item)
        name = item.get("name") or self._leaf_name(expression)
        if name is None:
            self.checker.problem(path, "an item of several findings needs a name", "Add name: in a few words.")
        return Evidence(
            expression._replace(basis=None),  # the item itself carries what it rests on
            name or "",
            item.get("absent_name") or f"no {name}",
            frequency,
            reference,
            0.0 if weighs == "absence" else present,
            0.0 if weighs == "presence" else absent,
            item.get("reason", ""),
            basis or _NO_BASIS,
            item.get("counts_once"),
        )

    def _frequencies(self, path: Path, item: Mapping[str, Any], expression: Expression) -> tuple[Frequency, Frequency]:
        """How often the condition of an item holds in the disease, and in the reference: its own, or that of the table."""
        frequency, reference = _NO_FREQUENCY, _NO_FREQUENCY
        if item.get("frequency") is None:
            mend = f"Write how often it holds in this disease: {FORMS.removeprefix('Write ')}, or {', '.join(self.words)}."
            self.checker.problem(path, "an item needs its frequency", mend)
        else:
            frequency = self._frequency((*path, "frequency"), item["frequency"], item.get("source"))
        single = expression.finding if isinstance(expression, Present) else None
        if single in self.reference and item.get("reference") is not None:
            mend = "Leave out reference: here, or change it there: every disease is compared with the same."
            self.checker.problem((*path, "reference"), f"{single!r} has its reference in the table", mend)
        if item.get("reference") is not None:
            reference = self._frequency((*path, "reference"), item["reference"], item.get("source"))
        elif single is not None and single in self.reference:
            reference = self.reference[single]
        else:
            mend = "Add reference: to it, or, for a single finding, a row under reference:."
            self.checker.problem(path, "an item needs how often it holds in the reference", mend)
        return frequency, reference

    def _leaf_name(self, expression: Expression) -> str | None:
        """A finding's label; what is not a plain finding is named by hand."""
        body = self.checker.section("findings").get(expression.finding) if isinstance(expression, Present) else None
        label = body.get("label") if isinstance(body, dict) else None
        return without_remark(str(label)) if label else label

    def _settled_by(self, path: Path, body: Any) -> dict[str, Any]:
        entry = self.checker.checked(path, body, SETTLED_BY)
        self.checker.cites(path, entry)
        return entry

    def _settles(self, path: Path, body: Mapping[str, Any], key: str) -> Settles | None:
        """What establishes a disease (``confirmed``), or excludes it."""
        when, words = body.get(f"{key}_when"), body.get(key)
        if (when is None) != (words is None):
            self.checker.problem(path, f"{key}_when: and {key}: belong together", "Say in a phrase what the condition means.")
        if when is None:
            return None
        return Settles(self.checker.expression((*path, f"{key}_when"), when, False), words or "")

    def _listed(self, path: Path, listed: Any, known: Mapping[str, Any], what: str) -> tuple[str, ...]:
        """Ids of a section, each of which must be there."""
        for number, name in enumerate(listed or ()):
            if name not in known:
                mend = did_you_mean(str(name), known) or f"Add the {what}."
                self.checker.problem((*path, number), f"unknown {what} {name!r}", mend)
        return tuple(listed or ())

    def _unique(self, mimics: Mapping[str, Any]) -> None:
        """No two mimics may answer to one word."""
        seen: dict[str, str] = {}
        for mimic, body in mimics.items():
            if not isinstance(body, dict):
                continue
            words = [mimic, body.get("name"), body.get("short"), *body.get("synonyms", ())]
            for word in {str(other).casefold() for other in words if other}:
                if seen.setdefault(word, mimic) != mimic:
                    self.checker.problem(("mimics", mimic), f"{word!r} also names {seen[word]}", "Keep it in one of them.")

    # --- red flags and outlook ----------------------------------------------------------------------------------------

    def _red_flags(self, body: Mapping[str, Any]) -> dict[str, Any]:
        path: Path = ("red_flags",)
        entry = self.checker.checked(path, body, RED_FLAGS) if body else {}
        labels: dict[str, DiagnosisLabel] = {}
        for label, body_of_label in (entry.get("labels") or {}).items():
            place: Path = (*path, "labels", label)
            described = self.checker.checked(place, body_of_label, LABEL_OF_FLAGS)
            self.checker.cites(place, described)
            labels[label] = filled(DiagnosisLabel, described)
            if label not in self.checker.section("mimics"):
                self.checker.problem((*path, "labels", label), f"{label!r} is not a mimic", "A label is the id of a mimic.")
        flags = []
        for flag, told in (entry.get("flags") or {}).items():
            place = (*path, "flags", flag)
            one = self.checker.checked(place, told, FLAG)
            named = self._labels(place, one, labels)
            when = self.checker.expression((*place, "when"), one.get("when"), False)
            basis = self.checker.basis(place, one) or _NO_BASIS
            flags.append(RedFlag(flag, when, one.get("text", ""), one.get("figure"), named, basis))
        return {"labels": labels, "red_flags": tuple(flags)}

    def _labels(self, place: Path, flag: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[str, ...]:
        """The labels of a flag: those listed, or all of them but some."""
        left_out = self._listed((*place, "except"), flag.get("except"), labels, "label")
        if flag.get("labels") == [_EVERY_LABEL]:
            return tuple([label for label in labels if label not in left_out])
        if left_out:
            self.checker.problem((*place, "except"), "except: goes with labels: [all]", "Write labels: [all], or leave it out.")
        return self._listed((*place, "labels"), flag.get("labels"), labels, "label")

    def _outlook(self, body: Mapping[str, Any]) -> Outlook | None:
        path: Path = ("outlook",)
        if not body:
            return None
        entry = self.checker.checked(path, body, OUTLOOK)
        keys = ("survival_factors", "other_factors")
        factors = tuple([factor for key in keys for factor in self._factors((*path, key), entry.get(key) or {})])
        fork = tuple(self._factors((*path, "treatment_fork"), entry.get("treatment_fork")))
        survival = entry.get("survival_text")
        self.checker.cites((*path, "survival_text"), survival or {})
        notes = tuple(self._notes((*path, "notes"), entry.get("notes") or {}))
        follow_up = compile_follow(self.checker, path, entry)
        return Outlook(factors, fork, fact_of(survival) if survival else None, notes, follow_up)

    def _notes(self, path: Path, body: Any) -> Iterator[OutlookNote]:
        """What is published of the course and the treatment: each note by its id, with its facts."""
        for note, note_body in self.checker.keys(path, body, body if isinstance(body, dict) else ()).items():
            entry = self.checker.checked((*path, note), note_body, OUTLOOK_NOTE)
            facts = compile_facts(self.checker, (*path, note, "facts"), entry.get("facts"))
            yield OutlookNote(note, entry.get("title", ""), facts, bool(entry.get("treatment")))

    def _factors(self, path: Path, body: Any) -> Iterator[Factor]:
        """Conditions with a text: each named by its id."""
        for factor, told in self.checker.keys(path, body, body if isinstance(body, dict) else ()).items():
            place = (*path, factor)
            one = self.checker.checked(place, told, FACTOR)
            when = self.checker.expression((*place, "when"), one.get("when"), False)
            figure = None
            if one.get("hazard_ratio") is not None:
                interval = one.get("interval")
                low, high = interval if isinstance(interval, list) and len(interval) == 2 else (None, None)
                figure = f"hazard ratio {one['hazard_ratio']}" + (
                    f" (95 % interval {low} to {high})" if low is not None else ""
                )
            yield Factor(factor, when, one.get("text", ""), figure, self.checker.basis(place, one) or _NO_BASIS)


def _positive(expression: Expression) -> Iterator[str]:
    """The boolean findings whose presence an expression asks for."""
    if isinstance(expression, Present):
        yield expression.finding
    elif isinstance(expression, All | AnyOf | AtLeast | Score):
        for child in expression.children:
            yield from _positive(child)
