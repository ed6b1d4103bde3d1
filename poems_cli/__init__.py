"""poems: which published criteria for POEMS syndrome a patient meets, why, and what would settle the rest."""

# Nothing is imported here: the command handles an interrupt only once this has run.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from poems_cli.api import PoemsError, Problem, screen

__all__ = ["PoemsError", "Problem", "screen"]
__version__ = "0.1.0"  # a literal: reading it from the package metadata costs every start some 60 ms


def __getattr__(name: str) -> object:
    """What ``poems_cli.api`` offers."""
    if name not in __all__:
        message = f"module 'poems_cli' has no attribute {name!r}"
        raise AttributeError(message)
    from poems_cli import api

    return getattr(api, name)
