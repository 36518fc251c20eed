"""What was used last is kept, and no more than is allowed."""

from __future__ import annotations

from connections.recent import Recent


def test_the_one_not_used_for_longest_goes_first() -> None:
    kept: Recent[int] = Recent(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    kept.put("a", 4)
    kept.put("d", 5)
    assert [kept.get(key) for key in "acd"] == [4, None, 5]


def test_what_is_dropped_is_gone_and_may_be_dropped_again() -> None:
    kept: Recent[int] = Recent()
    kept.put("a", 1)
    for _ in range(2):
        kept.drop("a")
        assert kept.get("a") is None


def test_the_last_of_a_registry_is_that_used_last() -> None:
    kept: Recent[int] = Recent()
    for number, url in enumerate(("one", "one", "two")):
        kept.put((url, number), number)
    assert kept.last("one") == (("one", 1), 1)
    kept.get(("one", 0))
    assert kept.last("one") == (("one", 0), 0)
    assert kept.last("three") is None
