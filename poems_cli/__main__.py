"""Where the command ``poems`` starts, and where nothing that goes wrong may show a patient's data."""

import os
import sys

from poems_cli.exit_codes import EXIT_BROKEN_PIPE, EXIT_INTERRUPTED, EXIT_RULES, EXIT_UNEXPECTED, EXIT_USAGE


def main() -> int:
    """Run the command line; the exit code as the README lists them."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: what goes there goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a letter that the terminal cannot show is no reason to stop
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("\npoems: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return EXIT_BROKEN_PIPE
    except Exception as error:  # the last resort: a traceback could show what a patient has
        return _foreseen(error) or _usage(error) or _unexpected(error)
    return code


def _run(arguments: list[str]) -> int:
    """Everything goes to the Typer application, but for what scripts do thousands of times.

    ``poems check FILE... --format json`` needs nothing of Typer, whose import takes longer than the whole answer. Only that
    exact form is taken here, and it calls what the application would call.
    """
    if len(arguments) > 3 and arguments[0] == "check" and arguments[-2:] == ["--format", "json"]:
        paths = arguments[1:-2]
        if not any(path.startswith("-") and path != "-" for path in paths):
            import gc

            gc.disable()  # nothing of the rules is ever garbage; a long run turns it on again
            from poems_cli.checking import CheckOptions, run
            from poems_cli.outputs import Target
            from poems_cli.rules import load_rules

            return run(load_rules(), CheckOptions(tuple(paths), (Target("json", None),)))
    from poems_cli.cli import app

    try:
        code = app(prog_name="poems", standalone_mode=False)
    except SystemExit as leaving:  # Typer's way when the reader of the output has gone, with an exit code of its own
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    if code == EXIT_INTERRUPTED:  # Typer's way to tell an interrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _foreseen(error: Exception) -> int:
    """Tell what can go wrong outside this program, and the exit code; 0 when this is none of it."""
    from poems_cli.outputs import OutputError
    from poems_cli.rules_files import RulesError

    if isinstance(error, RulesError):
        print(*error.problems, sep="\n", file=sys.stderr)
        return EXIT_RULES
    if isinstance(error, OutputError):
        print(f"poems: {error}", file=sys.stderr)
    elif isinstance(error, OSError) and error.strerror:
        print(f"poems: reading or writing failed: {error.strerror.lower()}. Check the disk and the pipes", file=sys.stderr)
    else:
        return 0
    _give_up_stdout()
    return EXIT_USAGE


def _give_up_stdout() -> None:
    """Let Python's own last flush find a place to write to, or it would complain and change the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(error: Exception) -> int:
    """Usage errors of the command line print themselves and carry their exit code; 0 when this is none."""
    code = getattr(error, "exit_code", 0)
    show = getattr(error, "show", None)
    if callable(show):
        show()
    elif type(error).__name__ == "Abort":
        print("poems: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return int(code)


def _unexpected(error: Exception) -> int:
    """Say where the program failed, without the error's own words: they may quote a patient's value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "an unknown place"  # noqa: PTH119
    print(
        f"poems: this should not happen: {type(error).__name__} at {where}. Nothing of the input is shown here on purpose; "
        "please report this line and the command, without patients' data.",
        file=sys.stderr,
    )
    return EXIT_UNEXPECTED


if __name__ == "__main__":
    sys.exit(main())
