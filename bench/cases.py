"""Where the true diagnosis stands among the mimics, for published patients.

    python bench/cases.py FILE_OR_FOLDER [--markdown] [--known N N]

Reads JSON Lines files of patients with ``final_diagnosis`` beside ``findings``. A diagnosis is found in that text by the
names that the rules know, else by the stems below; a patient may have several. Prints a row for each patient (verdict of the
default set, the place of the true mimic among the mimics and of the syndrome among all rows, the status of the true mimic)
and at the end how often each is first, among the first three, and among the first five.

The same is measured without the decisive test of each: what only a biopsy, a gene or an antibody can tell is left out.

Beside it, on the same patients, the ranking that needs no rules: semantic similarity of the HPO terms of the same present
findings to the HPO annotations of each disease (hpo3, if it is installed: ``pip install hpo3``). It cannot use what has no
HPO term, nor what is absent.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.engine.assess import Assessor
from poems_cli.model import Assessment, Patient, Rules
from poems_cli.records import PatientReader, Record
from poems_cli.rules.loading import load_rules

#: How case reports word a diagnosis where they do not use its name.
_STEMS = {
    r"castleman": "idiopathic_multicentric_castleman", r"tafro": "tafro", r"hhv-?8": "hhv8_multicentric_castleman",
    r"waldenstrom|lymphoplasmacytic": "waldenstrom_macroglobulinemia", r"anti-?mag\b|\bdads\b": "anti_mag_neuropathy",
    r"canomad|disialosyl": "canomad", r"attr|transthyretin|familial amyloid": "attr_amyloidosis",
    r"\bal\b.*amyloid|amyloid.*light.chain|primary amyloid|primary systemic amyloid": "al_amyloidosis",
    r"myeloma": "multiple_myeloma", r"solitary.*plasmacytoma": "solitary_plasmacytoma", r"aesop": "aesop", r"tempi\b": "tempi",
    r"schnitzler": "schnitzler", r"scleromyx|papular mucinosis": "scleromyxedema",
    r"scleroderma|systemic scleros": "systemic_sclerosis", r"egpa|churg|eosinophilic granulomatosis": "egpa",
    r"polyarteritis|vasculitic|microscopic polyangiitis|granulomatosis with polyangiitis": "vasculitic_neuropathy",
    r"cryoglob": "cryoglobulinemic_vasculitis", r"sjogren": "sjogren", r"sarcoid": "sarcoidosis",
    r"lymphomatosis|lymphoma\b|\bdlbcl\b": "lymphoma", r"igg4": "igg4_related_disease",
    r"h(a)?emochromatosis": "hemochromatosis",
    r"addison": "addison_disease", r"essential thrombocyth|polycyth(a)?emia vera|myelofibrosis": "myeloproliferative_neoplasm",
    r"cirrhosis": "cirrhosis", r"capillary leak|clarkson": "capillary_leak_syndrome",
    r"paraneoplastic": "paraneoplastic_neuropathy",
    r"intracranial hypertension|pseudotumor": "idiopathic_intracranial_hypertension", r"\bcidp\b|chronic inflammatory": "cidp",
    r"guillain|\bgbs\b|\baidp\b": "guillain_barre", r"diabetic": "diabetic_polyneuropathy",
    r"b12|cobalamin": "vitamin_b12_deficiency", r"\bmgus\b": "mgus_neuropathy", r"nephrotic": "nephrotic_syndrome",
    r"lead|alcohol|toxic neuropathy|chemotherapy": "toxic_neuropathy",
}  # fmt: skip
#: What a longer name takes the word away from.
_OVERRIDES = {"egpa": "vasculitic_neuropathy", "tafro": "hhv8_multicentric_castleman"}
#: What a test that tells of one disease alone is called.
_SPECIFIC = re.compile(r"antibod|_gene$|jak2|myd88|hhv8")
_BIOPSY = 3  # the class of invasiveness
_SYNDROME = re.compile(r"poems|crow-fukase|takatsuki|osteosclerotic myeloma")


class Ranked(NamedTuple):
    """One patient's result; ``place`` is None where the diagnosis is not in the list."""

    id: str
    known: int
    truth: tuple[str, ...]
    verdict: str
    place: int | None
    of_all: int | None
    status: str
    syndrome: int
    peer: int | None


