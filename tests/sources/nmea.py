"""AIS sentences and logs for the tests, and how they are read."""

import io
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from havre.lake.model import Rejected
from havre.lake.parsed import Parsed
from havre.sources import formats

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "shared/data"
CHANNEL = "ais_nmea_english_channel/Go_to_Guernesey.nmea.txt"
DANISH = "ais_nmea_dma_aislib/stream_example.txt"
POSITION = b"!AIVDM,1,1,,B,1535SB002qOgEEhLTmHb;H8L0H7T,0*76"
OTHER = b"!AIVDM,1,1,,A,1535SB002qOgE@lLTmDJ;H6L087m,0*17"
VOYAGE = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)
ALPHABET = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def log(name: str) -> bytes:
    """A real log. The test is skipped where it is missing."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"there is no {file}: this promise is NOT tested here")
    return file.read_bytes()


def sentence(body: str, start: str = "!") -> bytes:
    """A sentence with its checksum."""
    return f"{start}{body}*{reduce(xor, body.encode('latin-1'), 0):02X}".encode("latin-1")


def message(bits: int, width: int, channel: str = "A", kind: str = "VDM") -> bytes:
    """The sentence of a message of ``width`` bits, the first of them the highest of ``bits``."""
    fill = -width % 6
    count, bits = (width + fill) // 6, bits << fill
    payload = "".join(ALPHABET[bits >> 6 * place & 63] for place in reversed(range(count)))
    return sentence(f"AI{kind},1,1,,{channel},{payload},{fill}")


def tagged(line: bytes, fields: str) -> bytes:
    return sentence(fields, "\\") + b"\\" + line


def parsed(*lines: bytes, **options: str) -> Parsed:
    return whole(b"".join(line + b"\r\n" for line in lines), **options)


def whole(text: bytes, **options: str) -> Parsed:
    """A document in one piece."""
    pieces = list(formats.pieces("nmea", io.BytesIO(text), options, AT))
    assert len(pieces) == 1, "this document has more than one piece"
    return pieces[0]


def rows(*lines: bytes, **options: str) -> list[dict[str, Any]]:
    """The rows of a document in which nothing is rejected."""
    found = parsed(*lines, **options)
    assert found.rejected == ()
    return listed(found.rows)


def listed(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def reasons(*lines: bytes, **options: str) -> list[tuple[int, str]]:
    """What is rejected of a document that has no rows: where, and why."""
    found = parsed(*lines, **options)
    assert found.rows.num_rows == 0
    return [(one.position, one.reason) for one in found.rejected]


def alone(found: Parsed | Rejected, index: int = 0, **options: str) -> list[dict[str, Any]]:
    """What a row's or a rejected input's raw form gives when it is read by itself, later."""
    raw = found.raw if isinstance(found, Rejected) else found.raw(index)
    later = datetime(2031, 1, 1, tzinfo=UTC)
    return [row for piece in formats.pieces("nmea", io.BytesIO(raw), options, later) for row in listed(piece.rows)]
