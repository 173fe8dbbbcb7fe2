"""Follows update lists and downloads."""

from typing import Callable

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
        auto_update: bool,
        fetch_timeout_ms: int,
        trial: bool,
        wake: Callable[[], None],
    ) -> None:
        """wake() is called when a payload brought something to do."""
    def begin(self, topic: str, size: int, retain: bool) -> bool: ...
    def write(self, data: bytes) -> int: ...
    def end(self, ok: bool) -> None: ...
    def connected(self, online: bool) -> None: ...
    def subscribed(self, topic: str) -> None:
        """The broker acknowledged the subscription."""
    def refused(self, sentence: str) -> None:
        """The list that was to be checked is not right."""
    def starved(self, sentence: str, may_reset: bool) -> bool:
        """There was no memory for what reads the list or command. Whether the
        next boot must load that before the program."""
    def command(self) -> bool:
        """What was to be checked is no list but a command, and has been
        read (_blox_command.Command). Whether it counts: not when something
        newer took its place meanwhile."""
    def planned(
        self, needed: int, fetched: int, blocks: int, set: bytes
    ) -> None:
        """The list is right and asks for this (_blox_plan.Plan)."""
    def install(self) -> None:
        """Act on the update that waits."""
    def confirmed(self) -> None:
        """The set on trial was confirmed."""
    def tick(self, ticks_ms: int) -> int:
        """Feeds the clock. Milliseconds until the next call is due."""
    def next(self) -> tuple[int, str | None] | None:
        """What to do now, as (kind, text), kinds as in core/ota/updater.h;
        None when there is nothing."""
