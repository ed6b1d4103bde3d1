"""poems: which published criteria for POEMS syndrome a patient meets, why, and what would settle the rest."""

# Nothing is imported here: the command handles an interrupt only once this has run.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from poems_cli.api import Assessment, Course, check, check_many, follow, load_rules, screen, screener
    from poems_cli.errors import PoemsError

__version__ = "0.1.0"  # a literal: reading it from the package metadata costs every start some 60 ms

__all__ = [
    "Assessment", "Course", "PoemsError", "__version__", "check", "check_many", "follow", "load_rules", "screen", "screener",
]  # fmt: skip


if not TYPE_CHECKING:  # a type checker knows the names above, and no others

    def __getattr__(name: str) -> object:
        """Load the public functions when they are first used, so that importing the package costs next to nothing."""
        if name not in __all__:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        from poems_cli import api

        value = getattr(api, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *[name for name in globals() if name.startswith("__")]})
