"""Compiles the rules into the wheel, so that an installed program parses no YAML when it starts."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]  # hatchling ships no types
    """Writes ``poems_cli/compiled_rules.json`` for the wheel alone; a rules file with a problem fails the build."""

    @property
    def _compiled(self) -> Path:
        return Path(self.root) / "poems_cli" / "compiled_rules.json"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # the interface's signature
        """Compile the rules before the wheel is put together."""
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from poems_cli.rules.building import main

            code = main([str(root / "rules"), str(self._compiled)])
        finally:
            sys.path.remove(str(root))
        if code:
            raise SystemExit("the rules have problems: see above")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Leave nothing in the source tree that could outlive the code that made it."""
        self._compiled.unlink(missing_ok=True)
