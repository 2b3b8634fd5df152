"""All settings of a node. Each is documented in ``docs/reference/settings.md`` (a test compares)."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """A node's settings, from the environment (``HAVRE_HOME`` …) or from arguments."""

    model_config = SettingsConfigDict(env_prefix="HAVRE_", frozen=True, extra="forbid")

    home: Path = Field(Path("havre"), description="Folder of the node: database, lake, node key.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on.")
    public_url: str | None = Field(
        None, description="Address under which others reach this node; default http://localhost:<port>."
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the control database; default a SQLite file in the home folder."
    )
    lake_url: str | None = Field(None, description="Folder or URL of the tables; default <home>/lake.")
    node_key: str | None = Field(
        None, description="Base64 of the 32-byte node key; default the file <home>/node.key of mode 600."
    )
    catalog_page_size: int = Field(100, ge=1, le=1000, description="Datasets in a page of a catalogue.")
    access_token_minutes: int = Field(60, ge=1, description="Life of the access token of a transfer, in minutes.")
    peer_timeout_seconds: float = Field(10.0, gt=0, description="Limit for one request to another participant.")
    give_up_hours: float = Field(24.0, gt=0, description="After this time an undeliverable message is given up.")
    patience_seconds: float = Field(
        5.0,
        ge=0,
        description="For this long a peer's refusal of our message is tried again before it counts.",
    )
    wait_for_row_seconds: float = Field(
        2.0, ge=0, description="For this long a message waits for the row it refers to, when the two crossed."
    )
    allow_http_did: bool = Field(
        False, description="Resolve did:web over plain HTTP for any host; localhost is always resolved so."
    )
    source_folders: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Folders that file sources may read, separated by colons; default <home>/inbox/<participant>."
    )
    private_sources: bool = Field(
        False, description="Sources over HTTP and TCP may be at private addresses, as those of this machine."
    )
    private_pushes: bool = Field(
        False, description="Consumers may have rows pushed to private addresses, as those of this machine."
    )
    services: Annotated[Mapping[str, str], NoDecode] = Field(
        {},
        description="Services whose pages are shown under /services/<name>/, as name=URL, separated by spaces.",
    )
    max_body_mb: int = Field(256, ge=1, description="Largest request body that is accepted, in megabytes.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("source_folders", mode="before")
    @classmethod
    def _folders(cls, value: object) -> object:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @field_validator("services", mode="before")
    @classmethod
    def _services(cls, value: object) -> object:
        pairs = [part.partition("=") for part in value.split()] if isinstance(value, str) else None
        return value if pairs is None else {name: url for name, _, url in pairs}

    @field_validator("services")
    @classmethod
    def _addresses(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, url in value.items():
            parts = urlsplit(url)
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
                raise ValueError(f"{name!r} is no name (small letters, digits and hyphens)")
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
                raise ValueError(f"{name}: an http or https address is expected, without user and query")
        return {name: url.rstrip("/") for name, url in value.items()}

    @property
    def url(self) -> str:
        """The node's public address, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'havre.db'}"

    @property
    def lake(self) -> str:
        return self.lake_url or str(self.home / "lake")
