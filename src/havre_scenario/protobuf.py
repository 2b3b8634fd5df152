"""As much of the Protocol Buffers wire format as a writer needs (protobuf.dev, encoding)."""

import struct

Value = int | float | str | bytes
VARINT, LENGTH, FIXED32 = 0, 2, 5


def message(*fields: tuple[int, Value | None]) -> bytes:
    """Fields by number, in this order: an integer as a varint, a float in 32 bits, text or a message with its length.

    None leaves the field out. A negative integer takes ten bytes, as int32 and int64 do.
    """
    return b"".join(_field(number, value) for number, value in fields if value is not None)


def _field(number: int, value: Value) -> bytes:
    match value:
        case int():
            return _varint(number << 3 | VARINT) + _varint(value % (1 << 64))
        case float():
            return _varint(number << 3 | FIXED32) + struct.pack("<f", value)
        case str():
            return _field(number, value.encode())
        case bytes():
            return _varint(number << 3 | LENGTH) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    if value < 128:
        return value.to_bytes(1)
    found = bytearray()
    while value >= 128:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