def main() -> None:
    """Rank every patient and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a JSON Lines file, or a folder of them")
    parser.add_argument("--markdown", action="store_true", help="write the table as Markdown")
    parser.add_argument("--mimic-known", type=int, default=4, help="count mimic patients with so many known findings")
    parser.add_argument("--syndrome-known", type=int, default=5, help="count patients of the syndrome with so many")
    options = parser.parse_args()
    rules = load_rules()
    peer = _peer(rules)
    ranked = [_rank(rules, assessment, diagnosis, peer) for diagnosis, assessment in _assessed(rules, options.path)]
    _print(ranked, options.markdown)
    _summary(rules, ranked, options)
    print("without what only a biopsy, a gene or an antibody tells:")
    without = _assessed(rules, options.path, leave_out=decisive(rules))
    _summary(rules, [_rank(rules, assessment, diagnosis, None) for diagnosis, assessment in without], options)
    if peer is not None:
        _tops("HPO similarity, true diagnosis among those with HPO annotations", [case.peer for case in ranked if case.peer])
        both = [case for case in ranked if case.peer]
        _tops("these rules on the same patients, among all rows",
              [case.syndrome if case.truth == (rules.identity.id,) else case.of_all or 99 for case in both])  # fmt: skip
    missing = [case.id for case in ranked if not case.truth]
    print(f"diagnosis not in the list: {len(missing)} {' '.join(missing)}".rstrip())


def decisive(rules: Rules) -> frozenset[str]:
    """The findings that nothing but a biopsy, a gene or an antibody can tell."""
    tests = [test for test in rules.tests.values() if test.invasiveness >= _BIOPSY or _SPECIFIC.search(test.id)]
    others = {finding for test in rules.tests.values() if test not in tests for finding in test.answers}
    return frozenset([finding for test in tests for finding in test.answers if finding not in others])


def _summary(rules: Rules, ranked: Sequence[Ranked], options: argparse.Namespace) -> None:
    mimics = [case for case in ranked if case.truth and case.truth != (rules.identity.id,)]
    syndrome = [case for case in ranked if case.truth == (rules.identity.id,)]
    _tops(f"true mimic among mimics, {options.mimic_known} or more findings known",
          [case.place for case in mimics if case.known >= options.mimic_known and case.place])  # fmt: skip
    _tops("true mimic among all rows, same patients",
          [case.of_all for case in mimics if case.known >= options.mimic_known and case.of_all])  # fmt: skip
    _tops("true mimic among mimics, all", [case.place for case in mimics if case.place])
    _tops(f"POEMS among all rows, {options.syndrome_known} or more findings known",
          [case.syndrome for case in syndrome if case.known >= options.syndrome_known])  # fmt: skip
    _tops("POEMS among all rows, all", [case.syndrome for case in syndrome])
    excluded = [case.id for case in mimics if case.status == "excluded"]
    print(f"true diagnosis excluded: {len(excluded)} {' '.join(excluded)}".rstrip())
    met = [case.id for case in mimics if case.verdict == "met"]
    print(f"mimics that meet the default set: {len(met)} {' '.join(met)}".rstrip())
    print()


def _assessed(rules: Rules, path: Path, leave_out: frozenset[str] = frozenset()) -> Iterator[tuple[str, Assessment]]:
    reader, assessor = PatientReader(rules), Assessor(rules)
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.ndjson")]) if path.is_dir() else [path]
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            case = json.loads(line)
            findings = {name: value for name, value in case["findings"].items() if name not in leave_out}
            record = {"id": str(case.get("id") or number), "findings": findings}
            reading = reader.read(Record(record, f"{file.name}, line {number}", number))
            if reading.patient is None:
                print(*reading.problems, sep="\n", file=sys.stderr)
                continue
            yield str(case.get("final_diagnosis") or ""), assessor.assess(reading.patient)


def _rank(rules: Rules, assessment: Assessment, diagnosis: str, peer: "_Peer | None") -> Ranked:
    truth = diagnoses(rules, diagnosis)
    true_rows = [(place, rival) for place, rival in enumerate(assessment.mimics, 1) if rival.row.id in truth]
    assert assessment.syndrome is not None
    return Ranked(
        id=assessment.patient.id,
        known=len(assessment.patient.observed),
        truth=truth,
        verdict=assessment.criteria[assessment.default_criteria].verdict,
        place=true_rows[0][0] if true_rows else None,
        of_all=true_rows[0][1].place if true_rows else None,
        status=true_rows[0][1].row.status if true_rows else "",
        syndrome=assessment.syndrome.place,
        peer=peer.place(assessment, truth) if peer else None,
    )


def diagnoses(rules: Rules, text: str) -> tuple[str, ...]:
    """The ids that a diagnosis in words stands for; the syndrome alone where it is named, whatever else is."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if _SYNDROME.search(plain):
        return (rules.identity.id,)
    plain = plain.replace("ae", "e").replace("oe", "e")  # macroglobulinaemia, scleromyxoedema
    found = {mimic for stem, mimic in _STEMS.items() if re.search(stem, plain)}
    for mimic in rules.mimics.values():
        names = [str(name).casefold() for name in (mimic.name, *mimic.synonyms)]
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain) for name in names):
            found.add(mimic.id)
    for winner, loser in _OVERRIDES.items():
        if winner in found:
            found.discard(loser)
    return tuple(sorted(found))


