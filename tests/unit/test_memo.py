"""A memo stays within its limit."""

from poems_cli.memo import Memo


def test_a_memo_never_holds_more_than_its_limit_and_always_the_last() -> None:
    memo: Memo[int, int] = Memo(3)
    for number in range(10):
        memo[number] = number * number
        assert len(memo) <= 3
        assert memo[number] == number * number
