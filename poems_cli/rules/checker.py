"""What every section of the rules is made of: entries with their keys, expressions, and what they rest on.

A wrong expression is replaced by one that no patient meets, so that the rest is checked all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from poems_cli.engine.expressions import nodes
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    Compare,
    CriteriaSet,
    Expression,
    Known,
    Level,
    Not,
    Present,
    Score,
    Side,
    Years,
)
from poems_cli.rules.entries import filled, noted_basis
from poems_cli.rules.shape import BASIS, OPERATORS, forms_of
from poems_cli.rules.strict_yaml import Document, Path, RuleProblem
from poems_cli.suggestions import did_you_mean
from poems_cli.units import UnitError, UnitTable, to_canonical
from poems_cli.written_numbers import is_number

#: Stands in for an expression that is wrong.
NEVER = AnyOf(())


class Checker:
    """The data of all files, with a record made of each entry and every problem reported at its place."""

    def __init__(self, documents: Mapping[str, Document], entry: str) -> None:
        self.documents = documents
        self.entry = entry
        self.problems: list[RuleProblem] = [problem for document in documents.values() for problem in document.problems]
        self.home: dict[tuple[str, ...], Document] = {}  # by section, or section and entry
        self.top: dict[str, Any] = {}
        self.units = UnitTable({}, {})

    def problem(self, path: Path, message: str, mend: str) -> None:
        """Report what is wrong at a place, and how to mend it."""
        self.problems.append(self.document(path).problem(path, message, mend))

    def document(self, path: Path) -> Document:
        """The file that holds an entry; the first one where none does."""
        keys = tuple(map(str, path[:2]))
        return self.home.get(keys) or self.home.get(keys[:1]) or self.documents[self.entry]

    def section(self, key: str) -> dict[str, Any]:
        """Give a top-level section, empty where there is none."""
        body: dict[str, Any] = self.top.get(key, {})
        return body

    def kind(self, finding_id: object) -> Any:
        """The kind that a finding says it is of; ``None`` where there is no such finding."""
        return self.section("findings").get(str(finding_id), {}).get("kind")

    def is_known(self, path: Path, name: Any, known: Iterable[str], message: str, mend: str) -> bool:
        """Whether a name is among those known; any other is reported, with the nearest or else a way to mend it."""
        if name in known:
            return True
        self.problem(path, message, did_you_mean(str(name), known) or mend)
        return False

    def named(self, finding_id: Any, path: Path) -> bool:
        """Check that a finding is known."""
        message = f"unknown finding {finding_id!r}"
        return self.is_known(path, finding_id, self.section("findings"), message, "Add it under findings:")

    def expression(self, path: Path, body: Any, defining: bool) -> Expression:
        """An expression; ``defining`` inside a definition, where ``known`` is allowed."""
        if isinstance(body, str):
            if self.named(body, path) and self.kind(body) != "boolean":
                self.problem(path, f"{body!r} is not a boolean finding", "Compare it: {finding: ..., above: ..., unit: ...}.")
            return Present(body)
        if not isinstance(body, dict):
            self.problem(
                path, "this is not an expression", "Write a finding's id, or a mapping with all, any, not, at_least, finding."
            )
            return NEVER
        forms = forms_of(body)
        if len(forms) != 1:
            found = " and ".join(forms) if forms else "none"
            self.problem(path, f"an expression has one operator, here {found}", "Nest one expression in the other.")
            return NEVER
        basis = noted_basis(body) if BASIS.keys() & body.keys() else None
        return self._form(forms[0], path, body, body.get("name"), basis, defining)

    def optional(self, path: Path, entry: Mapping[str, Any], key: str, defining: bool = False) -> Expression | None:
        """The expression under a key; ``None`` where there is none."""
        return self.expression((*path, key), entry[key], defining) if key in entry else None

    def _form(self, form: str, path: Path, body: dict[str, Any], name: Any, basis: Basis | None, defining: bool) -> Expression:
        match form:
            case "all" | "any":
                operator = All if form == "all" else AnyOf
                return operator(self._children((*path, form), body[form], defining), name, basis)
            case "not":
                return Not(self.expression((*path, "not"), body["not"], defining), name, basis)
            case "of":
                children = self._children((*path, "of"), body["of"], defining)
                count = body.get("at_least")
                if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= len(children):
                    self.problem((*path, "at_least"), f"at_least must be 1 to {len(children)}", "Count the entries under of:")
                    count = 1
                return AtLeast(count, children, name, basis)
            case "score_at_least":
                return self._score(path, body, name, basis, defining)
            case "present_when":
                present = self.expression((*path, "present_when"), body["present_when"], defining=True)
                absent = self.expression((*path, "absent_when"), body.get("absent_when"), defining=True)
                self._one_way_once(path, present, absent)
                return Binds(present, absent, name, basis)
            case "known" | "asserted":
                if not self.named(body[form], (*path, form)):
                    return NEVER
                if form == "asserted" and self.kind(body[form]) != "boolean":
                    self.problem(
                        path, f"{body[form]!r} is not a boolean finding", "Only a boolean finding is asserted; use known:"
                    )
                if form == "known" and not defining:
                    mend = "Use it in a definition or a warning; a criterion must not turn round when more is learned."
                    self.problem(path, "known: does not belong in a criteria set", mend)
                return (Known if form == "known" else Asserted)(body[form], name, basis)
            case _:
                return self._comparison(path, body, name, basis)

    def _score(self, path: Path, body: dict[str, Any], name: Any, basis: Basis | None, defining: bool) -> Expression:
        """A sum of points: each element of the list is worth so many when its condition holds."""
        needed, elements = body["score_at_least"], body["of"]
        if not elements:
            self.problem((*path, "of"), "a list of {points: ..., when: ...} is needed here", "Write one - entry for each.")
        children = [
            self.expression((*path, "of", number, "when"), element.get("when"), defining)
            for number, element in enumerate(elements)
        ]
        points = [element.get("points") for element in elements]
        if not is_number(needed) or not all(is_number(point) and point for point in points):
            self.problem(path, "points are numbers other than 0", "Write score_at_least: 6, and points: 3 in each element.")
        return Score(needed, tuple(children), tuple(points), name, basis)

    def _one_way_once(self, path: Path, present: Expression, absent: Expression | None) -> None:
        """Inside another, a pair that comes to contradict itself could turn the outer one round as more is learned."""
        if any(isinstance(node, Binds) for way in (present, absent) if way is not None for node in nodes(way)):
            mend = "Write the inner one with all, any and not, or make it a finding of its own."
            self.problem(path, "present_when: is inside another present_when: or absent_when:", mend)

    def _children(self, path: Path, body: Sequence[Any], defining: bool) -> tuple[Expression, ...]:
        if not body:
            self.problem(path, "a list of expressions is needed here", "Write one - entry for each.")
            return ()
        return tuple([self.expression((*path, number), child, defining) for number, child in enumerate(body)])

    def _comparison(self, path: Path, body: dict[str, Any], name: Any, basis: Basis | None) -> Expression:
        finding_id = body["finding"]
        operators = [operator for operator in OPERATORS if operator in body]
        if not self.named(finding_id, (*path, "finding")):
            return NEVER
        if not operators and self.kind(finding_id) == "boolean":
            return Present(finding_id, name, basis)
        if len(operators) != 1:
            self.problem(path, "a comparison has one operator", f"Use one of {', '.join(OPERATORS)}.")
            return NEVER
        operator: Any = operators[0]
        wanted = body[operator]
        if operator == "is":
            return Compare(finding_id, "is", self._words(path, finding_id, wanted), None, None, name, basis)
        if self.kind(finding_id) != "quantity":
            self.problem(path, f"{finding_id!r} is not a quantity", "Only a quantity has a limit.")
            return NEVER
        if basis is None or not basis.is_founded:
            mend = "Add source: with an id of sources, read: recalled if it is from memory, or default: true if it is ours."
            self.problem(path, "a limit needs its source", mend)
        if wanted == "laboratory":
            side: Side = "high" if operator in ("above", "at_most") else "low"
            return Compare(finding_id, operator, None, side, None, name, basis)
        if isinstance(wanted, dict):
            return Compare(finding_id, operator, None, "high", wanted.get("times_upper"), name, basis)
        limit = self._limit(path, operator, body, finding_id)
        return Compare(finding_id, operator, limit, body.get("laboratory"), None, name, basis)

    def _words(self, path: Path, finding_id: str, wanted: Any) -> tuple[str, ...]:
        words = wanted if isinstance(wanted, list) else [wanted]
        choices = self.section("findings")[finding_id].get("choices", {})
        for word in words:
            if str(word) not in choices:
                mend = f"The words of {finding_id} are {', '.join(choices) or 'none'}."
                self.problem((*path, "is"), f"{word!r} is not a word of {finding_id!r}", mend)
        return tuple([str(word) for word in words])

    def _limit(self, path: Path, operator: str, body: dict[str, Any], finding_id: str) -> float:
        limit = body[operator]
        if not is_number(limit):
            self.problem(
                (*path, operator), "a limit is a number, or the word laboratory", "Write the number with unit: next to it."
            )
            return 0.0
        unit = body.get("unit")
        try:
            return to_canonical(self.units, finding_id, float(limit), unit if unit is None else str(unit))
        except UnitError as error:
            self.problem((*path, "unit"), str(error), "Use one of them.")
        except KeyError:
            pass  # the missing unit of the finding is reported where it is missing
        return float(limit)

    def criteria_set(self, section: str, set_id: str, entry: Mapping[str, Any]) -> CriteriaSet:
        """Compile a criteria set."""
        path: Path = (section, set_id)
        if ("met" in entry) == ("levels" in entry):
            self.problem(
                path, "a criteria set has met: or levels:", "Write met: for one level, levels: for several, highest first."
            )
        if "levels" in entry and not entry["levels"]:
            self.problem((*path, "levels"), "levels: is empty", "Write each level's id with its expression, highest first.")
        if "levels" in entry:
            bodies = entry["levels"].items()
            levels = [Level(level, self.expression((*path, "levels", level), when, False)) for level, when in bodies]
        else:
            levels = [Level("met", self.expression((*path, "met"), entry.get("met"), False))]
        years = entry.get("current")
        current = Years(years.get("from"), years.get("to")) if years else None
        return filled(CriteriaSet, entry, id=set_id, levels=tuple(levels), current=current)
