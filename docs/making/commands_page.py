"""The reference of commands and options, in Markdown."""

from collections.abc import Iterator

from making.command_tree import Option, Section, commands
from making.markdown import code, table
from poems_cli.exit_codes import MEANINGS


def commands_reference() -> Iterator[str]:
    """Every command with its arguments, options, examples, ids and exit codes."""
    for command in commands():
        yield f"## {command.name}"
        yield ""
        for paragraph in command.paragraphs:
            yield paragraph
            yield ""
        yield from _fenced([command.usage])
        if command.arguments:
            yield from table(("argument", "what it is"), [(code(one.names[0]), one.help) for one in command.arguments])
        if command.options:
            yield from table(("option", "what it does"), [(_names(one), _meaning(one)) for one in command.options])
        for section in command.sections:
            yield from _section(section)


def exit_codes() -> Iterator[str]:
    """Every exit code with its meaning."""
    yield from table(("code", "meaning"), [(str(code), meaning) for code, meaning in sorted(MEANINGS.items())])


def _names(option: Option) -> str:
    names = ", ".join(code(name) for name in option.names)
    return f"{names} {code(option.value)}" if option.value and not option.choices else names


def _meaning(option: Option) -> str:
    parts = [option.help.rstrip()]
    if option.choices:
        parts.append("One of " + ", ".join(code(choice) for choice in option.choices) + ".")
    if option.default:
        parts.append(f"Default: {code(option.default)}.")
    if option.repeatable:
        parts.append("Repeatable.")
    return " ".join(part for part in parts if part)


def _section(section: Section) -> Iterator[str]:
    yield f"**{section.title}**"
    yield ""
    yield from _fenced(section.lines)


def _fenced(lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    yield "```text"
    yield from lines
    yield "```"
    yield ""
