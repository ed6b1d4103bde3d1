"""Why an engine could not go on."""

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE


class EngineError(PoemsError):
    """Memory, disk, or a setting that the engine does not take; nothing that the engine said is quoted."""

    def __init__(self, what: str, mend: str = "", where: str = "") -> None:
        super().__init__([Problem(where, what, mend)], EXIT_USAGE)
