"""How a column is read, or why it is not read and what would settle it: from its heading, the mapping and its cells.

A number, a code or a word that can mean two things is not read by luck. The decision can be made on the first rows and again on
all of them; where it differs, the rows are to be read again.
"""

from collections.abc import Mapping

from poems_cli.model import Finding, Rules
from poems_cli.phrases import quoted
from poems_cli.tables.cells import CellReader, Fault, are_of_one_language, as_code, is_code
from poems_cli.tables.columns import Column, TableMap, Unclear, Unplaced
from poems_cli.tables.measured_columns import DecidingOptions as DecidingOptions
from poems_cli.tables.measured_columns import MeasuredColumn, mapping_entry, mapping_line
from poems_cli.tables.profile import Profile
from poems_cli.units import UnitTable


def decide_table(table: TableMap, profiles: Mapping[str, Profile], rules: Rules, options: DecidingOptions) -> TableMap:
    """How each column of a table is read, or why it is not; ``profiles`` are by heading, those of columns of units too."""
    found = _each(table, profiles, rules, options)
    against = next((column for column in found if isinstance(column, Unplaced) and column.speaks_against), None)
    if against is not None:
        without = _each(table, profiles, rules, options._replace(system=None))
        found = [_without_option(*both, against) for both in zip(found, without, strict=True)]
    columns = tuple([column for column in found if isinstance(column, Column)])
    unplaced = [column for column in found if isinstance(column, Unplaced)]
    return table._replace(columns=columns, unplaced=(*unplaced, *table.unplaced))


def _each(table: TableMap, profiles: Mapping[str, Profile], rules: Rules, options: DecidingOptions) -> list[Column | Unplaced]:
    found: list[Column | Unplaced] = []
    for column in table.columns:
        finding, profile = rules.findings[column.finding], profiles[column.heading]
        decided: Column | Unplaced
        if finding.kind == "boolean":
            decided = _of_truths(column, profile)
        elif finding.kind == "choice":
            decided = _of_words(column, finding, rules.units, profile)
        else:
            beside = profiles.get(column.unit_column) if column.unit_column else None
            decided = MeasuredColumn(column, finding, rules.units, profile, options, beside).decided()
        if isinstance(decided, Unplaced):
            likely = tuple([each for each in decided.likely if each.finding in rules.findings])
            decided = decided._replace(likely=likely)
        found.append(decided)
    return found


def _without_option(column: Column | Unplaced, without: Column | Unplaced, against: Unplaced) -> Column | Unplaced:
    """A column in a table where the numbers of another one contradict the option --units, which then says no unit by itself."""
    if isinstance(column, Unplaced) or column.unit_from != "option":
        return column
    if isinstance(without, Column):
        return without
    option, other = f"--units {against.speaks_against}", f"'{quoted(against.heading)}'"
    why = f"only {option} says that it is in {column.unit}, and the numbers of {other} contradict {option}"
    mend = f"say the unit of {other} in the mapping, or that of this column, as in {mapping_line(column, column.unit or '')}"
    return Unplaced(column.heading, why, mend, likely=(column,), in_doubt=True)


def _of_truths(column: Column, profile: Profile) -> Column:
    """A column of truths: where other numbers than 0 and 1 occur, or mean yes or no, none of them says anything by itself."""
    usual = {("1", True), ("0", False)}
    others = [code for code, meaning in column.values.items() if is_code(code) and meaning is not None]
    has_others = any((as_code(code), column.values[code]) not in usual for code in others)
    unclear: dict[Unclear, bool] = {"codes": bool(profile.codes) or has_others, "signs": profile.signs}
    return column._replace(unclear=frozenset([what for what, found in unclear.items() if found]))


def _of_words(column: Column, finding: Finding, units: UnitTable, profile: Profile) -> Column | Unplaced:
    """A column of a choice: it is read if every word of it is understood."""
    reader = CellReader(column, finding, units)
    read = {text: reader.read(text) for text, _ in profile.texts}
    strange = sum(isinstance(meaning, Fault) for meaning in read.values())
    if strange or not profile.has_all_texts:
        why = _strange_words(strange, len(read), said=bool(column.values))
    elif not are_of_one_language(read.items()) and not column.values:
        why = "two of its letters would mean the same, so it is in a language that is not known here"
    else:
        return column
    words = ", ".join(f"...: {choice}" for choice in list(finding.choices)[:2])
    mend = f"say what each of its words means in the mapping, as in {mapping_entry(column)}, values: {{{words}}}}}"
    return Unplaced(column.heading, why, mend, likely=(column,), in_doubt=True)


def _strange_words(strange: int, every: int, *, said: bool) -> str:
    some = f"{strange} of its {every} words {'is' if strange == 1 else 'are'} not understood"
    count = "none of its words is understood" if strange == every else some
    if not strange:
        return "it has too many different words to examine"
    return f"{count}; where the mapping says what one means, it has to say it of all" if said and strange < every else count
