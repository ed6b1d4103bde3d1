"""The words for present, absent and unknown: the same in records, in tables, and in what people type.

They are compared with A to Z in lower case, without space around them. What could mean that nobody looked is never absent; a
lone dash is a blank.
"""

PRESENT_WORDS = ("true", "yes", "1", "present", "positive", "+", "t", "y", "pos", "1.0", "detected")
ABSENT_WORDS = ("false", "no", "0", "absent", "negative", "f", "n", "neg", "0.0", "not detected")
#: A blank, written in one of the ways that programs and people have for it.
BLANK_WORDS = (
    "", "na", "n/a", "#n/a", "n.a.", "<na>", "nan", "-nan", "+nan", "nan(ind)", "-nan(ind)",  # as programs in C write it
    "null", "?", ".", "..", "-", "--", "\u2013", "\u2014",
)  # fmt: skip
#: Not done, or not known.
NOT_KNOWN_WORDS = (
    "unknown", "unk", "missing", "pending", "not done", "not-done", "not_done", "notdone", "not performed", "not tested",
    "not measured", "not assessed", "not recorded", "not available", "not applicable", "not known", "no data", "not examined",
    "not checked", "not looked for", "not determined", "not yet done", "not done yet", "never done", "never tested",
    "never measured", "no result", "no results", "not sure", "unsure", "nd", "n.d", "n.d.",
)  # fmt: skip
UNKNOWN_WORDS = (*BLANK_WORDS, *NOT_KNOWN_WORDS)
