"""A sealed poll of several issuers: the key that the box offers goes round in the proposal."""

import httpx
import pytest

from issuer.joint import JointPublisher, Proposal, ProposalInvalid, parse_proposal
from issuer.publication import Publisher
from shared.encoding import canonical_json, parse_canonical
from tests.issuer.office import Office, sample_draft

OTHER = "http://127.0.0.9:8000"


@pytest.fixture
def joint(office: Office) -> JointPublisher:
    http = httpx.Client(transport=httpx.MockTransport(office.box))
    return JointPublisher(Publisher(office.settings, office.engine, office.keys, office.trust, http))


@pytest.fixture
def proposal(office: Office, joint: JointPublisher) -> Proposal:
    return joint.propose(sample_draft(sealing="automatic"), (office.settings.url, OTHER), 2, 1)


def test_the_file_holds_the_boxs_key_and_reads_back(office: Office, proposal: Proposal) -> None:
    (offer,) = office.box.logs.values()
    assert proposal.sealing_key == offer["sealing_key"]
    assert parse_proposal(proposal.to_bytes()) == proposal


def test_a_proposal_without_the_key_or_with_one_that_is_none_is_refused(proposal: Proposal) -> None:
    members = parse_canonical(proposal.to_bytes())
    for wrong in ({"sealing_key": "AAAA"}, {"sealing_key": None}):
        with pytest.raises(ProposalInvalid, match="sealing_key"):
            parse_proposal(canonical_json(members | wrong))
    del members["sealing_key"]
    with pytest.raises(ProposalInvalid, match="sealing_key"):
        parse_proposal(canonical_json(members))
