"""What the machine offers: how many processors, and how many threads or processes may be asked for."""

import os

_PER_PROCESSOR, _ALWAYS = 4, 64


def processors() -> int:
    """How many processors this program may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def most_at_once() -> int:
    """The most threads or processes that may be asked for: four for each processor, and 64 on a small machine."""
    return max(_ALWAYS, _PER_PROCESSOR * (os.cpu_count() or 1))


def is_dumb_terminal() -> bool:
    """Whether the terminal says that it can only write letters."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")
