"""What a page of HTML holds, read with the parser of the standard library."""

import re
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_DRAWN = {"circle", "path", "rect", "use"}
#: Elements that fetch or run something, and the attribute that names it.
_FETCHES = {"src", "srcset", "poster", "data", "xlink:href", "background", "action", "formaction"}


class HtmlPage(HTMLParser):
    """A parsed page. ``faults`` are elements that do not nest, and all that a browser would fetch or run."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self._open: list[str] = []
        self._said: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    @property
    def text(self) -> str:
        """The visible text, without styles and scripts, each run of spaces as one."""
        return " ".join("".join(self._said).split())

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._met(tag, attrs)
        if tag not in _VOID:
            self._open.append(tag)
        if tag != "b":
            self._said.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._met(tag, attrs)
        if tag not in _DRAWN | _VOID:
            self.faults.append(f"<{tag}/> is not an element that ends itself")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'} at {self.getpos()}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("style", "script"):
            self._said.append(data)
        elif re.search(r"url\(|@import|https?:", data):
            self.faults.append(f"<{self._open[-1]}> names an address")

    def _met(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if len(attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name in _FETCHES or name.startswith("on") or "javascript:" in (value or "").lower():
                self.faults.append(f"<{tag} {name}> fetches or runs")
            if name == "href" and tag != "a" and not re.match(r"(data:,|#poems-\w+)$", value or ""):
                self.faults.append(f"<{tag} href> fetches")
            if name == "href" and tag == "a" and not re.match(r"(https://|#)", value or ""):
                self.faults.append(f"<a href> leads to {value!r}")
        if tag in ("iframe", "object", "embed", "img", "audio", "video", "form", "base", "foreignobject", "image"):
            self.faults.append(f"<{tag}> is not for these pages")


def check_readable(page: HtmlPage, *, whole: bool = True) -> None:
    """It nests, fetches nothing, and a screen reader finds its way: headings in order, named pictures, tables with heads."""
    assert page.faults == []
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(deeper <= above + 1 for above, deeper in zip(page.headings, page.headings[1:], strict=False)), page.headings
    assert page.count("table") == page.count("caption") == page.count("thead")
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    for number, (tag, attributes) in enumerate(page.tags):
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (
                attributes["role"] == "img" and page.tags[number + 1][0] == "title"
            )
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    if whole:
        assert page.source.startswith("<!DOCTYPE html>")
        assert page.tags[0] == ("html", {"lang": "en"})
        [policy] = [
            attributes["content"] for _, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy is not None
        assert policy.startswith("default-src 'none'")
