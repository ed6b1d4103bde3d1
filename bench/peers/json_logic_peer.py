"""A peer: the rule as JsonLogic, evaluated in Python (json-logic-qubit).

    python bench/peers/json_logic_peer.py IN.csv OUT.csv

The form in which rules are most often kept as data. It has two values, so it is asked twice.
"""

from importlib import import_module
from typing import Any

from rule import MAYO, Above, Every, Flag, Node, Patient, screen, twice


def main() -> None:
    """Screen the table."""
    json_logic: Any = import_module("json_logic")  # by its name: it need not be installed where the types are checked
    rule = _logic(MAYO)

    def decide(patient: Patient) -> str:
        return twice(lambda filled: json_logic.jsonLogic(rule, filled), patient)

    screen(decide)


def _logic(node: Node) -> dict[str, Any]:
    if isinstance(node, Flag):
        return {"var": node.column}
    if isinstance(node, Above):
        return {">": [{"var": node.column}, node.limit]}
    return {"and" if isinstance(node, Every) else "or": [_logic(part) for part in node.parts]}


if __name__ == "__main__":
    main()
