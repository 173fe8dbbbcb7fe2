# SPDX-License-Identifier: MIT
# A library small enough to read in a demo: which light suits the hour.
VERSION = '1.0'

MOODS = ((6, 'night blue'), (9, 'dawn'), (18, 'daylight'), (24, 'amber'))


def mood(hour):
    for until, name in MOODS:
        if hour < until:
            return name
