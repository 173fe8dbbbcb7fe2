# SPDX-License-Identifier: MIT
# What is installed, read without the wheel's reader. Loaded for it, and
# forgotten.

import os


# {name: version} of the packages in /lib: a dist-info directory with METADATA
# each.
def installed():
    versions = {}
    try:
        for entry in os.ilistdir('/lib'):
            if entry[0].endswith('.dist-info'):
                _add_version(versions, '/lib/%s/METADATA' % entry[0])
    except OSError:
        pass
    return versions


def _add_version(versions, path):
    name = version = None
    try:
        with open(path) as file:
            for line in file:
                key, _, value = line.strip().partition(':')
                if not key:
                    break
                if key.lower() == 'name':
                    name = name or value.strip()
                elif key.lower() == 'version':
                    version = version or value.strip()
    except OSError:
        return  # a removal that was cut
    if name and version:
        versions[name] = version
