# SPDX-License-Identifier: MIT
# Imports one of its modules: the facts do not say that it imports none.
from mpy_blox import util  # noqa: F401
