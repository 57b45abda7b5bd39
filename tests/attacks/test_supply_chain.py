"""What the programs stand on: each with its reason and licence, pinned by hash; equal wheels (A48)."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pytest

from tests.attacks.registry import REPOSITORY
from tests.programs.sbom import sbom

pytestmark = pytest.mark.attack("A48")

REASONS: Final = (REPOSITORY / "docs" / "dependencies.md").read_text("utf-8")
PROJECT: Final[dict[str, Any]] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
LOCK: Final = (REPOSITORY / "requirements.lock").read_text("utf-8")
CLIENT: Final[dict[str, Any]] = json.loads((REPOSITORY / "client" / "package.json").read_text("utf-8"))
CLIENT_LOCK: Final[dict[str, Any]] = json.loads(
    (REPOSITORY / "client" / "package-lock.json").read_text("utf-8")
)
PERMITTED: Final = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public|LGPL|Lesser General|Unlicense"
    r"|Zlib|HPND|CC0|Public Domain|BlueOak|CNRI|OFL|Permission is hereby granted, free of charge",
    re.IGNORECASE,
)
"""Licences that go with Apache-2.0: permissive ones, and weak copyleft on files of their own."""
SECRETS: Final = {
    "private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}",
    "cloud key": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20}|xox[abp]-[A-Za-z0-9-]{10,}"
    rb"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{60,}|sk-[A-Za-z0-9]{40,})\b",
    "password in an address": rb"[a-z]+://[a-z0-9_]+:(?!//)[^\s:@/\"'{}<>$]{6,}@(?!127\.|localhost)[a-z0-9.-]+",
}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True
    ).stdout.decode()
    return [REPOSITORY / name for name in listed.split("\0") if name]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in requirements}


def _reasons_under(heading: str) -> set[str]:
    section = REASONS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {name.lower() for name in re.findall(r"^\| `([^`]+)` \| \S", section, re.MULTILINE)}


def test_every_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    assert _reasons_under("Services") == _names(PROJECT["dependencies"])
    assert _reasons_under("Development") == _names(
        [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    )
    assert _reasons_under("Client") == set(CLIENT.get("dependencies", {}))
    assert _reasons_under("Client, development") == set(CLIENT["devDependencies"])


def test_every_package_is_pinned_by_hash_and_comes_from_no_address() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", "\n".join(line for line in LOCK.split("\n") if "# " not in line))
    assert len(entries) > 60
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s]+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
        assert "://" not in entry, entry[:80]
    for name, package in CLIENT_LOCK["packages"].items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_every_package_has_a_licence_that_goes_with_ours() -> None:
    odd = {}
    for name in sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE))):
        try:
            licence = _licence_of(metadata.distribution(name))
        except metadata.PackageNotFoundError:
            continue  # for another system
        if not PERMITTED.search(licence):
            odd[name] = licence.strip()
    assert odd == {}


def _licence_of(package: metadata.Distribution) -> str:
    """What a package says in its metadata, or else in the file of its licence."""
    told = package.metadata
    fields = [text[:200] for name in ("License-Expression", "License") for text in told.get_all(name) or []]
    fields += [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    files = [path for path in package.files or [] if "licenses" in path.parts]
    return " ".join(fields) or " ".join(path.read_text()[:200] for path in files)


def test_every_package_of_the_client_has_a_licence_that_goes_with_ours() -> None:
    licences = {name: package.get("license", "") for name, package in CLIENT_LOCK["packages"].items() if name}
    assert {name: licence for name, licence in licences.items() if not PERMITTED.search(licence)} == {}


def test_no_secret_is_committed() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {what}"
        for path in _tracked()
        if path.is_file()
        for content in [path.read_bytes()]
        for what, pattern in SECRETS.items()
        for match in [re.search(pattern, content)]
        if match and b"TEST KEY" not in content
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        b"-----BEGIN PRIVATE KEY-----\n" + b"M" * 64,
        b"-----BEGIN RSA PRIVATE KEY-----\n" + b"M" * 64,
        b"key = 'AKIA" + b"A" * 16 + b"'",
        b"ghp" + b"_" + b"a" * 36,
        b"postgresql://veche:correct-horse" + b"@db.example/veche",
    ],
)
def test_the_scan_would_find_a_secret(planted: bytes) -> None:
    assert any(re.search(pattern, planted) for pattern in SECRETS.values())


def test_a_wheel_built_twice_elsewhere_and_later_is_the_same_bytes(tmp_path: Path) -> None:
    wheels = [_wheel(tmp_path / name) for name in ("here", "elsewhere")]
    assert wheels[0] == wheels[1]
    assert len(wheels[0]) > 100_000


def _wheel(folder: Path) -> bytes:
    """The wheel of a copy of the tracked files in a folder."""
    for path in _tracked():
        if path.is_file() and path.relative_to(REPOSITORY).parts[0] not in ("client", "tests", "bench"):
            copy = folder / path.relative_to(REPOSITORY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(folder / "dist")],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
        capture_output=True,
        check=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel.read_bytes()


def test_the_inventory_names_every_pinned_package_once_with_its_hashes() -> None:
    components = sbom()["components"]
    names = [component["bom-ref"] for component in components]
    pinned = len(re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]*])?==", LOCK, re.MULTILINE))
    assert len(names) == len(set(names)) == pinned + len(CLIENT_LOCK["packages"]) - 1
    assert any(name.startswith("pkg:pypi/cryptography@") for name in names)
    for component in components:
        assert component["hashes"]
        assert {len(digest["content"]) for digest in component["hashes"]} <= {64, 128}
