"""Example cases as data: what one patient's findings should come out as, written in YAML and run against the rules.

A file of ``rules/examples`` holds a list of cases under ``cases``::

    cases:
      - id: vector-1
        about: Why this case is here, in one sentence.
        source: dispenzieri-2012     # optional: whose statement it checks, an id of the sources
        findings: {polyneuropathy: true, plasma_vegf: {value: 350, unit: pg/mL}, papilledema: null}
        absent: others               # optional, or a list of ids
        expect:
          criteria:
            mayo: met
            suichi-2019: not met
            mhlw: {verdict: met, level: probable, levels: {definite: undetermined}}
            cidp-ean-pns-2021: met                                    # a mimic's own set
          mimics:
            hhv8_multicentric_castleman: excluded                     # its status
            cidp: {status: consider, first: 2}                        # and at most this place among the mimics
            canomad: {place: 3, evidence: -4.8}                       # exactly this place, and the points of its row
            tempi: {established: true, excluded: unknown}             # whether what establishes or excludes it holds
            poems: {first: 1}                                         # the syndrome's row: its place among all rows
          red_flags: [severe_leg_pain]                                # these are present (and others may be)
          no_red_flags: [muscle_atrophy]                              # these are absent, unknown or not of this label
          findings: {thrombocytosis: true, vegf_elevated: unknown}    # after definitions and implications
          quantities: {creatinine: 1.13}                              # in the finding's own unit, to half a percent
          refused: [platelets]                                        # just these values are not read
          warnings: [igm_or_kappa, "gray_zone:vegf_elevated"]         # these are shown
          no_warnings: [normal_vegf]                                  # these are not
          contradictions: [skin_changes]                              # just these; without the key there must be none
          decisive: [vegf_elevated]                                   # decisive unknowns of the default set
          not_decisive: [papilledema]
          if_present: {papilledema: {mayo: met, steps_to_met: 0}}     # what one more answer alone would do
          if_absent: {polyneuropathy: {mayo: not met, steps_to_met: never}}
          steps_to_met: 2                                             # of the default set; never when it cannot be met
          next_test: serum_immunofixation                             # the first test worth ordering; none where none is
          tests: [serum_immunofixation, vegf_plasma]                  # in this order, with others before and between
          answered_by: {papilledema: [fundoscopy]}                    # just these tests answer it both ways, in this order
          shown_by: {castleman_disease: [lymph_node_biopsy]}          # just these can show it
          settled_by: {cidp: [serum_immunofixation, vegf_plasma]}     # just these tests settle a mimic, in this order
          burdens: {bone_marrow_biopsy: [3, 3]}                       # the cost and invasiveness classes of a test
          sensible: {lip_biopsy: true, renal_imaging: unknown}        # whether the condition of a test holds
          explained: [splenomegaly]                                   # these are explained by another disease
          not_explained: [organomegaly]                               # these are not
          explained_groups: [minor criterion]                         # just these conditions of the default set
          not_counted: [diabetes_mellitus]                            # present, but not counted toward the default set
          counted: [hypothyroidism]                                   # these are not in that list
          staging: {bones: unknown, eyes: false}                      # whether its findings are known; unknown: some of them
          outcome: poems_without_clone                                # the described picture; none where none is named
          common_causes: [diabetic_polyneuropathy]                    # these are named as not assessed (and others may be)
          outlook: {age_over_50: true, radiation: unknown}            # its conditions; outlook: none where it is not given

``findings`` are read as those of a patient's file are. ``absent`` lists boolean findings that are absent too; the word
``others`` means every boolean finding that the criteria depend on, directly or by definitions and parts, except
those

- that the case gives, even as unknown (null), or that follow from what it gives;
- whose definition asks for a number that the case gives, which then decides or leaves it open;
- that belong to a whole given as present or unknown without saying which part it is.

Where one finding after another is tried there are short forms next to ``cases``; see ``short_forms``. ``unnoticed`` lists
changes of the rules that no case can notice; see ``unnoticed``. Every key is checked. A case that cannot be read is a failure
with its place and a way to correct it, never an exception.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from poems_cli.rules.strict_yaml import Document, RuleProblem, dotted
from poems_cli.rules.strict_yaml import Path as Place

OTHERS = "others"
UNKNOWN = "unknown"
NEVER = "never"
NONE = "none"
GRAY_ZONE = "gray_zone:"
VERDICTS = ("met", "not met", "undetermined")
STATUSES = ("consider", "less likely", "not assessed", "excluded")

#: What may be at the top of a file of cases: those written out, the short forms, and the changes that none can notice.
SHORT_FORMS = ("limits", "weights", "units", "answered_by", "shown_by", "settled_by", "burdens")
TOP_KEYS = ("cases", *SHORT_FORMS, "unnoticed")


class CaseResult(NamedTuple):
    """One case run: no failures, or what was expected, what came out and why, one line each.

    A file that cannot be read gives one result with its name as ``id``.
    """

    id: str
    file: str
    line: int
    failures: tuple[str, ...]


class Case(NamedTuple):
    """One case of a file, checked; ``findings`` are still as written, ``place`` is its path in the document."""

    id: str
    document: Document
    place: Place
    findings: Mapping[str, Any]
    absent: str | Sequence[str]
    expect: Mapping[str, Any]

    @property
    def line(self) -> int:
        """The line on which the case begins."""
        return self.document.line(self.place)

    def result(self, failures: Iterable[str]) -> CaseResult:
        """The case run, or not even that."""
        return CaseResult(self.id, self.document.file, self.line, tuple(failures))

    def problem(self, step: Place, message: str, mend: str) -> str:
        """Tell a fault with its file and line; ``step`` leads from the case to what it is about."""
        line = self.document.line((*self.place, *step))
        return str(RuleProblem(self.document.file, line, dotted(step), message, mend))


class Entry(NamedTuple):
    """One case as it is written, or as a short form writes it out; ``body`` is a mapping unless the file is wrong."""

    name: str
    place: Place
    body: object


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}
