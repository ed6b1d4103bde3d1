"""The commands of ``poems`` with their arguments, options and notes, as plain records for the reference and the man page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import typer

from poems_cli.commands.app import app


class Option(NamedTuple):
    """An argument or an option: how it is written, what it takes, and what it does."""

    names: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...]
    default: str
    repeatable: bool


class Section(NamedTuple):
    """A titled part of the end of a command's help, such as its examples."""

    title: str
    lines: tuple[str, ...]


class Command(NamedTuple):
    """One command as its ``--help`` describes it."""

    name: str
    summary: str
    paragraphs: tuple[str, ...]
    arguments: tuple[Option, ...]
    options: tuple[Option, ...]
    sections: tuple[Section, ...]
    has_commands: bool

    @property
    def usage(self) -> str:
        """The line of usage."""
        arguments = [argument.names[0] for argument in self.arguments]
        return " ".join([self.name, "[OPTIONS]", *(["COMMAND"] if self.has_commands else arguments)])


def commands() -> list[Command]:
    """Every command, the program itself first."""
    return [_command(" ".join(path), command) for path, command in _walk(typer.main.get_command(app), ("poems",))]


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*path, name))


def _command(name: str, command: Any) -> Command:
    paragraphs = tuple(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    parameters = [parameter for parameter in command.params if not parameter.hidden and parameter.name != "help"]
    return Command(
        name,
        command.short_help or paragraphs[0],
        paragraphs,
        tuple(_option(one) for one in parameters if one.param_type_name == "argument"),
        tuple(_option(one) for one in parameters if one.param_type_name == "option"),
        tuple(_section(part) for part in (command.epilog or "").split("\n\n") if part.strip()),
        bool(getattr(command, "commands", None)),
    )


def _option(parameter: Any) -> Option:
    is_argument = parameter.param_type_name == "argument"
    names = (parameter.metavar or parameter.name.upper(),) if is_argument else (*parameter.opts, *parameter.secondary_opts)
    choices = tuple(str(getattr(choice, "value", choice)) for choice in getattr(parameter.type, "choices", ()))
    is_flag = bool(getattr(parameter, "is_flag", False))
    value = (
        "" if is_argument or is_flag else parameter.metavar or ("|".join(choices) if choices else parameter.type.name.upper())
    )
    default = parameter.default
    shown = "" if is_flag or is_argument or default in (None, "", ()) else str(getattr(default, "value", default))
    return Option(names, value, parameter.help or "", choices, shown, bool(parameter.multiple) and not is_argument)


def _section(part: str) -> Section:
    lines = [line for line in part.splitlines() if line.strip("\b ")]
    return Section(lines[0].rstrip(":"), tuple(line.removeprefix("  ") for line in lines[1:]))
