"""The words of the program's own output, each in a sentence or two; docs/glossary.md is made of them."""

from typing import NamedTuple


class Word(NamedTuple):
    """A word with its other spellings and what it means."""

    id: str
    names: tuple[str, ...]
    meaning: str


WORDS = (
    Word(
        "finding",
        (),
        "One observation about one patient: present or absent, a measured value with its unit, or one of a few words."
        " Whatever nobody looked for is unknown.",
    ),
    Word(
        "unknown",
        ("null", "not known", "not done", "unsure", "don't know"),
        "Nothing is known of the finding: it was not looked for, not measured or not recorded. Unknown is never taken"
        " as absent.",
    ),
    Word(
        "present",
        ("true", "yes", "positive"),
        "The finding was looked for and is there, or it follows from others.",
    ),
    Word(
        "absent",
        ("false", "no", "negative"),
        "The finding was looked for and is not there, or that follows from others.",
    ),
    Word(
        "met",
        ("criteria met",),
        "The findings that are known fulfill the criteria set, whatever the unknown ones turn out to be.",
    ),
    Word(
        "not met",
        ("criteria not met",),
        "The criteria set cannot be fulfilled any more, whatever the unknown findings turn out to be.",
    ),
    Word(
        "undetermined",
        (),
        "The unknown findings decide: some answers to them would meet the criteria set, others would not.",
    ),
    Word(
        "verdict",
        (),
        "What a criteria set says of a patient: met, not met or undetermined.",
    ),
    Word(
        "criteria set",
        ("criteria set id",),
        "One published set of diagnostic criteria, as data with its source. `poems explain sets` lists them.",
    ),
    Word(
        "level",
        ("shown level",),
        "A degree of certainty within one criteria set, such as definite, probable and possible. The highest level "
        "met is shown.",
    ),
    Word(
        "three-valued logic",
        ("Kleene", "Kleene logic", "three values", "at least k of n"),
        "Every condition is present, absent or unknown. At least k of n is met when k are present, not met when "
        "present and unknown together are fewer than k, and undetermined otherwise.",
    ),
    Word(
        "definition",
        ("derived", "derived finding"),
        "A finding may follow from others, as organomegaly from an enlarged spleen.",
    ),
    Word(
        "decisive unknown",
        ("decisive",),
        "An unknown finding whose answer can still change the verdict of a criteria set.",
    ),
    Word(
        "settling set",
        ("settles", "settled by", "what would settle it"),
        "A smallest set of answers that settles the verdict, toward met or toward not met. Those with the fewest, "
        "then the cheapest, then the least invasive tests come first; the classes of cost and invasiveness are this "
        "program's own.",
    ),
    Word(
        "gray zone",
        ("gray zone warning",),
        "A number that makes a finding neither present nor absent, such as a value above the laboratory's range but "
        "below the published cut-off. The finding counts as unknown, and a warning with the id gray_zone:FINDING says"
        " so.",
    ),
    Word(
        "contradiction",
        ("contradictory",),
        "What was said of a finding and what follows from other findings disagree, such as no skin changes but white "
        "nails. Both are kept and shown, the finding counts as unknown, and the exit code is 12.",
    ),
    Word(
        "steps_to_met",
        ("step",),
        "The fewest further answers that would meet the default criteria set: 0 when it is met, blank or null when it"
        " cannot be met any more.",
    ),
    Word(
        "next_test",
        ("order of the tests", "worth"),
        "The test to begin with. Tests are ordered by gain per burden: what a test can answer of the settling sets "
        "and of the mimics in play, divided by 1 + cost + invasiveness.",
    ),
    Word(
        "cost",
        ("cost class",),
        "A class from 0 to 4 of what a test costs; this program's own, from no paper. It only orders tests.",
    ),
    Word(
        "invasiveness",
        ("invasiveness class", "burden"),
        "A class from 0 to 4 of what a test does to the patient; this program's own, from no paper. It only orders tests.",
    ),
    Word(
        "test",
        (),
        "Something that a clinician orders; it answers one or more findings. `poems explain tests` lists them.",
    ),
    Word(
        "trap",
        (),
        "How a test can mislead.",
    ),
    Word(
        "mimic",
        ("differential", "differential diagnosis"),
        "Another disease that shares findings with the one whose criteria are checked. `poems explain mimics` lists them.",
    ),
    Word(
        "consider",
        ("to consider", "called up"),
        "Said of a mimic: something known calls for it, either its own condition or two findings that speak for it, "
        "one strongly and one at least moderately.",
    ),
    Word(
        "less likely",
        ("unlikely",),
        "Said of a mimic: what is known speaks against it more than for it, or does not call for it. It is not excluded.",
    ),
    Word(
        "excluded",
        (),
        "Said of a mimic: a finding that settles it rules it out. Nothing else excludes a mimic.",
    ),
    Word(
        "not assessed",
        (),
        "Said of a mimic: nothing is known that speaks for it or against it. It is not less likely for that.",
    ),
    Word(
        "established",
        ("confirmed",),
        "Said of a mimic: a finding that settles it, or its own criteria, establish it.",
    ),
    Word(
        "urgent",
        ("must not be missed",),
        "At the top of an answer: something present that calls for action today, whatever ranks first. Of a mimic: it must not "
        "be missed or delayed, and weighs double in the order of the tests.",
    ),
    Word(
        "outcome",
        ("described picture",),
        "A picture that was described where the default criteria set is not met, such as one without an obligate criterion. It "
        "changes no verdict.",
    ),
    Word(
        "common cause",
        ("common causes",),
        "A mimic that is common behind what the patient has and that nobody has looked for yet, named with its cheapest test.",
    ),
    Word(
        "evidence",
        ("weight", "points"),
        "The sum of what speaks for a disease and against it, in points: of each finding ten times the decimal logarithm "
        "of its likelihood ratio. It orders the rows and is not a probability.",
    ),
    Word(
        "likelihood ratio",
        ("likelihood_ratio", "LR"),
        "How many times as often a finding is present, or absent, in a disease as in the reference.",
    ),
    Word(
        "reference",
        (),
        "The average patient in whom the syndrome is considered. Every disease is compared with it, so that two diseases "
        "differ by the ratio between them.",
    ),
    Word(
        "frequency",
        ("nearly always", "often", "half", "seldom", "hardly ever"),
        "How often a finding is present in a disease: the figure of a study, or one of our five words, which mean "
        "95, 75, 50, 10 and 2 %.",
    ),
    Word(
        "unexplained",
        ("does not explain", "leaves over"),
        "The present findings that a disease does not account for.",
    ),
    Word(
        "red flag",
        (),
        "A finding that speaks for the disease of the criteria in a patient who carries another diagnosis. `poems explain "
        "red-flags` lists them.",
    ),
    Word(
        "outlook",
        ("prognosis", "outlook factor"),
        "Shown once the default criteria are met: factors on which survival depended in a published cohort, and how "
        "treatment divides. For reading only.",
    ),
    Word(
        "baseline",
        ("first visit",),
        "In poems follow: the earliest visit, taken to be before treatment. Changes and responses are compared with it.",
    ),
    Word(
        "nadir",
        ("since nadir", "at nadir", "since best", "best", "at peak"),
        "In poems follow: the lowest value of a measure that should fall; of DLCO and FVC, which should rise, the peak takes "
        "its place. A relapse is measured from there.",
    ),
    Word(
        "unseen",
        ("not measured and not examined at any visit",),
        "In poems follow: findings that are unknown at every visit. They are named in one line and have no row.",
    ),
    Word(
        "reached",
        ("response reached",),
        "In poems follow: a level of response whose definition holds; a better one may still be open.",
    ),
    Word(
        "not reached",
        ("less than partial",),
        "In poems follow: every level of response that is defined was measured, and none of them is reached.",
    ),
    Word(
        "not evaluable",
        ("response not evaluable",),
        "In poems follow: the baseline is outside what the levels of response are defined for, as with a small M protein.",
    ),
    Word(
        "warning",
        (),
        "A known trap in the patient's findings. `poems explain warnings` lists them.",
    ),
    Word(
        "source",
        (),
        "The paper, guideline or page that a statement rests on. `poems explain sources` lists them.",
    ),
    Word(
        "recalled",
        (),
        "Quoted from memory and to be checked; everything else was read where its source says.",
    ),
    Word(
        "secondary",
        (),
        "Read in another text that quotes the source, not in the source itself.",
    ),
    Word(
        "limit of this program",
        ("default limit", "default: true", "ours", "reading of this program"),
        "No paper gives this number, count or frequency; it is this program's own, and is marked wherever it decides "
        "something.",
    ),
    Word(
        "default criteria",
        ("default set", "default criteria set"),
        "The criteria set that gives the verdict: the one that the rules name, or the first after --criteria.",
    ),
    Word(
        "not_understood",
        ("rejects", "rejected cell"),
        "How many cells of a row could not be understood. Each counts as unknown, and --rejects writes them all with "
        "the reason.",
    ),
    Word(
        "comparator",
        (),
        "The <, <=, > or >= that a laboratory wrote before a number.",
    ),
    Word(
        "assumed",
        ("assumed unit",),
        "A number came without a unit and was read in the finding's own, which nothing else could mean.",
    ),
    Word(
        "worklist",
        (),
        "With poems screen: only the patients who could still meet the default criteria set, nearest first, with the "
        "next test.",
    ),
)
