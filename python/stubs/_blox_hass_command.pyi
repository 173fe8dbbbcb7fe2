"""What is ordered of Home Assistant's entities (core/hass/entity.h)."""

from typing import Any

_Command = tuple[int, int | None, int | None]

def command(entity: Any, payload: bytes) -> _Command:
    """(order, brightness, duration in ms). Raises ValueError."""

def members(
    entity: Any,
    payload: bytes,
    state: str | None,
    brightness: Any,
    duration: Any,
) -> _Command:
    """As command(), for the members of the JSON object payload; duration in ms."""

def words(kind: int) -> bytearray:
    """What _blox_hass needs to know of an enum blox_hass_kind."""
