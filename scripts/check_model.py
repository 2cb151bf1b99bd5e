"""Has spin explore tests/model/registrations.pml, and find what is wrong in each of its broken variants.

    check_model.py --work FOLDER [--output FILE] [--compare FILE]

Each run looks for assertions that do not hold, for states in which a thread waits for ever, and for runs without an
end.
The figures are written as JSON (--output); those of another run, which the guide shows, must be the same (--compare).
Exit code 77: spin or a C compiler is not there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "tests" / "model" / "registrations.pml"
RENEW = "python3 scripts/check_model.py --work build/model --output docs/figures/model.json"
SKIPPED = 77

# What is explored, and with which macros.
RUNS = {"registrations": [], "setters": ["SETTERS"], "leaving": ["LEAVING"]}
RUN_WITHOUT_END = {"COUNT_LATE"}  # broken so that no state is wrong, but a run has no end
BROKEN = {  # macro -> where it is tried
    "NO_WAIT": "registrations",
    "READ_FIRST": "registrations",
    "NO_WAKE": "registrations",
    "MOVE_IN_PHASE": "registrations",
    "NO_LOOK": "registrations",
    "NEWEST_FIRST": "registrations",
    "REUSE_RUNNING": "registrations",
    "RELEASE_INSIDE": "registrations",
    "ASK_AGAIN": "registrations",
    "NAME_NEXT": "leaving",
    "COUNT_LATE": "leaving",
    "BLOCK_INSIDE": "setters",
    "NO_COMPLETED": "setters",
}


class ModelError(Exception):
    """One line: what is wrong."""


def run(work: Path, *command: str) -> str:
    done = subprocess.run(command, check=False, cwd=work, capture_output=True, text=True, timeout=250)
    if done.returncode != 0:
        raise ModelError(
            f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def explore(work: Path, macros: list[str], loops: bool) -> dict[str, int | str]:
    """All states with these macros; `loops`: looks for runs without an end, else for what is wrong in a state."""
    run(work, "spin", *(f"-D{macro}" for macro in macros), "-a", str(MODEL))
    run(work, "cc", "-O1", "-w", "-DNP" if loops else "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c")
    text = run(work, "./pan", "-m100000", *(["-l"] if loops else []))
    if "max search depth too small" in text or not (errors := re.search(r"errors: (\d+)", text)):
        raise ModelError(f"{' '.join(macros)}: spin has not explored all of it\n{text[-2000:]}")
    fault = re.search(r"^pan:\d+: (.*?) \(at depth", text, flags=re.MULTILINE)
    number = {name: int(re.search(pattern, text)[1]) for name, pattern in NUMBERS.items()}  # type: ignore[index]
    return {**number, "errors": int(errors[1]), "fault": fault[1] if fault else ""}


NUMBERS = {"states": r"(\d+) states, stored", "transitions": r"(\d+) transitions", "depth": r"depth reached (\d+)"}


def figures(work: Path) -> dict[str, object]:
    runs = []
    for name, macros in RUNS.items():
        result = explore(work, macros, loops=False)
        without_end = explore(work, macros, loops=True)
        for found in (result, without_end):
            if found["errors"]:
                raise ModelError(f"{MODEL.relative_to(ROOT)}:1: {name}: {found['fault']}")
        print(
            f"{name}: {result['states']} states, {result['transitions']} transitions, no fault; no run without an end"
        )
        runs.append({"name": name} | {key: result[key] for key in NUMBERS})
    broken = []
    for macro, where in BROKEN.items():
        found = explore(work, [*RUNS[where], macro], loops=macro in RUN_WITHOUT_END)
        print(f"{macro}: found: {found['fault'] or 'nothing'}")
        broken.append({"variant": macro, "found": found["fault"]})
    version = re.search(r"Version (\S+)", run(work, "spin", "-V"))
    return {
        "model": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "spin": version[1] if version else "",
        "states": sum(int(each["states"]) for each in runs),
        "runs": runs,
        "broken": broken,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks the model of the registrations with spin.")
    parser.add_argument("--work", type=Path, required=True, help="a folder for what spin and the compiler make")
    parser.add_argument("--output", type=Path, help="writes the figures as JSON")
    parser.add_argument("--compare", type=Path, help="figures of another run, which must be the same")
    options = parser.parse_args()
    for program, package in (("spin", "spin"), ("cc", "gcc")):
        if not shutil.which(program):
            print(f"skipped: there is no {program} (package {package})")
            return SKIPPED
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        new = figures(options.work.resolve())
        text = json.dumps(new, indent=1) + "\n"
        if options.output:
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(text, encoding="utf-8")
        if missed := [each["variant"] for each in new["broken"] if not each["found"]]:
            raise ModelError(f"{MODEL.relative_to(ROOT)}:1: nothing is found in the broken variant {', '.join(missed)}")
        if options.compare:
            old = json.loads(options.compare.read_text(encoding="utf-8"))
            same_tool = old["spin"] == new["spin"]  # another one may count the states in another way
            if old["model"] != new["model"] or (same_tool and old != new):
                raise ModelError(f"{options.compare}:1: these are the figures of another model: {RENEW}")
    except (ModelError, OSError, ValueError, subprocess.TimeoutExpired) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
