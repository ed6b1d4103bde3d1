"""Where the command ``poems`` starts, and where nothing that goes wrong may show a patient's data.

Up here nothing is imported that Python has not loaded to start with: an interrupt is handled only once ``main`` runs.
"""

import os
import sys

TYPE_CHECKING = False  # that of typing would have to be imported
if TYPE_CHECKING:
    from poems_cli.errors import PoemsError


def main() -> int:
    """Run the command line; the exit code, as docs/howto-scripts.md lists them."""
    try:
        from poems_cli.checking.process import ignore_interrupts

        code = _guarded(sys.argv[1:])
        ignore_interrupts()  # all is done: an interrupt would only change the exit code
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("\npoems: interrupted", file=sys.stderr)
        return 130
    return code


def _guarded(arguments: list[str]) -> int:
    """Run the command line, and say what went wrong; an interrupt is the caller's."""
    from poems_cli.checking.process import Signals, prepare_streams
    from poems_cli.errors import PoemsError, reason, usage_error
    from poems_cli.exit_codes import EXIT_BROKEN_PIPE

    prepare_streams()
    signals = Signals()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except PoemsError as error:
        return _failed(error)
    except BrokenPipeError:
        return EXIT_BROKEN_PIPE
    except OSError as error:
        if not error.strerror:
            return _unexpected(error)
        return _failed(usage_error("", f"reading or writing failed: {reason(error)}", "check the disk and the pipes"))
    except Exception as error:  # the last resort: a traceback could show what a patient has
        return signals.exit_code or _usage(error) or _unexpected(error)
    finally:
        _settle_stdout()
    return code


def _run(arguments: list[str]) -> int:
    """Everything goes to the Typer application, except what scripts do thousands of times.

    ``poems check FILE... --format json`` needs nothing of Typer, whose import takes longer than the whole answer. Only that
    exact form is taken here, and it calls what the application would call.
    """
    if len(arguments) > 3 and arguments[0] == "check" and arguments[-2:] == ["--format", "json"]:
        paths = arguments[1:-2]
        if not any(path.startswith("-") and path != "-" for path in paths):
            import gc

            gc.disable()  # nothing of the rules is ever garbage; a long run turns it on again
            from poems_cli.checking.check import CheckOptions, run
            from poems_cli.report.formats import Target
            from poems_cli.rules.loading import load_rules

            return run(load_rules(), CheckOptions(tuple(paths), (Target("json", None),)))
    from poems_cli.commands.app import app
    from poems_cli.exit_codes import EXIT_INTERRUPTED

    try:
        code = app(prog_name="poems", standalone_mode=False)
    except SystemExit as leaving:  # Typer's way when the reader of the output has gone, with an exit code of its own
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    if code == EXIT_INTERRUPTED:  # Typer's way to tell an interrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _failed(error: "PoemsError") -> int:
    for problem in error.problems:
        print(f"poems: {problem}", file=sys.stderr)
    return error.exit_code


def _settle_stdout() -> None:
    """Let Python's own last flush find a place to write to, or it would complain and change the exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(error: Exception) -> int:
    """Usage errors of the command line print themselves and carry their exit code; 0 for any other error."""
    from poems_cli.exit_codes import EXIT_INTERRUPTED

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
    from poems_cli.exit_codes import EXIT_UNEXPECTED

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "an unknown place"  # noqa: PTH119
    print(
        f"poems: internal error: {type(error).__name__} at {where}. The input is deliberately not shown; "
        "please report this line and the command, without patients' data.",
        file=sys.stderr,
    )
    return EXIT_UNEXPECTED


if __name__ == "__main__":
    sys.exit(main())
