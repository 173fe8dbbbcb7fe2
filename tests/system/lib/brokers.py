# SPDX-License-Identifier: MIT
"""A real mosquitto on a free port of the loopback interface."""

import pathlib
import subprocess
import threading
import time

import paho.mqtt.client as paho

from lib.ports import free_port, wait_for_port

MOSQUITTO = "/usr/sbin/mosquitto"
PASSWD = "/usr/bin/mosquitto_passwd"


def paho_client(client_id="", protocol=paho.MQTTv5):
    """A paho client with either version of that library."""
    if hasattr(paho, "CallbackAPIVersion"):
        return paho.Client(
            paho.CallbackAPIVersion.VERSION1, client_id, protocol=protocol
        )
    return paho.Client(client_id, protocol=protocol)


class Broker:
    """directory holds its config, password file and log; users is a dict of
    names to passwords (None: anybody may connect); extra is text for the end
    of its config. Use as a context manager, or start() and stop()."""

    def __init__(self, directory, users=None, extra="", port=None):
        self.directory = pathlib.Path(directory)
        self.users = users
        self.extra = extra
        self.port = port or free_port()
        self.host = "127.0.0.1"
        self.log = self.directory / "mosquitto.log"
        self.process = None

    def _write_config(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        lines = [
            "listener %d 127.0.0.1" % self.port,
            "user root",
            "persistence false",
            "message_size_limit 0",
            "max_queued_messages 0",
            "log_type all",
            "log_dest stderr",
        ]
        if self.users is None:
            lines.append("allow_anonymous true")
        else:
            passwords = self.directory / "passwords"
            passwords.write_text("")
            passwords.chmod(0o600)
            for name, password in self.users.items():
                subprocess.run(
                    [PASSWD, "-b", str(passwords), name, password], check=True
                )
            lines += ["allow_anonymous false", "password_file %s" % passwords]
        config = self.directory / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n" + self.extra + "\n")
        return config

    def start(self):
        config = self._write_config()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [MOSQUITTO, "-c", str(config)], stdout=log, stderr=log
            )
        wait_for_port(self.port)
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def restart(self):
        """On the same port, without what it retained."""
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    # As a client of it

    def client(self, client_id=""):
        """A connected paho client whose loop runs; disconnect() it."""
        client = paho_client(client_id)
        if self.users:
            name, password = next(iter(self.users.items()))
            client.username_pw_set(name, password)
        connected = threading.Event()
        client.on_connect = lambda *a: connected.set()
        client.connect(self.host, self.port)
        client.loop_start()
        if not connected.wait(10):
            raise TimeoutError("no CONNACK from the broker")
        return client

    def publish(self, topic, payload=b"", retain=False, qos=1):
        """Publishes one message and waits until the broker has it."""
        client = self.client()
        try:
            client.publish(topic, payload, qos, retain).wait_for_publish()
        finally:
            client.disconnect()
            client.loop_stop()

    def watch(self, *topics):
        """A Watch that has subscribed to the topic filters."""
        return Watch(self, topics)

    def log_text(self):
        return self.log.read_text(errors="replace")


class Watch:
    """Collects messages: `messages` is a list of (topic, payload, retain)."""

    def __init__(self, broker, topics):
        self.messages = []
        self._changed = threading.Condition()
        self._client = broker.client()
        self._client.on_message = self._on_message
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *a: subscribed.set()
        self._client.subscribe([(topic, 1) for topic in topics])
        if not subscribed.wait(10):
            raise TimeoutError("no SUBACK from the broker")

    def _on_message(self, client, userdata, message):
        with self._changed:
            self.messages.append(
                (message.topic, message.payload, bool(message.retain))
            )
            self._changed.notify_all()

    def wait(self, wanted, timeout=20):
        """The payload of the first message, past or to come, for which
        wanted(topic, payload) is true."""
        end = time.monotonic() + timeout
        seen = 0
        with self._changed:
            while True:
                for topic, payload, _ in self.messages[seen:]:
                    if wanted(topic, payload):
                        return payload
                seen = len(self.messages)
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise TimeoutError(
                        "no such message among %r"
                        % [(t, p[:60]) for t, p, _ in self.messages]
                    )

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
