"""Records of other kinds, which are not patients for this program: what each is, and what to do, in one line."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias, cast

from poems_cli.records.problem import Flaw, Record

_ById: TypeAlias = dict[str, dict[str, object]]
#: Members under which other programs keep a list of patients.
_LISTS = ("patients", "cases", "records", "individuals", "subjects", "visits", "data", "rows", "results")
_RESOURCE = re.compile("[A-Z][A-Za-z]{2,40}")
_OBJECT = 'write each patient as {"id": "p1", "findings": {...}}'
_TEMPLATE = f"{_OBJECT} (poems template writes one to fill in)"
_TABLE = "make a table of it with one row per patient and one column per finding (poems template --format csv)"
_PHENOPACKET = ({"phenotypicFeatures"}, {"subject", "metaData"}, {"proband", "metaData"}, {"members", "metaData"})
_SCRIPT = "its documentation has a script that does"
_OMOP_ROW = ("person_id", "observation_period_id", "cdm_source_name", "concept_id")
_UNNAMED_TABLE = Flaw(
    "this looks like a table, but not by its name",
    "give it a name that ends in .csv or .tsv, or use poems screen, which reads tables from a pipe, too",
)
_ROW = re.compile(rb"[\w\"][^:{}\[\]]*[,;\t|][^:{}\[\]]*")
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,40}:)?([A-Za-z][\w.-]{0,40})[\s>/]")

#: First bytes of what this program does not read as text, what it is, and what to do.
_BEGINNINGS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"MSH|", b"FHS|", b"BHS|", b"\x0bMSH|"), "an HL7 v2 message", f"{_TABLE}, or {_OBJECT}"),
    ((b"ISA*", b"UNA:+", b"UNB+"), "an EDI message", f"{_TABLE}, or {_OBJECT}"),
    ((b"PK\x03\x04",), "an Excel workbook or another zip archive", "use poems screen, or save the sheet as CSV (UTF-8)"),
    (
        (b"\xd0\xcf\x11\xe0",),
        "an old Excel workbook or another Office document",
        "use poems screen, or save the sheet as CSV (UTF-8)",
    ),
    ((b"\x1f\x8b",), "compressed with gzip", "decompress it first: gunzip"),
    ((b"\x28\xb5\x2f\xfd",), "compressed with Zstandard", "decompress it first: zstd -d"),
    ((b"%PDF",), "a PDF document", _TEMPLATE),
    ((b"{\\rtf",), "a text document (RTF)", _TEMPLATE),
    ((b"PAR1",), "a Parquet table", "use poems screen"),
    ((b"$FL2", b"$FL3", b"<stata_dta>"), "a file of SPSS or Stata", "use poems screen"),
)


def other_text(head: bytes) -> Flaw | None:
    """What a file is that begins so, if that is known and it holds no patient."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for beginnings, name, mend in _BEGINNINGS:
        if head.startswith(beginnings) or start.startswith(beginnings):
            return _flaw(name, mend)
    if start.startswith(b"<"):
        root = _ROOT.search(re.sub(rb"<[?!][^>]*>", b"", start[:4096]))
        name = root[1].decode("ascii", "replace") if root else ""
        if name == "ClinicalDocument":
            return _flaw("a clinical document (CDA)", _TEMPLATE)
        if b"hl7.org/fhir" in start[:4096]:
            return _flaw("FHIR in XML", f"{_OBJECT}; {_SCRIPT} from FHIR in JSON")
        return _flaw("a web page (HTML)" if name.lower() == "html" else "XML", _TEMPLATE)
    if _ROW.fullmatch(start.partition(b"\n")[0].rstrip(b"\r")):
        return _UNNAMED_TABLE
    return None


def other_record(value: object) -> Flaw | None:
    """What an object is that holds no findings, if that is known."""
    if not isinstance(value, Mapping) or "findings" in value:
        return None
    resource = value.get("resourceType")
    if isinstance(resource, str):
        name = f"a FHIR {resource}" if _RESOURCE.fullmatch(resource) else "a FHIR resource"
        return _flaw(name, f"{_OBJECT}; {_SCRIPT}")
    if any(keys <= value.keys() for keys in _PHENOPACKET):
        return _flaw("a phenopacket", f"{_TEMPLATE}; its phenotypicFeatures are findings there")
    return other_columns(value.keys())


def other_columns(names: Collection[str]) -> Flaw | None:
    """What a table is that has columns of these names, if that is known and its rows are not patients."""
    plain = {name.strip().lower() for name in names}
    if plain & set(_OMOP_ROW) and any(
        name.endswith(("_concept_id", "_period_id", "cdm_version", "vocabulary_id")) for name in plain
    ):
        return _flaw("a table of an OMOP export", f"{_TABLE}; {_SCRIPT}")
    if "resourcetype" in plain:
        return _flaw("a FHIR resource", f"{_OBJECT}; {_SCRIPT}")
    return None


def unwrapped(record: Record) -> Iterator[Record] | None:
    """The patients of an object that holds nothing but them and remarks on them; ``None`` for any other record.

    They are a list, or an object by id.
    """
    value = record.value
    if not isinstance(value, dict) or "findings" in value or record.flaws:
        return None
    several = [patients for name in value if name.lower() in _LISTS and (patients := _patients(value[name])) is not None]
    if len(several) != 1:
        return None
    return (Record(patient, record.place, number) for number, patient in enumerate(several[0], 1))


def _patients(value: object) -> list[object] | None:
    """The patients of a list of objects, or of an object of objects by id."""
    each = value if isinstance(value, list) else [*value.values()] if isinstance(value, dict) and value else [None]
    if not all(isinstance(patient, dict) for patient in each):
        return None
    return each if isinstance(value, list) else [{"id": key, **patient} for key, patient in cast("_ById", value).items()]


def _flaw(name: str, mend: str) -> Flaw:
    return Flaw(f"this is {name}, which poems does not read", mend)
