"""The profile that ``havre login`` writes: an address and a token for it, in a file that its owner alone can read."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click


@dataclass(frozen=True)
class Profile:
    url: str
    token: str = field(repr=False)


def path() -> Path:
    """The file, under $XDG_CONFIG_HOME (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "havre" / "profile.json"


def load() -> Profile | None:
    """The profile; None before the first login."""
    try:
        members = json.loads(path().read_text())
        return Profile(members["url"], members["token"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise click.UsageError(f"{path()} cannot be read; write it anew with `havre login`") from error


def save(profile: Profile) -> Path:
    """Write the profile, whole or not at all, with mode 600 from its first byte."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(asdict(profile), out)
    part.replace(file)
    return file


def remove() -> bool:
    """Remove the profile; False if there was none."""
    try:
        path().unlink()
    except FileNotFoundError:
        return False
    return True
