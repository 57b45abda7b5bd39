"""Everything that can be wrong with bytes, keys and proofs. Messages never hold secrets or input."""


class CryptoError(Exception):
    """Base of all errors of this package."""


class InvalidSignature(CryptoError):
    """A signature does not verify."""


class InvalidKey(CryptoError):
    """A key is malformed, too weak, or not of the kind that is due."""


class MessageTooLong(CryptoError):
    """EMSA-PSS: the modulus is too short for hash and salt (RFC 8017 9.1.1)."""


class InvalidInput(CryptoError):
    """RFC 9474 4.2: the message shares a factor with the modulus."""


class BlindingError(CryptoError):
    """RFC 9474 4.2: the blinding factor has no inverse."""


class UnexpectedInputSize(CryptoError):
    """RFC 9474 4.4: a blinded message or blind signature is not of the modulus length."""


class MessageOutOfRange(CryptoError):
    """RFC 9474 4.3: a message representative is not below the modulus."""


class SigningFailure(CryptoError):
    """RFC 9474 4.3: the private operation gave a wrong value; nothing leaves."""


class SignerUnavailable(CryptoError):
    """The system has no usable libcrypto."""


class InvalidInclusionProof(CryptoError):
    """A leaf is not in a tree as claimed."""


class InvalidConsistencyProof(CryptoError):
    """A tree is not an extension of another as claimed."""


class MalformedNote(CryptoError):
    """Bytes that are not a C2SP signed note."""


class UnsignedNote(CryptoError):
    """A note without a signature by a known key."""


class MalformedCheckpoint(CryptoError):
    """Text that is not a C2SP checkpoint."""


class MalformedTile(CryptoError):
    """Bytes or a path that are not a C2SP tile or entry bundle."""


class MalformedProof(CryptoError):
    """Bytes that are not a C2SP tlog-proof."""


class OpeningFailed(CryptoError):
    """A ciphertext does not open: another key, another info, or changed bytes."""
