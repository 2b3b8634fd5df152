"""The files that pages load, in memory, under an address that changes with their content.

``/static/<hash>/<folder>/<file>``: one hash for all, so that files may name each other by relative paths, and a browser
may keep each of them for ever (RFC 8246).
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".geojson": "application/geo+json"}
FOR_EVER = "public, max-age=31536000, immutable"


class NotBuilt(Exception):
    """Files of npm packages are not there: python -m havre_ui.build brings them."""


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, 6, mtime=0)


class Assets:
    """All files under ``folders``, by the name of the folder. NotBuilt when one that pages need is not there."""

    def __init__(self, folders: Mapping[str, Path], needed: tuple[str, ...] = ()) -> None:
        self.files = {
            f"{name}/{path.relative_to(folder).as_posix()}": _asset(path)
            for name, folder in sorted(folders.items())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        if missing := [name for name in needed if name not in self.files]:
            raise NotBuilt(
                f"the pages cannot be shown: {', '.join(missing)} is not there. "
                "Build the assets once: python -m havre_ui.build (make demo does it)"
            )
        digest = hashlib.sha256()
        for name, asset in self.files.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(asset.content).digest())
        self.hash = digest.hexdigest()[:12]

    def path(self, name: str) -> str:
        """Where ``folder/file`` is, from the root of the application; KeyError when there is no such file."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.hash}/{name}"

    def serve(self, request: Request) -> Response:
        """The file that the path names, compressed for who takes that; 404 for another hash, too."""
        asset = self.files.get(request.path_params["name"])
        if asset is None or request.path_params["hash"] != self.hash:
            raise HTTPException(404)
        headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.compressed, media_type=asset.media_type, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def _asset(path: Path) -> Asset:
    guessed, _ = mimetypes.guess_type(path.name)
    return Asset(path.read_bytes(), TYPES.get(path.suffix) or guessed or "application/octet-stream")
