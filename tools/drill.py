"""Drills the gate: puts one fault after the other into a scratch copy; each must turn the gate red and be named.

The faults are in tools/faults.toml. The copy (build/drill/tree) is built once, and must be green. Each fault
starts from this state, sources and build folder, and runs the smallest part of what ./check runs that should catch it.
A fault is caught when that part fails and its output names the place. What was caught by what, and the message, is in
docs/figures/drill.json, which the guide shows: without line numbers, which change with every edit above them. Another score,
or another part that catches a fault, makes that file stale.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tools.fault_injection import ROOT, Edit, InjectionError, copy_sources, files_of

FAULTS, GOLDEN = ROOT / "tools" / "faults.toml", ROOT / "docs" / "figures" / "drill.json"
SCRATCH = ROOT / "build" / "drill"
TREE, GREEN, LOGS = SCRATCH / "tree", SCRATCH / "green", SCRATCH / "logs"
GREEN_IS_WHOLE = SCRATCH / "green.whole"
SPHINX_BUILD = ROOT / "build" / "venv" / "bin" / "sphinx-build"
PRESET = "linux-gcc"
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Debug",
    "-DCMAKE_CXX_FLAGS_DEBUG=-O0",  # nobody debugs it
    "-DOFFLINE_STATE_BUILD_BENCHMARKS=OFF",
    f"-DOFFLINE_STATE_SPHINX_BUILD={SPHINX_BUILD}",
)
STEPS = {"build", "test", "guide"}
TIMEOUT = 3600  # seconds, for one step: only what hangs takes so long, however busy the machine is
TREE_PATH = re.compile(r"\s+".join(map(re.escape, f"{TREE}/".split())))  # CMake wraps its messages at blanks


class DrillError(Exception):
    """One line: the drill cannot be held."""


@dataclass(frozen=True)
class Step:
    kind: str
    what: str  # a target, a test's name, or empty

    def __str__(self) -> str:
        return f"{self.kind} {self.what.rpartition('/')[2]}".strip()


@dataclass(frozen=True)
class Fault:
    name: str
    edits: list[Edit]
    gate: list[Step]
    says: re.Pattern[str]


@dataclass(frozen=True)
class Result:
    fault: Fault
    caught_by: str | None
    message: str
    seconds: float

    def golden(self) -> dict[str, str]:
        message = re.sub(r"(?<=\w):\d+(:\d+)?(?=:)", "", self.message)
        return {"fault": self.fault.name, "caught_by": self.caught_by or "nothing", "message": message}


def load() -> list[Fault]:
    try:
        entries: list[dict[str, Any]] = tomllib.loads(FAULTS.read_text(encoding="utf-8"))["fault"]
        faults = []
        for entry in entries:
            edits = [Edit(edit["file"], edit.get("find", ""), edit.get("put")) for edit in entry["edits"]]
            gate = [Step(kind, what) for kind, _, what in (step.partition(" ") for step in entry["gate"])]
            if not edits or not gate or {step.kind for step in gate} - STEPS:
                raise DrillError(f"{FAULTS}: {entry['name']!r} needs edits, and a gate of {', '.join(sorted(STEPS))}")
            # A message may be wrapped anywhere.
            faults.append(Fault(entry["name"], edits, gate, re.compile(entry["says"].replace(" ", r"\s+"))))
    except (tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise DrillError(f"{FAULTS}: {type(error).__name__}: {error}") from None
    names = [fault.name for fault in faults]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DrillError(f"{FAULTS}: there twice: {', '.join(sorted(twice))}")
    return faults


# The scratch copy


def mirror(source: Path, target: Path) -> None:
    """Makes target the same, times too: then Ninja and Sphinx see that nothing has changed."""
    wanted, there = files_of(source), files_of(target)
    for name in there.keys() - wanted.keys():
        (target / name).unlink()
    for name, status in wanted.items():
        if there.get(name) != status:
            (target / name).unlink(missing_ok=True)
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name, follow_symlinks=False)


# The gate


def run(step: Step, log: list[str]) -> bool:
    """Runs a step as ./check does, in the copy; False: it is red."""
    match step.kind:
        case "build" | "guide":
            targets = step.what.split() or ["guide"]
            command = ["cmake", "--build", "--preset", PRESET, "--parallel", "2", "--target", *targets]
        case "test":
            names = "|".join(name.replace(".", "[.]") for name in step.what.split())
            command = ["ctest", "--preset", PRESET, "-R", f"^({names})$"]
        case _:
            command = ["cmake", "--preset", PRESET, *OPTIONS]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=TREE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=TIMEOUT,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", check=False)  # fmt: skip
    except FileNotFoundError as error:
        raise DrillError(f"{error.filename} is not installed") from None
    except subprocess.TimeoutExpired:
        raise DrillError(f"'{step}' has not ended after {TIMEOUT} s") from None
    log.append(f"$ {' '.join(command)}\n{TREE_PATH.sub('', done.stdout)}")
    return done.returncode == 0


def require_green(faults: Iterable[Fault], when: str) -> None:
    """Runs all that the faults will run."""
    steps = dict.fromkeys(step for fault in faults for step in fault.gate)
    log: list[str] = []
    for kind in ("configure", "build", "test", "guide"):
        what = " ".join(step.what for step in steps if step.kind == kind)
        wanted = kind == "configure" or any(step.kind == kind for step in steps)
        if wanted and not run(Step(kind, what), log):
            write_log(f"green-{when}", log)
            last = next((line for line in log[-1].splitlines()[::-1] if re.search(r":\d+|[Ee]rror|Failed", line)), "")
            raise DrillError(f"{kind} is red {when}; see {log_file(f'green-{when}')}: {last.strip()}")


def log_file(name: str) -> str:
    return str((LOGS / re.sub(r"\W+", "-", name)).relative_to(ROOT)) + ".log"


def write_log(name: str, log: list[str]) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    (ROOT / log_file(name)).write_text("\n".join(log), encoding="utf-8")


def drill(fault: Fault) -> Result:
    start = time.monotonic()
    log: list[str] = []
    mirror(GREEN, TREE)
    for edit in fault.edits:
        edit.apply(TREE)
    red = next((step for step in fault.gate if not run(step, log)), None)
    write_log(fault.name, log)
    found = fault.says.search(log[-1])
    caught = red is not None and found is not None
    if red is None:
        message = f"NOT CAUGHT: the gate stays green; see {log_file(fault.name)}"
    elif found is None:
        message = f"NOT NAMED: '{red}' is red and does not name the place; see {log_file(fault.name)}"
    else:
        message = " ".join(found[0].split())
    return Result(fault, str(red) if caught else None, message, time.monotonic() - start)


# What a user sees


class Table:
    """One line for each fault, as it goes; in a terminal the message has a line of its own, to fit."""

    def __init__(self, faults: list[Fault], quiet: bool) -> None:
        self.quiet, self.live = quiet, sys.stdout.isatty() and not quiet
        self.widths = (max(len(f.name) for f in faults), max(len(str(step)) for f in faults for step in f.gate))

    def progress(self, text: str) -> None:
        if self.live:
            print(f"\r\x1b[K  {text} ...", end="", flush=True)

    def row(self, fault: str, caught_by: str, seconds: str, message: str = "") -> None:
        if not self.quiet:
            line = f"  {fault:<{self.widths[0]}}  {caught_by:<{self.widths[1]}}  {seconds:>4}"
            between = "\n      " if self.live and message else "  "
            print(("\r\x1b[K" if self.live else "") + (line + between + message).rstrip(), flush=True)


def hold(faults: list[Fault], table: Table) -> list[Result]:
    for fault in faults:
        for edit in fault.edits:
            if not edit.file.startswith("build/"):
                edit.apply(ROOT, dry=True)
    if not SPHINX_BUILD.exists():
        raise DrillError(f"{SPHINX_BUILD.relative_to(ROOT)} is missing: ./guide installs it")
    if GREEN_IS_WHOLE.exists():
        mirror(GREEN, TREE)  # what an interrupted drill has left is gone
    elif TREE.exists():
        shutil.rmtree(TREE)
    TREE.mkdir(parents=True, exist_ok=True)

    table.progress("building the copy, which must be green")
    start = time.monotonic()
    copy_sources(TREE)
    require_green(faults, "before any fault")
    GREEN_IS_WHOLE.unlink(missing_ok=True)
    mirror(TREE, GREEN)
    GREEN_IS_WHOLE.touch()

    table.row("fault", "caught by", "s", "" if table.live else "message")
    table.row("(none: green)", "", f"{time.monotonic() - start:.0f}")
    results = []
    for number, fault in enumerate(faults, 1):
        table.progress(f"{number} of {len(faults)}: {fault.name}")
        results.append(result := drill(fault))
        table.row(fault.name, result.caught_by or "-", f"{result.seconds:.0f}", result.message)
    start = time.monotonic()
    table.progress("the copy must be green again")
    mirror(GREEN, TREE)
    require_green(faults, "after the faults")
    table.row("(none: green again)", "", f"{time.monotonic() - start:.0f}")
    return results


def stale(results: list[Result], whole: bool) -> list[str]:
    """How the results differ from docs/figures/drill.json."""
    try:
        golden = {entry["fault"]: entry for entry in json.loads(GOLDEN.read_text(encoding="utf-8"))["faults"]}
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{GOLDEN.relative_to(ROOT)} is missing or damaged"]
    now = {result.fault.name: result.golden() for result in results}
    # Not the messages: their words are those of one version of the compiler, of Doxygen and of GoogleTest.
    different = [name for name, entry in now.items() if golden.get(name, {}).get("caught_by") != entry["caught_by"]]
    different += [name for name in golden if whole and name not in now]
    return [f"{GOLDEN.relative_to(ROOT)} is stale: {name}" for name in different]


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"drill: {message}\n\n{self.format_usage()}")
        raise SystemExit(2)


def options_of(faults: list[Fault]) -> argparse.Namespace:
    parser = Parser(prog="drill.py", description="Puts faults into a scratch copy; the gate must catch each of them.")
    parser.add_argument("--list", action="store_true", help="show the faults and what should catch them")
    parser.add_argument("--only", action="append", default=[], metavar="FAULT", help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--update", action="store_true", help="write docs/figures/drill.json")
    options = parser.parse_args()
    names = {re.sub(r"\W+", "-", fault.name): fault.name for fault in faults}
    options.only = [names.get(name, name) for name in options.only]
    if unknown := set(options.only) - set(names.values()):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}; --list shows them")
    if options.only and options.update:
        parser.error("--only does not go with --update, which is about all faults")
    return options


def report(results: list[Result], options: argparse.Namespace, seconds: float) -> int:
    score, whole = sum(1 for result in results if result.caught_by), not options.only
    document = {"score": score, "of": len(results), "faults": [result.golden() for result in results]}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if options.update:
        GOLDEN.write_text(text, encoding="utf-8")
    faults = stale(results, whole)
    print(text if options.json else f"\n{score} of {len(results)} faults are caught, in {seconds:.0f} s.")
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print("Look at what has changed, then run python3 -m tools.drill --update.", file=sys.stderr)
    return 1 if faults or score < len(results) else 0


def main() -> int:
    start = time.monotonic()
    try:
        faults = load()
        options = options_of(faults)
        if options.list:
            for fault in faults:
                print(f"{fault.name}: {', '.join(map(str, fault.gate))}")
            return 0
        SCRATCH.mkdir(parents=True, exist_ok=True)
        with (SCRATCH / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            chosen = [fault for fault in faults if not options.only or fault.name in options.only]
            results = hold(chosen, Table(chosen, options.json))
        return report(results, options, time.monotonic() - start)
    except BlockingIOError:
        print("drill: another drill is using build/drill", file=sys.stderr)
    except (DrillError, InjectionError) as error:
        print(f"\ndrill: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ndrill: interrupted", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
