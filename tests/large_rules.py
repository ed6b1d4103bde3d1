"""Rules with more conditions than a number has bits: seventy warnings and contradictions, 42 levels, a set of many states."""

import random
from io import BytesIO
from pathlib import Path

from poems_cli.model import Rules
from poems_cli.screening.options import ScreenOptions, plan_of
from poems_cli.screening.plan import Plan
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_file import TableOptions
from tests.build import small_rules

_MANY = 70
_SETS = 14
_LITERALS = 40


def large_rules() -> Rules:
    """Findings ``f0`` and so on, each with one that follows from it (``d0``) and a warning; sets of three levels each."""
    names = [f"f{number}" for number in range(_MANY)]
    findings = {finding: {} for finding in names} | {f"d{number}": {"when": finding} for number, finding in enumerate(names)}
    levels = {
        f"set{number}": {"levels": {f"level{place}": {"all": [f"f{3 * number + place}", f"d{number}"]} for place in range(3)}}
        for number in range(_SETS)
    }
    many = {"many": {"met": {"at_least": 2, "of": [*names[: _LITERALS // 2], *[f"d{at}" for at in range(_LITERALS // 2)]]}}}
    warnings = {f"w{number}": {"when": finding, "text": "Look.", "default": True} for number, finding in enumerate(names)}
    return small_rules(findings, criteria={**levels, **many}, warnings=warnings)


def large_table(folder: Path, rules: Rules, rows: int = 60) -> Path:
    """A table with a column for each of the findings."""
    chance = random.Random(7)
    lines = [",".join(["id", *rules.findings])]
    for row in range(rows):
        known = 0.02 if row % 3 else 0.6
        cells = [chance.choice(["yes", "no"]) if chance.random() < known else "" for _ in rules.findings]
        lines.append(",".join([f"p{row}", *cells]))
    path = folder / "large.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


RULES: Rules = large_rules()


def plan(folder: Path, **options: object) -> Plan:
    """The plan of a run over the large table."""
    screen_options = ScreenOptions((str(large_table(folder, RULES)),))._replace(**options)
    return plan_of(
        RULES, screen_options, open_tables(screen_options.paths, TableOptions(), str(folder), BytesIO()), str(folder)
    )
