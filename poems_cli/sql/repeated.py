"""What several expressions of a stage have in common, worked out once, in a stage before it.

sqlglot is heavy: import this module only to write SQL.
"""

from collections.abc import Collection, Iterator, Sequence
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
        nodes: list[Tree] = list(tree.find_all(*_COSTLY))
        for node in nodes:
            if node is not tree:
                found.setdefault(node.sql(), []).append(node)
    repeated = {id(node) for alike in found.values() if len(alike) > 1 for node in alike}
    taken: Stage = []
    for alike in found.values():
        # What stands within another one comes with it, and is looked for there again.
        outer = [node for node in alike if id(node) in repeated and not _is_within(node, repeated)]
        if len(outer) > 1:
            name = next(names)
            taken.append((name, outer[0].copy()))
            for node in outer:
                node.replace(exp.column(name, quoted=True))
    return taken


def named_once(stages: Sequence[Stage], names: Collection[str]) -> list[Stage]:
    """The stages without those of the columns ``names`` that an earlier stage has as well, under another name."""
    by_sql: dict[str, str] = {}
    other: dict[str, str] = {}
    kept: list[Stage] = []
    for stage in stages:
        left: Stage = []
        for name, tree in stage:
            for one in list(tree.find_all(exp.Column)):
                if one.name in other:
                    one.this.replace(exp.to_identifier(other[one.name], quoted=True))
            sql = tree.sql()
            if name in names and sql in by_sql:
                other[name] = by_sql[sql]
                continue
            if name in names:
                by_sql[sql] = name
            left.append((name, tree))
        kept += [left] if left else []
    return kept


def _is_within(node: Tree, others: set[int]) -> bool:
    above = node.parent
    while above is not None:
        if id(above) in others:
            return True
        above = above.parent
    return False
