"""Codes read back into the columns of the answer."""

import pytest

from poems_cli.model import Rules
from poems_cli.screening.answer_columns import AnswerColumn, every_column
from poems_cli.screening.packs import Pack, Packs
from poems_cli.sql.query import Answers, answers
from tests.typed_table import TypedTable

GIVEN = {"polyneuropathy": True, "monoclonal_plasma_cell_disorder": None, "papilledema": True, "white_nails": False}


@pytest.fixture(params=[False, True], ids=["text", "rails"])
def made(request: pytest.FixtureRequest, rules: Rules) -> tuple[TypedTable, Answers, Packs, list[AnswerColumn]]:
    criteria = list(rules.criteria)
    columns = [one for one in every_column(rules, criteria) if one.kind != "mimic"]
    table = TypedTable(rules, [GIVEN], in_rails=request.param)
    answered = answers(rules, criteria, columns, table.inputs, table.stages)
    return table, answered, Packs(rules, answered, criteria, table.stages), columns


def test_packs_hold_the_columns_in_their_order(made: tuple[TypedTable, Answers, Packs, list[AnswerColumn]]) -> None:
    _, _, packs, columns = made
    packed = packs.of(columns)
    assert [name for one in packed for name in ([one] if isinstance(one, AnswerColumn) else one.columns)] == columns
    assert len(packed) < len(columns)
    again = packs.of([columns[3], columns[0], columns[1], columns[1]])
    assert [len(one.columns) if isinstance(one, Pack) else "id" for one in again] == [1, "id", 2]


def test_a_code_tells_the_words_of_its_columns(made: tuple[TypedTable, Answers, Packs, list[AnswerColumn]]) -> None:
    table, _, packs, columns = made
    each = [one for one in packs.of(columns) if isinstance(one, Pack)]
    (codes,) = table.ask([one.code for one in each])
    told = {
        column.name: value
        for pack, code in zip(each, codes, strict=True)
        for column, value in zip(pack.columns, pack.read(code), strict=True)
    }
    assert (told["mayo"], told["mhlw"], told["mhlw_level"]) == ("undetermined", "undetermined", None)
    assert (told["mayo_polyneuropathy_present"], told["mayo_polyneuropathy_unknown"]) == (1, 0)
    assert (told["mayo_minor_criterion_present"], told["mayo_monoclonal_plasma_cell_disorder_unknown"]) == (1, 1)
    assert (told["steps_to_met"], told["not_understood"], told["contradictions"], told["red_flags"]) == (2, 0, None, None)
    assert told["next_test"]


def test_only_codes_that_differ_are_kept(made: tuple[TypedTable, Answers, Packs, list[AnswerColumn]]) -> None:
    table, _, packs, _ = made
    kept = packs.kept()
    assert {"verdicts__code", "state_code", "mayo__counts"} <= set(kept)
    assert "faults" not in kept
    assert all(isinstance(number, int) for number in table.ask(list(kept.values()))[0])
