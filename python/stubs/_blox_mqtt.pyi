"""The session of an MQTT 5 client: bytes in, events and bytes out.

It opens no socket and waits for nothing: mpy_blox.mqtt does.
"""

from typing import Any, Protocol

class Stream(Protocol):
    """A non-blocking MicroPython stream: socket, TLS socket, file."""

class Sink(Protocol):
    """Takes the payloads of one topic as they come in, without a copy."""

    def begin(self, topic: str, size: int, retain: bool) -> bool:
        """False: this payload is not wanted."""
    def write(self, data: bytes) -> int:
        """As a stream's write; in C for sinks that are native."""
    def end(self, ok: bool) -> None:
        """The payload is complete, or (False) will never be."""

class Session:
    pending: bool
    """There are bytes to send."""
    connected: bool
    """Between CONNACK and the end of the session."""
    session_present: bool
    """The broker went on with the session of the last connection; otherwise
    what was subscribed to is forgotten and RESEND asks for new messages."""
    properties: bytes | None
    """What the last CONNACK, answer or DISCONNECT had, encoded: for
    _blox_mqtt_extra.decode. Kept when that is attached, and of refusals."""
    def __init__(self, rx: int, io: int, tx: int, in_flight: int) -> None:
        """Sizes of the buffers in bytes; how many requests may wait for
        their answer."""
    def connect(
        self,
        client_id: str,
        username: str | None,
        password: str | bytes | None,
        keep_alive: int,
        clean_start: bool,
        will: tuple[str, bytes, int, bool]
        | tuple[str, bytes, int, bool, bytes | None]
        | None,
        session_expiry: int = 0,
        properties: bytes | None = None,
        version: int = 5,
    ) -> None:
        """Puts CONNECT out. `will` is (topic, payload, qos, retain) and maybe
        its encoded properties. `session_expiry` is in seconds; `version` 4 is
        MQTT 3.1.1. Properties and 3.1.1 need _blox_mqtt_extra."""
    def disconnect(
        self, reason_code: int, properties: bytes | None = None
    ) -> bool:
        """False while there is no room to say so: send first."""
    def close(self) -> tuple[Any, ...] | None:
        """The transport is gone. Returns the event of what a sink raised."""
    def publish(
        self, message: MQTTMessage, packet_identifier: int, dup: bool
    ) -> int:
        """The packet identifier (0 at QoS 0), or -1: send first, then ask
        again. `packet_identifier` 0 takes the next free one. A payload
        larger than the buffer is kept and sent in pieces."""
    def publish_now(
        self, topic: str, payload: bytes | str, retain: bool
    ) -> bool:
        """At QoS 0, copied, nothing allocated. False: no room now."""
    def subscribe(
        self, topic_filter: str, options: int, properties: bytes | None = None
    ) -> int:
        """As publish; `options` is the byte of section 3.8.3.1. More than QoS
        0 and 1 needs _blox_mqtt_extra."""
    def unsubscribe(self, topic_filter: str) -> int: ...
    def read(
        self, stream: Stream
    ) -> MQTTMessage | tuple[Any, ...] | bool | None:
        """Reads at most once. A message or an event for the caller (call again); None:
        wait until the stream is readable; True: call again; False: send
        first. Raises OSError when the stream ended."""
    def send(self, stream: Stream) -> int:
        """Writes what the stream takes. Returns the number of bytes left."""
    def tick(self, ticks_ms: int) -> tuple[Any, ...] | int | None:
        """Feeds the clock. The milliseconds until the next call is due, -1
        for never, or the event that ends the session."""
    def sink(self, key: str | int, sink: Sink | type | str | None) -> None:
        """From the next message on payloads whose topic matches the filter
        `key`, or that come with the subscription identifier `key`, go to
        `sink`; None takes it away. For messages that nobody reads for now
        `sink` is hashlib.sha256, or paths of files, '/.blox/came%d': then
        `receive` returns (16, what, number of files, None). What: the hash of
        the payload, False when there is none any more; True: a file is there,
        or (retained, in no file) the broker sends it again."""

    def collect(self, topic: str | None, messages: list | None) -> None:
        """Messages with this topic object are appended to the list, while it
        has fewer than 16, instead of returned; None returns them all."""
    def forget(self, packet_identifier: int) -> None:
        """A message at QoS 1 or 2 that is not to be sent again."""

class MQTTMessage:
    """A message in or out."""

    topic: str
    raw_payload: bytes
    payload: Any
    """Set: str and bytes as they are, JSON of anything else. Read: the JSON
    value, or the bytes when they are none."""
    qos: int
    retain: bool
    packet_identifier: int | None
    properties: bytes | None
    """Encoded: _blox_mqtt_extra.encode and decode. Of a message that came in
    they are kept when that is attached."""

    def __init__(
        self,
        topic: str | None = None,
        payload: Any = None,
        qos: int = 0,
        retain: bool = False,
        properties: bytes | None = None,
    ) -> None: ...

def match(topic_filter: str, topic: str) -> bool:
    """Whether the filter matches the topic, section 4.7."""

class Queue:
    """What waits to be sent."""

    count: int
    """Items in it."""
    bytes: int
    """Their sizes."""
    dropped: int
    """Accepted and given up for a newer one."""
    refused: int

    def __init__(self, messages: int, bytes: int, drop: bool) -> None:
        """Limits; `drop`: at a limit the oldest at QoS 0 go."""
    def add(
        self, item: Any, qos: int, size: int, force: bool = False
    ) -> bool:
        """False when there is no room for it; `force`: whatever the limits
        say."""
    def fits(self, size: int) -> bool:
        """Whether nothing needs to go for it."""
    def next(self) -> Any:
        """The oldest item that was not sent, or None."""
    def sent(self, packet_identifier: int) -> None:
        """That item is sent; with 0 it is over."""
    def discard(self) -> None:
        """That item goes."""
    def find(self, packet_identifier: int) -> Any:
        """The item sent so, or None."""
    def done(self, packet_identifier: int) -> Any:
        """The same, and takes it out."""
    def restart(self) -> None:
        """What was sent and is not done is sent anew."""
    def pop(self) -> Any:
        """Takes the oldest item out, or None."""
