"""Sensor readings as uplink messages of The Things Stack v3: the JSON that its webhooks and MQTT deliver.

As there, fields that would be empty, 0 or false are left out, and 64-bit numbers are strings. Device addresses begin
with 00, for private networks, and EUIs with 02, the mark of a locally given number.
"""

import base64
import datetime
import json
import struct
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from havre_scenario.bins import Container, Reading
from havre_scenario.chance import Chance
from havre_scenario.plane import Point, at, distance, lon_lat

APPLICATION = "hv-waste-pilot"
F_PORT = 2
LOST, REPEATED = 0.015, 0.006
GATEWAYS = {
    "hv-gw-01": at(49.4935, 0.1080),
    "hv-gw-02": at(49.5130, 0.1020),
    "hv-gw-03": at(49.5050, 0.1450),
}
CHANNELS = (868_100_000, 868_300_000, 868_500_000, 867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000)
AIRTIME = {7: 0.051456, 8: 0.102912, 9: 0.185344, 10: 0.370688, 11: 0.741376, 12: 1.318912}
"""Seconds on the air of a frame of 19 bytes, by spreading factor."""
FLOOR = {7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0, 11: -17.5, 12: -20.0}
"""Weakest signal to noise that is still received, dB."""


def messages(
    readings: Sequence[Reading], day: datetime.date, chance: Chance
) -> Iterator[tuple[Reading, str | None, str]]:
    """For each reading its line of JSON, None when nothing arrives, and what happened to it."""
    frames: Counter[str] = Counter()
    first = {one.container.name: int(chance.integers(2000, 40000)) for one in readings}
    for reading in readings:
        name = reading.container.name
        frames[name] += 1
        if reading.distance_mm is None:
            yield reading, None, "dead"
        elif chance.random() < LOST:
            yield reading, None, "lost"
        else:
            line = json.dumps(_uplink(reading, day, first[name] + frames[name], chance), separators=(",", ":"))
            yield reading, line, ""
            if chance.random() < REPEATED:
                yield reading, line, "repeated"


def payload(distance_mm: int, battery_mv: int, temperature: float) -> bytes:
    """Six bytes, big-endian: millimetres, millivolts, tenths of a degree (signed)."""
    return struct.pack(">HHh", distance_mm, battery_mv, round(temperature * 10))


def _uplink(reading: Reading, day: datetime.date, frame: int, chance: Chance) -> dict[str, object]:
    container, distance_mm = reading.container, reading.distance_mm or 0
    sent = datetime.datetime.combine(day, datetime.time(), datetime.UTC) + datetime.timedelta(
        seconds=reading.time, microseconds=int(chance.integers(1_000_000))
    )
    battery = container.battery_mv - int(chance.integers(0, 12))
    heard, spreading = _heard(container.point, chance)
    return {
        "end_device_ids": _ids(container),
        "correlation_ids": [f"as:up:{chance.bytes(13).hex()}"],
        "received_at": _stamp(sent + datetime.timedelta(milliseconds=310)),
        "uplink_message": {
            "session_key_id": base64.b64encode(int(container.name[-3:]).to_bytes(16)).decode(),
            "f_port": F_PORT,
            "f_cnt": frame,
            "frm_payload": base64.b64encode(payload(distance_mm, battery, reading.temperature)).decode(),
            "decoded_payload": {
                "distance_mm": distance_mm,
                "battery_mv": battery,
                "temperature_c": reading.temperature,
            },
            "rx_metadata": [_metadata(name, rssi, snr, sent) for name, rssi, snr in heard],
            "settings": _settings(spreading, int(chance.choice(CHANNELS)), sent),
            "received_at": _stamp(sent + datetime.timedelta(milliseconds=105)),
            "consumed_airtime": f"{AIRTIME[spreading]:.6f}s",
        },
    }


def _ids(container: Container) -> dict[str, object]:
    number = int(container.name[-3:])
    return {
        "device_id": container.name,
        "application_ids": {"application_id": APPLICATION},
        "dev_eui": f"02{number:014X}",
        "join_eui": "0200000000000000",
        "dev_addr": f"00{number:06X}",
    }


def _heard(point: Point, chance: Chance) -> tuple[list[tuple[str, int, float]], int]:
    """The gateways that hear the device with RSSI (dBm) and SNR (dB), best first, and the spreading factor."""
    heard = []
    for name, place in GATEWAYS.items():
        loss = 128 + 35 * float(np.log10(max(distance(point, place), 50) / 1000)) + chance.normal(0, 6)
        rssi = round(14 - loss)
        heard.append((name, rssi, min(10.5, round(rssi + 117 + float(chance.normal(0, 1.5)), 1))))
    heard.sort(key=lambda one: -one[1])
    spreading = next((factor for factor, floor in FLOOR.items() if heard[0][2] > floor + 5), 12)
    return [one for one in heard if one[2] > FLOOR[spreading]] or heard[:1], spreading


def _metadata(gateway: str, rssi: int, snr: float, sent: datetime.datetime) -> dict[str, object]:
    lon, lat = lon_lat(GATEWAYS[gateway])
    return {
        "gateway_ids": {"gateway_id": gateway, "eui": f"02FFFE00000000{gateway[-2:]}"},
        "time": _stamp(sent),
        "timestamp": _ticks(sent),
        "rssi": rssi,
        "channel_rssi": rssi,
        "snr": snr,
        "location": {"latitude": lat, "longitude": lon, "source": "SOURCE_REGISTRY"},
        "received_at": _stamp(sent + datetime.timedelta(milliseconds=62)),
    }


def _settings(spreading: int, hertz: int, sent: datetime.datetime) -> dict[str, object]:
    lora = {"bandwidth": 125000, "spreading_factor": spreading, "coding_rate": "4/5"}
    return {"data_rate": {"lora": lora}, "frequency": str(hertz), "timestamp": _ticks(sent), "time": _stamp(sent)}


def _ticks(sent: datetime.datetime) -> int:
    """A gateway's clock of microseconds, which wraps at 2³²."""
    return round(sent.timestamp() * 1e6) % (1 << 32)


def _stamp(at_time: datetime.datetime) -> str:
    return at_time.isoformat(timespec="microseconds").replace("+00:00", "Z")
