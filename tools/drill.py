"""Puts one fault after the other into a copy of this project; each must be caught, and its place be named.

    tools.drill            the faults of tools/faults.toml, which must make ./check fail
    tools.drill --mutants  those of tests/fuzz/mutants.toml, which the fuzzer must find; a minute or two for each
    --only FAULT           only this one (may be repeated)
    --list                 shows the faults and the steps that should catch them
    --renew                keeps the results

The copy (build/drill/tree) has what the preset linux-gcc has built here; the mutants' is built there. Each fault starts
from there, and runs what should catch it: of the build the commands of single files, as CMake has written them, and
tests. They pass without the fault. It is caught when one fails and its output names the place. The results are kept in
docs/figures (drill.json, mutants.json), which the guide shows: without line numbers, which change with every edit above
them. They are stale when something else catches a fault.
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
from fnmatch import fnmatch
from pathlib import Path
from shlex import join

from tools import ROOT, ToolError, figures, fuzz, output_of, parser, run
from tools.faults import DRILL, MUTANTS, Fault, copy_sources, load, mirror

TIMEOUT = 3600  # seconds, for one step: only what hangs takes so long, however busy the machine is
SECONDS_TO_FUZZ = 60


@dataclass(frozen=True)
class Result:
    caught_by: str | None
    message: str


class Drill:
    """A scratch folder: the copy (tree), its state without a fault (green), a log for each fault."""

    def __init__(self, name: str, preset: str, option: str) -> None:
        self.name, self.preset, self.folder = name, preset, ROOT / "build" / name
        self.tree, self.green = self.folder / "tree", self.folder / "green"
        self.build, self.option, self.outputs = Path("build", preset), option, list[str]()

    def take_what_is_built(self) -> None:
        """Builds what is not built yet, and copies it; also Doxygen's and the playground's files, unknown to Ninja."""
        if not (ROOT / self.build / "build.ninja").exists():
            output_of(["cmake", "--preset", self.preset])
        output_of(["cmake", "--build", "--preset", self.preset, "--parallel", "2", "--target", "all", "guide"])
        listed = output_of(["ninja", "-t", "targets", "all"], cwd=self.tree / self.build).splitlines()
        targets = (line.rpartition(": ") for line in listed)  # of some the whole path, too
        self.outputs = [name for name, _, rule in targets if rule != "phony" and not name.startswith("/")]
        others = (file for name in ("docs/doxygen", "playground") for file in (ROOT / self.build / name).rglob("*"))
        for source in (*(ROOT / self.build / name for name in self.outputs), *others):
            target = self.tree / source.relative_to(ROOT)
            if source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)

    def command(self, step: str) -> list[str]:
        kind, _, name = step.partition(" ")
        if kind == "configure":
            return ["cmake", "--preset", self.preset, self.option]
        if kind == "fuzz":
            build = ["cmake", "--build", "--preset", self.preset, "--parallel", "2", "--target", f"fuzz_{name}"]
            folders = [fuzz.empty(self.folder / "found"), *fuzz.kept(name)]
            play = fuzz.command(self.tree, name, folders, f"-max_total_time={SECONDS_TO_FUZZ}", wait=20)
            return ["sh", "-c", f"{join(build)} && {join(play)}"]
        if kind == "test":
            wanted = f"^{name.replace('.', '[.]')}$"
            return ["ctest", "--preset", self.preset, "-R", wanted, "--fixture-exclude-setup", "."]
        files = [output for output in self.outputs if fnmatch(f"/{output}", f"*/{name}")]
        if len(files) != 1:
            raise ToolError(f"drill: '{step}': {len(files)} files of the build end so: {' '.join(files)}")
        made_by = output_of(["ninja", "-t", "commands", "-s", *files], cwd=self.tree / self.build)
        return ["sh", "-c", f"cd {self.build}\n{made_by}"]

    def passes(self, step: str, log: list[str]) -> bool:
        """Runs a step in the copy."""
        command = self.command(step)
        environment = os.environ | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=self.tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=TIMEOUT, text=True, errors="replace", check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ToolError(f"drill: '{step}' has not ended after {TIMEOUT} s") from None
        # What was compiled here has this folder's name in it. CMake wraps its messages at blanks.
        path = "|".join(r"\s+".join(map(re.escape, f"{folder}/".split())) for folder in (self.tree, ROOT))
        log.append(f"$ {' '.join(command)}\n{re.sub(path, '', done.stdout)}")
        return done.returncode == 0

    def log(self, name: str, lines: list[str]) -> str:
        file = self.folder / "logs" / (re.sub(r"\W+", "-", name) + ".log")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines), encoding="utf-8")
        return str(file.relative_to(ROOT))

    def prepare(self, faults: list[Fault]) -> None:
        """Makes the copy, and runs all that the faults will run, but what README and the pages say: ./check does it."""
        for folder in (self.tree, self.green):
            shutil.rmtree(folder, ignore_errors=True)
        copy_sources(self.tree)
        log: list[str] = []
        needed = dict.fromkeys(step for fault in faults for step in fault.gate if not step.startswith("test pages."))
        for step in ("configure", *needed):
            if not self.passes(step, log):
                file = self.log("green", log)
                raise ToolError(f"{log[-1][-2000:]}\ndrill: '{step}' fails without a fault; see {file}")
            if step == "configure" and self.name == "drill":
                self.take_what_is_built()
        shutil.copytree(self.tree, self.green, symlinks=True)

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
        message = re.sub(r" (on|at|call on) (unknown )?address 0x.*", "", " ".join(found[0].split()))
        return Result(failed, message)

    def hold_all(self, faults: list[Fault]) -> dict[str, Result]:
        for fault in faults:
            fault.check()
        width = max(len(fault.name) for fault in faults)
        self.prepare(faults)
        results = {}
        for fault in faults:
            start = time.monotonic()
            results[fault.name] = result = self.hold(fault)
            seconds = f"{time.monotonic() - start:.0f} s"
            print(f"  {fault.name:<{width}}  {result.caught_by or '-'}  {seconds}  {result.message}", flush=True)
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
        drill = Drill("mutants", fuzz.PRESET, "-DOFFLINE_STATE_WARNINGS_AS_ERRORS=OFF")  # a fault may look like one
    else:
        drill = Drill("drill", "linux-gcc", f"-DOFFLINE_STATE_SPHINX_BUILD={ROOT}/build/venv/bin/sphinx-build")
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
