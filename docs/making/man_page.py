"""The manual page ``poems(1)``, as roff."""

import re
from collections.abc import Iterator

from making.command_tree import Command, Option, commands
from poems_cli import __version__

_RISKY_START = re.compile(r"^([.'])", re.MULTILINE)


def man_page() -> str:
    """The page: the program, then each command with its options, its examples and its ids, then the exit codes once."""
    program, *others = commands()
    lines = [
        f'.TH POEMS 1 "" "poems {__version__}" "User Commands"',
        ".SH NAME",
        f"poems \\- {_text(_NAME)}",
        ".SH SYNOPSIS",
        *[line for command in others if not command.has_commands for line in _usage(command)],
        ".SH DESCRIPTION",
        *[line for paragraph in program.paragraphs for line in (_text(paragraph), ".PP")][:-1],
        ".SH OPTIONS",
        *[line for option in program.options for line in _option(option)],
        ".TP",
        "\\fB\\-h\\fR, \\fB\\-\\-help\\fR",
        "The help of the program, or of the command before it.",
        ".SH COMMANDS",
    ]
    for command in others:
        lines += _command(command)
    lines += [".SH EXIT STATUS", *_exit_codes(program)]
    lines += [".SH ENVIRONMENT"]
    for name, meaning in _ENVIRONMENT.items():
        lines += [".TP", f"\\fB{name}\\fR", _text(meaning)]
    lines += [".SH EXAMPLES", *_verbatim(next(one.lines for one in program.sections if one.title == "Examples"))]
    lines += [
        ".SH SEE ALSO",
        "\\fBpoems explain poems\\fR says what the syndrome is, \\fBpoems explain\\fR lists what can be explained.",
    ]
    return "\n".join(lines) + "\n"


_NAME = "check patients against the published criteria for POEMS syndrome"
_ENVIRONMENT = {
    "NO_COLOR": "No color, if set.",
    "COLUMNS": "The width of the answer, where there is no terminal.",
    "POEMS_PAGER, PAGER": "The pager of an answer that is longer than the terminal; less by default.",
    "POEMS_CACHE_DIR": "Where compiled rules are kept; set to nothing, they are not kept. The cache holds no patient.",
    "XDG_STATE_HOME": "Where the answers of an interview are saved without --save; ~/.local/state by default.",
}


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return _RISKY_START.sub(r"\\&\1", escaped)


def _usage(command: Command) -> Iterator[str]:
    arguments = " ".join(one.names[0] for one in command.arguments)
    yield f"\\fB{_text(command.name)}\\fR [\\fIoptions\\fR] {_text(arguments)}".rstrip()
    yield ".br"


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_text(command.name)}"
    for number, paragraph in enumerate(command.paragraphs):
        if number:
            yield ".PP"
        yield _text(paragraph)
    for option in (*command.arguments, *command.options):
        yield from _option(option)
    for section in command.sections:
        if section.title != "Exit codes":
            yield ".PP"
            yield f"{_text(section.title)}:"
            yield from _verbatim(section.lines)


def _option(option: Option) -> Iterator[str]:
    yield ".TP"
    yield _heading(option)
    yield _text(_meaning(option)) or "\\&"


def _heading(option: Option) -> str:
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in option.names)
    return f"{names} \\fI{_text(option.value)}\\fR" if option.value else names


def _meaning(option: Option) -> str:
    default = f" Default: {option.default}." if option.default else ""
    return option.help + default + (" Repeatable." if option.repeatable else "")


def _verbatim(lines: tuple[str, ...]) -> Iterator[str]:
    yield ".PP"
    yield ".nf"
    yield ".in 4n"  # so that the widest line of a help has room on 80 columns
    yield from (_text(line) for line in lines)
    yield ".in"
    yield ".fi"


def _exit_codes(program: Command) -> Iterator[str]:
    """The codes, each with its meaning; a meaning may go on in the next lines."""
    code, meaning = "", ""
    for line in next(one.lines for one in program.sections if one.title == "Exit codes"):
        if line[:1].isdigit():
            if code:
                yield from (".TP", f"\\fB{code}\\fR", _text(meaning))
            code, meaning = line.split(maxsplit=1)
        else:
            meaning += f" {line.strip()}"
    yield from (".TP", f"\\fB{code}\\fR", _text(meaning))
