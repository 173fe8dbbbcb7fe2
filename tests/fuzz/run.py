#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs one fuzz target and notes what it did in build/fuzz.json.

    tests/fuzz/run.py NAME --seconds 7200 --runs 50000000 --len 400
"""

import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build/fuzz"
FIGURES = TOP / "build/fuzz.json"
# A target frees nothing: ASan need not remember what was freed, nor where.
ASAN = "quarantine_size_mb=1:malloc_context_size=0:detect_leaks=0"


def command(args):
    found = BUILD / args.name
    found.mkdir(parents=True, exist_ok=True)
    folders = [found, TOP / "tests/fuzz/corpus" / args.name, BUILD / "seeds" / args.name]
    return [
        str(BUILD / ("fuzz_" + args.name)),
        "-max_total_time=%d" % args.seconds,
        "-runs=%d" % args.runs,
        "-max_len=%d" % args.len,
        "-timeout=10",
        "-detect_leaks=0",
        "-print_final_stats=1",
        "-artifact_prefix=%s/%s-" % (BUILD, args.name),
    ] + [str(folder) for folder in folders if folder.is_dir()]


def note(name, figures):
    found = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    found[name] = figures
    FIGURES.write_text(json.dumps(found, indent=1) + "\n")


def commit():
    words = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(words, cwd=TOP, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=50000000)
    parser.add_argument("--len", type=int, default=400)
    args = parser.parse_args()
    about = commit()
    done = subprocess.run(
        command(args),
        env=dict(os.environ, ASAN_OPTIONS=ASAN),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    runs = re.search(r"number_of_executed_units: *(\d+)", done.stdout)
    covered = re.findall(r"cov: (\d+) ft: (\d+)", done.stdout)
    figures = {
        "executions": int(runs[1]) if runs else 0,
        "cpu_seconds": round(used.ru_utime + used.ru_stime),
        "edges": int(covered[-1][0]) if covered else 0,
        "findings": int(done.returncode != 0),
        "commit": about,
    }
    note(args.name, figures)
    print("fuzz: %s: %s" % (args.name, ", ".join("%s %s" % (v, k) for k, v in figures.items())), flush=True)
    if done.returncode:
        sys.exit(done.stdout[-4000:])


main()
