"""AIS sentences: ``!AIVDM,2,1,3,B,<payload>,0*5C`` (IEC 61162-1, VDM and VDO).

The fields: of how many sentences the message is made, which of them this is, a number that these have in common, the
radio channel, up to 200 characters of payload, how many bits at its end do not count. The checksum is the exclusive or
of what stands between ``!`` and ``*``. Sentences that are right are found all at once, quickest those of the form that
nearly all position reports have, ``!AIVDM,1,1,,A,<28 characters>,0*5C``, where every comma has its place; one that is
not right is looked at by itself, for the reason.
"""

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor

import numpy as np
from numpy.typing import NDArray

from havre.sources.ais import sixbit
from havre.sources.ais.block import EXCLAMATION, Block, Integers, windows

SENTENCE = re.compile(
    rb"!..(?P<kind>VD[MO]),(?P<total>[1-9]),(?P<number>[1-9]),(?P<sequence>[0-9]?),(?P<channel>[^,*]?),"
    rb"(?P<payload>[^,*]{1,200}),(?P<fill>[0-5])\*[0-9A-Fa-f]{2}",
    re.DOTALL,
)
CHECKSUM = re.compile(rb"[0-9A-Fa-f]{2}")
ADDRESS = re.compile(rb"..VD[MO],", re.DOTALL)
FIELDS = (
    ("the number of parts", re.compile(rb"[1-9]"), "1 to 9"),
    ("the part", re.compile(rb"[1-9]"), "1 to 9"),
    ("the sequence number", re.compile(rb"[0-9]?"), "0 to 9 or nothing"),
    ("the channel", re.compile(rb"[^,*]?", re.DOTALL), "one character or nothing"),
    ("the payload", re.compile(rb"[^,*]{1,200}", re.DOTALL), "1 to 200 characters"),
    ("the number of fill bits", re.compile(rb"[0-5]"), "0 to 5"),
)
MAX_PAYLOAD = 200
HEX = np.full(256, 255, np.uint8)
for _value in range(16):
    HEX[[*b"%x%X" % (_value, _value)]] = _value
USUAL_LENGTH = 47
USUAL_COMMAS = np.array([6, 8, 10, 11, 13, 42])
PAIRS = np.frombuffer(b"".join(b"%02X" % value for value in range(256)), "<u2").astype(np.uint64)


def _words(text: bytes) -> list[int]:
    return [int.from_bytes(text[begin : begin + 8], "little") for begin in range(0, len(text), 8)]


_USUAL = (
    # the form, and which bits of it count: of the talker's letters those that all letters have, and not the one in
    # which M and O differ
    _words(b"!@@VDM,1,1,,\0," + bytes(28) + b",0*" + bytes(3)),
    _words(b"\xff\xe0\xe0\xff\xff\xfd\xff\xff" + b"\xff" * 4 + b"\0\xff" + bytes(28) + b"\xff" * 3 + bytes(3)),
)
_FORM = tuple((index, form, bits) for index, (form, bits) in enumerate(zip(*_USUAL, strict=True)) if bits)
_PAYLOAD = _words(bytes(14) + b"\xff" * 28 + bytes(6))


@dataclass(frozen=True)
class Sentences:
    """The AIS sentences of a block that are right: their lines, and where their six commas stand (6, n)."""

    block: Block
    lines: Integers
    commas: Integers

    def chosen(self, which: Integers) -> "Sentences":
        """Those at the places ``which`` (rising)."""
        return (
            self if len(which) == len(self.lines) else Sentences(self.block, self.lines[which], self.commas[:, which])
        )

    @property
    def total(self) -> NDArray[np.uint8]:
        return self._digits(0)

    @property
    def payloads(self) -> Integers:
        """Where the payloads begin."""
        found: Integers = self.commas[4] + 1
        return found

    @property
    def lengths(self) -> Integers:
        """How many characters the payloads have."""
        found: Integers = self.commas[5] - self.payloads
        return found

    @property
    def fill(self) -> NDArray[np.uint8]:
        return self._digits(5)

    def _digits(self, comma: int) -> NDArray[np.uint8]:
        """The digits behind a comma."""
        found: NDArray[np.uint8] = self.block.codes[self.commas[comma] + 1] - np.uint8(ord("0"))
        return found


def find(block: Block) -> tuple[Sentences, dict[int, str]]:
    """The AIS sentences of a block, and why which lines are broken. Other NMEA sentences are neither."""
    symbols = block.codes[block.heads]
    begun = block.heads < block.ends
    marked = np.flatnonzero((symbols == EXCLAMATION) & begun)
    right, commas = _right(block, marked)
    # what begins with $ is another sentence, or was one: not for us to judge
    strange = np.flatnonzero((symbols != EXCLAMATION) & (symbols != ord("$")) & begun)
    suspects = np.concatenate((marked[~right], strange)).tolist()
    faults = {line: why for line in suspects if (why := fault(block.sentence(line))) is not None}
    return Sentences(block, marked, commas).chosen(np.flatnonzero(right)), faults


def checked(block: Block, lines: Integers) -> tuple[NDArray[np.bool_], Integers]:
    """Whether the checksums of these lines are right, and where their stars stand (or 0)."""
    heads, ends = block.heads[lines], block.ends[lines]
    stars = np.append(block.stars, len(block.text))
    star = stars[np.searchsorted(stars, heads)]
    usable = (star > heads + 1) & (star + 3 <= ends)
    star = np.where(usable, star, 0)
    high, low = HEX[block.codes[star + 1]], HEX[block.codes[star + 2]]
    usable &= (high < 16) & (low < 16)
    right = np.zeros(len(lines), np.bool_)
    right[usable] = _exclusive_or(block.codes, heads[usable] + 1, star[usable]) == (high * 16 + low)[usable]
    return right, star


