"""Adds the page of all rules, which the program makes itself, to the built site."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files


def on_files(files: Files, config: Any) -> Files:
    """The page ``rules.html``, among the files that are copied as they are."""
    from poems_cli.explain.html_rules import rules_html
    from poems_cli.rules.loading import load_rules

    files.append(File.generated(config, "rules.html", content=rules_html(load_rules())))
    return files


def on_post_build(config: Any) -> None:
    """Nothing of the site may be loaded from elsewhere: say so where it is built, and not where it is read."""
    for page in Path(config.site_dir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        outside = [tag for tag in ('<script src="http', '<link rel="stylesheet" href="http', '<img src="http') if tag in text]
        if outside:
            raise SystemExit(f"{page.name}: loads something from elsewhere ({outside[0]}...)")
