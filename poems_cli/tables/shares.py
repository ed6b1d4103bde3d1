"""A share of cells in words."""


def percent(share: float) -> str:
    """A share in whole per cent, which says neither 100 % of what are not all nor 0 % of what are some."""
    if 0.995 <= share < 1:
        return "more than 99 %"
    return "less than 1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")
