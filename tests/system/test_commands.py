# SPDX-License-Identifier: MIT
"""Commands on a device's cmd topic, and the answers on its reply topic."""

import json
import time

import pytest
from lib.updates import Publisher, States, sha256, updating, user_main


class Told:
    """A board that is told things, and what it answers."""

    def __init__(self, board, broker):
        self.board = board
        self.broker = broker
        self.watch = broker.watch("mpypi/nodes/#")
        self.states = States(self.watch, board)
        self.topic = "mpypi/nodes/%s/" % board.node

    def answers(self):
        """All answers: documents and whether they were retained."""
        return [
            (json.loads(m[1]), m[2])
            for m in self.watch.messages
            if m[0] == self.topic + "reply"
        ]

    def send(self, command, retain=False):
        if not isinstance(command, (bytes, str)):
            command = json.dumps(command)
        self.broker.publish(self.topic + "cmd", command, retain)

    def tell(self, command):
        """Sends a command; returns the answer to it."""
        before = len(self.answers())
        self.send(command)
        end = time.monotonic() + 20
        while len(self.answers()) == before:
            assert time.monotonic() < end, "no answer to %s" % command
            time.sleep(0.02)
        answer, retained = self.answers()[before]
        assert not retained
        return answer

    def refused(self, command):
        answer = self.tell(command)
        assert answer.pop("ok") is False
        return answer["error"]

    def infos(self):
        return sum(m[0] == self.topic + "info" for m in self.watch.messages)

    def count(self, text):
        return self.board.console().count(text)


@pytest.fixture
def told(boards, tmp_path, broker):
    """A function that starts a board; settings as for updating()."""

    def make(**settings):
        board = updating(boards, tmp_path, broker, settings=settings)
        board.restart()
        board.wait_for("user_main one runs")
        told = Told(board, broker)
        told.states.wait("idle")
        return told

    return make


def test_answers_of_a_device_at_rest(told):
    told = told(**{"update.auto_update": False})
    infos = told.infos()
    assert told.tell({"cmd": "info", "id": "a b"}) == {"cmd": "info", "id": "a b", "ok": True}
    told.watch.wait(lambda topic, payload: told.infos() > infos)

    main = user_main("one")
    assert told.tell({"cmd": "hash", "path": "user_main.py", "id": 7}) == {
        "cmd": "hash",
        "id": 7,
        "ok": True,
        "path": "user_main.py",
        "sha256": sha256(main),
        "size": len(main),
    }
    for path, why in (
        ("nothing.py", "there is no such file"),
        ("lib", "that is a directory"),
        ("/main.py", "command '/main.py'"),
        ("lib/../main.py", "'lib/../main.py'"),
        ("provision.json", "it holds secrets"),
        (".blox/list", "'.blox/list'"),
    ):
        assert why in told.refused({"cmd": "hash", "path": path}), path

    assert told.refused({"cmd": "install"}) == "command 'install': no update waits"
    assert "no new set is on trial" in told.refused({"cmd": "confirm"})
    assert "publish a list of the versions" in told.refused({"cmd": "rollback"})
    assert told.refused({"cmd": "dance"}) == (
        "command 'dance': this version does not know it"
    )
    assert "column 15" in told.refused('{"cmd":"info" "id":1}')
    assert told.tell([{"type": "command", "cmd": "info"}])["ok"]
    together = [{"type": "command", "cmd": "info"}, {"type": "delete", "path": "user_main.py"}]
    assert "nothing but a signature may stand beside it" in told.refused(together)
    assert "Traceback" not in told.board.console()
    assert told.board.read("/user_main.py") == main


def test_reboot_is_orderly_and_happens_once(told):
    told = told()
    boots = told.count("user_main one runs")
    mark = len(told.board.console())
    assert told.tell({"cmd": "reboot", "id": 1}) == {"cmd": "reboot", "id": 1, "ok": True}
    told.board.wait_for("user_main one runs", after=mark)
    assert told.count("user_main one runs") == boots + 1
    statuses = [m[1] for m in told.watch.messages if m[0] == told.topic + "status"]
    assert b"offline" in statuses  # it said so before it went
    assert "crash" not in told.board.console()


def test_a_retained_command_does_not_loop(told):
    told = told()
    boots = told.count("user_main one runs")
    told.send({"cmd": "reboot"}, retain=True)  # it is connected: done once
    told.board.wait_for("a retained message is not acted on; clear it")
    told.board.wait_for("user_main one runs", after=told.board.console().rfind("rst:"))
    assert told.tell({"cmd": "info"})["ok"]
    assert told.count("user_main one runs") == boots + 1
    told.send(b"", retain=True)


def on_trial(told, name="two"):
    Publisher(told.broker).src("user_main.py", user_main(name)).publish()
    told.states.wait("trial")
    told.board.wait_for("user_main %s runs" % name)


def test_a_trial_is_confirmed_by_command(told):
    told = told(**{"update.trial_timeout": 600})
    on_trial(told)
    assert told.refused({"cmd": "install"}) == (
        "command 'install': a new set is on trial; confirm it or roll it back"
    )
    assert told.tell({"cmd": "confirm"})["ok"]
    told.states.wait("confirmed")
    assert "publish a list" in told.refused({"cmd": "rollback"})


def test_a_trial_is_rolled_back_by_command_and_not_taken_again(told):
    told = told(**{"update.trial_timeout": 600})
    on_trial(told)
    mark = len(told.board.console())
    assert told.tell({"cmd": "rollback"})["ok"]
    told.board.wait_for("user_main one runs", after=mark)
    document = told.states.wait("rolled_back")
    assert document["error"] == "the update was undone; the set before it runs"
    assert told.board.read("/user_main.py") == user_main("one")


def test_a_large_file_is_hashed_while_the_program_runs(told):
    told = told()
    told.board.exec(
        "with open('/large.bin', 'wb') as f:\n"
        "    for _ in range(300): f.write(bytes(1000))"
    )
    seen = len(told.states.all())
    told.board.restart()
    told.states.wait("idle", after=seen)
    answer = told.tell({"cmd": "hash", "path": "large.bin"})
    assert (answer["size"], answer["sha256"]) == (300000, sha256(bytes(300000)))
