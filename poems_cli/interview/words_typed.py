"""What people type for yes, for no and for what they do not know, and for what they want of the program.

The words of records and tables (``answer_words``) mean the same here; people who are asked say more than these. A number is
one of those that a question lists, and a lone dash or question mark is not an answer.
"""

from poems_cli.answer_words import ABSENT_WORDS, NOT_KNOWN_WORDS, PRESENT_WORDS

_NUMBERS = frozenset(["0", "1", "0.0", "1.0"])
YES = (frozenset(PRESENT_WORDS) - _NUMBERS) | frozenset(
    ["yep", "yeah", "found", "raised", "it was", "was found", "were found", "i do", "i have", "yes i do"]
)
#: For a question about a test these are "looked for and not found": none of them can mean that it was not done.
NO = (frozenset(ABSENT_WORDS) - _NUMBERS) | frozenset(
    ["nope", "normal", "looked for and not found", "not raised", "nothing found", "no i don't", "no i do not"]
)
#: Of a list: none of its items.
NONE = NO | {"none", "none of them", "none of these", "nothing"}
#: The third answer. Nothing of it is ever taken for a no.
UNKNOWN = frozenset([word.rstrip(".") for word in NOT_KNOWN_WORDS]) | frozenset(
    [
        "", "na", "n/a", "n.a", "null", "u", "d", "dk", "idk", "maybe", "perhaps", "possibly", "probably", "unclear", "skip",
        "don't know", "dont know", "do not know", "i don't know", "i dont know", "i do not know", "i am not sure",
        "i'm not sure", "no idea", "no clue", "no test", "no tests", "not yet", "nobody looked", "nobody has looked",
        "no one looked", "not asked", "none done", "nothing done", "no result yet", "waiting", "have not had it",
        "haven't had it", "not that i know", "can't say", "cannot say", "no answer", "dunno",
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
