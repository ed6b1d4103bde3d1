"""The exit codes, as README.md lists them. A verdict is one only when ``--exit-verdict`` asks for it."""

EXIT_UNEXPECTED = 1
EXIT_USAGE = 2
EXIT_RULES = 10
EXIT_INPUT = 11
EXIT_CONTRADICTORY = 12
EXIT_RULE_TESTS = 13
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
EXIT_TERMINATED = 143
