"""The command line: one module per group of commands. They parse options, call, print and give the exit code."""
