"""What the machine offers: how much memory a screening may take unless told, and how many threads or processes."""

import os

_LEAST, _MOST = 256, 512
_SHARE = 16
_PER_PROCESSOR, _ALWAYS = 4, 64


def usual_memory() -> str:
    """A sixteenth of the machine's memory, between 256 and 512 MiB: of a table only its codes are kept, and those can spill."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (ValueError, OSError, AttributeError):
        return f"{_LEAST}MiB"
    return f"{min(_MOST, max(_LEAST, whole // _SHARE))}MiB"


def most_at_once() -> int:
    """The most threads or processes that may be asked for: four for each processor, and 64 on a small machine."""
    return max(_ALWAYS, _PER_PROCESSOR * (os.cpu_count() or 1))
