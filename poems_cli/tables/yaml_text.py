"""Texts as YAML reads them back: plain where that is safe, else in quotes."""

import re

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_ ./()-]*[A-Za-z0-9_.)])?")
_NOT_PLAIN = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "none")
_LONGEST_KEY = 500  # YAML takes no longer ones but after a question mark


def yaml_text(text: str) -> str:
    """A text that YAML reads back as it is, in quotes where it could be read otherwise."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return f'"{"".join(map(_letter, text))}"'


def yaml_key(before: str, key: str) -> str:
    """The key of an entry with what is before it; YAML takes a long one only after a question mark."""
    written = yaml_text(key)
    return f"{before}{written}:" if len(written) <= _LONGEST_KEY else f"{before}? {written}\n{before}:"


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08X}"
