# SPDX-License-Identifier: MIT
"""Faults planted into the code that ships, to test the harness: each must make
cuts fail. Nothing that ships knows of them: the sources are patched on their
way into the image, or the flash misbehaves."""

from scenarios import BUILD, Framework

WORK = BUILD / "power/planted"


class Fault:
    def __init__(self, name, scenario, patches=None, flags=(), share=0.2):
        self.name = name
        self.scenario = scenario
        self.patches = patches or {}
        self.flags = flags
        self.share = share

    def failures(self, write, run, seed):
        """How many cuts fail with it."""
        folder = WORK / self.name.replace(" ", "-").replace(",", "")
        framework = Framework(self.patches, folder / "sources")
        plan = {"seed": seed, "share": self.share}
        flags = self.flags + ("--sparse",)
        found = run(write(self.scenario, framework, folder), plan, flags)
        # One that keeps the device from running at all proves nothing.
        return found["failures"] if found["operations"] > 0 else 0


RESCUE = "main.py"
TRIAL = "mpy_blox/trial_more.py"
CHECKS = "mpy_blox/config/checks.py"
CHANNEL = "mpy_blox/mqtt/update.py"
RENAME = "                    os.rename(journal + '.trial', journal)\n"
MARK = "                    file.write(text[-1])  # the crash mark: before the new set\n"
FREE = "                there('/.blox/reserve') and os.remove('/.blox/reserve')\n"

# Once the journal is written, but not in force: its first two moves.
EARLY = """\
            if update.there('/.blox/reserve'):
                import os
                with open('/.blox/journal.confirmed', 'rb') as file:
                    lines = [x[:-1].split(b'\\t') for x in file if x[:4] == b'move']
                for _, source, to, backup, _ in lines[:2]:
                    if update.there(source):
                        update.there(to) and os.rename(to, backup)
                        os.rename(source, to)
"""

ALL = [
    Fault("the sync skipped", "src", flags=("--no-sync",), share=0.3),
    Fault(
        "applied before the commit's rename",
        "src_many",
        {TRIAL: [("            result = installer.step(_compiler_says)\n",
                  "            result = installer.step(_compiler_says)\n" + EARLY)]},
        share=0.1,
    ),
    Fault(
        "on trial before it is applied",
        "upgrade",
        {RESCUE: [("                    replay(False)\n" + RENAME,
                   RENAME + "                    replay(False)\n")]},
        share=0.1,
    ),
    Fault(
        "the reserve freed late",
        "full_00",
        {RESCUE: [(FREE, ""), (RENAME, RENAME + "    " + FREE)]},
        share=0.05,
    ),
    Fault(
        "the crash mark written late",
        "resets",
        {RESCUE: [(MARK, ""),
                  ("        main_except_reset()\n",
                   "        main_except_reset()\n"
                   "        with open('/.blox/boots', 'a') as file:\n"
                   "            file.write('2')\n")]},
        share=0.05,
    ),
    Fault(
        "undone forward",
        "rollback",
        {RESCUE: [("[:: -1 if back else 1]", "[:]")]},
        share=0.05,
    ),
    Fault(
        "backups removed before the confirmation",
        "rollback",
        {RESCUE: [(RENAME, RENAME +
                   "                    for name in os.listdir('/.blox'):\n"
                   "                        if name[0] == 'b' and name != 'boots':\n"
                   "                            os.remove('/.blox/' + name)\n")]},
        share=0.05,
    ),
    Fault(
        "ready before the packages are there",
        "src_many",  # one is missing: fetched again; the last one cut: a mixed set
        {CHANNEL: [("            self._package = topic\n",
                    "            self._package = topic\n"
                    "            with open('/.blox/todo', 'rb') as todo:\n"
                    "                with open('/.blox/ready', 'wb') as ready:\n"
                    "                    ready.write(todo.read())\n")]},
        share=0.3,
    ),
    Fault(
        "a new main.py in force on trial",
        "rollback_late",
        {RESCUE: [(RENAME, RENAME +
                   "                    move('/main.py', '/.blox/bm')\n"
                   "                    move('/.blox/late.main.py', '/main.py')\n")]},
        share=0.05,
    ),
    Fault(
        "no watchdog on trial",
        "framework_hangs",
        {RESCUE: [("return machine.WDT(timeout=int(text.split()[1]) * 1000)",
                   "return None")]},
        share=0.01,
    ),
    Fault(
        "provision.json removed before its secrets are kept",
        "provision",
        {CHECKS: [("        secure.commit()\n        os.remove(path)\n",
                 "        os.remove(path)\n        secure.commit()\n")]},
        share=1,
    ),
]
