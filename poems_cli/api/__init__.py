"""The package as a library: one patient, many patients, or a table, from Python. ``docs/python.md`` shows it in use."""

from poems_cli.api.arguments import load_rules
from poems_cli.api.patients import Assessment, check, check_many
from poems_cli.api.tables import screen, screener
from poems_cli.api.visits import Course, follow
from poems_cli.errors import PoemsError

__all__ = ["Assessment", "Course", "PoemsError", "check", "check_many", "follow", "load_rules", "screen", "screener"]
