"""Follows update lists and downloads; tidies up after an update."""

class Updater:
    """One channel. It is the sink (_blox_mqtt.Sink) of its topics."""

    state: str
    """As the update topic spells it: idle, available, downloading, ..."""
    error: str | None
    """One sentence: why `state` is what it is."""

    def __init__(
        self,
        node: str,
        channel: str,
        platform: str,
        mpy: str,
        auto_update: bool,
        fetch_timeout_ms: int,
        trial: bool,
    ) -> None: ...
    def begin(self, topic: str, size: int, retain: bool) -> bool: ...
    def write(self, data: bytes) -> int: ...
    def end(self, ok: bool) -> None: ...
    def connected(self, online: bool) -> None: ...
    def subscribed(self, topic: str) -> None:
        """The broker acknowledged the subscription."""
    def install(self) -> None:
        """Act on the update that waits."""
    def confirmed(self) -> None:
        """The set on trial was confirmed."""
    def tick(self, ticks_ms: int) -> int:
        """Feeds the clock. Milliseconds until the next call is due."""
    def next(self) -> tuple[int, str | None] | None:
        """What to do now, as (kind, text), kinds as in core/ota/updater.h;
        None when there is nothing."""

class Settle:
    """Tidies /.blox after the rescue in /main.py has run."""

    def step(self) -> bool:
        """True while there is more to do."""

def installed() -> dict[str, str]:
    """Versions of the packages in /lib by name."""

def rescue_format() -> int:
    """The journal format that /main.py declares, 0 for none."""
