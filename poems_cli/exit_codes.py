"""The exit codes, as docs/howto-scripts.md lists them. A verdict is one only when ``--exit-verdict`` asks for it."""

EXIT_UNEXPECTED = 1
EXIT_USAGE = 2
EXIT_RULES = 10
EXIT_INPUT = 11
EXIT_CONTRADICTORY = 12
EXIT_RULE_TESTS = 13
EXIT_NOT_MET = 20
EXIT_UNDETERMINED = 21
EXIT_HUNG_UP = 129
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
EXIT_TERMINATED = 143

#: What each exit code means.
MEANINGS = {
    0: "done; with --exit-verdict: the default criteria set is met",
    EXIT_UNEXPECTED: "unexpected: please report it",
    EXIT_USAGE: "usage, an output that cannot be written, or an engine that cannot go on",
    EXIT_RULES: "the rules are invalid",
    EXIT_INPUT: "some input could not be understood",
    EXIT_CONTRADICTORY: "contradictory findings",
    EXIT_RULE_TESTS: "rule tests failed",
    EXIT_NOT_MET: "with --exit-verdict: not met",
    EXIT_UNDETERMINED: "with --exit-verdict: undetermined",
    EXIT_INTERRUPTED: "interrupted",
    EXIT_BROKEN_PIPE: "the reader of the output closed it",
    EXIT_HUNG_UP: "ended by a closed terminal; no file is left half written",
    EXIT_TERMINATED: "ended by a signal; no file is left half written",
}
