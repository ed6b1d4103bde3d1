"""The unit and the decimal marks of the numbers of a column; or why they are unclear, and what would settle it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS
from poems_cli.model import Finding
from poems_cli.phrases import listed, quoted
from poems_cli.tables.cells import accepted_unit, fold, says_nothing
from poems_cli.tables.columns import UNIT_FROM, Column, UnitFrom, Unplaced
from poems_cli.tables.headings import say_which
from poems_cli.tables.mistaken_names import other_meanings
from poems_cli.tables.profile import Numbers, Profile
from poems_cli.tables.shares import percent
from poems_cli.tables.unit_scale import scale_of
from poems_cli.tables.yaml_text import yaml_text
from poems_cli.units import UnitSystem, UnitTable, unit_named

#: The share of the numbers that has to be possible in a unit for the column to be in it.
FITTING = 0.9
#: So many times as many numbers have to show one decimal mark as the other.
_CLEARLY_MORE = 9
_MOST_SHOWN = 4
#: What a column of yes and no is, that goes by the name of a number.
_AS_TRUTH: Mapping[str, str] = {
    "m_protein": "monoclonal_protein",
    "urine_m_protein": "monoclonal_protein",
    "urine_protein": "proteinuria",
    "csf_protein": "csf_protein_elevated",
    "csf_white_cells": "csf_pleocytosis",
}


class DecidingOptions(NamedTuple):
    """What is known of the whole table: which country's units it has, and its decimal mark."""

    system: UnitSystem | None = None
    decimal: str | None = None


