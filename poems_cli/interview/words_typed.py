"""What people type for yes, for no and for what they do not know, and for what they want of the program."""

YES = frozenset(
    [
        "y", "yes", "yep", "yeah", "true", "present", "found", "positive", "pos", "+", "ja", "oui", "si", "s\u00ed", "raised",
        "it was", "was found", "were found", "i do", "i have", "yes i do",
    ]
)  # fmt: skip
#: For a question about a test these are "looked for and not found": none of them can mean that it was not done.
NO = frozenset(
    [
        "n", "no", "nope", "false", "absent", "negative", "neg", "normal", "nein", "non", "not found", "not present",
        "looked for and not found", "not raised", "nothing found", "no i don't", "no i do not",
    ]
)  # fmt: skip
#: Of a list: none of its items.
NONE = NO | {"none", "none of them", "none of these", "nothing"}
#: The third answer. Nothing of it is ever taken for a no.
UNKNOWN = frozenset(
    [
        "", "u", "d", "dk", "idk", "unknown", "unsure", "maybe", "perhaps", "possibly", "probably", "unclear", "na", "n/a",
        "n.a", "nd", "n.d", "pending", "skip", "null", "don't know", "dont know", "do not know", "i don't know", "i dont know",
        "i do not know", "not known", "not sure", "i am not sure", "i'm not sure", "no idea", "no clue", "no test", "no tests",
        "not done", "not tested", "not yet", "not yet done", "not done yet", "never done", "never tested", "never measured",
        "not measured", "not looked for", "nobody looked", "nobody has looked", "no one looked", "not examined", "not checked",
        "not performed", "not available", "not applicable", "not asked", "none done", "nothing done", "no result", "no results",
        "no result yet", "waiting", "no data", "have not had it", "haven't had it", "not that i know", "can't say",
        "cannot say", "not determined", "no answer", "dunno", "missing", "unk", "not recorded", "not assessed",
    ]
)  # fmt: skip
SOME = frozenset(["some", "some of them", "only some", "some of it", "partly", "not all", "not all of them", "in part"])
ALL = frozenset(["all", "all of them", "everything"])
ALL_DONE = ALL | {"all done", "all negative", "all normal", "all done and negative"}

BACK = frozenset(["b", "back"])
HELP = frozenset(["h", "help", "?"])
REVIEW = frozenset(["r", "review"])
LEAVE = frozenset(["s", "save", "q", "quit", "exit"])


def word_of(text: str) -> str:
    """A line as it is compared with these words: lower case, one kind of apostrophe, no space or full stop around it."""
    return " ".join(text.casefold().replace("\u2019", "'").replace(",", " ").strip().rstrip(".!").split())
