"""Which ballots of one key count, docs/protocol.md 8.2 rule 2."""

from collections.abc import Iterable


def replaced(ballots: Iterable[tuple[int, bytes, int]]) -> frozenset[int]:
    """Leaf indices of ballots that do not count, given (leaf index, ballot key, revision) of all.

    Of one key the highest revision counts, among equal revisions the lowest index.
    """
    standing: dict[bytes, tuple[int, int]] = {}
    out = set()
    for index, key, revision in ballots:
        before = standing.get(key)
        if before is None:
            standing[key] = (revision, index)
        elif (revision, -index) > (before[0], -before[1]):
            standing[key] = (revision, index)
            out.add(before[1])
        else:
            out.add(index)
    return frozenset(out)
