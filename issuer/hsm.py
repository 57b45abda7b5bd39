"""Token keys that never leave a hardware security module, by PKCS #11 (OASIS v2.40; CKM_RSA_X_509).

The key store then keeps, in the place of the private key, its PKCS #11 URI (RFC 7512):
`pkcs11:id=...;type=private`. The module signs the blinded message as it is; whether the answer is right is
checked as for any other key (`crypto.blind_rsa.signer`).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, local
from typing import Any, Final, Self

import pkcs11
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

from crypto.blind_rsa.signer import PrivateOperation
from crypto.keys import TokenPublicKey, load_token_key
from issuer.settings import Settings

_URI: Final = re.compile(rb"pkcs11:id=((?:%[0-9a-f]{2}){32});type=private")
_LABEL: Final = "veche token key"


class HsmUnavailable(Exception):
    """The module, its token or a key in it cannot be used. The message says which and holds no secret."""


def is_reference(secret: bytes) -> bool:
    """Whether a stored token key is the URI of one that lies in a module."""
    return secret.startswith(b"pkcs11:")


@dataclass
class Hsm:
    """One token of one module. Sessions are per thread, for PKCS #11 allows one operation in each."""

    token: Any
    login: Any
    """The session that is logged in for as long as the process lives: all others share its login."""

    def __post_init__(self) -> None:
        self._threads, self._changes = local(), Lock()

    @classmethod
    def open(cls, settings: Settings) -> Self | None:
        """The module of the settings, if there is one. Raises HsmUnavailable."""
        if settings.hsm_module is None or settings.hsm_token is None or settings.hsm_pin is None:
            return None
        try:
            return cls(*_login(settings.hsm_module, settings.hsm_token, settings.hsm_pin.get_secret_value()))
        except RuntimeError as error:
            raise HsmUnavailable(f"token {settings.hsm_token!r}: {_reason(error)}") from None

    def make(self, identifier: bytes, bits: int) -> bytes:
        """The URI of the key of this identifier, 32 bytes; made if there is none. Raises HsmUnavailable."""
        with self._changes:
            if self._found(ObjectClass.PRIVATE_KEY, identifier) is None:
                self._generate(identifier, bits)
        return b"pkcs11:id=" + b"".join(b"%%%02x" % byte for byte in identifier) + b";type=private"

    def public_key(self, uri: bytes) -> TokenPublicKey:
        """The public half. Raises HsmUnavailable."""
        key = self._key(ObjectClass.PUBLIC_KEY, uri)
        n, e = (int.from_bytes(key[name], "big") for name in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
        public = RSAPublicNumbers(e, n).public_key()
        return load_token_key(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def operation(self, uri: bytes) -> PrivateOperation:
        """The private operation of a key in the module. Raises HsmUnavailable."""
        self._key(ObjectClass.PRIVATE_KEY, uri)

        def operate(message: bytes) -> bytes:
            try:
                key = self._key(ObjectClass.PRIVATE_KEY, uri)
                return bytes(key.sign(message, mechanism=Mechanism.RSA_X_509))
            except pkcs11.PKCS11Error as error:
                raise HsmUnavailable(f"the module refuses to sign: {_reason(error)}") from None

        return operate

    def destroy(self, uri: bytes) -> None:
        """Destroy a key pair; repeatable. Raises HsmUnavailable."""
        identifier = _identifier(uri)
        with self._changes:
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
                while (key := self._found(kind, identifier)) is not None:
                    try:
                        key.destroy()
                    except pkcs11.PKCS11Error as error:
                        raise HsmUnavailable(f"the module keeps the key: {_reason(error)}") from None

    def _generate(self, identifier: bytes, bits: int) -> None:
        private = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.DECRYPT: False}
        try:
            self.login.generate_keypair(
                KeyType.RSA, bits, id=identifier, label=_LABEL, store=True, private_template=private
            )
        except pkcs11.PKCS11Error as error:
            raise HsmUnavailable(f"no key of {bits} bits could be made: {_reason(error)}") from None

    def _key(self, kind: ObjectClass, uri: bytes) -> Any:
        key = self._found(kind, _identifier(uri))
        if key is None:
            raise HsmUnavailable("the module does not hold this token key")
        return key

    def _found(self, kind: ObjectClass, identifier: bytes) -> Any:
        """The object, in a session of this thread."""
        wanted = {Attribute.CLASS: kind, Attribute.KEY_TYPE: KeyType.RSA, Attribute.ID: identifier}
        try:
            return next(iter(self._session().get_objects(wanted)), None)
        except pkcs11.PKCS11Error as error:
            raise HsmUnavailable(_reason(error)) from None

    def _session(self) -> Any:
        if not hasattr(self._threads, "session"):
            self._threads.session = self.token.open(rw=True)
        return self._threads.session


@cache
def _login(module: Path, label: str, pin: str) -> tuple[Any, Any]:
    """A token and a session logged in to it: once per process, as PKCS #11 has it."""
    token = pkcs11.lib(str(module)).get_token(token_label=label)
    return token, token.open(rw=True, user_pin=pin)


def _identifier(uri: bytes) -> bytes:
    found = _URI.fullmatch(uri)
    if found is None:
        raise HsmUnavailable("the stored token key is no PKCS #11 URI of ours")
    return bytes.fromhex(found.group(1).replace(b"%", b"").decode("ascii"))


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
