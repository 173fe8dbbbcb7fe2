# SPDX-License-Identifier: MIT
"""The tool and digests. BLOX= names another build of the tool."""

import base64
import hashlib
import os
import pathlib

TOP = pathlib.Path(__file__).parents[2]
TOOL = os.environ.get('BLOX', str(TOP / 'build/cli-asan/blox'))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def record_digest(data):
    digest = hashlib.sha256(data).digest()
    return 'sha256=' + base64.urlsafe_b64encode(digest).rstrip(b'=').decode()
