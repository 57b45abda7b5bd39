"""A ballot's bytes, field by field, and `openssl` commands that check them (docs/protocol.md 6.1, 9.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shared import labels
from shared.ballot import Ballot
from shared.token import BALLOT_KEY_SIZE, POLL_ID_SIZE, PREFIX_SIZE

P256_DER: Final = "3059301306072a8648ce3d020106082a8648ce3d030107034200"
"""DER SubjectPublicKeyInfo of a P-256 key, before the point (RFC 5480)."""


CUT: Final = ("poll_id", "ballot_key", "prefix_", "token_")
"""Fields that the commands need in files of their own."""


@dataclass(frozen=True, slots=True)
class Field:
    """Some bytes of a ballot: where, how many, what, and in words."""

    offset: int
    size: int
    name: str
    meaning: str


def fields_of(ballot: Ballot) -> tuple[Field, ...]:
    """The fields in order, without gaps."""
    fields: list[Field] = []
    for size, name, meaning in _sizes(ballot):
        offset = fields[-1].offset + fields[-1].size if fields else 0
        fields.append(Field(offset, size, name, meaning))
    return tuple(fields)


def _sizes(ballot: Ballot) -> Iterator[tuple[int, str, str]]:
    yield len(labels.BALLOT), "label", "veche/ballot/v1 and a newline"
    yield POLL_ID_SIZE, "poll_id", "SHA-256 of the manifest"
    yield BALLOT_KEY_SIZE, "ballot_key", "P-256 point, made by the voter's device for this poll alone"
    yield 4, "revision", f"number {ballot.revision}"
    yield 2, "tokens_length", f"of {len(ballot.tokens)} tokens"
    for token in ballot.tokens:
        yield 1, f"issuer_{token.issuer}", f"index {token.issuer} in the manifest"
        yield PREFIX_SIZE, f"prefix_{token.issuer}", "random, signed with the key (RFC 9474)"
        yield 2, f"signature_length_{token.issuer}", f"of {len(token.signature)} bytes"
        yield len(token.signature), f"token_{token.issuer}", "the issuer's signature, made blindly"
    yield 2, "answers_length", f"of {len(ballot.answers)} bytes"
    yield len(ballot.answers), "answers", "what the ballot says; sealed: enc and ciphertext (RFC 9180)"
    yield len(ballot.signature), "signature", "the ballot key's signature on all bytes before it, r and s"


def commands(ballot: Ballot, file: str, token_keys: tuple[str, ...]) -> Iterator[str]:
    """A shell script that cuts `file` and checks it; `token_keys` are the manifest's, by issuer index."""
    fields = {field.name: field for field in fields_of(ballot)}
    yield "set -eu"
    for name, field in fields.items():
        if not name.startswith(CUT):
            continue
        yield f"dd if={file} bs=1 skip={field.offset} count={field.size} of={name}.bin status=none"
    for token in ballot.tokens:
        yield from _token_commands(token.issuer, token_keys)
    yield from _signature_commands(file, fields["signature"].offset)


def _token_commands(issuer: int, token_keys: tuple[str, ...]) -> Iterator[str]:
    key = token_keys[issuer].replace("-", "+").replace("_", "/")
    yield f"echo '{key}{'=' * (-len(key) % 4)}' | base64 -d > token_key_{issuer}.der"
    parts = f"cat prefix_{issuer}.bin; printf 'veche/token/v1\\n'; cat poll_id.bin ballot_key.bin"
    yield f"{{ {parts}; }} > token_{issuer}.msg"
    yield (
        f"openssl dgst -sha384 -verify token_key_{issuer}.der -keyform DER -signature token_{issuer}.bin "
        "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48 -sigopt rsa_mgf1_md:sha384 "
        f"token_{issuer}.msg"
    )


def _signature_commands(file: str, signed: int) -> Iterator[str]:
    yield f"{{ printf {P256_DER}; xxd -p -c 65 ballot_key.bin; }} | xxd -r -p > ballot_key.der"
    yield f"r=$(xxd -p -c 32 -s {signed} -l 32 {file}); s=$(xxd -p -c 32 -s {signed + 32} -l 32 {file})"
    yield 'printf \'asn1=SEQUENCE:rs\\n[rs]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n\' "$r" "$s" > ballot.conf'
    yield "openssl asn1parse -genconf ballot.conf -noout -out ballot.sig"
    part = f"dd if={file} bs={signed} count=1 status=none"
    yield f"{{ printf 'veche/ballot-signature/v1\\n'; {part}; }} > ballot.msg"
    yield "openssl dgst -sha256 -verify ballot_key.der -keyform DER -signature ballot.sig ballot.msg"
