"""A key in shares: any threshold of them give it back, fewer do not, and strangers are refused."""

from itertools import combinations

import pytest

from auditor.trustee.shares import Collection, ShareRefused, split

KEY = b"TEST KEY shares".ljust(32, b".")
SHARE = (
    "legend industry academic acid aviation aunt cover group easy moisture physics graduate grocery income "
    "piece forbid remove multiple freshman hour hand presence garbage wildlife stay canyon together steady "
    "owner omit invasion criminal craft"
)
"""One of three of KEY, no two words alike: of a fresh one the first two are, once in a thousand times."""
OTHERS = (
    "testify crush academic agency animal saver various climate swing taxi twin tofu ounce relate cultural "
    "clock year prize thunder aide prune gross manual always identify diet teammate short luck album intend "
    "item canyon"
)
"""One of another ceremony for the same key: two of which have one number once in 32,768 times."""


def _collected(*shares: str, threshold: int = 2) -> Collection:
    collection = Collection(threshold)
    for share in shares:
        collection.add(share)
    return collection


def test_any_two_of_three_give_the_key_back() -> None:
    for pair in combinations(split(KEY, 2, 3), 2):
        assert _collected(*pair).rebuild() == KEY


def test_one_of_three_does_not() -> None:
    for share in split(KEY, 2, 3):
        collection = _collected(share)
        assert collection.missing == 1
        with pytest.raises(ShareRefused):
            collection.rebuild()


def test_words_are_taken_in_any_case_and_spacing() -> None:
    first, second, _ = split(KEY, 2, 3)
    assert _collected(first.upper(), f"  {second.replace(' ', '   ')}\n").rebuild() == KEY


def test_a_mistyped_word_is_refused_and_not_repeated() -> None:
    words = SHARE.split()
    for wrong in (
        ["ячмень", *words[1:]],
        words[:-1],
        [*words, words[0]],
        [words[1], words[0], *words[2:]],
        [],
    ):
        collection = _collected()
        with pytest.raises(ShareRefused) as refused:
            collection.add(" ".join(wrong))
        assert not set(words) & set(str(refused.value).replace(":", "").replace(",", "").split())
        assert collection.missing == 2


def test_the_same_share_twice_counts_once() -> None:
    first, *_ = split(KEY, 2, 3)
    with pytest.raises(ShareRefused, match="already"):
        _collected(first, first)


def test_a_share_of_another_ceremony_is_refused_in_whatever_order() -> None:
    for shares in ((SHARE, OTHERS), (OTHERS, SHARE)):
        with pytest.raises(ShareRefused, match="another ceremony"):
            _collected(*shares)


def test_a_share_with_another_threshold_or_size_is_refused() -> None:
    with pytest.raises(ShareRefused, match="something else"):
        _collected(split(KEY, 3, 3)[0])
    with pytest.raises(ShareRefused, match="something else"):
        _collected(split(KEY[:16], 2, 3)[0])
