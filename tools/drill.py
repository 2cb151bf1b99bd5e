"""Puts one fault after the other into a copy of this project; each must be caught, and its place be named.

    tools.drill            the faults of tools/faults.toml, which must make ./check fail
    tools.drill --mutants  those of tests/fuzz/mutants.toml, which the fuzzer must find; a minute or two for each
    --only FAULT           only this one (may be repeated)
    --list                 shows the faults and the steps that should catch them
    --renew                keeps the results

The copy (build/drill/tree) is built once, without a fault, and must pass. Each fault starts from this state, sources
and build folder, and runs the smallest part of ./check that should catch it. It is caught when that part fails and its
output names the place. The results are kept in docs/figures (drill.json, mutants.json), which the guide shows: without
line numbers, which change with every edit above them. They are stale when something else catches a fault.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, ToolError, figures, fuzz, parser, run
from tools.faults import DRILL, MUTANTS, Fault, copy_sources, load, mirror

TIMEOUT = 3600  # seconds, for one step: only what hangs takes so long, however busy the machine is
SECONDS_TO_FUZZ = 60


@dataclass(frozen=True)
class Result:
    caught_by: str | None
    message: str


class Drill:
    """A scratch folder: the copy (tree), its state without a fault (green), a log for each fault."""

    def __init__(self, name: str, preset: str, **settings: str | Path) -> None:
        self.name, self.preset, self.folder = name, preset, ROOT / "build" / name
        self.tree, self.green = self.folder / "tree", self.folder / "green"
        self.options = [f"-D{name}={value}" for name, value in settings.items()]

    def command(self, step: str) -> list[str]:
        kind, *names = step.split()
        if kind == "configure":
            return ["cmake", "--preset", self.preset, *self.options]
        if kind == "fuzz":
            folders = [fuzz.empty(self.folder / "found"), *fuzz.kept(names[0])]
            return fuzz.command(self.tree, names[0], folders, f"-max_total_time={SECONDS_TO_FUZZ}", wait=20)
        if kind == "test":
            wanted = "|".join(name.replace(".", "[.]") for name in names)
            return ["ctest", "--preset", self.preset, "-R", f"^({wanted})$"]
        return ["cmake", "--build", "--preset", self.preset, "--parallel", "2", "--target", *(names or ["guide"])]

    def passes(self, step: str, log: list[str]) -> bool:
        """Runs a step in the copy."""
        if step.startswith("fuzz ") and not self.passes(step.replace("fuzz ", "build fuzz_"), log):
            return False
        command = self.command(step)
        environment = os.environ | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=self.tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=TIMEOUT, text=True, errors="replace", check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ToolError(f"drill: '{step}' has not ended after {TIMEOUT} s") from None
        path = r"\s+".join(map(re.escape, f"{self.tree}/".split()))  # CMake wraps its messages at blanks
        log.append(f"$ {' '.join(command)}\n{re.sub(path, '', done.stdout)}")
        return done.returncode == 0

    def log(self, name: str, lines: list[str]) -> str:
        file = self.folder / "logs" / (re.sub(r"\W+", "-", name) + ".log")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines), encoding="utf-8")
        return str(file.relative_to(ROOT))

    def require_green(self, faults: list[Fault], when: str) -> None:
        """Runs all that the faults will run."""
        needed = dict.fromkeys(step for fault in faults for step in fault.gate)
        names = {kind: [step[len(kind) :] for step in needed if step.startswith(kind)] for kind in ("build", "test")}
        together = [kind + "".join(of) for kind, of in names.items() if of]  # one command for all of a kind
        log: list[str] = []
        for step in ("configure", *together, *(step for step in needed if step.startswith(("guide", "fuzz")))):
            if not self.passes(step, log):
                file = self.log(f"green-{when}", log)
                raise ToolError(f"{log[-1][-2000:]}\ndrill: '{step.split()[0]}' fails {when}; see {file}")

    def hold(self, fault: Fault) -> Result:
        log: list[str] = []
        mirror(self.green, self.tree)
        fault.apply(self.tree)
        failed = next((step for step in fault.gate if not self.passes(step, log)), None)
        file, found = self.log(fault.name, log), fault.says.search(log[-1])
        if failed is None:
            return Result(None, f"NOT CAUGHT: nothing fails; see {file}")
        if found is None:
            return Result(None, f"NOT NAMED: '{failed}' fails and does not name the place; see {file}")
        kind, _, what = failed.partition(" ")
        message = re.sub(r" (on|at|call on) (unknown )?address 0x.*", "", " ".join(found[0].split()))
        return Result(f"{kind} {what.rpartition('/')[2]}".strip(), message)

    def hold_all(self, faults: list[Fault]) -> dict[str, Result]:
        for fault in faults:
            fault.check()
        partial, width = self.folder / "partial", max(len(fault.name) for fault in faults)
        if self.green.exists():
            mirror(self.green, self.tree)  # an interrupted drill may have left a fault there
        else:
            shutil.rmtree(self.tree, ignore_errors=True)
        self.tree.mkdir(parents=True, exist_ok=True)
        copy_sources(self.tree)
        self.require_green(faults, "before any fault")
        if self.green.exists():
            self.green.rename(partial)
        mirror(self.tree, partial)
        partial.rename(self.green)  # it is there as a whole, or not
        results = {}
        for fault in faults:
            start = time.monotonic()
            results[fault.name] = result = self.hold(fault)
            seconds = f"{time.monotonic() - start:.0f} s"
            print(f"  {fault.name:<{width}}  {result.caught_by or '-'}  {seconds}  {result.message}", flush=True)
        mirror(self.green, self.tree)
        self.require_green(faults, "after the faults")
        return results


def keep(name: str, results: dict[str, Result]) -> None:
    faults = [
        {"fault": fault, "caught_by": r.caught_by, "message": re.sub(r"(?<=\w):\d+(:\d+)?(?=:)", "", r.message)}
        for fault, r in results.items()
    ]
    when = {"date": datetime.date.today().isoformat(), "code": figures.code_hash()} if name == "mutants" else {}
    score = sum(1 for result in results.values() if result.caught_by)
    figures.write(name, when | {"score": score, "of": len(results), "faults": faults})


def stale(name: str, results: dict[str, Result], *, whole: bool) -> list[str]:
    """How the results differ from those that are kept. Not by messages: another compiler has other words."""
    kept = {each["fault"]: each["caught_by"] for each in figures.read(name)["faults"]}
    names = [fault for fault, result in results.items() if result.caught_by and kept.get(fault) != result.caught_by]
    return names + [fault for fault in kept if whole and fault not in results]


def options_of() -> argparse.Namespace:
    syntax = parser(__doc__)
    syntax.add_argument("--mutants", action="store_true", help="what the fuzzer must find")
    syntax.add_argument("--only", action="append", default=[], metavar="FAULT", help="only this one; may be repeated")
    syntax.add_argument("--list", action="store_true", help="show the faults and what should catch them")
    syntax.add_argument("--renew", action="store_true", help="keep the results")
    options = syntax.parse_args()
    options.faults = load(MUTANTS if options.mutants else DRILL)
    if unknown := set(options.only) - {fault.name for fault in options.faults}:
        syntax.error(f"there is no fault {', '.join(sorted(unknown))}; --list shows them")
    if options.only and options.renew:
        syntax.error("--only does not go with --renew, which is about all faults")
    return options


def main() -> int:
    options = options_of()
    faults = [fault for fault in options.faults if not options.only or fault.name in options.only]
    if options.list:
        print("\n".join(f"{fault.name}: {', '.join(fault.gate)}" for fault in faults))
        return 0
    if options.mutants:
        drill = Drill("mutants", "fuzz", OFFLINE_STATE_WARNINGS_AS_ERRORS="OFF")  # a fault may look like one
    else:
        sphinx = ROOT / "build" / "venv" / "bin" / "sphinx-build"
        if not sphinx.exists():
            raise ToolError(f"drill: {sphinx.relative_to(ROOT)} is missing: ./guide installs it")
        drill = Drill(
            "drill", "linux-gcc", CMAKE_BUILD_TYPE="Debug", CMAKE_CXX_FLAGS_DEBUG="-O0",
            OFFLINE_STATE_BUILD_BENCHMARKS="OFF", OFFLINE_STATE_UNITY_BUILD="ON",
            OFFLINE_STATE_SPHINX_BUILD=sphinx)  # fmt: skip
    start = time.monotonic()
    drill.folder.mkdir(parents=True, exist_ok=True)
    with (drill.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ToolError(f"drill: another one is using build/{drill.name}") from None
        results = drill.hold_all(faults)
    if options.renew:
        keep(drill.name, results)
    score = sum(1 for result in results.values() if result.caught_by)
    print(f"\n{score} of {len(results)} faults are caught, in {time.monotonic() - start:.0f} s.")
    if different := stale(drill.name, results, whole=not options.only):
        again = "python3 -m tools.drill --renew" + " --mutants" * options.mutants
        raise ToolError(f"docs/figures/{drill.name}.json is stale: {', '.join(different)}. Look, then: {again}")
    return 1 if score < len(results) else 0


if __name__ == "__main__":
    run(main)
