"""The inventory of what the programs stand on: CycloneDX 1.6 JSON, from the two lock files alone.

    python -m tests.programs.sbom > sbom.json

Equal locks give equal bytes: no time, no serial number.
"""

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).parents[2]


def sbom() -> dict[str, Any]:
    """The inventory as a CycloneDX document."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    components = [*_python_packages(), *_client_packages()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": "veche",
                "licenses": [{"license": {"id": project["license"]}}],
                "name": project["name"],
                "type": "application",
                "version": project["version"],
            }
        },
        "components": sorted(components, key=lambda component: str(component["purl"])),
    }


def _python_packages() -> Iterator[dict[str, Any]]:
    lock = (REPOSITORY / "requirements.lock").read_text("utf-8")
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", entry):
            digests = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
            yield _component("pypi", match[1].lower().replace("_", "-"), match[2], "SHA-256", digests)


def _client_packages() -> Iterator[dict[str, Any]]:
    lock = json.loads((REPOSITORY / "client" / "package-lock.json").read_text("utf-8"))
    for place, package in lock["packages"].items():
        if place:
            name = place.rpartition("node_modules/")[2]
            digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            made = _component("npm", name.replace("@", "%40"), package["version"], "SHA-512", [digest])
            yield made | {"name": name, "licenses": [{"expression": package["license"]}]}


def _component(kind: str, name: str, version: str, algorithm: str, digests: list[str]) -> dict[str, Any]:
    """A library; the digests are those of its files, of which one is installed."""
    purl = f"pkg:{kind}/{name}@{version}"
    return {
        "bom-ref": purl,
        "hashes": [{"alg": algorithm, "content": digest} for digest in sorted(digests)],
        "name": name,
        "purl": purl,
        "type": "library",
        "version": version,
    }


if __name__ == "__main__":
    json.dump(sbom(), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")
