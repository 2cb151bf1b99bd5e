"""Runs the samples with the worst permitted Outlook: each behaviour alone, all, and seeds.

A sample ends by itself, no sanitizer reports anything, and what it prints is right.

    samples_test.py --samples FOLDER --behaviours PROGRAM [--seeds N] [--emulator PROGRAM]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "samples"
CAP = 120  # seconds; a sample takes a few milliseconds
NOTIFICATION = re.compile(
    r"(client 7: | +(global|provider|store) +)?(START|STATECHANGE|DONE) +(online|offline) -> (online|offline)|"
    r"now (online|offline)"
)
FAILED_FIRST = re.compile(r"0x8004010f|there is no offline object", re.IGNORECASE)

# With which behaviours there is more than one right output.
PHASES = {"concurrent", "phase-order", "repeat-phase"}
VARIES = {
    "step1_implement_notify": set(),
    "step2_open_offline_object": set(),
    "step3_ask_capabilities": set(),
    "step4_advise": PHASES | {"block-early", "late-notify"},
    "step5_unadvise": {"repeat-phase", "block-early"},
    "provider_object": PHASES | {"all-notified", "block-early", "reverse-order", "starts-offline"},
}
MONITOR = "offline_state_monitor"
EVENT = re.compile(r"\S+  (START|STATECHANGE|DONE) +(online|offline) -> (online|offline)")
FIRST = re.compile(r"\S+  ready +online +profile Outlook, notifies offline and online")
LAST = re.compile(r"\S+  unadvised +profile Outlook")


class Samples:
    def __init__(self, options: argparse.Namespace):
        self.emulator = [options.emulator] if options.emulator else []
        self.folder = options.samples
        self.behaviours = options.behaviours
        self.suffix = Path(options.behaviours).suffix
        self.programs = [*VARIES, MONITOR] if (self.folder / f"worst_{MONITOR}{self.suffix}").exists() else [*VARIES]

    def run(self, program: str, behaviours: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OFFLINE_STATE_WORST": behaviours}
        command = [*self.emulator, program, *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=CAP, check=False, **more
        )

    @functools.cache  # noqa: B019 there is one of it
    def table(self, behaviours: str) -> list[dict]:
        return json.loads(self.run(self.behaviours, behaviours).stdout)

    def chosen(self, behaviours: str) -> set[str]:
        return {each["name"] for each in self.table(behaviours) if each["on"]}

    def fault_of_bad_choice(self) -> list[str]:
        """A sentence and exit code 2, not a crash."""
        program = str(self.folder / f"worst_step2_open_offline_object{self.suffix}")
        done = self.run(program, "late-notice")
        right = done.returncode == 2 and 'there is no behaviour "late-notice".' in done.stderr and not done.stdout
        return [] if right else [f"with a behaviour that there is not: exit code {done.returncode}: {done.stderr}"]

    def fault(self, sample: str, behaviours: str) -> str | None:
        program = str(self.folder / f"worst_{sample}{self.suffix}")
        try:
            if sample == MONITOR:
                done = self.run(program, behaviours, "--interactive", input="offline\nonline\nquit\n")
            else:
                done = self.run(program, behaviours)
        except subprocess.TimeoutExpired:
            return "it does not end"
        chosen = self.chosen(behaviours)
        if "Sanitizer" in done.stderr:
            return done.stderr
        if done.returncode != 0:
            gave_up = "open-fails-first" in chosen and done.returncode == 1 and FAILED_FIRST.search(done.stderr)
            return None if gave_up else f"exit code {done.returncode}: {done.stderr}"
        if sample == MONITOR:
            return self.fault_of_monitor(done.stdout)
        expected = (SOURCES / f"{sample}.expected.txt").read_text(encoding="utf-8")
        if not chosen & VARIES[sample]:
            return None if done.stdout == expected else f"it prints:\n{done.stdout}"
        whole = done.stdout[: done.stdout.rfind("\n") + 1]  # the process may end while a late notification is printed
        sentences = [line for line in whole.splitlines() if not NOTIFICATION.fullmatch(line)]
        wanted = [line for line in expected.splitlines() if not NOTIFICATION.fullmatch(line)]
        return None if sentences == wanted else f"beside notifications it prints:\n{sentences}"

    @staticmethod
    def fault_of_monitor(output: str) -> str | None:
        lines = output.splitlines()
        while lines and EVENT.fullmatch(lines[0]):  # what comes before Advise has returned
            lines.pop(0)
        right = (
            len(lines) >= 2
            and FIRST.fullmatch(lines[0])
            and LAST.fullmatch(lines[-1])
            and all(EVENT.fullmatch(line) for line in lines[1:-1])
        )
        return None if right else f"it prints:\n{output}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--behaviours", required=True, metavar="PROGRAM")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="how many seeds (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="how many at a time (default: %(default)s)")
    parser.add_argument("--emulator", metavar="PROGRAM", help="what runs the programs, as wine")
    options = parser.parse_args()
    samples = Samples(options)
    names = [each["name"] for each in samples.table("none")]
    # Where opening fails a sample gives up, so once without.
    nearly_all = ",".join(name for name in names if name != "open-fails-first")
    choices = ["none", *names, "all", nearly_all, *(f"seed:{seed}" for seed in range(1, options.seeds + 1))]
    faults = samples.fault_of_bad_choice()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {
            pool.submit(samples.fault, each, choice): (each, choice) for choice in choices for each in samples.programs
        }
        for run in concurrent.futures.as_completed(runs):
            if run.result() is not None:
                faults.append(f"{runs[run][0]} with {runs[run][1]}: {run.result()}")
    print("\n".join(sorted(faults)))
    print(f"{len(samples.programs)} samples, each with {len(choices)} choices of behaviours: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
