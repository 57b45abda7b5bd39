"""What a phone loads of the built client, gzip: page and style, code before the text, all voting code."""

import gzip
import re
from pathlib import Path
from typing import Final

from bench.rows import Row

SITE: Final = Path(__file__).parents[1] / "client" / "dist"
_LOADED: Final = re.compile(r'<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*"\./(assets/[^"]+)"')
_IMPORTED: Final = re.compile(r'(?:from|import)"\./([^"]+\.js)"')


def rows() -> list[Row]:
    """Sizes in kB (1000 bytes) against the limits of the client."""
    page = SITE / "index.html"
    loaded = [SITE / path for path in _LOADED.findall(page.read_text("utf-8"))]
    styles = [path for path in loaded if path.suffix == ".css"]
    text = [path for path in loaded if path.suffix == ".js"]
    scripts = _with_imports([*text, *_chunk("start"), *_chunk("now"), *_chunk("voting")])
    return [
        _row("client: page and style, gzip", [page, *styles], 20),
        _row("client: code before the text of a poll, gzip", text, 12),
        _row("client: all code of the voting page, gzip", scripts, 70),
    ]


def _chunk(name: str) -> list[Path]:
    """The chunk that is loaded when somebody votes."""
    return list((SITE / "assets").glob(f"{name}-*.js"))


def _with_imports(files: list[Path]) -> list[Path]:
    """The files and all that they import at once, each one time."""
    found: dict[Path, None] = {}
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found[file] = None
            waiting += [file.parent / name for name in _IMPORTED.findall(file.read_text("utf-8"))]
    return list(found)


def _row(name: str, files: list[Path], limit: float) -> Row:
    size = sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) / 1000
    return Row(name, size, "kB", limit, size / limit, 1.0, most=True)
