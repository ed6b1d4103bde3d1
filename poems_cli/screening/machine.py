"""What the machine offers: how much memory a screening may take unless told."""

import os

_LEAST, _MOST = 256, 512
_SHARE = 16


def usual_memory() -> str:
    """A sixteenth of the machine's memory, between 256 and 512 MiB: of a table only its codes are kept, and those can spill."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (ValueError, OSError, AttributeError):
        return f"{_LEAST}MiB"
    return f"{min(_MOST, max(_LEAST, whole // _SHARE))}MiB"
