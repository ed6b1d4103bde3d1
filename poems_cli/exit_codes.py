"""The exit codes, as README.md lists them. A verdict is one only when ``--exit-verdict`` asks for it."""

EXIT_UNEXPECTED = 1
EXIT_USAGE = 2
EXIT_RULES = 10
EXIT_INPUT = 11
EXIT_CONTRADICTORY = 12
EXIT_RULE_TESTS = 13
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
EXIT_SIGNAL = 128  # and the number of the signal that ended the run: 143 for kill, 129 for a closed terminal
