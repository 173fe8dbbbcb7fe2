#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Cuts the power of a device at every flash operation of updates.

    tests/power/run.py [--sample] [--seed=N] [--only=NAME,...] [--cut=ID]

docs/power.md says what is cut and how. Writes build/power.json."""

import argparse
import json
import resource
import secrets
import shutil
import subprocess
import sys
import time

import plants
import scenarios
from scenarios import BUILD, TOP

sys.path.insert(0, str(TOP / "tools"))
import report  # noqa: E402

PROGRAM = BUILD / "power/vm/power"
WORK = BUILD / "power/scenarios"
WORKERS = 2
SEED = 1
# A third worker, so that neither of two processors is idle while one waits; it
# makes the image once more, which would take longer than a sample.
FULL = {"workers": 3, "share": 0.57, "second": 0.35, "third": 0.02}
SAMPLE = {"share": 1, "stretches": 6, "second": 0.5, "third": 0.05}
# The part of that which is made of scenarios with some 2,700 operations where
# a cut costs three times that of others; one cut at each stays.
WEIGHT = {"framework": 0.1, "framework_raises": 0.1, "library_only": 0.1}
CUTS_WANTED = 100000


def write(name, framework, folder):
    """Writes a scenario. Returns its folder."""
    folder = folder / name
    shutil.rmtree(folder, ignore_errors=True)
    scenarios.ALL[name](framework).write(folder)
    return folder


def run(folder, plan, flags=()):
    """Runs the harness over a scenario. Returns what it found."""
    asked = dict({"workers": WORKERS}, **plan)
    command = [str(PROGRAM), *flags, *("--%s=%s" % item for item in asked.items())]
    before = cpu_seconds()
    done = subprocess.run(
        command + [str(folder)], stdout=subprocess.PIPE, check=False
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise SystemExit("power: %s: said %r" % (folder.name, done.stdout))
    return dict(found, cpu=cpu_seconds() - before)


def cpu_seconds():
    """CPU time of the harness so far: what a run takes when it is alone, times
    the processors it has."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Table:
    """What people see: a line for each scenario, once it is done."""

    ROW = "  %-16s %10s %6s %9s %8s %8s %8s %7s %7s %9s"

    def __init__(self):
        self.began = time.monotonic()
        print(self.ROW % ("scenario", "operations", "boots", "cuts", "second",
                          "old set", "seconds", "CPU s", "ms/cut", "failures"))

    def start(self, name):
        self.began = time.monotonic()
        if sys.stdout.isatty():
            print("  %s ..." % name, end="\r", flush=True)

    def end(self, found):
        print(self.ROW % (
            found["scenario"], found["operations"], found["boots"], found["cuts"],
            found["second"] + found["third"], found["old"],
            "%.1f" % (time.monotonic() - self.began), "%.1f" % found["cpu"],
            "%.1f" % (1000 * found["cpu"] / max(found["cuts"], 1)),
            found["failures"]), flush=True)
        for failed in found["failed"]:
            print("    CUT=%s: %s" % (failed["id"], failed["sentence"]))


def weighted(plan, name):
    """The plan for a scenario."""
    if "stretches" in plan:
        return plan
    weight = WEIGHT.get(name, 1)
    return dict(plan, share=plan["share"] * weight, second=plan["second"] * weight)


def sweep(names, plan):
    """Goes through scenarios. Returns what was found, a dict for each."""
    framework = scenarios.Framework()
    table = Table()
    everything = []
    for name in names:
        table.start(name)
        everything.append(run(write(name, framework, WORK), weighted(plan, name)))
        table.end(everything[-1])
    return everything


def plant(seed):
    """Plants each fault. Returns figures: how many, and how many were caught."""
    print("  planted faults:")
    caught = 0
    for fault in plants.ALL:
        before = cpu_seconds()
        failures = fault.failures(write, run, seed)
        caught += failures > 0
        print("    %-52s %s, %.1f CPU s" % (
            fault.name, "caught, %d cuts failed" % failures if failures
            else "NOT CAUGHT", cpu_seconds() - before), flush=True)
    return [
        report.entry("power.planted", len(plants.ALL), ""),
        report.entry("power.planted_caught", caught, "", len(plants.ALL), "higher"),
    ]


def replay(cut):
    name = cut.split(":")[0]
    if name not in scenarios.ALL:
        raise SystemExit("power: there is no scenario %r" % name)
    folder = write(name, scenarios.Framework(), WORK)
    return subprocess.run([str(PROGRAM), "--cut=" + cut, str(folder)]).returncode


def finish(target, found, figures, seconds, wanted):
    total = {key: sum(each[key] for each in found)
             for key in ("cuts", "second", "third", "failures")}
    return report.finish(target, [
        report.entry("power.cuts", total["cuts"], "", wanted, "higher"),
        report.entry("power.second_cuts", total["second"] + total["third"], ""),
        report.entry("power.failures", total["failures"], "", 0),
        report.entry("power.scenarios", len(found), ""),
        *figures,
        report.entry("power.seconds", round(seconds), "s", 15 * 60),
    ])


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", action="store_true",
                        help="a few cuts of each scenario, with a seed of its own")
    parser.add_argument("--seed", type=int, help="of an earlier run")
    parser.add_argument("--only", help="scenarios, with commas between")
    parser.add_argument("--share", type=float, help="of the first cuts")
    parser.add_argument("--second", type=float, help="cuts after each first")
    parser.add_argument("--cut", help="the id of a cut: make it again")
    return parser.parse_args()


def chosen_plan(args):
    plan = dict(SAMPLE if args.sample else FULL)
    plan["seed"] = args.seed or (secrets.randbits(30) if args.sample else SEED)
    for key in ("share", "second"):
        if getattr(args, key) is not None:
            plan[key] = getattr(args, key)
    return plan


def main():
    args = options()
    if args.cut:
        return replay(args.cut)
    plan = chosen_plan(args)
    names = args.only.split(",") if args.only else list(scenarios.ALL)
    began = time.monotonic()
    print("power: cutting, seed %d" % plan["seed"])
    found = sweep(names, plan)
    if args.only:
        return any(each["failures"] for each in found)
    figures = [] if args.sample else plant(plan["seed"])
    seconds = time.monotonic() - began
    return finish("power-sample" if args.sample else "power", found, figures,
                  seconds, None if args.sample else CUTS_WANTED)


if __name__ == "__main__":
    sys.exit(main())
