"""Where public data come from: the services over HTTP, or a folder that mirrors their URL paths (9.1)."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

MAX_ANSWER_SIZE: Final = 32 * 2**20
TIMEOUT_SECONDS: Final = 30.0


class NotThere(Exception):
    """The source answers that it has no such file."""


class OutOfReach(Exception):
    """The source does not answer, or not as it should."""


Fetch = Callable[[str], bytes]
"""The bytes at a URL. Raises NotThere or OutOfReach."""


def http_source(http: httpx.Client) -> Fetch:
    """Read from the services themselves; no redirects, bounded in time and size."""

    def fetch(url: str) -> bytes:
        try:
            with http.stream("GET", url, timeout=TIMEOUT_SECONDS, follow_redirects=False) as response:
                if response.status_code == 404:
                    raise NotThere(url)
                if response.status_code != 200:
                    raise OutOfReach(f"{url} answers {response.status_code}")
                return _bounded(url, response)
        except httpx.HTTPError as error:
            raise OutOfReach(f"{url}: {type(error).__name__}") from error

    return fetch


def _bounded(url: str, response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_SIZE:
            raise OutOfReach(f"{url} answers with more than {MAX_ANSWER_SIZE} bytes")
    return bytes(body)


def folder_source(folder: Path) -> Fetch:
    """Read from a folder; a path that leaves it is not there."""
    root = folder.resolve()

    def fetch(url: str) -> bytes:
        path = (root / folder_path(url)).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise NotThere(url)
        if path.stat().st_size > MAX_ANSWER_SIZE:
            raise OutOfReach(f"{url}: more than {MAX_ANSWER_SIZE} bytes")
        return path.read_bytes()

    return fetch


def folder_path(url: str) -> str:
    """The path of a URL's bytes inside a folder: `<host>_<port>/<path>` (9.1)."""
    parts = urlsplit(url)
    host = parts.netloc.replace(":", "_")
    return f"{host}{parts.path}"


def poll_url_in(folder: Path) -> str:
    """The URL of the one poll that a folder holds. Raises NotThere when there is none or more than one."""
    found = sorted(folder.glob("*/**/polls/*/manifest.json"))
    if len(found) != 1:
        raise NotThere(f"{len(found)} polls in the folder where one is due")
    host, *path = found[0].parent.relative_to(folder).parts
    return f"http://{host.replace('_', ':')}/{'/'.join(path)}"
