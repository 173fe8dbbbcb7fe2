# SPDX-License-Identifier: MIT


class suppress:
    """Swallows the exceptions it was given."""

    def __init__(self, *exceptions):
        self._exceptions = exceptions

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return kind is not None and issubclass(kind, self._exceptions)
