"""HTML made from templates: whatever a record, a table or the rules say is shown as text, and nothing is fetched."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from poems_cli import __version__
from poems_cli.phrases import plain

if TYPE_CHECKING:
    from jinja2 import Environment

#: Who made a page.
PROGRAM = f"poems {__version__}"


def render(template: str, **data: Any) -> str:
    """The text of a template in ``templates/``."""
    return _environment().get_template(template).render(data)


def template_text(name: str) -> str:
    """A file of ``templates/`` as it is."""
    loader = _environment().loader
    assert loader is not None  # it is the one given below
    return loader.get_source(_environment(), name)[0]


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("poems_cli.report"),
        autoescape=True,
        finalize=printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["program"] = PROGRAM
    return environment


def printable(value: object) -> object:
    """A value without what a page would obey or hide; a text that is markup already stays as it is."""
    return plain(value) if type(value) is str else value
