"""The words of the answers, as ``poems explain words`` has them."""

from collections.abc import Iterator

from poems_cli.explain.glossary import words as every_word


def words() -> Iterator[str]:
    """Every word with its meaning, in alphabetical order."""
    for word in sorted(every_word(), key=lambda word: word.id.lower()):
        yield f"**{word.id}**: {word.meaning}"
        yield ""
