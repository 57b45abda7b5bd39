"""The `openssl` command line, which is not ours, agrees about tokens and ballot signatures."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto import ballot_signature
from crypto.blind_rsa import verifier
from crypto.errors import InvalidSignature
from tests.crypto.conftest import TokenKey

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command"),
]

PSS = ["rsa_padding_mode:pss", "rsa_pss_saltlen:48", "rsa_mgf1_md:sha384"]


def openssl(folder: Path, *arguments: str) -> str:
    """Run openssl in a folder; its output and, on a refusal, its complaint."""
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + ("" if done.returncode == 0 else f"refused {done.stderr}")


def options(flag: str, values: list[str]) -> list[str]:
    """Each value after a flag of its own."""
    return [word for value in values for word in (flag, value)]


def dgst(folder: Path) -> str:
    """Verify `signature` on `prepared` under `key.der` by hashing the file."""
    how = ["-verify", "key.der", "-keyform", "DER", "-signature", "signature"]
    return openssl(folder, "dgst", "-sha384", *options("-sigopt", PSS), *how, "prepared")


def pkeyutl(folder: Path) -> str:
    """Verify the same with the digest given."""
    openssl(folder, "dgst", "-sha384", "-binary", "-out", "digest", "prepared")
    how = [
        "-verify",
        "-pubin",
        "-inkey",
        "key.der",
        "-keyform",
        "DER",
        "-sigfile",
        "signature",
        "-in",
        "digest",
    ]
    return openssl(folder, "pkeyutl", *how, *options("-pkeyopt", ["digest:sha384", *PSS]))


def test_openssl_verifies_a_token_and_refuses_a_changed_one(sized_key: TokenKey, tmp_path: Path) -> None:
    prepared, signature = sized_key.issue(b"ballot key")
    (tmp_path / "key.der").write_bytes(sized_key.public.der)
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "prepared").write_bytes(prepared)
    assert "Verified OK" in dgst(tmp_path)
    assert "Signature Verified Successfully" in pkeyutl(tmp_path)
    (tmp_path / "prepared").write_bytes(prepared + b".")
    assert "Verified OK" not in dgst(tmp_path)
    assert "Signature Verified Successfully" not in pkeyutl(tmp_path)


@pytest.mark.parametrize(("salt_size", "accepted"), [(48, True), (0, False), (32, False), (49, False)])
def test_we_verify_what_openssl_signs_with_our_salt_length_only(
    key: TokenKey, tmp_path: Path, salt_size: int, *, accepted: bool
) -> None:
    (tmp_path / "private.der").write_bytes(key.der)
    (tmp_path / "prepared").write_bytes(b"prepared")
    how = options("-sigopt", [PSS[0], f"rsa_pss_saltlen:{salt_size}", PSS[2]])
    signing = ["-sign", "private.der", "-keyform", "DER", "-out", "signature", "prepared"]
    assert openssl(tmp_path, "dgst", "-sha384", *how, *signing) == ""
    signature = (tmp_path / "signature").read_bytes()
    if accepted:
        verifier.verify(key.public, b"prepared", signature)
    else:
        with pytest.raises(InvalidSignature):
            verifier.verify(key.public, b"prepared", signature)


def test_openssl_verifies_a_ballot_signature_and_refuses_a_changed_one(tmp_path: Path) -> None:
    key = ballot_signature.generate()
    signature = ballot_signature.sign(key, b"ballot")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    encoded = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert encoded.endswith(ballot_signature.public_bytes(key))
    (tmp_path / "key.der").write_bytes(encoded)
    (tmp_path / "signature").write_bytes(encode_dss_signature(r, s))
    (tmp_path / "ballot").write_bytes(b"ballot")
    how = ["-verify", "key.der", "-keyform", "DER", "-signature", "signature", "ballot"]
    assert "Verified OK" in openssl(tmp_path, "dgst", "-sha256", *how)
    (tmp_path / "ballot").write_bytes(b"ballot.")
    assert "Verified OK" not in openssl(tmp_path, "dgst", "-sha256", *how)
