"""Reads a command that came on `cmd`, decides, and words the answer."""

class Command:
    def __init__(self, path: str, trusted: bool, state: str) -> None:
        """The command in the file `path`; `trusted`: it is signed, or need
        not be; `state`: the updater's."""
    def step(self) -> int | None:
        """None while there is more to do. Then what to carry out, numbers as
        in core/ota/command.h; 0: nothing, or it is refused. The first step
        has read all of the file."""
    def reply(self) -> tuple[str, bool, str]:
        """Its name, or why it is refused; whether it is obeyed; the answer
        as JSON."""
