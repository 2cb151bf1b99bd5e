"""Proves that the worst permitted Outlook is permitted, and bad: no behaviour breaks a statement that is documented or
observed, and each statement that is decided here is broken by one.

    worst_test.py --conformance PROGRAM --library LIBRARY --behaviours PROGRAM [--seeds N] [--emulator PROGRAM]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tools import behaviours

PATIENT = 60  # seconds, for what has to hold: nothing of it may be late on a slow machine
SHORT = 2  # for what is going to be broken, perhaps by a call that never returns
TRIES = 3  # for what is broken by threads that meet
CAP = 560


class Suite:
    def __init__(self, options: argparse.Namespace):
        self.emulator = [options.emulator] if options.emulator else []
        self.command = [*self.emulator, options.conformance, "--library", options.library]
        listed = self.run(None, "--list").stdout.splitlines()
        rows = [line.removeprefix("pass").split() for line in listed if line.startswith("pass")]
        self.promised = [row[0] for row in rows if row[1] in ("documented", "observed")]
        self.decided = [row[0] for row in rows if row[1] == "decided"]

    def run(self, behaviours: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OFFLINE_STATE_WORST": behaviours or "none"}
        return subprocess.run(
            [*self.command, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=CAP,
            check=False,
        )

    def results(self, behaviours: str, limit: int, ids: list[str]) -> dict[str, str]:
        """What the suite says of each statement: "pass", or what is wrong."""
        only = [word for each in ids for word in ("--only", each)]
        with tempfile.TemporaryDirectory(dir=".") as folder:
            report = os.path.join(os.path.relpath(folder), "report.json")  # an absolute path here is none under Wine
            done = self.run(behaviours, "--limit", str(limit), "--json", report, *only)
            try:
                findings = json.loads(Path(report).read_text(encoding="utf-8"))["statements"]
            except FileNotFoundError:
                return dict.fromkeys(ids, done.stdout + done.stderr)
        return {
            each["statement"]: each["result"] if each["result"] in ("pass", "not testable") else each["reason"]
            for each in findings
        }

    def not_kept(self, behaviours: str) -> list[str]:
        """Statements that are documented or observed and do not hold."""
        results = self.results(behaviours, PATIENT, self.promised)
        return [
            f"{behaviours}: {each} is not kept: {results.get(each, 'there is no result')}"
            for each in self.promised
            if results.get(each) not in ("pass", "not testable")
        ]

    def not_broken(self, behaviours: str, ids: list[str]) -> list[str]:
        left = ids
        for _ in range(TRIES):
            if left:
                results = self.results(behaviours, SHORT, left)
                left = [each for each in left if results[each] in ("pass", "not testable")]
        return left


def check_alone(suite: Suite, behaviour: dict, kept: list[str]) -> list[str]:
    name, breaks = behaviour["name"], behaviour["breaks"]
    faults = suite.not_kept(name)
    faults += [
        f"{name}: {each} is not a decided statement that can be tested" for each in breaks if each not in suite.decided
    ]
    known = [each for each in breaks if each in suite.decided]
    faults += [
        f"{name}: {each} holds, though the table says that it is broken" for each in suite.not_broken(name, known)
    ]
    for each, result in suite.results(name, PATIENT, kept).items() if kept else []:
        if result != "pass":
            faults.append(f"{name}: {each} is broken, though {behaviours.KEPT.name} lists it: {result}")
    return faults


def check_reader(table: list[dict]) -> list[str]:
    """The guide reads the source, for it may be built without the program."""
    printed = [(each["name"], tuple(each["breaks"]), each["text"], each["copes"]) for each in table]
    read = [(each.name, each.breaks, each.text, each.copes) for each in behaviours.load()]
    return [] if printed == read else ["tools/behaviours.py reads something else than the program prints"]


def check_table(suite: Suite, table: list[dict], kept: list[str]) -> list[str]:
    broken = {each for behaviour in table for each in behaviour["breaks"]}
    faults = [
        f"{each} is decided here: no behaviour breaks it, and {behaviours.KEPT.name} does not say why"
        for each in suite.decided
        if each not in broken and each not in kept
    ]
    faults += [f"{each} is in {behaviours.KEPT.name}, though a behaviour breaks it" for each in kept if each in broken]
    faults += [
        f"{each} is in {behaviours.KEPT.name}, and is not a decided statement that can be tested"
        for each in kept
        if each not in suite.decided
    ]
    return faults


def check_bad_choices(suite: Suite) -> list[str]:
    faults = []
    for choice, sentence in (
        ("late-notice", 'there is no behaviour "late-notice".'),
        ("late-notify,", 'there is no behaviour "".'),
        ("seed:", 'the seed "" is not a number of 1 to 18 digits'),
        ("seed:-1", 'the seed "-1" is not a number of 1 to 18 digits'),
        ("seed:1234567890123456789", "is not a number of 1 to 18 digits"),
    ):
        done = suite.run(choice, "--only", "GET")
        if done.returncode != 3 or sentence not in done.stderr:
            faults.append(f"{choice}: exit code {done.returncode}, and on standard error: {done.stderr}")
    return faults


def check_both_in_one_process(suite: Suite, reference: str) -> list[str]:
    command = [*suite.command, "--only", "GET"]
    environment = {**os.environ, "OFFLINE_STATE_WORST": "none", "LD_PRELOAD": reference}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=CAP, check=False)
    sentence = "the reference and the worst permitted Outlook are both in this process."
    right = done.returncode == 3 and sentence in done.stderr
    return [] if right else [f"both in one process: exit code {done.returncode}, and on standard error: {done.stderr}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--conformance", "--library", "--behaviours"):
        parser.add_argument(name, required=True)
    parser.add_argument("--reference", metavar="LIBRARY", help="to be refused in the same process")
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="how many seeds (default: %(default)s)")
    parser.add_argument("--only-together", action="store_true", help="leave out each behaviour alone")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="how many at a time (default: %(default)s)")
    parser.add_argument("--emulator", metavar="PROGRAM", help="what runs the programs, as wine")
    options = parser.parse_args()

    suite = Suite(options)
    table = json.loads(
        subprocess.run([*suite.emulator, options.behaviours], capture_output=True, text=True, check=True).stdout
    )
    kept = list(behaviours.kept())
    faults = check_reader(table) + check_table(suite, table, kept) + check_bad_choices(suite)
    faults += check_both_in_one_process(suite, options.reference) if options.reference else []
    faults += [
        f"none: {each} is broken: {result}"
        for each, result in suite.results("none", PATIENT, suite.promised + suite.decided).items()
        if result not in ("pass", "not testable")
    ]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        choices = ["all", *(f"seed:{seed}" for seed in range(1, options.seeds + 1))]
        runs = [pool.submit(check_alone, suite, each, kept) for each in table if not options.only_together]
        runs += [pool.submit(suite.not_kept, each) for each in choices]
        for run in concurrent.futures.as_completed(runs):
            faults += run.result()
    print("\n".join(sorted(faults)))
    runs_made = f"{'' if options.only_together else 'each alone, '}all, and {options.seeds} seeds"
    print(
        f"{len(table)} behaviours, {runs_made}: {len(suite.promised)} documented and observed statements; "
        f"{len(suite.decided)} decided here, {len(kept)} of them kept by all: {len(faults)} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
