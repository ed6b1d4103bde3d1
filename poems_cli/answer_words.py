"""The words for present, absent and unknown: the same in records, in tables, and in what people type.

They are compared with A to Z in lower case, without space around them. What could mean that nobody looked is never absent, as a
bare "none" could; a lone dash is a blank. What leaves a doubt (probable, borderline, trace) is not a word for anything.
"""

_GRADES = ("mild", "moderate", "severe")


def _cased(*words: str) -> tuple[str, ...]:
    """Words that may hold other letters than A to Z, with these in lower and in upper case."""
    upper = ["".join([letter if letter.isascii() else letter.upper() for letter in word]) for word in words]
    return tuple(dict.fromkeys([*words, *upper]))


PRESENT_WORDS = (
    "true", "yes", "1", "present", "positive", "+", "t", "y", "pos", "1.0", "detected", "pos.", *_GRADES,
    *[f"yes{between}{grade}{end}" for between, end in ((", ", ""), (" - ", ""), (" (", ")")) for grade in _GRADES],
    *_cased(
        "ja", "j", "positiv", "vorhanden", "nachweisbar", "oui", "positif", "pr\u00e9sent", "pr\u00e9sente", "s\u00ed", "si",
        "s\u00ec", "positivo", "positiva", "presente", "sim", "positief", "aanwezig", "\u3042\u308a", "\u6709",
        "\u6709\u308a", "\u967d\u6027",
    ),
)  # fmt: skip
ABSENT_WORDS = (
    "false", "no", "0", "absent", "negative", "f", "n", "neg", "0.0", "not detected", "neg.", "not present",
    "not found", "none seen", "none found", "none detected", "no evidence", "no evidence of",
    *_cased(
        "nein", "negativ", "nicht vorhanden", "nicht nachweisbar", "kein nachweis", "non", "n\u00e9gatif", "n\u00e9gative",
        "absente", "negativo", "negativa", "ausente", "assente", "n\u00e3o", "nao", "nee", "negatief", "afwezig",
        "niet aanwezig", "\u306a\u3057", "\u7121", "\u7121\u3057", "\u9670\u6027",
    ),
)  # fmt: skip
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
    *_cased(
        "unbekannt", "nicht bekannt", "nicht durchgef\u00fchrt", "nicht untersucht", "nicht bestimmt", "ausstehend",
        "keine angabe", "keine angaben", "k.a.", "inconnu", "inconnue", "non fait", "non faite", "non r\u00e9alis\u00e9",
        "non r\u00e9alis\u00e9e", "non dos\u00e9", "en attente", "en cours", "desconocido", "desconocida", "no realizado",
        "no realizada", "pendiente", "no consta", "sconosciuto", "sconosciuta", "non eseguito", "non eseguita", "in attesa",
        "in corso", "desconhecido", "desconhecida", "n\u00e3o realizado", "n\u00e3o realizada", "n\u00e3o avaliado",
        "n\u00e3o avaliada", "pendente", "onbekend", "niet bekend", "niet gedaan", "niet bepaald", "\u4e0d\u660e",
        "\u672a\u691c", "\u672a\u5b9f\u65bd", "\u691c\u67fb\u4e2d",
    ),
)  # fmt: skip
UNKNOWN_WORDS = (*BLANK_WORDS, *NOT_KNOWN_WORDS)
