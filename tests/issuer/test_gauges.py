"""What the issuer measures of itself."""

from issuer import store
from issuer.gauges import gauges
from shared.db import write
from shared.statements import Statement
from tests.issuer.office import Office


def test_a_cancelled_poll_gives_no_tokens_and_is_not_open(office: Office) -> None:
    def polls_open() -> float:
        measured = gauges(office.settings, office.engine, office.keys, office.watch)
        return next(value for name, _, value in measured if name == "veche_issuer_polls_open")

    poll = office.publish()
    assert polls_open() == 1
    with write(office.engine) as conn:
        store.keep_statement(conn, Statement("cancellation", poll.poll_id, {"ru": "Отменено."}))
    assert polls_open() == 0