class MeasuredColumn:
    """Decides about a column of numbers; ``beside`` is the profile of its column of units, if it has one."""

    def __init__(
        self,
        column: Column,
        finding: Finding,
        units: UnitTable,
        profile: Profile,
        options: DecidingOptions,
        beside: Profile | None,
    ) -> None:
        self._column = column
        self._finding = finding
        self._units = units
        self._analyte = units.analytes[finding.id]
        self._profile = profile
        self._options = options
        self._beside = beside
        self._numbers = profile.numbers[""]

    def decided(self) -> Column | Unplaced:
        """The column as it is read, or why it is not."""
        return self._truths() or self._marks() or self._with_unit()

    def _truths(self) -> Unplaced | None:
        """A column that says yes and no where numbers are wanted."""
        words = self._words()
        if self._profile.numbers["."].total or not words or not words <= {*PRESENT_WORDS, *ABSENT_WORDS}:
            return None
        truth = _AS_TRUTH.get(self._finding.id)
        likely = (Column(self._column.heading, truth),) if truth else ()
        why = f"its cells say yes or no, and '{self._finding.id}' is a number"
        return Unplaced(self._column.heading, why, say_which(likely), likely=likely, in_doubt=True)

    def _words(self) -> set[str]:
        """What its cells say, other than that nothing is known."""
        texts = [text for text, _ in self._profile.texts if text not in self._column.values]
        return {fold(text) for text in texts if not says_nothing(text)}

    def _marks(self) -> Unplaced | None:
        """Settle the marks within the numbers, as far as they can be settled."""
        column, profile = self._column, self._profile
        decimal = column.decimal or self._options.decimal or {".": ",", ",": "."}.get(column.thousands or "")
        points, commas = profile.points, profile.commas
        if decimal is None and (points or commas):
            if points and commas and max(points, commas) < _CLEARLY_MORE * min(points, commas):
                mend = f'say decimal: "," or decimal: "." for it in the mapping, as in {mapping_entry(column)}, decimal: ","}}'
                return self._unplaced("some of its numbers have decimal points and others decimal commas", mend)
            decimal = "." if points > commas else ","
        elif decimal is None and profile.ambiguous:
            decimal = self._only_possible_mark()
        thousands = column.thousands or (" " if profile.wide else None)
        self._column = column._replace(decimal=decimal, thousands=thousands)
        self._numbers = profile.numbers[decimal or ""]
        return None

    def _only_possible_mark(self) -> str | None:
        """The decimal mark that makes every ambiguous number possible while the other mark makes none possible."""
        numbers = self._profile.numbers
        usual = self._analyte.accepted if self._column.unit_column else self._analyte.bare
        units = [self._column.unit] if self._column.unit else list(usual)
        possible = {mark: max(numbers[mark].fits[unit] - numbers[""].fits[unit] for unit in units) for mark in ".,"}
        proven = [mark for mark, other in (".,", ",.") if possible[mark] == self._profile.ambiguous and not possible[other]]
        return proven[0] if proven else None

    def _with_unit(self) -> Column | Unplaced:
        column = self._column
        if column.unit is not None and column.unit_from in (None, "mapping"):
            return self._known(column.unit, "mapping")
        stated = self._stated()
        if isinstance(stated, Unplaced):
            return stated
        conversions = {self._conversion(unit) for _, unit in stated}
        if len(conversions) > 1:
            each = [f"'{unit_named(unit)}' ({UNIT_FROM[where]})" for where, unit in stated]
            why = f"its unit is said twice, as {listed(each, 'and')}"
            return self._unplaced(why, f"say which one is right in the mapping, as in {self._line(stated[0][1])}")
        if stated:
            return self._known(stated[0][1], stated[0][0])
        written = {self._conversion(unit) for unit in self._profile.written}
        if written and (not self._numbers.total or not self._analyte.is_unit_said):  # the others go without saying
            return column._replace(unit=self._analyte.canonical, unit_from="cells")
        found = self._unsaid()
        if written and (isinstance(found, Unplaced) or written != {self._conversion(found.unit or "")}):
            most = max(self._profile.written, key=lambda unit: self._profile.written[unit])
            why = "some of its cells have a unit, and others have none or another"
            return self._unplaced(why, self._write_unit(most), most)
        return found

    def _stated(self) -> list[tuple[UnitFrom, str]] | Unplaced:
        """The stated unit, and where it is stated."""
        column = self._column
        stated: list[tuple[UnitFrom, str]] = []
        if column.unit is not None and column.unit_from is not None:
            stated.append((column.unit_from, column.unit))
        if self._beside is not None and column.unit_column is not None:
            texts = [text for text, _ in self._beside.texts if not says_nothing(text)]
            found = {accepted_unit(self._units, self._finding.id, text) for text in texts}
            conversions = {self._conversion(unit) for unit in found if unit}
            if None in found or len(conversions) > 1 or not self._beside.has_all_texts:
                several = "several units" if len(conversions) > 1 else "a unit that is not understood for it"
                why = f"the column '{quoted(column.unit_column)}' next to it has {several}"
                return self._unplaced(why, "give the values of each unit a column of their own, with the unit in its heading")
            unit = min(filter(None, found), default=None)
            if unit and self._profile.without_unit and self._analyte.is_mistakable:
                why = f"some of its numbers have no unit in the column '{quoted(column.unit_column)}' next to it"
                return self._unplaced(why, self._write_unit(unit))
            stated += [("column", unit)] if unit else []
        written = self._profile.written
        if written and not self._numbers.total and len({self._conversion(unit) for unit in written}) == 1:
            stated.append(("cells", max(written, key=lambda unit: written[unit])))
        return stated

    def _unsaid(self) -> Column | Unplaced:
        """The unit of numbers that say none: by the option, or since they are possible in one unit alone."""
        numbers, analyte = self._numbers, self._analyte
        if not numbers.total:
            return self._without_numbers()
        if not analyte.is_unit_said:
            return self._known(analyte.canonical, "canonical only")
        if numbers.codes == numbers.total:
            return self._unplaced("its unit is not known, and 0 and 1 may be codes for no and yes", self._mend_unit())
        of_system = self._in_system(self._options.system) if self._options.system else ()
        where: UnitFrom = "option" if of_system else "assumed"
        fitting = self._fitting(of_system)
        elsewhere = self._elsewhere()
        others = self._named_otherwise(by_name=not of_system)
        against = None if of_system or elsewhere or others else self._against_system(fitting)
        if against is not None:
            return against
        if len(fitting) == 1 and not elsewhere and not others:
            if where == "assumed" and len(self._one_each(list(analyte.accepted))) == 1:
                where = "canonical only"
            return self._known(fitting[0], where)
        return self._unknown(fitting, elsewhere, others)

    def _without_numbers(self) -> Column | Unplaced:
        """A column in which no number could be read wrongly."""
        others = [other for other in other_meanings(self._finding.id, self._column.heading) if other.numbers is None]
        if others and self._words():
            why = f"none of its cells is a number of the finding, and it may be {others[0].what}"
            return Unplaced(self._column.heading, why, say_which(()), in_doubt=True)
        return self._column._replace(unit=self._analyte.canonical, unit_from="canonical only")

    def _in_system(self, system: UnitSystem) -> Sequence[str]:
        """The units of a system, unless most of the numbers are impossible in all of them."""
        units = self._analyte.systems.get(system, ())
        return units if any(2 * self._numbers.fits[unit] >= self._numbers.total for unit in units) else ()

    def _fitting(self, of_system: Sequence[str]) -> list[str]:
        """The units in which the numbers can be: those of a system, or those that may go unsaid."""
        counts = self._numbers.fits if of_system else self._numbers.bare
        return self._one_each([unit for unit in of_system or self._analyte.bare if self._is_most(counts[unit])])

    def _against_system(self, fitting: Sequence[str]) -> Unplaced | None:
        """Why numbers that are impossible in the system of the option contradict it: they are those of the other one."""
        said = self._options.system
        units = self._analyte.systems.get(said, ()) if said else ()
        conversions = {self._conversion(unit) for unit in fitting}
        others = [
            (system, unit)
            for system, of in self._analyte.systems.items()
            for unit in of
            if system != said and self._conversion(unit) in conversions
        ]
        if not units or not others:
            return None
        system, unit = others[0]
        impossible = f"most of its numbers are impossible in {listed(units, 'or')} (by --units {said})"
        why = f"{impossible}, and possible in {unit} (--units {system})"
        mend = f"check --units; or say the unit of this column in the mapping, as in {self._line(unit)}"
        return self._unplaced(why, mend, unit)._replace(speaks_against=said)

    def _elsewhere(self) -> list[str]:
        """The units of other measurements of the same name in which the numbers can be."""
        return [unit for unit in self._analyte.elsewhere if self._is_most(self._numbers.elsewhere[unit])]

    def _unknown(self, fitting: Sequence[str], elsewhere: Sequence[str], others: Sequence[str]) -> Unplaced:
        if not fitting and not elsewhere and not others:
            usual = {unit: self._numbers.bare.get(unit, count) for unit, count in self._numbers.fits.items()}
            best = max(usual, key=lambda unit: usual[unit])
            share = percent(usual[best] / self._numbers.total)
            why = f"its unit is not known, and in {unit_named(best)}, which fits best, only {share} of its numbers are possible"
            if not usual[best]:
                why = "its unit is not known, and its numbers fit none of those that are usual"
            if self._is_most(usual[best]):
                system = self._options.system
                why = f"its numbers are not those of --units {system}" if system else "its numbers have no unit"
                why += f"; all or nearly all of them are possible in {unit_named(best)}, which must be stated"
            return self._unplaced(why, self._mend_unit(best), best)
        units = [*fitting[:_MOST_SHOWN], *elsewhere, *(["another unit"] if len(fitting) > _MOST_SHOWN else [])]
        parts = [*([f"in {listed(map(unit_named, units), 'or')}"] if units else []), *others[:1]]
        why = f"its unit is not known, and its numbers may be {listed(parts, 'or')}"
        return self._unplaced(why, self._mend_unit(*fitting[:1]), *fitting[:1])

    def _known(self, unit: str, where: UnitFrom) -> Column | Unplaced:
        numbers = self._numbers
        share = numbers.fits[unit] / numbers.total if numbers.total else None
        return (
            self._missing(unit) or self._doubted(unit, where) or self._column._replace(unit=unit, unit_from=where, fits=share)
        )

    def _missing(self, unit: str) -> Unplaced | None:
        """Numbers of nines, which may stand for missing values."""
        least, most = scale_of(self._analyte, unit).possible
        found = {str(number): count for number, count in self._numbers.nines.items() if least <= number <= most}
        if not found:
            return None
        count = sum(found.values())
        are = f"{count:,} of its {self._numbers.total:,} numbers {'is' if count == 1 else 'are'} {listed(list(found), 'or')}"
        column = self._column._replace(unit=unit, values={**self._column.values, **dict.fromkeys(found)})
        mend = f"say so in the mapping, as in {mapping_line(column, unit)}; or write what was measured with its unit"
        why = f"{are}, which often stands for a missing value"
        return Unplaced(column.heading, why, mend, likely=(column,), in_doubt=True)

    def _doubted(self, unit: str, where: UnitFrom) -> Unplaced | None:
        """Why the column as a whole may not be in this unit: its numbers say another one."""
        numbers = self._numbers
        if not numbers.total:
            return None
        if where != "mapping":
            for other in other_meanings(self._finding.id, self._column.heading):
                if unit in other.units and self._is_most(numbers.elsewhere.get(other.key, 0)):
                    why = f"its numbers in {unit_named(unit)} may be {other.what}: {other.why}"
                    return self._unplaced(why, f"if they are not, say so in the mapping: {self._line(unit)}", unit)
        others = [other for other in self._analyte.accepted if self._conversion(other) != self._conversion(unit)]
        better = max(others, key=lambda other: numbers.fits[other], default=None)
        if 2 * numbers.fits[unit] < numbers.total and better is not None and 2 * numbers.fits[better] > numbers.total:
            share = percent(1 - numbers.fits[unit] / numbers.total)
            impossible = f"{share} of its numbers are impossible in {unit_named(unit)} ({UNIT_FROM[where]})"
            why = f"{impossible}, and most are possible in {unit_named(better)}"
            return self._unplaced(why, f"check the unit, and say it in the mapping, as in {self._line(better)}", better)
        if where != "mapping" and unit == "%" and "1" in self._analyte.accepted and _are_shares(numbers):
            why = f"its unit is % ({UNIT_FROM[where]}), and its numbers are shares of 1"
            return self._unplaced(why, f"say which it is in the mapping, as in {self._line('1')}", "1")
        odd = numbers.odd.get(unit, 0)
        if where != "mapping" and odd > (0 if where == "assumed" else (1 - FITTING) * numbers.total):
            are = f"{odd:,} of its {numbers.total:,} numbers {'is' if odd == 1 else 'are'}"
            bare = [other for other in self._analyte.bare if self._conversion(other) != self._conversion(unit)]
            usual = min(bare, key=lambda other: numbers.odd[other])
            instead = "as shares of 1" if usual == "1" else f"in {usual}"
            why = f"{are} unusual in {unit} ({UNIT_FROM[where]}), and usual {instead}"
            mend = "check --units" if where == "option" else "give all numbers one unit"
            most = usual if 2 * odd > numbers.total else unit
            found = self._unplaced(why, f"{mend}; or say the unit in the mapping, as in {self._line(most)}", most)
            is_against = where == "option" and 2 * odd > numbers.total
            return found._replace(speaks_against=self._options.system if is_against else None)
        return None

    def _named_otherwise(self, *, by_name: bool) -> list[str]:
        """What else a column of this name may hold."""
        others = [other for other in other_meanings(self._finding.id, self._column.heading) if not other.units]
        most = {other.key for other in others if other.numbers and self._is_most(self._numbers.elsewhere[other.key])}
        return [other.what for other in others if (by_name if other.numbers is None else other.key in most)]

    def _is_most(self, count: int) -> bool:
        return count >= FITTING * self._numbers.total

    def _conversion(self, unit: str) -> tuple[float, float]:
        return self._analyte.accepted[unit]

    def _one_each(self, several: Sequence[str]) -> list[str]:
        """Units of which no two mean the same."""
        first: dict[tuple[float, float], str] = {}
        for unit in several:
            first.setdefault(self._conversion(unit), unit)
        return list(first.values())

    def _line(self, unit: str) -> str:
        return mapping_line(self._column, unit)

    def _mend_unit(self, unit: str | None = None) -> str:
        of_each = {system: self._in_system(system) for system in ("us", "si") if system in self._analyte.systems}
        settling = [system for system, of in of_each.items() if of and len(self._fitting(of)) == 1]
        is_settled = (
            not self._options.system
            and self._numbers.codes < self._numbers.total
            and not self._elsewhere()
            and not self._named_otherwise(by_name=False)
        )
        systems = f"; --units {listed(settling, 'or')} says it for the whole table" if settling and is_settled else ""
        return f"{self._write_unit(unit or self._analyte.canonical)}{systems}"

    def _write_unit(self, unit: str) -> str:
        return f"write it in the heading, or in the mapping, as in {self._line(unit)}"

    def _unplaced(self, why: str, mend: str, unit: str | None = None) -> Unplaced:
        likely = self._column._replace(unit=unit or self._column.unit or self._analyte.canonical)
        return Unplaced(self._column.heading, why, mend, likely=(likely,), in_doubt=True)


def _are_shares(numbers: Numbers) -> bool:
    """Whether numbers that should be percentages look like shares of 1."""
    return numbers.above_1 <= (1 - FITTING) * numbers.total and 2 * numbers.below_1 >= numbers.total


def mapping_line(column: Column, unit: str) -> str:
    """The entry in a mapping of a column in this unit."""
    return f"{mapping_entry(column)}, unit: {yaml_text(unit_named(unit))}{of_missing(column)}}}"


def of_missing(column: Column) -> str:
    """What the entry of a column of numbers says of the cells that hold none."""
    texts = [f"{yaml_text(text)}: null" for text in column.values]
    return f", values: {{{', '.join(texts)}}}" if texts else ""


def mapping_entry(column: Column) -> str:
    """How the entry of a column in a mapping begins."""
    return f"{yaml_text(quoted(column.heading))}: {{finding: {column.finding}"
