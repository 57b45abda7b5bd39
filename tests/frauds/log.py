"""Crimes with the poll log: checks 6 to 9 and 14."""

from dataclasses import replace

from crypto.tiles import Tile
from shared import labels
from shared.closing import poll_closing
from shared.statements import Statement
from tests.frauds.case import crime
from tests.frauds.honest import cancel_by, cancelled
from tests.samples import sample_poll
from tests.simulator import ANSWERS, Election, honest_election, log_record, open_election, seed


@crime("tree", attack="A16")
def tile_that_lies(election: Election) -> None:
    """A hash tile holds another hash than its entry has."""
    log = election.record().poll_log
    tile = Tile(0, 0, 6)
    election.changes = {"poll_log": replace(log, tiles={tile: bytes(32) + log.tiles[tile][32:]})}


@crime("tree", attack="A25")
def entries_swapped_under_a_signed_root(election: Election) -> None:
    """The entries stand in another order than the signed root says."""
    log = election.record().poll_log
    swapped = (log.entries[0], log.entries[2], log.entries[1], *log.entries[3:])
    election.changes = {"poll_log": replace(log, entries=swapped)}
    election.seen = []


@crime("tree", attack="A25")
def entries_and_their_hashes_swapped_under_a_signed_root(election: Election) -> None:
    """Entries and hash tiles fit together, but not the signed root."""
    log = election.record().poll_log
    swapped = [log.entries[0], log.entries[2], log.entries[1], *log.entries[3:]]
    other = log_record(log.url, swapped, election.box_log_seed)
    election.changes = {"poll_log": replace(log, entries=other.entries, tiles=other.tiles)}
    election.seen = []


@crime("tree", attack="A25")
def entries_withheld(election: Election) -> None:
    """The box shows one entry less than its checkpoint says."""
    log = election.record().poll_log
    election.changes = {"poll_log": replace(log, entries=log.entries[:-1])}


@crime("tree")
def tile_withheld(election: Election) -> None:
    """The box does not show a hash tile."""
    election.changes = {"poll_log": replace(election.record().poll_log, tiles={})}


@crime("consistency", attack="A25")
def ballot_dropped_from_under_a_checkpoint(election: Election) -> None:
    """A ballot that an auditor had seen under a signed checkpoint is gone."""
    election.receipts = []
    del election.entries[1]
    election.reclose()


@crime("consistency")
def checkpoint_by_a_stranger(election: Election) -> None:
    """What an auditor kept as a checkpoint is signed by no log of this poll."""
    url = election.poll.manifest.ballot_box.log_url
    election.seen = [log_record(url, election.entries, seed("stranger")).checkpoint]


@crime("consistency", attack="A25")
def second_history(election: Election) -> None:
    """Another auditor was shown the ballots in another order."""
    other = honest_election()
    other.entries[1], other.entries[2] = other.entries[2], other.entries[1]
    election.seen = [other.checkpoint()]


@crime("consistency")
def second_history_of_issuances(election: Election) -> None:
    """Another auditor was shown the issuance log with other leaves."""
    url = election.poll.manifest.issuers[0].log_url
    election.seen = [log_record(url, election.issuance[1:3], election.issuer_log_seed).checkpoint]


@crime("consistency", attack="A25")
def log_cut_short(election: Election) -> None:
    """The log is shorter than one that was signed before."""
    election.seen = [election.checkpoint()]
    election.receipts = []
    del election.entries[3:5]
    election.reclose()


@crime("first-leaf")
def another_manifest_in_the_log(election: Election) -> None:
    """The log begins with the manifest of another poll."""
    election.entries[0] = open_election(contact="Другой").poll.first_leaf
    election.seen = []


@crime("first-leaf")
def manifest_doubled_in_place_of_the_label(election: Election) -> None:
    """Leaf 0 is the manifest without its label."""
    election.entries[0] = election.poll.manifest_bytes
    election.seen = []


@crime("closing")
def never_closed(election: Election) -> None:
    """There is no closing record though its time is over."""
    del election.entries[-1]


@crime("closing")
def ballot_dropped_without_a_new_closing_record(election: Election) -> None:
    """The closing record names one ballot more than there are."""
    election.receipts = []
    del election.entries[4]


@crime("closing", attack="A37")
def ballot_after_closing(election: Election) -> None:
    """A ballot stands after the closing record."""
    election.entries.append(election.ballot(ANSWERS[0]))
    election.issuance = election.issuance[:6]
    log = election.record().poll_log
    election.changes = election.signed_result(election.result_of(log, log.entries[:-1]))


@crime("closing", attack="A37")
def closed_twice(election: Election) -> None:
    """A second closing record follows the first."""
    election.entries.append(election.entries[-1])


@crime("closing")
def closing_record_of_another_poll(election: Election) -> None:
    """The closing record names another poll."""
    election.entries[-1] = poll_closing(bytes(32), 4)


@crime("closing")
def closing_record_that_does_not_read(election: Election) -> None:
    """The closing record is not canonical JSON."""
    election.entries[-1] = labels.CLOSING + b'{"ballots": 4}'


@crime("closing", attack="A26")
def cancelled_in_words_that_turn(election: Election) -> None:
    """The reason of a cancellation holds a character that turns the direction of what follows."""
    cancel_by(election, {"ru": "Отменено\u202eмодус", "en": "Annulled."})


@crime("closing", start=cancelled, attack="A46")
def cancelled_by_nobody(election: Election) -> None:
    """The cancellation bears no signature at all."""
    reason = {"ru": "Так надо", "en": "So be it"}
    election.entries[-1] = Statement("cancellation", election.poll.poll_id, reason).leaf


@crime("closing", start=cancelled, attack="A46")
def cancelled_by_the_box(election: Election) -> None:
    """The cancellation bears the box's signature instead of the issuers'."""
    forged = Statement("cancellation", election.poll.poll_id, {"ru": "Так надо", "en": "So be it"})
    election.entries[-1] = forged.signed(election.box_seed, 0).leaf


@crime("receipts", attack="A25")
def ballot_dropped(election: Election) -> None:
    """A ballot that got its receipt is not in the log; nobody saw a checkpoint with it."""
    election.seen = []
    del election.entries[4]
    election.reclose()


@crime("receipts", now=sample_poll().manifest.closes_at, attack="A25")
def ballot_left_out_of_a_closed_log(election: Election) -> None:
    """The log is closed without a ballot that got its receipt: nothing comes any more, early as it is."""
    ballot_dropped(election)
    election.cosigned_at = None


@crime("receipts", attack="A25")
def ballot_replaced(election: Election) -> None:
    """The box put a ballot of its own friend in place of one that it gave a receipt for."""
    election.seen = []
    election.entries[1] = election.ballot(ANSWERS[3])
    election.issuance = election.issuance[:6]


@crime("receipts", attack="A5")
def receipt_forged(election: Election) -> None:
    """A receipt that the box never signed accuses it."""
    election.receipts[0] = replace(election.receipts[0], signature=bytes(64))


@crime("receipts")
def receipt_of_another_poll(election: Election) -> None:
    """A receipt names another poll."""
    election.receipts[0] = replace(election.receipts[0], poll_id=bytes(32))
