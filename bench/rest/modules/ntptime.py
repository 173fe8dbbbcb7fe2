# SPDX-License-Identifier: MIT
host = ""


def settime():
    pass
