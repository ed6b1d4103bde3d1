"""The part of the rules that the interview is made of: every id that it names must be known, and every answer possible."""

from collections.abc import Iterable, Mapping
from typing import Any

from poems_cli.model import (
    BeforeTreatment,
    Closing,
    PageBegin,
    PageFit,
    PageTest,
    PatientBlock,
    PatientItem,
    PatientOption,
    PatientPage,
    ProgressSign,
    Questionnaire,
    Specialist,
    SymptomArea,
    SymptomList,
)
from poems_cli.rules.checker import Checker
from poems_cli.rules.entries import all_filled, basis_of, filled
from poems_cli.rules.shape import PROGRESS, QUESTIONNAIRE, SPECIALIST
from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean

_ANSWERED = ("items", "options", "looked_for", "finding")


def compile_questionnaire(checker: Checker, body: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire, with what is wrong in it reported."""
    path: Path = ("questionnaire",)
    entry = checker.checked(path, body, QUESTIONNAIRE)
    for number, shown in enumerate(entry.get("progress") or ()):
        place = (*path, "progress", number)
        _findings(checker, [shown.get("finding")], (*place, "finding"))
        checker.checked(place, shown, PROGRESS)
    for section in ("areas", "symptoms"):
        for number, listed in enumerate(entry.get(section) or ()):
            _findings(checker, listed.get("findings") or (), (*path, section, number, "findings"))
    for section in ("closing", "only"):
        _findings(checker, entry.get(section) or {}, (*path, section))
    treated = entry.get("before_treatment") or {}
    named = [*treated.get("values", ()), *[treated[key] for key in ("raised", "after") if key in treated]]
    _findings(checker, named, (*path, "before_treatment"))
    _blocks(checker, entry.get("patient") or (), (*path, "patient"))
    _page(checker, entry.get("page") or {}, (*path, "page"))
    for number, specialist in enumerate(entry.get("specialists") or ()):
        place = (*path, "specialists", number)
        fields = checker.checked(place, specialist, SPECIALIST)
        _known(checker, fields.get("groups") or (), checker.section("groups"), (*place, "groups"))
        _known(checker, fields.get("tests") or (), checker.section("tests"), (*place, "tests"))
        _findings(checker, fields.get("findings") or (), (*place, "findings"))
    return _questionnaire(entry)


def _blocks(checker: Checker, blocks: Iterable[Mapping[str, Any]], path: Path) -> None:
    """What a patient is asked: each block has one way to be answered, and names earlier blocks alone."""
    earlier: list[str] = []
    for number, block in enumerate(blocks):
        place = (*path, number)
        if sum(key in block for key in _ANSWERED) != 1:
            message = "a question is answered in one way"
            checker.problem(place, message, f"Give it one of {', '.join(_ANSWERED)}.")
        _known(checker, block.get("after") or (), earlier, (*place, "after"))
        _findings(checker, [block["finding"]] if "finding" in block else (), (*place, "finding"))
        for key in ("items", "looked_for"):
            _findings(checker, [item.get("finding") for item in block.get(key) or ()], (*place, key))
        for option in block.get("options") or ():
            _check_option(checker, option.get("says"), (*place, "options"))
        earlier.append(str(block.get("id")))


def _check_option(checker: Checker, says: Any, path: Path) -> None:
    """What an option says: truths of booleans, and words of choices."""
    if not isinstance(says, dict):
        checker.problem(path, "an option says nothing", "Write says: {finding: answer}.")
        return
    findings = checker.section("findings")
    for finding, value in says.items():
        if not checker.named(finding, path):
            continue
        body = findings[finding] if isinstance(findings[finding], dict) else {}
        possible = isinstance(value, bool) if body.get("kind") == "boolean" else value in (body.get("choices") or ())
        if not possible:
            checker.problem(path, f"{value!r} is not an answer to {finding}", "Write true, false, or one of its choices.")


def _page(checker: Checker, page: Mapping[str, Any], path: Path) -> None:
    for number, fit in enumerate(page.get("fits") or ()):
        _findings(checker, fit.get("findings") or (), (*path, "fits", number))
    _findings(checker, (page.get("begin") or {}).get("findings") or (), (*path, "begin"))
    for number, test in enumerate(page.get("tests") or ()):
        _findings(checker, test.get("findings") or (), (*path, "tests", number))
        _known(checker, test.get("tests") or (), checker.section("tests"), (*path, "tests", number))


def _questionnaire(entry: Mapping[str, Any]) -> Questionnaire:
    """The records of a questionnaire that has been checked."""
    treated, specialists = entry.get("before_treatment"), entry.get("specialists", ())
    return Questionnaire(
        progress=all_filled(ProgressSign, entry.get("progress")),
        areas=all_filled(SymptomArea, entry.get("areas")),
        symptoms=all_filled(SymptomList, entry.get("symptoms")),
        only=entry.get("only", {}),
        before_treatment=treated and filled(BeforeTreatment, treated),
        closing={finding: filled(Closing, texts) for finding, texts in entry.get("closing", {}).items()},
        patient=tuple([_patient_block(block) for block in entry.get("patient", ())]),
        page=_patient_page(entry.get("page", {})),
        specialists=all_filled(Specialist, [{"patient": named.get("name", ""), **named} for named in specialists]),
    )


def _patient_block(block: Mapping[str, Any]) -> PatientBlock:
    items = {key: all_filled(PatientItem, block.get(key)) for key in ("items", "looked_for")}
    return filled(PatientBlock, block, **items, options=all_filled(PatientOption, block.get("options")))


def _patient_page(page: Mapping[str, Any]) -> PatientPage:
    begin = page.get("begin")
    return filled(
        PatientPage,
        page,
        fits=all_filled(PageFit, page.get("fits")),
        begin=begin and filled(PageBegin, begin),
        tests=all_filled(PageTest, page.get("tests")),
        urgent_basis=basis_of(page.get("urgent_basis", {})),
    )


def _findings(checker: Checker, named: Iterable[Any], path: Path) -> None:
    for finding in named:
        checker.named(finding, path)


def _known(checker: Checker, named: Iterable[Any], known: Iterable[str], path: Path) -> None:
    for name in named:
        if name not in known:
            checker.problem(path, f"{name!r} is not known", did_you_mean(str(name), known) or "Remove it.")
