"""Why an engine could not go on."""


class EngineError(Exception):
    """Memory, disk, or a setting that the engine does not take. The message says how to mend it, and quotes nothing."""
