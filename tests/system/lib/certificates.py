# SPDX-License-Identifier: MIT
"""Certificates, and listeners of mosquitto that show them."""

import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *words):
    subprocess.run(
        ["openssl"] + list(words),
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def make(folder):
    """A CA and another one; certificates of the first for localhost: server,
    expired, client."""
    for name in ("ca", "other"):
        openssl(
            folder, "req", "-x509", *KEY, "-keyout", name + ".key", "-out",
            name + ".crt", "-subj", "/CN=" + name, "-days", "30000",
        )  # fmt: skip
    for name in ("server", "expired", "client"):
        openssl(
            folder, "req", *KEY, "-keyout", name + ".key", "-out",
            name + ".csr", "-subj", "/CN=localhost",
        )  # fmt: skip
        days = "-1" if name == "expired" else "30000"
        openssl(
            folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt",
            "-CAkey", "ca.key", "-CAcreateserial", "-out", name + ".crt",
            "-days", days,
        )  # fmt: skip
        (folder / (name + ".key")).chmod(0o644)
    return folder


def listener(certificates, name, more=""):
    return "certfile %s/%s.crt\nkeyfile %s/%s.key\n%s" % (
        certificates, name, certificates, name, more,
    )  # fmt: skip
