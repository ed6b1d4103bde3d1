"""What several expressions of a stage have in common, worked out once, in a stage before it.

sqlglot is heavy: import this module only to write SQL.
"""

from collections.abc import Iterator
from typing import TypeAlias

from sqlglot import exp

from poems_cli.sql.bits import Tree

#: Columns and their expressions.
Stage: TypeAlias = list[tuple[str, Tree]]

#: What is long or slow: taking a text apart.
_COSTLY = (exp.Trim, exp.Translate, exp.RegexpExtract, exp.RegexpLike, exp.TryCast, exp.Replace)


def taken_out(stage: Stage, names: Iterator[str]) -> Stage:
    """Take out of a stage what stands in it more than once, and give it as columns of the next ``names`` instead."""
    found: dict[str, list[Tree]] = {}
    for _, tree in stage:
        for node in tree.find_all(*_COSTLY):
            if node is not tree:
                found.setdefault(node.sql(), []).append(node)
    repeated = {id(node) for nodes in found.values() if len(nodes) > 1 for node in nodes}
    taken: Stage = []
    for nodes in found.values():
        # What stands within another one comes with it, and is looked for there again.
        outer = [node for node in nodes if id(node) in repeated and not _is_within(node, repeated)]
        if len(outer) > 1:
            name = next(names)
            taken.append((name, outer[0].copy()))
            for node in outer:
                node.replace(exp.column(name, quoted=True))
    return taken


def _is_within(node: Tree, others: set[int]) -> bool:
    above = node.parent
    while above is not None:
        if id(above) in others:
            return True
        above = above.parent
    return False
