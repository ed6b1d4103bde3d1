"""The links of the sources: only to a DOI, PubMed, or a host that the rules name as a publisher's own."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from poems_cli.rules.files import read_rule_files
from poems_cli.rules.strict_yaml import read_yaml

#: What a reader can be sent to whatever the rules are: the resolver of DOIs, PubMed and PubMed Central.
RESOLVERS = ("doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov")

_IDENTIFIERS = {
    "doi": (re.compile(r"10\.\d{4,9}/\S+"), "Write it as 10.1182/blood-2012-03-378992, without https://doi.org/."),
    "pmid": (re.compile(r"\d{1,8}"), "Write its digits alone, in quotes."),
    "pmcid": (re.compile(r"PMC\d+"), "Write it as PMC3425020."),
}
_ANY_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_MEND = "Give the DOI or PMID, or add the publisher's host to link_hosts"


def link_problems(source: Mapping[str, Any], hosts: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the links of a source: the key, what is wrong, and how to mend it."""
    for key, (form, mend) in _IDENTIFIERS.items():
        if source.get(key) is not None and not form.fullmatch(str(source[key])):
            yield key, f"{source[key]!r} does not have the form of a {key.upper()}", mend
    for key, value in source.items():
        if key not in ("url", *_IDENTIFIERS) and isinstance(value, str) and _ANY_LINK.search(value):
            yield key, f"{key} holds a link", f"{_MEND} and write url:"
    if source.get("url") is not None:
        yield from (("url", message, mend) for message, mend in _url_problems(str(source["url"]), hosts))


def _url_problems(url: str, hosts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        yield f"{url!r} is not a link", "Write https://host/page."
        return
    if parts.scheme != "https":
        yield f"{url!r} does not start with https://", "Write the https:// address of the publisher's page."
    if port is not None or parts.username is not None or parts.netloc.lower() != host:
        yield f"{parts.netloc!r} is more than a host's name", f"{_MEND}; a port or a user name leads through somebody else."
    elif host not in hosts and host not in RESOLVERS:
        yield f"{host!r} is not among the hosts that links may lead to", f"{_MEND}."


def built_in_hosts() -> Mapping[str, Any]:
    """The hosts that the built-in rules name, for rules that name none."""
    files, _ = read_rule_files()
    for name, content in files.items():
        if re.search(rb"^link_hosts:", content, re.MULTILINE):
            hosts = read_yaml(name, content.decode()).data["link_hosts"]
            return dict(hosts)
    return {}
