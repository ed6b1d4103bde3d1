"""What a heading that names no finding most likely means: to be asked of the user, and never to mislead.

A word more makes another measurement of a name (VEGF-D, free testosterone, creatinine clearance), and so does a word less
(weight loss, CSF white cells). Such words end a suggestion, unless a name of the finding has them itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from poems_cli.finding_names import ending_so, plain_name
from poems_cli.model import LABEL, Finding

_MOST = 3
_MOST_LIKENED = 200
_SHORTEST = 7
_ABBREVIATION = 4

#: Words that make something else of a finding, before or after its name.
_OTHER = frozenset(
    """
    ratio index gap fraction fractional clearance ionized ionised free bound binding direct indirect conjugated unconjugated
    urine urinary dipstick spot csf pleural peritoneal synovial saliva salivary stool fecal faecal fluid capillary cord plasma
    fetal foetal neonatal globulin prealbumin microalbumin phosphokinase kinase phosphatase dehydrogenase receptor antibody
    antibodies ab anti autoantibody antigen inhibitor precursor pro nt proprotein isoenzyme mb subunit distribution width
    volume mean corpuscular concentration reticulocyte percent percentile zscore delta change slope velocity load gene genotype
    mutation allele expression mrna rna dna protein polymorphism
    date time day week month visit number method lot flag comment unit normal range reference lower upper limit lln uln
    cutoff missing source code choice status measured tested ordered available pedigree function dt checks group category
    before after pre
    mother father maternal paternal family parent sibling partner no non not without denies denied absence absent excluded ruled
    resolved identity transfusion transfusions
    gestational onset death duration years age
    log log2 log10 ln median average sd sem std
    evening midnight night nocturnal bedtime pm random postprandial nonfasting
    risk screening prophylaxis medication drug treatment therapy supplement dose intake channel blocker score stage grade type
    subtype pulmonary cerebral macular ocular renal cardiac
    high low elevated raised increased reduced decreased hyper hypo kappa lambda red white
    """.split()  # noqa: SIM905  # a list of words is read more easily so
)
#: Words that a name may have more than a heading, and still mean the same.
_HARMLESS = frozenset(
    """
    count level total serum blood number the of in for and or by to disease syndrome arterial systemic complaint patient noticed
    percent concentration on with feet condition
    """.split()  # noqa: SIM905
)
#: Words that may be next to an abbreviation: any other may make something else of it, as in HB_EGF and AltLat.
_WITH_ABBREVIATION = frozenset(
    """
    serum blood total count level value result lab test baseline base initial first last latest current reading at on the of in
    admission diagnosis presentation enrollment enrolment screening patient subject
    """.split()  # noqa: SIM905
)
_SPECIMENS = frozenset(("serum", "urine", "plasma"))
#: What says of a measurement in another language in which specimen it was made.
_SPECIMEN_OF: Mapping[str, str] = {
    **dict.fromkeys(
        ("serum", "suero", "siero", "soro", "s\u00e9rum", "s\u00e9rico", "serico", "s\u00e9rique", "sierico"), "serum"
    ),
    **dict.fromkeys(("plasma", "plasm\u00e1tico", "plasmatico", "plasmatique"), "plasma"),
}
#: Headings of real files that no name leads to, and that may be one of several findings.
_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "label": (LABEL,),
    **dict.fromkeys(("paraprotein", "m_component"), ("monoclonal_protein", "m_protein")),
    **dict.fromkeys(("bone_lesion", "bone_lesions"), ("sclerotic_bone_lesion", "lytic_bone_lesion")),
    **dict.fromkeys(("edema", "oedema"), ("peripheral_edema", "extravascular_volume_overload")),
    **dict.fromkeys(("leg_swelling", "swelling_of_legs"), ("peripheral_edema", "noticed_leg_swelling")),
}
#: What no name of a finding leads to: how laboratories abbreviate it, or call it in other languages, too short or too foreign
#: to be read.
_ABBREVIATED: Mapping[str, str] = {
    "age": "edad alter \u00e2ge idade leeftijd",
    "sex": "sexo sexe geschlecht sesso geslacht",
    "albumin": "albu alb_serum alb\u00famina",
    "alkaline_phosphatase": "alk_phosphate alkp alk_ph fosfatasa_alcalina",
    "arterial_hypertension": "htn high_bp",
    "ascites": "ascitis ascite aszites",
    "bilirubin": "bil bili tbil t_bil tot_bili total_bili bilt bil_t bili_total bilirrubina",
    "calcium": "calc calcio kalzium",
    "creatine_kinase": "creatinine_phosphokinase creatinine_kinase ck ckt",
    "creatinine": "cr crea creatinina kreatinin kreatinine",
    "csf_protein": "csf_prot liq_prot",
    "egfr": "gfr mdrd ckd_epi egfr_ckdepi gfr_mdrd",
    "ejection_fraction": "ef lv_ef fevi",
    "eosinophils": "eos eosino eosin",
    "erythrocyte_sedimentation_rate": "vsg bsg bsr",
    "ferritin": "fer ferr ferritina",
    "free_light_chain_ratio": "k_l kl_ratio k_l_ratio kappa_lambda kappa_lambda_ratio",
    "hematocrit": "hkt h\u00e4matokrit hemat\u00f3crito",
    "hemoglobin": "hemo haemo hem hemog h\u00e9moglobine emoglobina hemoglobine",
    "hepatomegaly": "hepatomegalia hepatomegalie h\u00e9patom\u00e9galie",
    "hypothyroidism": "hypothyroid",
    "m_protein": "mprot m_prot mprotein mspike monoclonal_spike",
    "neutrophils": "neut neu neutro",
    "peripheral_edema": "ankle_swelling",
    "platelets": "plts thrombo thrombozyten plaquetas plaquettes piastrine trombocyten",
    "polyneuropathy": "neuropathy peripheral_neuropathy polineuropatia polineuropat\u00eda polyneuropathie polynevropathie",
    "potassium": "k pot potasio potassio kalium kali\u00e9mie",
    "prolactin": "prolac prolactina prolaktin",
    "pulmonary_artery_systolic_pressure": "rvsp",
    "sclerotic_bone_lesion": "sclerotic_lesions",
    "sodium": "na sod sodio natrium natr\u00e9mie",
    "splenomegaly": "esplenomegalia splenomegalia splenomegalie spl\u00e9nom\u00e9galie",
    "testosterone": "testo ttesto tot_testo testosterona testosteron",
    "total_protein": "tp tprot t_prot tot_prot total_prot proteinas_totales",
    "white_cells": "wbc wcc leuko leuco leukos leukozyten leucocitos leucocytes leukocyten",
}
_USUAL = {**_ONE_OF, **{name: (finding,) for finding, names in _ABBREVIATED.items() for name in names.split()}}
_LETTER = re.compile("[a-z][0-9]*|[0-9]+")


class LikelyFindings:
    """Finds what headings may mean, among the findings of one set of rules."""

    def __init__(self, findings: Mapping[str, Finding], names: Mapping[str, str]) -> None:
        self._findings = findings
        self._names = names
        self._own: dict[str, frozenset[str]] = {}
        self._left = _MOST_LIKENED

    def of(self, plain: str, common: Iterable[str]) -> list[str]:
        """The few findings that a plain name may mean, best first; ``common`` are names too common to lead anywhere."""
        plain = f"serum_{plain[2:]}" if plain.startswith("s_") else plain  # S. Creatinine, as in India
        usual = [finding for finding in _USUAL.get(plain, ()) if finding in self._findings]
        for likely in (usual, self._within(plain), self._around(plain), self._ending(plain, common)):
            if 0 < len(likely) <= _MOST:
                return likely
        self._left -= 1  # in a very wide table only for the first headings
        return self._alike(plain) if self._left >= 0 else []

    def _within(self, plain: str) -> list[str]:
        """The findings whose names are words of a longer one, the longest names alone."""
        words = plain.split("_")
        for length in range(len(words), 0, -1):
            parts = {"_".join(words[at : at + length]) for at in range(len(words) - length + 1)}
            found = [name for name in self._names if name in parts and len(name) > 1]
            fitting = [self._names[name] for name in found if self.adds_nothing(plain, name)]
            if found:
                return list(dict.fromkeys(fitting))
        return []

    def adds_nothing(self, plain: str, name: str) -> bool:
        """Whether a heading has no word beyond a name that makes something else of it."""
        finding = self._names.get(name, name)
        if finding not in self._own:
            known = self._findings.get(finding)
            self._own[finding] = frozenset() if known is None else _own_words(known)
        own = self._own[finding]
        more = [word for word in _words(plain) if word not in own]
        if len(name) <= _ABBREVIATION:
            return all(word in _WITH_ABBREVIATION for word in more)
        return not any(word in _OTHER or _LETTER.fullmatch(word) for word in more)

    def _around(self, plain: str) -> list[str]:
        """The findings one of whose names has few harmless words more."""
        words = _words(plain)
        if words <= _SPECIMENS:  # as 'urine', which is measured in volumes too
            return []
        around = {name: _name_words(name) for name in self._names}
        more = {name: of_name - words for name, of_name in around.items() if words and words <= of_name}
        of_specimens = [name for name, extra in more.items() if len(extra) == 1 and extra <= _SPECIMENS]
        each = list(dict.fromkeys(self._names[name] for name in of_specimens))
        if len(each) > 1:  # they differ in the specimen alone, as immunofixation does
            return each
        harmless = {name: extra for name, extra in more.items() if extra <= _HARMLESS}
        if not harmless:
            return []
        fewest = min(map(len, harmless.values()))
        return list(dict.fromkeys(self._names[name] for name, extra in harmless.items() if len(extra) == fewest))

    def _ending(self, plain: str, common: Iterable[str]) -> list[str]:
        """The measurements that end with the first word, as VEGF in plasma and in serum."""
        first = plain.partition("_")[0]
        which = [] if first in common else of_specimen(plain, ending_so(first, self._findings))
        return [finding for finding in which if self.adds_nothing(plain, finding)]

    def _alike(self, plain: str) -> list[str]:
        """The finding whose name differs by a slip of the pen."""
        near = [name for name in self._names if abs(len(name) - len(plain)) <= 1 and _is_slip(plain, name)]
        return [self._names[near[0]]] if near else []


def of_specimen(heading: str, findings: Sequence[str]) -> list[str]:
    """Of findings that differ in the specimen alone, those of the specimen that a heading names; all where it names none."""
    said = {_SPECIMEN_OF[word] for word in plain_name(heading).split("_") if word in _SPECIMEN_OF}
    called = {finding: finding.partition("_")[0] for finding in findings}
    is_named = bool(said & set(called.values()))
    return [finding for finding in findings if not is_named or called[finding] in said or called[finding] not in _SPECIMENS]


def _is_slip(plain: str, name: str) -> bool:
    """Whether a name is the other with one letter wrong, missing or too much; short words and digits have no slips."""
    words, others = plain.split("_"), name.split("_")
    if len(words) != len(others):
        return len(name) >= _SHORTEST and plain.replace("_", "") == name.replace("_", "")
    wrong = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    return len(wrong) == 1 and min(map(len, wrong[0])) >= _SHORTEST and _is_one_off(*wrong[0])


def _is_one_off(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    at = next((place for place, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    if any(letter.isdigit() for letter in short[at : at + 1] + long[at : at + 1]):
        return False
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


@lru_cache(maxsize=8192)  # names of the rules, never a heading
def _name_words(name: str) -> frozenset[str]:
    return _words(name)


def _words(plain: str) -> frozenset[str]:
    """The words of a plain name, without the ending of a plural."""
    return frozenset([_singular(word) for word in plain.split("_")])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "is", "us")) else word


def _own_words(finding: Finding) -> frozenset[str]:
    names = (finding.id, finding.label, finding.term or "", *finding.synonyms)
    return frozenset().union(*[_words(plain_name(name)) for name in names])
