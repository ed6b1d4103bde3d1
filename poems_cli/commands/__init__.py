"""The command line: one module a group of commands. They parse options, call, print and give the exit code."""
