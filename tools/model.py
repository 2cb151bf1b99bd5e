"""Has spin explore tests/model/registrations.pml and find the fault in each of its broken variants.

    tools.model [--renew]

Each run looks for assertions that fail, for states in which a thread waits forever, and for runs without an end. The
figures must be those in docs/figures/model.json, which the guide shows; --renew writes that file.
Exit code 77: spin or a C compiler is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile

from tools import ROOT
from tools.figures import KEPT

MODEL, FIGURES = ROOT / "tests" / "model" / "registrations.pml", KEPT / "model.json"
SKIPPED = 77
RUNS: dict[str, list[str]] = {"registrations": [], "setters": ["SETTERS"], "leaving": ["LEAVING"]}  # and their macros
BROKEN = {  # the run in which spin must find each of these
    "registrations": ["NO_WAIT", "READ_FIRST", "NO_WAKE", "MOVE_IN_PHASE", "NO_LOOK", "NEWEST_FIRST", "REUSE_RUNNING",
                      "RELEASE_INSIDE", "ASK_AGAIN"],
    "leaving": ["NAME_NEXT", "COUNT_LATE"],
    "setters": ["BLOCK_INSIDE", "NO_COMPLETED"],
}  # fmt: skip
RUN_WITHOUT_END = {"COUNT_LATE"}  # the fault is a run without an end, not a wrong state
NUMBERS = {"states": r"(\d+) states, stored", "transitions": r"(\d+) transitions", "depth": r"depth reached (\d+)"}


class ModelError(Exception):
    """One line: what is wrong."""


def explore(work: str, macros: list[str], *, loops: bool) -> dict[str, int | str]:
    """Explores all states with these macros; loops: looks for runs without an end, else for wrong states."""
    text = ""
    for command in (
        ["spin", *(f"-D{macro}" for macro in macros), "-a", str(MODEL)],
        ["cc", "-O1", "-w", "-DNP" if loops else "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"],
        ["./pan", "-m100000", *(["-l"] if loops else [])],
    ):
        done = subprocess.run(command, check=False, cwd=work, capture_output=True, text=True, timeout=250)
        text = done.stdout
        if done.returncode != 0:
            raise ModelError(f"{' '.join(command)} failed:\n{text[-2000:]}{done.stderr[-2000:]}")
    numbers = {name: int(found[1]) for name, pattern in NUMBERS.items() if (found := re.search(pattern, text))}
    if "max search depth too small" in text or len(numbers) < len(NUMBERS):
        raise ModelError(f"{' '.join(macros)}: spin did not explore all of it\n{text[-2000:]}")
    fault = re.search(r"^pan:\d+: (.*?) \(at depth", text, flags=re.MULTILINE)
    return numbers | {"fault": fault[1] if fault else ""}


def figures(work: str) -> dict[str, object]:
    runs: list[dict[str, int | str]] = []
    for name, macros in RUNS.items():
        result, without_end = (explore(work, macros, loops=loops) for loops in (False, True))
        if fault := result.pop("fault") or without_end["fault"]:
            raise ModelError(f"{MODEL.relative_to(ROOT)}:1: {name}: {fault}")
        print(f"{name}: {result['states']} states, no fault, no run without an end", flush=True)
        runs.append({"name": name} | result)
    broken = []
    for name, variants in BROKEN.items():
        for variant in variants:
            found = explore(work, [*RUNS[name], variant], loops=variant in RUN_WITHOUT_END)["fault"]
            print(f"{variant}: {found or 'nothing found'}", flush=True)
            if not found:
                raise ModelError(f"{MODEL.relative_to(ROOT)}:1: spin finds nothing in the broken variant {variant}")
            broken.append({"variant": variant, "found": found})
    version = subprocess.run(["spin", "-V"], check=True, capture_output=True, text=True).stdout
    return {
        "model": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "spin": version.removeprefix("Spin Version ").split()[0],
        "states": sum(int(each["states"]) for each in runs),
        "runs": runs,
        "broken": broken,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="keep the figures of this run")
    options = parser.parse_args()
    for program, package in (("spin", "spin"), ("cc", "gcc")):
        if not shutil.which(program):
            print(f"skipped: there is no {program} (package {package})")
            return SKIPPED
    try:
        with tempfile.TemporaryDirectory() as work:
            new = figures(work)
        if options.renew:
            FIGURES.write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
        old = json.loads(FIGURES.read_text(encoding="utf-8"))
        # Another version of spin may count the states differently.
        if old["model"] != new["model"] or (old["spin"] == new["spin"] and old != new):
            raise ModelError(f"{FIGURES.relative_to(ROOT)}:1: another model's figures: python3 -m tools.model --renew")
    except (ModelError, OSError, ValueError, subprocess.TimeoutExpired) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
