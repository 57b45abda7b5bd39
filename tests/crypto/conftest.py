"""Token keys for tests, made anew in every session."""

from dataclasses import dataclass

import gmpy2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crypto.blind_rsa import client
from crypto.blind_rsa.signer import PrivateOperation, blind_sign
from crypto.keys import ALLOWED_BITS, TokenPublicKey, generate_token_key, load_private_key, public_key_of
from crypto.signers import load_signer


@dataclass(frozen=True)
class TokenKey:
    """A test key in all its forms."""

    der: bytes
    public: TokenPublicKey
    private: rsa.RSAPrivateKey
    operation: PrivateOperation

    @property
    def numbers(self) -> rsa.RSAPrivateNumbers:
        """The private numbers."""
        return self.private.private_numbers()

    def power(self, message: bytes) -> bytes:
        """m^d mod n in one exponentiation without CRT, to compare with."""
        number = gmpy2.powmod(int.from_bytes(message, "big"), self.numbers.d, self.public.n)
        return int(number).to_bytes(self.public.size, "big")

    def issue(self, message: bytes) -> tuple[bytes, bytes]:
        """A prepared message and its token signature, by the whole protocol."""
        prepared = client.prepare(message)
        blinded = client.blind(self.public, prepared)
        reply = blind_sign(self.public, self.operation, blinded.message)
        return prepared, client.finalize(self.public, prepared, reply, blinded.inverse)

    def sign_openly(self, prepared: bytes, salt_size: int, algorithm: hashes.HashAlgorithm) -> bytes:
        """An ordinary RSA-PSS signature by `cryptography`, with MGF1 over the same hash."""
        pss = padding.PSS(mgf=padding.MGF1(algorithm), salt_length=salt_size)
        return self.private.sign(prepared, pss, algorithm)


def make_key(bits: int) -> TokenKey:
    """A fresh token key."""
    der = generate_token_key(bits)
    return TokenKey(der, public_key_of(der), load_private_key(der), load_signer(der))


@pytest.fixture(scope="session")
def key() -> TokenKey:
    """A key of 2048 bits, the fastest."""
    return make_key(2048)


@pytest.fixture(scope="session")
def other_key() -> TokenKey:
    """Another poll's key of the same size."""
    return make_key(2048)


@pytest.fixture(scope="session", params=ALLOWED_BITS)
def sized_key(request: pytest.FixtureRequest) -> TokenKey:
    """A key of every allowed size."""
    return make_key(request.param)
