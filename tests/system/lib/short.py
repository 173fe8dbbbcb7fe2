# SPDX-License-Identifier: MIT
"""Programs that reach for what is private in the library, for boards that it
is installed on: there it is called otherwise (tools/short_names.py)."""

import functools
import sys

from lib.boards import ROOT

sys.path.append(str(ROOT / "tools"))

import short_names  # noqa: E402


@functools.lru_cache(maxsize=None)
def _library():
    return short_names.load(ROOT / "python")


def shortened(text):
    """The program as it must be where build/dist is installed."""
    return _library().script(text)
