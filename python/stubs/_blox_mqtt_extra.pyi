"""What not every device needs of MQTT, for a _blox_mqtt.Session: QoS 2,
properties and subscription options, topic aliases, enhanced authentication,
MQTT 3.1.1.

Properties are encoded bytes where a session takes or gives them. As a dict
they have the standard's names in lower case with '_': numbers are int,
strings str, binary data bytes; `user_property` is a list of (name, value),
`subscription_identifier` a list of int (when encoding also one int).
"""

from typing import Any

from _blox_mqtt import Session

def attach(
    session: Session,
    inbound: int = 8,
    alias_maximum: int = 0,
    aliases_in: int = 0,
    aliases_out: int = 0,
) -> None:
    """Once, before connect. `inbound` messages at QoS 2 may be under way and
    are announced as Receive Maximum. The broker may use `alias_maximum`
    topic aliases, whose topics have `aliases_in` bytes, 4 each besides; ours
    have `aliases_out`."""

def auth(session: Session, reason_code: int, properties: bytes) -> bool:
    """Queues AUTH: 0x18 answers an AUTH event, 0x19 begins anew. False while
    there is no room: send first."""

def encode(properties: dict[str, Any]) -> bytes:
    """Raises ValueError for an unknown name, or a value the property does
    not take; where it may stand is the session's to judge."""

def decode(encoded: bytes | None) -> dict[str, Any]: ...
