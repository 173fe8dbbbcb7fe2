# SPDX-License-Identifier: MIT
# The byte link is as good as a Wi-Fi that has been joined.
STA_IF = 0
STAT_WRONG_PASSWORD = 202
STAT_NO_AP_FOUND = 201


def hostname(name=None):
    return name or 'target'


class WLAN:
    def __init__(self, interface=STA_IF):
        pass

    def active(self, on=None):
        return True

    def isconnected(self):
        return True

    def status(self):
        return 1010

    def config(self, name):
        return 'link'

    def ifconfig(self):
        return ('192.0.2.2', '255.255.255.0', '192.0.2.1', '192.0.2.1')

    def connect(self, *credentials):
        pass

    def disconnect(self):
        pass
