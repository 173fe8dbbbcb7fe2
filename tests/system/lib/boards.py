# SPDX-License-Identifier: MIT
"""A virtual ESP32 as a process, with what a test does to one."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
MPREMOTE = ROOT / "ext/mpremote/usr/lib/python3/dist-packages"
sys.path.insert(0, str(MPREMOTE))

from mpremote.transport import TransportError  # noqa: E402
from mpremote.transport_serial import SerialTransport  # noqa: E402


class BoardError(Exception):
    """Python on the board raised; the text is its traceback."""


class Board:
    """directory holds the flash image and the log, so a Board over the same
    directory is the same device. options are further words for the command
    line (board --help). Use as a context manager, or start() and stop()."""

    def __init__(
        self, directory, flash=None, heap=None, static=False, options=()
    ):
        self.directory = pathlib.Path(directory)
        self.flash = flash
        self.heap = heap
        self.options = list(options)
        self.program = ROOT / (
            "build/board-static/board" if static else "build/board/board"
        )
        self.image = self.directory / "board.flash"
        self.log = self.directory / "console.log"
        self.link = self.directory / "pty"
        self.control_path = self.directory / "control"
        self.process = None

    # Power

    def command(self):
        """The command line."""
        words = [self.program, "--image", self.image, "--log", self.log]
        words += ["--link", self.link, "--control", self.control_path]
        words += ["--quiet"]
        if self.flash:
            words += ["--flash", self.flash]
        if self.heap:
            words += ["--heap", self.heap]
        return [str(word) for word in words + self.options]

    def start(self):
        """Switches it on; returns when its console is there."""
        if not self.program.exists():
            more = " STATIC=1" if "-static" in self.program.parent.name else ""
            raise BoardError(
                "%s: not built; run make board-bin%s" % (self.program, more)
            )
        self.directory.mkdir(parents=True, exist_ok=True)
        size = self.log.stat().st_size if self.log.exists() else 0
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        end = time.monotonic() + 10
        while not self.log.exists() or self.log.stat().st_size == size:
            if self.process.poll() is not None:
                said = self.process.stderr.read().decode().strip()
                raise BoardError("the board did not start: %s" % said)
            if time.monotonic() > end:
                raise TimeoutError("the board printed nothing")
            time.sleep(0.01)
        return self

    def _end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process.stderr.close()
            self.process = None

    def stop(self):
        """Switches it off."""
        self._end(signal.SIGTERM)

    def kill(self):
        """Cuts its power."""
        self._end(signal.SIGKILL)

    def restart(self):
        """A power cycle."""
        self.kill()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    def control(self, command):
        """Sends a line to the control socket and returns the answer."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(str(self.control_path))
            s.sendall(command.encode() + b"\n")
            return s.recv(300).decode().strip()

    # Console

    def console(self):
        """All it has printed, over power cycles too."""
        return self.log.read_text(errors="replace")

    def wait_for(self, text, timeout=20, after=0):
        """Waits until the console has printed text, past character `after`.
        Returns the position behind it, to be the next call's `after`."""
        end = time.monotonic() + timeout
        while True:
            console = self.console()
            found = console.find(text, after)
            if found >= 0:
                return found + len(text)
            if time.monotonic() > end:
                raise TimeoutError(
                    "%r was not printed within %g s; the console's end:\n%s"
                    % (text, timeout, console[-2000:])
                )
            time.sleep(0.02)

    # Serial line

    @property
    def pty(self):
        """The name of its serial port."""
        return os.readlink(self.link)

    def _raw_repl(self, soft_reset, tries=3):
        """A Ctrl-C that arrives before the interpreter runs is lost, as on
        any board: then it is typed again."""
        for left in reversed(range(tries)):
            transport = SerialTransport(self.pty, baudrate=115200)
            try:
                transport.enter_raw_repl(soft_reset=soft_reset)
                return transport
            except TransportError:
                transport.close()
                if not left:
                    raise

    def exec(self, code, soft_reset=False, timeout=60):
        """Interrupts what runs, runs code, and returns what it printed.
        Without soft_reset the interpreter's state stays."""
        transport = self._raw_repl(soft_reset)
        try:
            transport.exec_raw_no_follow(code)
            out, error = transport.follow(timeout)
            transport.exit_raw_repl()
        finally:
            transport.close()
        if error:
            raise BoardError(error.decode(errors="replace"))
        return out.decode(errors="replace").replace("\r\n", "\n")

    def put(self, files):
        """Writes files: a dict of their paths to bytes, text or a
        pathlib.Path on the host. Folders are made."""
        transport = self._raw_repl(False)
        try:
            for path, content in files.items():
                if isinstance(content, pathlib.Path):
                    content = content.read_bytes()
                if isinstance(content, str):
                    content = content.encode()
                self._make_folders(transport, path)
                transport.fs_writefile(path, content, chunk_size=4096)
            transport.exit_raw_repl()
        finally:
            transport.close()

    @staticmethod
    def _make_folders(transport, path):
        parts = path.strip("/").split("/")[:-1]
        for i in range(len(parts)):
            folder = "/" + "/".join(parts[: i + 1])
            if not transport.fs_exists(folder):
                transport.fs_mkdir(folder)

    def read(self, path):
        """The bytes of a file on it."""
        transport = self._raw_repl(False)
        try:
            content = transport.fs_readfile(path, chunk_size=4096)
            transport.exit_raw_repl()
        finally:
            transport.close()
        return bytes(content)

    def mpremote(self, *args, check=True, timeout=120, port=None, **more):
        """Runs the real mpremote on it, through port if that leads to it;
        returns the CompletedProcess with its output as text."""
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", port or self.pty]
            + [str(arg) for arg in args],
            env=dict(os.environ, PYTHONPATH=str(MPREMOTE)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            timeout=timeout,
            **more,
        )
        if check and done.returncode != 0:
            raise BoardError("mpremote %s: %s" % (" ".join(args), done.stdout))
        return done
