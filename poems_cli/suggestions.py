"""The nearest known word to one that is not known."""

from collections.abc import Iterable

_MOST = 4


def nearest(word: str, known: Iterable[str], alike: float = 0.67) -> str | None:
    """The known word that a mistyped one most likely means, or ``None`` when none is ``alike`` (1 for the same)."""
    from difflib import get_close_matches

    matches = get_close_matches(word.lower().replace("-", "_").replace(" ", "_"), list(known), n=1, cutoff=alike)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x' or 'y'?``: the few that hold the whole word, else the nearest; an empty text if none is near."""
    every = list(known)
    parts = _parts(word)
    holding = [name for name in every if parts <= _parts(name)]
    same = [name for name in holding if parts == _parts(name)]
    near = nearest(word, every)
    meant = same or holding[:_MOST] or ([near] if near else [])
    return f"Did you mean {' or '.join(map(repr, meant))}?" if meant else ""


def _parts(word: str) -> set[str]:
    return set(word.lower().replace("-", "_").replace(" ", "_").split("_"))
