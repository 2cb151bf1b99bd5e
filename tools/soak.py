"""Runs all test programs again and again, on one processor that others keep busy, and tells which fail by chance.

    soak.py MINUTES             for so long
    soak.py --rounds N          so often each
    --only NAME                 only what this preset has built (may be repeated): linux-gcc, linux-gcc-O0 (as the drill
                                builds it), linux-clang, asan-ubsan, tsan, mingw-x64 (under Wine); or the drill itself
    --program WORD              only programs with this in their name
    --seed N                    of the first round; it decides the order of the programs and of the tests in each
    --busy N                    how many processes keep the processor busy (2)

What has not been built is left out, and told. The tests of a program run in random order. Every tenth round has the
long ones too: the drill, and the conformance suite with each wrong library. What only compiles, reads files or counts
instructions is left out: it is the same each time. Ctrl-C ends it with the list so far. build/soak has the output of
each run that has failed. Exit code 1: something has failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tools import drill
from tools.fault_injection import ROOT

LOGS = ROOT / "build" / "soak"
UNOPTIMIZED, DRILL = "linux-gcc-O0", "drill"
PRESETS = ("linux-gcc", UNOPTIMIZED, "linux-clang", "asan-ubsan", "tsan", "mingw-x64")
SAME_EACH_TIME = re.compile(
    r"(trace|model|abi|layers|guide_tools|hardening|instructions|conformance\.mutants|(\w+_)?exports)$"
    r"|(consumer|header)\.|output\.is_complete$"
)
LONG = re.compile(r"drill$|conformance\.mutant\.")  # each of them minutes
ROUNDS_FOR_LONG = 10
RESULTS = re.compile(r"(?<=--reports )\S+")  # a folder that a test makes itself
CAP = 3600  # seconds for one program: only what hangs takes so long
BUSY = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
SKIPPED = 77


class SoakError(Exception):
    """One line: it cannot be done."""


@dataclass
class Program:
    """Something to run again and again, and what has come of it."""

    preset: str
    name: str
    command: list[str]
    cwd: Path
    environment: dict[str, str]
    is_googletest: bool = False
    runs: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)  # test -> how often
    first_seed: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.preset} {self.name}"

    @property
    def is_long(self) -> bool:
        return LONG.match(self.name) is not None

    def command_of(self, seed: int) -> list[str]:
        shuffled = ["--gtest_shuffle", f"--gtest_random_seed={seed}"] if self.is_googletest else []
        return [*self.command, *shuffled]


# What there is to run


def environment_of(preset: str) -> dict[str, str]:
    """What CMakePresets.json sets for a preset's tests."""
    presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
    merged: dict[str, str] = {}
    for kind in ("configurePresets", "testPresets"):
        for each in presets[kind]:
            if each["name"] == preset:
                merged |= each.get("environment", {})
    return {name: value.replace("${sourceDir}", str(ROOT)) for name, value in merged.items()}