def checksum(text: bytes) -> int:
    return reduce(xor, text, 0)


def fault(sentence: bytes) -> str | None:
    """What is wrong with a sentence; None when nothing is, or when it is none of AIS."""
    if sentence.startswith(b"\\"):
        return "the tag block has no end (expected another \\ and the sentence)"
    if not sentence.startswith(b"!"):
        return "this is no NMEA sentence (expected one that begins with ! or $)"
    body, _, rest = sentence[1:].partition(b"*")
    stated = CHECKSUM.match(rest)
    if stated is None:
        return "the sentence has no checksum (expected * and two hexadecimal digits at its end)"
    if checksum(body) != int(stated.group(), 16):
        return f"checksum is {checksum(body):02X}, the sentence says {stated.group().decode().upper()}"
    return _wrong_field(body.split(b",")) if ADDRESS.match(body) else None


def _wrong_field(fields: list[bytes]) -> str | None:
    if len(fields) != len(FIELDS) + 1:
        return f"the sentence has {len(fields)} fields (expected {len(FIELDS) + 1})"
    for got, (name, pattern, wanted) in zip(fields[1:], FIELDS, strict=True):
        if not pattern.fullmatch(got):
            return f"{name} is {got[:20].decode('ascii', 'backslashreplace')!r} (expected {wanted})"
    return f"it is part {fields[2].decode()} of {fields[1].decode()}" if fields[2] > fields[1] else None


def _right(block: Block, lines: Integers) -> tuple[NDArray[np.bool_], Integers]:
    """Which lines hold a whole AIS sentence with the right checksum, and the places of their commas."""
    heads = block.heads[lines]
    right = _usual(block.codes, heads, block.ends[lines])
    commas = heads + USUAL_COMMAS[:, None]
    others = np.flatnonzero(~right)
    if len(others):
        sound, stars = checked(block, lines[others])
        commas[:, others], six = _commas(block, heads[others], stars)
        right[others] = sound & six & _in_form(block.codes, heads[others], commas[:, others], stars)
    return right, commas


def _usual(codes: NDArray[np.uint8], heads: Integers, ends: Integers) -> NDArray[np.bool_]:
    """Which sentences are of the usual form, with the right checksum and a payload of the alphabet."""
    words = windows(codes, USUAL_LENGTH + 1, heads)
    usual: NDArray[np.bool_] = ends - heads >= USUAL_LENGTH
    for index, form, bits in _FORM:
        usual &= (words[index] & bits) == form
    channel = (words[1] >> 32) & 0xFF
    usual &= (channel != ord(",")) & (channel != ord("*"))
    for strange, payload in zip(sixbit.strange(words[1:]), _PAYLOAD[1:], strict=True):
        usual &= (strange & payload) == 0
    summed = np.bitwise_xor.reduce(words[1:5]) ^ (words[0] & ~np.uint64(0xFF)) ^ (words[5] & 0xFFFFFFFF)
    for half in (32, 16, 8):
        summed ^= summed >> half
    usual &= PAIRS[summed & 0xFF] == (words[5] >> 40) & 0xFFFF
    return usual


def _commas(block: Block, heads: Integers, stars: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    first, after = np.searchsorted(block.commas, heads), np.searchsorted(block.commas, stars)
    places = np.append(block.commas, np.zeros(6, np.int64))
    return places[first + np.arange(6)[:, None]], after - first == 6


def _in_form(codes: NDArray[np.uint8], heads: Integers, commas: Integers, stars: Integers) -> NDArray[np.bool_]:
    """As ``SENTENCE`` says, for all at once."""
    widths = np.diff(commas, append=stars[None], axis=0) - 1
    form: NDArray[np.bool_] = (codes[heads + 3] == ord("V")) & (codes[heads + 4] == ord("D")) & (commas[0] == heads + 6)
    form &= (codes[heads + 5] == ord("M")) | (codes[heads + 5] == ord("O"))
    total, number, sequence = (codes[commas[field] + 1] for field in range(3))
    form &= (widths[0] == 1) & (total >= ord("1")) & (total <= ord("9"))
    form &= (widths[1] == 1) & (number >= ord("1")) & (number <= total)
    digit = (sequence >= ord("0")) & (sequence <= ord("9"))
    form &= (widths[2] == 0) | ((widths[2] == 1) & digit)
    form &= (widths[3] <= 1) & (widths[4] >= 1) & (widths[4] <= MAX_PAYLOAD)
    fill = codes[commas[5] + 1]
    form &= (widths[5] == 1) & (fill >= ord("0")) & (fill <= ord("5"))
    return form


def _exclusive_or(codes: NDArray[np.uint8], begins: Integers, ends: Integers) -> NDArray[np.uint8]:
    """Over the bytes from each of ``begins`` to before each of ``ends``; the ranges rise and are not empty."""
    bounds = np.column_stack((begins, ends)).ravel()
    # what stands between two ranges is computed too, and left
    return np.bitwise_xor.reduceat(codes, bounds)[::2] if len(bounds) else np.empty(0, np.uint8)
