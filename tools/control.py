#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A hand at a running virtual board: sends a command to its control socket.

    tools/control.py SOCKET COMMAND

Commands: wifi down, wifi up, reset, power-cut, status, heap; of a scenario:
devices, show NAME, fault NAME FAULT on|off, set NAME KEY NUMBER. Prints the
board's answer; exits 1 when it is an error.
"""

import socket
import sys


def main(argv):
    if len(argv) < 2:
        sys.exit(__doc__.strip())
    path, command = argv[0], ' '.join(argv[1:])
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except OSError as error:
            sys.exit('%s: %s; is the board running?' % (path, error.strerror))
        line.sendall(command.encode() + b'\n')
        answer = line.recv(300).decode().strip()
    print(answer)
    return answer.startswith('error:')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
