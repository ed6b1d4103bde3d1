"""Numbers over many rows, as they are read: counts with separated thousands, shares, rates and spans of time."""

from collections.abc import Sequence

from poems_cli.phrases import counted


def number(count: int) -> str:
    """``1,234,567``."""
    return f"{count:,}"


def share(count: int, rows: int) -> str:
    """The percentage, nothing of no rows; never 0 for one row, never 100 for all but one."""
    if not rows:
        return ""
    percent = 100 * count / rows
    if count and percent < 0.01:
        return "< 0.01 %"
    if count < rows and percent > 99.99:
        return "> 99.99 %"
    return f"{percent:.2f} %"


def rate(per_second: float) -> str:
    """Rows a second to three digits: more would be others in the next run."""
    return f"{counted(int(float(f'{per_second:.3g}')), 'row')} a second"


def span(seconds: float) -> str:
    """A span of time in its two largest units; below a minute with a fraction of a second."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def aligned_numbers(counts: Sequence[int]) -> list[str]:
    """The counts, one under the other."""
    words = [number(count) for count in counts]
    widest = max(map(len, words), default=0)
    return [word.rjust(widest) for word in words]
