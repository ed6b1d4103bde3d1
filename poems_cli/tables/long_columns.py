"""A long table, one row per measurement: which of its columns holds what, by its headings or as ``--long`` says."""

import csv
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from poems_cli.errors import usage_error
from poems_cli.finding_names import finding_names, plain_name
from poems_cli.model import Rules
from poems_cli.phrases import quoted
from poems_cli.tables.headings import names_a_patient, nearest_heading
from poems_cli.tables.table_file import TableError
from poems_cli.written_numbers import SPACE

#: Headings, as ids are written, of what a long table has, the most telling first.
_NAMES = (
    "test", "test_name", "testname", "lab_test", "lab_name", "labname", "lbtest", "analyte", "analyte_name", "component",
    "component_name", "parameter", "parameter_name", "param", "paramcd", "measurement", "measurement_name",
    "measurement_source_value", "observation", "observation_name", "variable", "loinc", "loinc_code", "test_code", "code",
    "item", "item_name", "assay", "lbtestcd", "label", "lab", "name", "description", "analyse", "untersuchung", "prueba",
    "examen", "analito", "exame", "bezeichnung", "analisi", "esame", "param\u00e8tre", "par\u00e1metro", "parametro",
    "bepaling",
)  # fmt: skip
_VALUES = (
    "lbstresc", "lbstresn", "value", "result", "value_as_number", "result_value", "test_result", "test_value", "lab_result",
    "labresult", "lab_value", "valuenum", "value_num", "numeric_value", "numeric_result", "measurement_value",
    "observation_value", "ord_value", "result_val",
    "lborres", "aval", "wert", "ergebnis", "messwert", "valor", "resultado", "valeur", "resultat",
    "valore", "risultato", "waarde", "r\u00e9sultat", "esito", "uitslag",
)  # fmt: skip
_UNITS = (
    "lbstresu", "unit", "units", "uom", "value_unit", "value_units", "value_uom", "valueuom", "result_unit", "result_units",
    "unit_source_value", "unit_of_measure", "reference_unit",
    "lab_unit", "test_unit", "measure_unit", "lborresu", "avalu", "einheit", "unidad",
    "unidade", "unite", "unit\u00e9", "unita", "unit\u00e0", "eenheid", "unit\u00e9s", "unidades",
    "unit\u00e0_di_misura",
)  # fmt: skip
_DATES = (
    "datetime", "date_time", "charttime", "measurement_datetime", "collection_datetime", "collected_at", "date", "day",
    "measurement_date", "collection_date", "collected", "result_date", "result_time",
    "sample_date", "test_date", "observation_date",
    "lab_date", "lbdtc", "adt", "visit_date", "drawn", "time", "timestamp", "datum", "fecha", "data",
)  # fmt: skip
_WEAK_NAMES = ("name", "label", "description", "code", "item", "variable", "lab", "observation", "bezeichnung")
#: Headings of what was measured in: blood, urine, fluid.
SPECIMENS = (
    "specimen", "specimen_type", "specimen_source", "specimen_name", "lbspec", "sample_type", "sample_material", "material",
    "probenmaterial", "matrix", "fluid", "muestra", "echantillon", "\u00e9chantillon", "campione", "monster",
)  # fmt: skip
_PATIENTS = ("patient_name", "name_of_patient", "paciente", "patientenname", "nom_du_patient", "fall", "pat")
_NAME_WORDS = frozenset(("test", "analyte", "parameter", "analito", "untersuchung", "prueba", "examen"))
_DATE_WORDS = frozenset(("date", "datum", "fecha", "data"))
_OTHER_WORDS = frozenset((
    "date", "datum", "fecha", "data", "birth", "dob", "geburt", "nacimiento", "result", "value", "unit", "units", "number",
    "count", "type", "group", "status", "comment", "death", "admission", "discharge",
))  # fmt: skip
_LOINC = re.compile("[0-9]{3,7}-[0-9]")
_MEND = "write it as --long id,name,value,unit,date, with the headings of those columns (unit and date may be left out)"


