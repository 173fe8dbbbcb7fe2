# SPDX-License-Identifier: MIT
# The device as Home Assistant shows it.

import os


# id, name, model, version, firmware, area, topic of its availability.
def describe(connection, settings, version):
    uname = os.uname()
    return (
        connection.client_id,
        settings.get('hostname', uname[0]),
        uname[4],
        version,
        uname[2],
        settings.get('device.suggested_area'),
        connection._status_topic(),
    )
