"""What a photo of the street must be: a JPEG that is small and tells nothing of who took it, where and when (pure).

The page draws the photo anew before it is kept, which leaves no metadata; here it is made sure of. Of the segments
before the picture (ITU T.81, annex B) only those that a decoder needs are let through: no Exif, XMP, IPTC, no comment.
"""

import hashlib

LARGEST = 400_000
"""Bytes."""
SOI, SOS, COMMENT = 0xD8, 0xDA, 0xFE
APPLICATION = range(0xE0, 0xF0)
NEEDED = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}


class BadPhoto(ValueError):
    """Says what is wrong with it."""


def check(photo: bytes, hash: str) -> None:
    """``BadPhoto``, unless it may be kept under its SHA-256."""
    if len(photo) > LARGEST:
        raise BadPhoto(f"photo: got {len(photo)} bytes; expected {LARGEST} or fewer")
    if hashlib.sha256(photo).hexdigest() != hash:
        raise BadPhoto("photo: its SHA-256 is not that of the address")
    at = 2
    if photo[:2] != bytes((0xFF, SOI)):
        raise BadPhoto("photo: expected a JPEG")
    while True:
        if len(photo) < at + 4 or photo[at] != 0xFF:
            raise BadPhoto("photo: expected a JPEG; it is broken before its picture")
        marker, length = photo[at + 1], int.from_bytes(photo[at + 2 : at + 4])
        if marker == SOS:
            return
        content = photo[at + 4 : at + 2 + length]
        known = marker in NEEDED and content.startswith(NEEDED[marker])
        if marker == COMMENT or (marker in APPLICATION and not known):
            raise BadPhoto(f"photo: it has metadata (segment {marker:#x}); expected none")
        at += 2 + length
