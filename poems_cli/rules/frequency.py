"""How often a finding occurs, as a rules file says it: a study's figure, or one of a few words that stand for a share."""

import re
from collections.abc import Mapping
from math import log10

_COUNT = re.compile(r"(\d+) of (\d+)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) %")
_RANGE = re.compile(r"(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?) %")

FORMS = "Write 7 %, 27 of 27 or 60 to 75 %"


def share(text: str, words: Mapping[str, float]) -> float | None:
    """The share that a text says, above 0 and below 1; ``None`` where it says none.

    ``n of m`` is read as (n + 0.5) / (m + 1), so that none and all of a few patients stay finite; a range as its middle.
    """
    if text in words:
        return words[text]
    if found := _COUNT.fullmatch(text):
        number, whole = int(found[1]), int(found[2])
        return (number + 0.5) / (whole + 1) if 0 < whole >= number else None
    if found := _PERCENT.fullmatch(text):
        part = float(found[1]) / 100
    elif found := _RANGE.fullmatch(text):
        part = (float(found[1]) + float(found[2])) / 200
    else:
        return None
    return part if 0 < part < 1 else None


def is_figure(text: str) -> bool:
    """Whether a text has the form of a figure, which needs a source."""
    return any(form.fullmatch(text) for form in (_COUNT, _PERCENT, _RANGE))


def points(frequency: float, reference: float) -> tuple[float, float]:
    """What presence and absence weigh: ten times the decimal logarithm of the ratio of the shares, to a tenth."""
    return round(10 * log10(frequency / reference), 1), round(10 * log10((1 - frequency) / (1 - reference)), 1)