def listed(preset: str, tree: Path) -> list[dict[str, Any]]:
    """CTest's tests of a preset that has been built; none if it has not."""
    command = ["ctest", "--test-dir", str(tree / "build" / preset), "--show-only=json-v1"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SoakError("ctest is not installed (package cmake)") from None
    tests = json.loads(done.stdout)["tests"] if done.returncode == 0 else []
    return [test for test in tests if Path(test.get("command", ["not built"])[0]).is_absolute()]


def programs_of(preset: str) -> Iterator[Program]:
    is_unoptimized = preset == UNOPTIMIZED
    tree, built_as = (drill.TREE, drill.PRESET) if is_unoptimized else (ROOT, preset)
    if is_unoptimized and drill.GREEN_IS_WHOLE.exists():
        drill.mirror(drill.GREEN, drill.TREE)  # without the fault that an interrupted drill has left
    settings = environment_of(preset)
    seen = set()
    for test in listed(built_as, tree):
        if SAME_EACH_TIME.match(test["name"]):
            continue
        properties = {each["name"]: each["value"] for each in test["properties"]}
        command = [part for part in test["command"] if not part.startswith("--gtest_")]
        is_googletest = command != test["command"]
        needed = [part.rpartition("=")[2] for part in command if part not in RESULTS.findall(" ".join(command))]
        if tuple(command) in seen or not all(Path(file).exists() for file in needed if file.startswith(str(tree))):
            continue
        seen.add(tuple(command))
        settings_of_it = settings | dict(each.split("=", 1) for each in properties.get("ENVIRONMENT", []))
        name = Path(command[-1]).stem if is_googletest else test["name"]
        yield Program(preset, name, command, Path(properties["WORKING_DIRECTORY"]), settings_of_it, is_googletest)


def chosen(options: argparse.Namespace) -> list[Program]:
    programs = []
    for preset in PRESETS:
        if options.only and preset not in options.only:
            continue
        if preset == "mingw-x64" and not shutil.which("wine"):
            print("  mingw-x64: left out, for there is no Wine (package wine)")
            continue
        found = list(programs_of(preset))
        if not found:
            how = "python3 -m tools.drill builds it" if preset == UNOPTIMIZED else "./check builds it"
            print(f"  {preset}: left out, for it has not been built; {how}")
        programs += found
    programs = [each for each in programs if options.program in each.name]
    if options.program in DRILL and (not options.only or DRILL in options.only):
        command = [sys.executable, "-B", "-m", "tools.drill"]
        programs.append(Program(DRILL, DRILL, command, ROOT, {}))
    if not programs:
        raise SoakError("there is nothing to run")
    return programs


# Running it


@contextmanager
def one_busy_processor(busy: int) -> Iterator[None]:
    """All that is started from here on shares one processor with these."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    others = [subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True) for _ in range(busy)]
    try:
        yield
    finally:
        for each in others:
            each.kill()
            each.wait()
        os.sched_setaffinity(0, before)


def run(program: Program, seed: int) -> None:
    command = program.command_of(seed)
    start = time.monotonic()
    process = subprocess.Popen(
        command, cwd=program.cwd, env=os.environ | program.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    try:
        output = process.communicate(timeout=CAP)[0]
        code = f"exit code {process.returncode}"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0]
        code = f"has not ended after {CAP} s"
    except BaseException:  # Ctrl-C: this run does not count
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    program.seconds += time.monotonic() - start
    program.runs += 1
    if process.returncode == 0:
        return
    if process.returncode == SKIPPED:
        program.skipped += 1
        return
    program.failed += 1
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{re.sub(r'[^A-Za-z0-9]+', '-', program.title)}-{seed}.log"
    log.write_text(f"$ {' '.join(command)}\n{text}\n{code}\n", encoding="utf-8")
    for test in dict.fromkeys(failures_in(text)) or [code]:
        program.failures[test] += 1
        program.first_seed.setdefault(test, seed)
        print(f"  FAILED  {program.title}, seed {seed}: {test}; {log.relative_to(ROOT)}", flush=True)


def failures_in(text: str) -> list[str]:
    """The names of tests; else what a sanitizer, the drill, or a program that crashed has said last."""
    if named := re.findall(r"^\[  FAILED  \] (\w\S*?\.\S+?)(?:,| \(|$)", text, re.MULTILINE):
        return named
    if said := re.findall(r"^.*(?:NOT CAUGHT|NOT NAMED|is red|Sanitizer: ).*$", text, re.MULTILINE):
        return [re.sub(r"\s+|=+\d+=+|\(pid=\d+\)", " ", said[0]).strip()[:160]]
    if unittest := re.findall(r"^(?:FAIL|ERROR): (\w+)", text, re.MULTILINE):
        return unittest
    running = re.findall(r"^\[ RUN      \] (\S+)", text, re.MULTILINE)
    return [f"{running[-1]} (it has not ended)"] if running else []


def soak(programs: list[Program], options: argparse.Namespace) -> None:
    seed = options.seed
    end = time.monotonic() + 60 * options.minutes if options.minutes is not None else None
    number = 0
    while end is None or time.monotonic() < end:
        if options.rounds is not None and number == options.rounds:
            return
        start = time.monotonic()
        order = [each for each in programs if number % ROUNDS_FOR_LONG == ROUNDS_FOR_LONG - 1 or not each.is_long]
        order = order or programs[:]
        random.Random(seed).shuffle(order)
        for program in order:
            if program.preset == UNOPTIMIZED and drill.GREEN_IS_WHOLE.exists():
                drill.mirror(drill.GREEN, drill.TREE)
            run(program, seed)
            if end is not None and time.monotonic() > end:
                break
        number += 1
        failed = sum(each.failed for each in programs)
        print(f"  round {number}, seed {seed}: {time.monotonic() - start:.0f} s, {failed} failed so far", flush=True)
        seed = seed % 99_999 + 1  # GoogleTest's go from 1 to 99999


# What a user sees


def report(programs: list[Program]) -> int:
    """Programs of which there are many are shown together: conformance.mutant and the like."""
    groups: dict[tuple[str, str], list[Program]] = {}
    for each in programs:
        groups.setdefault((each.preset, each.name.rpartition(".")[0] or each.name), []).append(each)
    width = max(len(f"{preset} {name}") for preset, name in groups) + 5
    print(f"\n{'program':<{width}} {'rounds':>7} {'failed':>7} {'skipped':>8} {'s a round':>10}")
    for (preset, name), members in groups.items():
        runs = min(each.runs for each in members)
        if not (ran := [each for each in members if each.runs]):
            continue
        title = f"{preset} {name}" + (f" ({len(members)})" if len(members) > 1 else "")
        seconds = sum(each.seconds / each.runs for each in ran)
        failed, skipped = sum(each.failed for each in members), sum(each.skipped for each in members)
        print(f"{title:<{width}} {runs:>7} {failed:>7} {skipped:>8} {seconds:>10.1f}")
    failures = [(each, test) for each in programs for test in each.failures]
    print("\nNothing has failed." if not failures else "\nWhat has failed:")
    for each, test in failures:
        print(
            f"  {each.title}: {test}: {each.failures[test]} of {each.runs}, first with the seed {each.first_seed[test]}"
        )
        print(f"    {' '.join(each.command_of(each.first_seed[test]))}")
    return 1 if failures else 0


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"check --soak: {message}\n\n{self.format_usage()}")
        raise SystemExit(2)


def at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def options_of() -> argparse.Namespace:
    parser = Parser(prog="check --soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=at_least_one, metavar="MINUTES")
    parser.add_argument("--rounds", type=at_least_one, metavar="N")
    parser.add_argument("--only", action="append", default=[], choices=(*PRESETS, DRILL), metavar="NAME")
    parser.add_argument("--program", default="", metavar="WORD")
    parser.add_argument("--seed", type=at_least_one, default=random.randrange(1, 90_000), metavar="N")
    parser.add_argument("--busy", type=at_least_one, default=2, metavar="N")
    options = parser.parse_args()
    if options.minutes is None and options.rounds is None:
        parser.error("say how many MINUTES, or how many --rounds")
    return options


def main() -> int:
    options = options_of()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing is left running
    programs: list[Program] = []
    interrupted = False
    print(f"Running the tests on one processor beside {options.busy} busy processes; the first seed is {options.seed}")
    try:
        programs = chosen(options)
        with one_busy_processor(options.busy):
            soak(programs, options)
    except KeyboardInterrupt:
        print("\nInterrupted.")
        interrupted = True
    except (SoakError, drill.DrillError) as error:
        print(f"check --soak: {error}", file=sys.stderr)
        return 1
    return report(programs) or (130 if interrupted else 0)


if __name__ == "__main__":
    sys.exit(main())
