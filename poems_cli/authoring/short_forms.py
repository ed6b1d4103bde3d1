"""The short forms of cases: a line or a row for each finding that is tried, written out as cases.

::

    limits:          # one finding after another value, and what follows: just below a limit, at it, just above it
      - {of: platelets, unit: 10*9/L, finding: thrombocytosis, values: {450: false, 451: true}}
      - {of: csf_white_cells, unit: "/uL", with: {polyneuropathy: true}, absent: others, criteria: cidp, values: {9: met}}
    weights:         # of a mimic, or of the syndrome: the evidence of its row when one finding alone is known
      cidp:
        conduction_block: [7, -3]                           # present, absent
        light_chain: {kappa: 0, lambda: -3}
        median_terminal_latency_index: {unit: "{ratio}", 0.37: 0, 0.38: -4.8}
    units:           # a number in a unit, and what it is in the finding's own unit, or refused
      - {of: creatinine, unit: umol/L, values: {88.4: 1, 6700: refused}}
    answered_by:     # the tests that answer a finding both ways, in the order of the rules; and those that can only show it
      papilledema: [fundoscopy]
    shown_by:
      castleman_disease: [lymph_node_biopsy]
    settled_by:      # the tests that settle a mimic, in order
      tempi: [ct_low_dose_whole_body]
    burdens:         # the cost and invasiveness classes of a test
      fundoscopy: [0, 0]

What follows is one of ``finding``, ``outlook``, ``sensible``, ``staging`` (true, false, unknown), ``criteria`` (a verdict),
``mimic`` (a status, or the evidence of its row), ``established`` and ``excluded`` (whether what does that to a mimic holds),
``warning``, ``red_flag`` (shown, not shown), ``explained`` (explained, not explained), ``not_counted`` (counted, not counted),
``next_test`` (a test). ``with`` gives findings in addition to it, and ``absent`` is that of a case.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from poems_cli.authoring.cases import Entry
from poems_cli.rules.strict_yaml import Document
from poems_cli.rules.strict_yaml import Path as Place
from poems_cli.written_numbers import is_number

REFUSED = "refused"
_LIMIT_KEYS = ("of", "unit", "with", "absent", "values", "source", "about")
_SHOWN = {
    "shown": True, "not shown": False, "explained": True, "not explained": False, "not counted": True, "counted": False,
}  # fmt: skip
#: What may follow, with the lists of a case in which it is where it is shown and where it is not.
_EITHER = {
    "warning": ("warnings", "no_warnings"),
    "red_flag": ("red_flags", "no_red_flags"),
    "explained": ("explained", "not_explained"),
    "not_counted": ("not_counted", "counted"),
}
_TARGETS = ("finding", "criteria", "mimic", "established", "excluded", "outlook", "sensible", "staging", "next_test", *_EITHER)


def written_out(document: Document, file: str) -> tuple[list[Entry], list[str]]:
    """The cases of the short forms of a file, and what is wrong with them; ``file`` begins the ids of the cases."""
    writer = _Writer(document, file)
    return list(writer.entries()), writer.faults


class _Writer:
    def __init__(self, document: Document, file: str) -> None:
        self._document = document
        self._file = file
        self.faults: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """The cases of all short forms."""
        for number, row in self._rows("limits"):
            yield from self._limit(("limits", number), row)
        for mimic, row in self._named("weights"):
            yield from self._weights(("weights", mimic), mimic, row)
        for number, row in self._rows("units"):
            yield from self._unit(("units", number), row)
        for key in ("answered_by", "shown_by", "settled_by", "burdens"):
            for name, wanted in self._named(key):
                case = f"burden of {name}" if key == "burdens" else f"{key} {name}"
                yield self._entry((key, name), case, {}, {key: {name: wanted}})

    def _entry(
        self,
        place: Place,
        name: str,
        findings: Mapping[str, Any],
        expect: Mapping[str, Any],
        row: Mapping[str, Any] | None = None,
    ) -> Entry:
        more = {key: row[key] for key in ("absent", "source") if row and key in row}
        about = (row or {}).get("about", "A row of a table.")
        body = {"id": f"{self._file}: {name}", "about": about, "findings": dict(findings), "expect": dict(expect), **more}
        return Entry(str(body["id"]), place, body)

    def _fault(self, place: Place, message: str, mend: str) -> None:
        self.faults.append(str(self._document.problem(place, message, mend)))

    def _rows(self, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of a list, each a mapping with ``of`` and ``values``."""
        rows = self._document.data.get(key, [])
        if not isinstance(rows, list):
            self._fault((key,), f"{key} is a list of rows", "Write one - {of: ..., values: {...}} for each.")
            return
        for number, row in enumerate(rows):
            if isinstance(row, dict) and isinstance(row.get("of"), str) and isinstance(row.get("values"), dict):
                yield number, row
            else:
                self._fault((key, number), "a row has of: and values:", "Write {of: a finding, values: {value: what follows}}.")

    def _named(self, key: str) -> Iterator[tuple[str, Any]]:
        """The entries of a mapping."""
        entries = self._document.data.get(key, {})
        if isinstance(entries, dict):
            yield from entries.items()
        else:
            self._fault((key,), f"{key} is a mapping of ids", "Write one id per line, each with what is expected.")

    def _limit(self, place: Place, row: Mapping[str, Any]) -> Iterator[Entry]:
        targets = [key for key in row if key not in _LIMIT_KEYS]
        unknown = [key for key in targets if key not in _TARGETS]
        if len(targets) != 1 or unknown:
            found = f"unknown key {unknown[0]!r}" if unknown else "a row says what follows of one thing"
            self._fault(place, found, f"Write one of {', '.join(_TARGETS)}.")
            return
        (target,) = targets
        for value, wanted in row["values"].items():
            if target in _EITHER and wanted not in _SHOWN:
                self._fault((*place, "values", value), f"{wanted!r} is not understood", f"Write one of {', '.join(_SHOWN)}.")
                continue
            findings = {**(row.get("with") or {}), row["of"]: _value_of_key(value, row.get("unit"))}
            name = f"limits {place[-1]}, {row['of']} {value}"
            yield self._entry(place, name, findings, _expected(target, row[target], wanted), row)

    def _weights(self, place: Place, mimic: str, row: object) -> Iterator[Entry]:
        if not isinstance(row, dict):
            self._fault(place, "a row of weights is a mapping", "Write {finding: [present, absent]}.")
            return
        for finding, weights in row.items():
            if isinstance(weights, list) and len(weights) == 2:
                values: Mapping[str, Any] = {"true": weights[0], "false": weights[1]}
            elif isinstance(weights, dict):
                values = weights
            else:
                self._fault((*place, finding), "weights are two numbers or a mapping", "Write [present, absent].")
                continue
            for value, evidence in values.items():
                if value != "unit":
                    given = {finding: _value_of_key(value, values.get("unit"))}
                    expect = {"mimics": {mimic: {"evidence": evidence}}}
                    yield self._entry((*place, finding), f"{mimic}, {finding} {value}", given, expect)

    def _unit(self, place: Place, row: Mapping[str, Any]) -> Iterator[Entry]:
        for value, wanted in row["values"].items():
            finding = row["of"]
            expect = {"refused": [finding]} if wanted == REFUSED else {"quantities": {finding: wanted}}
            name = f"units {place[-1]}, {finding} {value}"
            yield self._entry(place, name, {finding: _value_of_key(value, row.get("unit"))}, expect)


def _value_of_key(value: str, unit: str | None) -> Any:
    """What a key of ``values`` means: a number or a text with a sign in a unit, a word, or a truth."""
    if unit is None:
        return value
    with suppress(ValueError):
        return {"value": float(value), "unit": unit}
    return {"value": value, "unit": unit}


def _expected(target: str, name: str, wanted: Any) -> dict[str, Any]:
    """What a case expects where a row says what follows."""
    if target in _EITHER:
        shown, not_shown = _EITHER[target]
        return {shown if _SHOWN.get(wanted) else not_shown: [name]}
    if target == "mimic":
        return {"mimics": {name: {"evidence": wanted} if is_number(wanted) else wanted}}
    if target in ("established", "excluded"):
        return {"mimics": {name: {target: wanted}}}
    if target == "next_test":
        return {"next_test": wanted}
    key = {"finding": "findings"}.get(target, target)
    return {key: {name: wanted}}
