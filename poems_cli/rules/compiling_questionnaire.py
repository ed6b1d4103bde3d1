"""The part of the rules that the interview is made of: every id that it names must be known, and every answer possible."""

from collections.abc import Iterable, Mapping
from typing import Any

from poems_cli.model import Questionnaire
from poems_cli.rules.checker import Checker
from poems_cli.rules.entries import filled
from poems_cli.rules.strict_yaml import Path

_ANSWERED = ("items", "options", "looked_for", "finding")


def compile_questionnaire(checker: Checker, entry: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire, with what is wrong in it reported."""
    _check_blocks(checker, entry.get("patient", ()))
    specialists = [{"patient": named.get("name", ""), **named} for named in entry.get("specialists", ())]
    return filled(Questionnaire, {**entry, "specialists": specialists})


def _check_blocks(checker: Checker, blocks: Iterable[Mapping[str, Any]]) -> None:
    """What a patient is asked: each block has one way to be answered, and names earlier blocks alone."""
    earlier: list[str] = []
    for number, block in enumerate(blocks):
        path = ("questionnaire", "patient", number)
        if sum(key in block for key in _ANSWERED) != 1:
            message = "a question is answered in one way"
            checker.problem(path, message, f"Give it one of {', '.join(_ANSWERED)}.")
        for name in block.get("after", ()):
            checker.is_known((*path, "after"), name, earlier, f"{name!r} is not known", "Remove it.")
        for option in block.get("options", ()):
            _check_option(checker, option.get("says"), (*path, "options"))
        earlier.append(str(block.get("id")))


def _check_option(checker: Checker, says: Any, path: Path) -> None:
    """What an option says: truths of booleans, and words of choices."""
    if says is None:
        checker.problem(path, "an option says nothing", "Write says: {finding: answer}.")
        return
    for finding, value in says.items():
        body = checker.section("findings")[finding]
        possible = isinstance(value, bool) if body.get("kind") == "boolean" else value in body.get("choices", ())
        if not possible:
            checker.problem(path, f"{value!r} is not an answer to {finding}", "Write true, false, or one of its choices.")