# --- printing ---------------------------------------------------------------------------------------------------------

_HEADER = ("patient", "known", "true diagnosis", "Mayo", "mimic", "of all", "status", "POEMS", "HPO")


def _print(ranked: Sequence[Ranked], markdown: bool) -> None:
    rows = [_HEADER, *[tuple(_cell(value) for value in row) for row in ranked]]
    if markdown:
        rows.insert(1, tuple("---" for _ in _HEADER))
        print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    else:
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
        print("\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows))
    print()


def _cell(value: object) -> str:
    return " + ".join(value) if isinstance(value, tuple) else "-" if value is None else str(value)


def _tops(title: str, places: Sequence[int]) -> None:
    """How often the first, among the first three, among the first five."""
    if not places:
        print(f"{title}: nobody")
        return
    shares = (
        f"top-{most} {sum(place <= most for place in places)} ({sum(place <= most for place in places) / len(places):.0%})"
        for most in (1, 3, 5)
    )
    print(f"{title} (n = {len(places)}): {', '.join(shares)}")


# --- the peer ---------------------------------------------------------------------------------------------------------


class _Peer:
    """Ranks the diseases that HPO annotates by the similarity of their terms to a patient's."""

    def __init__(self, rules: Rules, diseases: Mapping[str, Any], hpo_set: Any) -> None:
        self._rules = rules
        self._diseases = diseases
        self._hpo_set = hpo_set

    def place(self, assessment: Assessment, truth: Iterable[str]) -> int | None:
        """The place of the true diagnosis; None where HPO has no annotations for it or no term for any finding."""
        terms = list(dict.fromkeys(self._terms(assessment.patient)))
        if not terms or not any(disease in self._diseases for disease in truth):
            return None
        patient = self._hpo_set.from_queries(terms)
        similar = {
            disease: patient.similarity(terms_of, kind="orpha", method="graphic", combine="funSimAvg")
            for disease, terms_of in self._diseases.items()
        }
        order = sorted(similar, key=lambda disease: (-similar[disease], disease))
        return min(order.index(disease) for disease in truth if disease in order) + 1

    def _terms(self, patient: Patient) -> Iterator[str]:
        for finding, value in patient.observed.items():
            if value is True:
                yield from self._rules.findings[finding].codes.get("hpo", ())


def _peer(rules: Rules) -> _Peer | None:
    try:
        from pyhpo import HPOSet, Ontology
    except ImportError:
        print("hpo3 is not installed: no comparison with HPO similarity\n", file=sys.stderr)
        return None
    Ontology()
    annotated = {disease.id: disease.hpo for disease in Ontology.orpha_diseases}
    wanted = {mimic.id: int(code) for mimic in rules.mimics.values() for code in mimic.codes.get("orpha", ())}
    wanted[rules.identity.id] = 2905
    diseases = {id_: HPOSet.from_queries(list(annotated[orpha])) for id_, orpha in wanted.items() if orpha in annotated}
    return _Peer(rules, diseases, HPOSet)


if __name__ == "__main__":
    main()
