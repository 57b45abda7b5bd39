"""The result: counted from the leaves (and the opening), signed, docs/protocol.md section 8."""

from collections.abc import Iterable, Iterator

from ballot_box import store, tables
from ballot_box.catalogue import enter, publish_catalogue
from ballot_box.opening import published_opening
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from crypto.merkle import Frontier, leaf_hash
from shared.ballot import Ballot, MalformedBallot, decode_ballot
from shared.catalogue import result_entry
from shared.count import count_answers
from shared.db import read, write
from shared.log.reader import entries
from shared.log.sequencer import Head, LogDamaged, head_of
from shared.result import result_statement, sign_result
from shared.revisions import replaced
from shared.sealing import answers_reader


def publish_result(box: Services, poll: StoredPoll) -> bool:
    """Count the ballots of a closed log and store the signed result; repeatable.

    False while the poll is sealed and waits for its opening, and of one that was cancelled meanwhile. Raises
    LogDamaged when the stored leaves do not give the head's root: then nothing is signed.
    """
    with read(box.engine) as conn:
        if store.find_statement(conn, poll.poll_id, "cancellation") is not None:
            return False
        read_answers = answers_reader(poll.keys.poll, published_opening(conn, poll))
        if read_answers is None:
            return False
        head = head_of(conn, tables.log, poll.log_id)
        first = entries(conn, tables.log, poll.log_id, 0, head.size)
        out = replaced(_revisions(first, head)) if poll.manifest.revoting else frozenset()
        leaves = entries(conn, tables.log, poll.log_id, 0, head.size)
        count = count_answers(
            poll.manifest,
            (read_answers(ballot) for index, ballot in _ballots(leaves, head) if index not in out),
        )
    statement = result_statement(poll.poll_id, count, size=head.size, root=head.root)
    signature = sign_result(box.state.statement_seed(), statement)
    with write(box.engine) as conn:
        store.keep_result(conn, poll.poll_id, statement, signature)
        enter(box, conn, result_entry(poll.poll_id, statement, signature))
    publish_catalogue(box)
    return True


def _revisions(leaves: Iterable[bytes], head: Head) -> Iterator[tuple[int, bytes, int]]:
    return ((index, ballot.ballot_key, ballot.revision) for index, ballot in _ballots(leaves, head))


def _ballots(leaves: Iterable[bytes], head: Head) -> Iterator[tuple[int, Ballot]]:
    """Every ballot with its index. The leaves are hashed on the way and must give the head's root."""
    tree = Frontier()
    for index, leaf in enumerate(leaves):
        tree.append(leaf_hash(leaf))
        if 0 < index < head.size - 1:
            yield index, _decoded(leaf)
    if (tree.size, tree.root()) != (head.size, head.root):
        raise LogDamaged("the leaves do not give the head's root")


def _decoded(leaf: bytes) -> Ballot:
    """Only whole ballots came through the door; another leaf is damage."""
    try:
        return decode_ballot(leaf)
    except MalformedBallot:
        raise LogDamaged("a leaf is not the ballot it was") from None