class LongColumns(NamedTuple):
    """The headings of a long table: of the patient, the test, what was measured, its unit and when."""

    id: str
    name: str
    value: str
    unit: str = ""
    date: str = ""

    def option(self) -> str:
        """What to write after ``--long``."""
        parts = [part if "," not in part else f'"{part}"' for part in self]
        while not parts[-1]:
            parts.pop()
        text = ",".join(parts)
        return text if re.fullmatch(r"[\w,.-]+", text) else f"'{text}'"


def columns_said(option: str, headings: Sequence[str]) -> LongColumns:
    """The columns that ``--long`` names. Raises :class:`PoemsError` for a column that there is not."""
    parts = [part.strip() for part in next(csv.reader([option]), [])]
    if not 3 <= len(parts) <= 5 or not all(parts[:3]):
        raise usage_error("--long", f"'{quoted(option)}' does not name the columns of a long table", _MEND)
    found: list[str] = []
    for part in parts:
        alike = [part]
        if part and part not in headings:
            alike = [heading for heading in headings if plain_name(heading) == plain_name(part)]
        if len(alike) != 1 or (part and headings.count(alike[0]) > 1):
            mend = nearest_heading(part, headings) if not alike else "rename the columns in the table"
            what = f"{'more than one column is' if alike else 'no column is'} called '{quoted(part)}'"
            raise usage_error("--long", what, mend)
        found.append(alike[0])
    return LongColumns(*found)


def looks_long(headings: Sequence[str], rows: Sequence[Sequence[str | None]], rules: Rules) -> LongColumns | None:
    """The columns of a long table, if this is one by its headings and first rows; ``None`` for a table of patients."""
    by_name = {plain_name(heading): heading for heading in reversed(headings)}
    patient = next((heading for heading in headings if names_a_patient([heading])), _first(_PATIENTS, by_name))
    name = _first(_NAMES, by_name) or _with_word(_NAME_WORDS, headings)
    value = _first(_VALUES, by_name)
    if patient is None or name is None or value is None or len({patient, name, value}) < 3:
        return None
    unit = _first(_UNITS, by_name)
    if value.lower() == "lborres":
        unit = by_name.get("lborresu", unit)
    date = _first(_DATES, by_name) or _with_word(_DATE_WORDS, headings)
    found = LongColumns(patient, name, value, unit or "", date or "")
    return found if _has_measurements(found, headings, rows, rules) else None


def refused(where: str, found: LongColumns) -> TableError:
    """The error of a long table without --long; ``where`` names it."""
    return TableError(where, "a row of this table is one measurement, not one patient", f"say so: --long {found.option()}")


def _first(names: Sequence[str], by_name: Mapping[str, str]) -> str | None:
    return next((by_name[name] for name in names if name in by_name), None)


def _with_word(words: frozenset[str], headings: Sequence[str]) -> str | None:
    """The one heading with such a word in it, and without a word that makes another thing of it."""
    parted = [(heading, set(plain_name(heading).split("_"))) for heading in headings]
    found = [heading for heading, parts in parted if words & parts and not (_OTHER_WORDS - words) & parts]
    return found[0] if len(found) == 1 else None


def _has_measurements(found: LongColumns, headings: Sequence[str], rows: Sequence[Sequence[str | None]], rules: Rules) -> bool:
    """Whether patients come again with other tests, or a test is called as a finding is; by a weak name only the latter."""
    ids, names = headings.index(found.id), headings.index(found.name)
    tests: dict[str, set[str]] = {}
    for row in rows:
        tests.setdefault((row[ids] or "").strip(SPACE), set()).add((row[names] or "").strip(SPACE))
    weak = plain_name(found.name) in _WEAK_NAMES
    if not weak and any(len(several) > 1 for patient, several in tests.items() if patient):
        return True
    known = finding_names(rules.findings)
    return any(plain_name(test) in known or _LOINC.fullmatch(test) for several in tests.values() for test in several)
