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
        return run(write(self.scenario, framework, folder), plan, self.flags)["failures"]


RESCUE = "main.py"

ALL = [
    Fault("flash that ignores the sync", "src", flags=("--no-sync",), share=1),
    Fault(
        "applied before the commit's rename",
        "upgrade",
        {RESCUE: [("    if there(journal):\n",
                   "    if there(journal + '.apply'):\n"
                   "        journal += '.apply'\n"
                   "    if there(journal):\n")]},
    ),
    Fault(
        "undone forward",
        "rollback",
        {RESCUE: [("[:: -1 if back else 1]", "")]},
    ),
]
