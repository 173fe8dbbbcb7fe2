# SPDX-License-Identifier: MIT
"""ejabberd as a broker: another family than mosquitto, in Erlang."""

import glob
import os
import subprocess

from lib.brokers import Broker
from lib.ports import wait_for_port

CONFIG = """\
hosts: [localhost]
loglevel: info
listen:
  - port: %d
    ip: "127.0.0.1"
    module: mod_mqtt
auth_method: anonymous
anonymous_protocol: both
allow_multiple_connections: true
modules:
  mod_mqtt:
    access_publish: {"#": all}
    access_subscribe: {"#": all}
    max_queue: 50000
acme:
  auto: false
"""


class Ejabberd(Broker):
    """Without Erlang's distribution, so that any number of them run side by
    side. It wants a user name, and takes any."""

    def __init__(self, directory, port=None):
        super().__init__(directory, users={"blox": "any"}, port=port)
        self.log = self.directory / "ejabberd.log"

    def start(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "ejabberd.yml"
        config.write_text(CONFIG % self.port)
        environment = dict(
            os.environ,
            EJABBERD_CONFIG_PATH=str(config),
            EJABBERD_LOG_PATH=str(self.log),
            ERL_CRASH_DUMP=str(self.directory / "crash"),
            ERL_LIBS=os.path.dirname(glob.glob("/usr/lib/*/ejabberd-*")[0]),
            HOME=str(self.directory),
        )
        with open(self.directory / "out", "ab") as out:
            self.process = subprocess.Popen(
                ["erl", "-noinput", "-boot", "start_sasl", "-mnesia", "dir"]
                + ['"%s"' % (self.directory / "db"), "-s", "ejabberd"],
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_for_port(self.port, 60)
        return self
