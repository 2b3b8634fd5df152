"""HTTP, asked now and again (RFC 9110: conditional requests, section 13).

Rules that hold here: what has not changed is not sent again (ETag, Last-Modified); redirections are followed, each to
an address that is allowed; a body has a size limit; it is kept in a file until all of it is committed.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import urllib3
from pydantic import Field, field_validator

from havre.errors import TooLarge, Unreachable
from havre.settings import Settings
from havre.sources.transports import TransportOptions
from havre.sources.transports.guarded import pools

if TYPE_CHECKING:
    from havre.sources.intake import Intake

LINES_ALONE = False
MOST_REDIRECTIONS = 5
CHUNK_BYTES = 1024 * 1024


class Options(TransportOptions):
    url: str = Field(description="The address.")
    every: float | None = Field(
        None, ge=1, le=31_536_000, description="Seconds between two requests; on demand without."
    )
    max_mb: float = Field(256, gt=0, description="Largest body, in megabytes.")
    timeout: float = Field(30, gt=0, le=600, description="Seconds without a byte after which a request is given up.")

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("Input should be a http or https address")
        return value


def transport(options: Options, settings: Settings, participant: str) -> "Polling":
    return Polling(options, settings, participant)


class Polling:
    def __init__(self, options: Options, settings: Settings, participant: str) -> None:
        self.interval = options.every
        self._options = options
        self._pools = pools(private=settings.private_sources)
        self._folder = settings.home / "spool" / participant
        self._known: dict[str, str] = {}

    def read(self, intake: "Intake") -> None:
        name = urlsplit(self._options.url)._replace(query="", fragment="").geturl()
        kept = self._folder / f"{intake.source.id}.body"
        if kept.exists():  # a crash came before all of it was committed
            self._take(intake, name, kept)
        known = self._fetch(kept)
        if known is not None:
            self._take(intake, name, kept)
            self._known = known

    def _take(self, intake: "Intake", name: str, kept: Path) -> None:
        with kept.open("rb") as document:
            whole = intake.document(name, document, kept.stat().st_size)
        if whole:
            kept.unlink()

    def _fetch(self, kept: Path) -> dict[str, str] | None:
        """Write the body to a file; returns what makes the next request conditional, None when nothing has changed."""
        response = self._follow(self._options.url)
        with response:
            if response.status == 304:
                return None
            if response.status != 200:
                raise Unreachable(f"{self._options.url} answered {response.status}")
            self._save(response, kept)
        came = response.headers
        conditions = {"If-None-Match": came.get("etag"), "If-Modified-Since": came.get("last-modified")}
        return {name: value for name, value in conditions.items() if value}

    def _follow(self, url: str) -> urllib3.BaseHTTPResponse:
        for _ in range(MOST_REDIRECTIONS + 1):
            response = self._ask(url)
            target = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or target is None:
                return response
            response.close()
            url = urljoin(url, target)
            if urlsplit(url).scheme not in ("http", "https"):
                break
        raise Unreachable(f"{self._options.url} leads from address to address, at last to {url}")

    def _ask(self, url: str) -> urllib3.BaseHTTPResponse:
        try:
            return self._pools.request(
                "GET",
                url,
                headers={"User-Agent": "havre", "Accept-Encoding": "gzip", **self._known},
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=self._options.timeout,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"no answer from {url}: {error}") from error

    def _save(self, response: urllib3.BaseHTTPResponse, kept: Path) -> None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part, size, most = kept.with_suffix(".part"), 0, int(self._options.max_mb * 1_000_000)
        try:
            with part.open("wb") as file:
                for chunk in response.stream(CHUNK_BYTES):
                    size += len(chunk)
                    if size > most:
                        raise TooLarge(f"the body of {self._options.url} is too long", expected=f"at most {most} bytes")
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            part.replace(kept)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"{self._options.url} broke off: {error}") from error
        finally:
            part.unlink(missing_ok=True)
