# SPDX-License-Identifier: MIT
# A device on a cable: the byte link. Wi-Fi is off.
STA_IF = 0
STAT_WRONG_PASSWORD = 202
STAT_NO_AP_FOUND = 201


def hostname(name=None):
    return name or 'target'


class WLAN:
    def __init__(self, interface=STA_IF):
        pass

    def active(self, on=None):
        return False

    def isconnected(self):
        return False
