# SPDX-License-Identifier: MIT
# Stands in for a radio: the access point is always there.
STA_IF = 0
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202


class WLAN:
    def __init__(self, interface=0):
        pass

    def active(self, _=None):
        return True

    def isconnected(self):
        return True

    def status(self):
        return 1010

    def config(self, _):
        return "home"

    def connect(self, *_):
        pass

    def disconnect(self):
        pass

    def ifconfig(self):
        return ("192.0.2.2", "255.255.255.0", "192.0.2.1", "192.0.2.1")


def hostname(_=None):
    return "board"
