"""RFC 9474 Appendix A, all four variants, each step compared. Only Randomized is the project's suite."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crypto import emsa_pss
from crypto.blind_rsa import client, verifier
from crypto.blind_rsa.signer import blind_sign
from crypto.blind_rsa.suite import RANDOMIZED, Suite
from crypto.errors import InvalidSignature
from crypto.keys import TokenPublicKey, public_key_of
from crypto.signers import gmp, openssl

pytestmark = pytest.mark.vectors

CASES = [
    ("vectors", 0, RANDOMIZED),
    ("vectors", 1, Suite("RSABSSA-SHA384-PSSZERO-Randomized", 0, 32)),
    ("vectors", 2, Suite("RSABSSA-SHA384-PSS-Deterministic", 48, 0)),
    ("vectors", 3, Suite("RSABSSA-SHA384-PSSZERO-Deterministic", 0, 0)),
    ("alternate_vectors", 0, Suite("RSABSSA-SHA384-PSSZERO-Deterministic", 0, 0)),
]


class Vector:
    """One case of Appendix A, its hex read."""

    def __init__(self, case: dict[str, Any], suite: Suite) -> None:
        self.case, self.suite = case, suite
        self.private_der = self._private_der()
        self.public: TokenPublicKey = public_key_of(self.private_der)

    def octets(self, name: str) -> bytes:
        """A field as bytes."""
        return bytes.fromhex(self.case[name])

    def number(self, name: str) -> int:
        """A field as an integer."""
        return int(self.case[name], 16)

    def _private_der(self) -> bytes:
        p, q, d = self.number("p"), self.number("q"), self.number("d")
        public = rsa.RSAPublicNumbers(self.number("e"), self.number("n"))
        crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        key = rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()
        return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[2].name}-{case[0]}")
def vector(request: pytest.FixtureRequest, vectors_dir: Path) -> Vector:
    group, index, suite = request.param
    text = (vectors_dir / "rfc9474_vectors.json").read_text(encoding="utf-8")
    return Vector(json.loads(text)[group][index], suite)


def test_the_suite_is_the_one_the_vector_names(vector: Vector) -> None:
    assert vector.case["name"] == vector.suite.name
    assert vector.case["sLen"] == vector.suite.salt_size
    assert len(vector.octets("msg_prefix")) == vector.suite.prefix_size
    assert vector.octets("input_msg") == vector.octets("msg_prefix") + vector.octets("msg")


def test_the_encoded_message_is_reproduced(vector: Vector) -> None:
    em_bits = vector.number("n").bit_length() - 1
    assert emsa_pss.encode(vector.octets("input_msg"), em_bits, vector.octets("salt")) == vector.octets(
        "encoded_msg"
    )


def test_the_blinded_message_is_reproduced(vector: Vector) -> None:
    factor = pow(vector.number("inv"), -1, vector.number("n"))
    blinded = client.blind_with(
        vector.public, vector.octets("input_msg"), salt=vector.octets("salt"), factor=factor
    )
    assert blinded.message == vector.octets("blinded_msg")
    assert blinded.inverse == vector.number("inv")


@pytest.mark.parametrize("signer", [openssl, gmp], ids=["openssl", "gmp"])
def test_the_blind_signature_is_reproduced(vector: Vector, signer: Any) -> None:
    operation = signer.private_operation(vector.private_der)
    assert blind_sign(vector.public, operation, vector.octets("blinded_msg")) == vector.octets("blind_sig")


def test_the_signature_is_reproduced_and_verifies(vector: Vector) -> None:
    prepared, reply = vector.octets("input_msg"), vector.octets("blind_sig")
    signature = client.finalize(vector.public, prepared, reply, vector.number("inv"), vector.suite)
    assert signature == vector.octets("sig")
    verifier.verify(vector.public, prepared, signature, vector.suite)


def test_a_vector_of_another_salt_length_fails_under_the_projects_suite(vector: Vector) -> None:
    if vector.suite.salt_size == RANDOMIZED.salt_size:
        verifier.verify(vector.public, vector.octets("input_msg"), vector.octets("sig"))
    else:
        with pytest.raises(InvalidSignature):
            verifier.verify(vector.public, vector.octets("input_msg"), vector.octets("sig"))
