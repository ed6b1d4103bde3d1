"""A peer: the rule as variables of OpenFisca-Core, which computes whole columns with numpy; pandas reads and writes.

    python bench/peers/openfisca_peer.py IN.csv OUT.csv

It has no missing values, so the columns are filled twice, with every unknown present and with every unknown absent. Its
numbers have 32 bits: a value within a ten-millionth part of a limit may fall on the other side, as with no other peer.
"""

import operator
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from typing import Any

from rule import AS_ABSENT, AS_PRESENT, MAYO, Above, Every, Flag, Node, Patient, Some, leaves, paths

# By their names: none of them need be installed where the types are checked.
_np: Any = import_module("numpy")
_pd: Any = import_module("pandas")
_entities: Any = import_module("openfisca_core.entities")
_periods: Any = import_module("openfisca_core.periods")
_simulations: Any = import_module("openfisca_core.simulations")
_systems: Any = import_module("openfisca_core.taxbenefitsystems")
_variables: Any = import_module("openfisca_core.variables")

#: Any year would do, since a finding has none; but a formula of a variable for all time fails in this version.
_YEAR = "2026"


def main() -> None:
    """Screen the table."""
    source, target = paths()
    types = {"id": "str"} | {leaf.column: "boolean" if isinstance(leaf, Flag) else "float64" for leaf in leaves()}
    table = _pd.read_csv(source, usecols=list(types), dtype=types, keep_default_na=False, na_values=[""])
    system = _system()
    surely, possibly = _is_met(system, table, AS_ABSENT), _is_met(system, table, AS_PRESENT)
    verdict = _np.where(surely, "met", _np.where(possibly, "undetermined", "not met"))
    _pd.DataFrame({"id": table["id"], "verdict": verdict}).to_csv(target, index=False, lineterminator="\n")


def _system() -> Any:
    patient = _entities.build_entity(key="patient", plural="patients", label="a patient", is_person=True)
    system = _systems.TaxBenefitSystem([patient])
    for variable in _all_variables(MAYO, patient):
        system.add_variable(variable)
    return system


def _all_variables(node: Node, entity: Any) -> Iterator[Any]:
    if isinstance(node, Flag):
        yield _variable(entity, node.column, bool)
    elif isinstance(node, Above):
        yield _variable(entity, node.column, float)
        yield _variable(entity, node.name, bool, _formula(node))
    else:
        for part in node.parts:
            yield from _all_variables(part, entity)
        yield _variable(entity, node.name, bool, _formula(node))


def _variable(entity: Any, name: str, kind: type, formula: Callable[[Any, Any], Any] | None = None) -> Any:
    """Make the class that stands for one variable; a class statement for each would repeat the tree by hand."""
    members = {"value_type": kind, "entity": entity, "definition_period": _periods.DateUnit.YEAR, "label": name}
    return type(name, (_variables.Variable,), members | ({"formula": formula} if formula else {}))


def _formula(node: Above | Every | Some) -> Callable[[Any, Any], Any]:
    if isinstance(node, Above):
        above = node
        return lambda patient, period: patient(above.column, period) > above.limit
    parts = [part.column if isinstance(part, Flag) else part.name for part in node.parts]
    join = operator.and_ if isinstance(node, Every) else operator.or_
    return lambda patient, period: reduce(join, (patient(part, period) for part in parts))


def _is_met(system: Any, table: Any, unknown: Patient) -> Any:
    simulation = _simulations.SimulationBuilder().build_default_simulation(system, len(table))
    for leaf in leaves():
        values = table[leaf.column].fillna(unknown[leaf.column]).to_numpy(bool if isinstance(leaf, Flag) else float)
        simulation.set_input(leaf.column, _YEAR, values)
    return simulation.calculate(MAYO.name, _YEAR)


if __name__ == "__main__":
    main()
