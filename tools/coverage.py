"""Measures which lines and branches of the reference implementation the tests and the fuzzer's corpus reach.

    coverage.py             builds the preset coverage (clang's source-based coverage), runs the tests and the corpus,
                            prints figures for each file and writes docs/figures/coverage.json
    coverage.py --no-build  measures what has been built

Fails on a line or a branch that is not reached and not explained in tests/unreached.toml, and on an explanation of
what is reached or is no longer there. A branch is one outcome, true or false, of a condition.

docs/figures/coverage.json: the date and the hash of the code; for each file, and for all, the lines and branches there
are and those that are reached; and what is not reached, with its explanation.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.figures import code_hash

SOURCES = ROOT / "reference-impl"
EXPLANATIONS = ROOT / "tests" / "unreached.toml"
FIGURES = ROOT / "docs" / "figures" / "coverage.json"
BUILD = ROOT / "build" / "coverage"
FUZZ = ROOT / "tests" / "fuzz"
TESTS = {
    "offline_state_tests": [BUILD / "tests" / "offline_state_tests", "--gtest_brief=1"],
    "replay_calls": [BUILD / "tests" / "fuzz" / "replay_calls", FUZZ / "corpus" / "calls"],
    "replay_arguments": [
        BUILD / "tests" / "fuzz" / "replay_arguments",
        FUZZ / "corpus" / "arguments",
        FUZZ / "seeds" / "arguments",
    ],
}


class CoverageError(Exception):
    """One line: it cannot be measured."""


@dataclass(frozen=True, order=True)
class Unreached:
    file: str
    line: int
    what: str  # "line", or "true" or "false" for that outcome of a condition


def execute(command: list[Any], **options: Any) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        **options,
    )
    if done.returncode != 0:
        raise CoverageError(f"{command[0]} has failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def measure() -> tuple[dict[str, dict[int, int]], dict[str, dict[tuple[int, int, str], int]]]:
    """For each file how often each line and each branch has been reached."""
    profiles = BUILD / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    for name, command in TESTS.items():
        # %c: as it happens, so that a process counts which aborts, and a child of fork
        execute(command, env=os.environ | {"LLVM_PROFILE_FILE": str(profiles / f"{name}.%c%p.profraw")})
    merged = profiles / "all.profdata"
    execute(["llvm-profdata", "merge", "-sparse", "-o", merged, *profiles.glob("*.profraw")])
    programs = [command[0] for command in TESTS.values()]
    objects = [programs[0], *(part for program in programs[1:] for part in ("-object", program))]
    export = ["llvm-cov", "export", *objects, f"-instr-profile={merged}", SOURCES]
    lines: dict[str, dict[int, int]] = {}
    for record in execute([*export, "-format=lcov"]).splitlines():
        if record.startswith("SF:"):
            file = str(Path(record[3:]).relative_to(SOURCES))
            lines[file] = {}
        elif record.startswith("DA:"):
            line, count = record[3:].split(",")[:2]
            lines[file][int(line)] = int(count)
    branches: dict[str, dict[tuple[int, int, str], int]] = {file: defaultdict(int) for file in lines}
    for function in json.loads(execute(export))["data"][0]["functions"]:
        # A template and a function in a header are there many times: what one of them reaches is reached.
        for line, column, _, _, true, false, index, *_ in function.get("branches", []):
            file = Path(function["filenames"][index])
            if SOURCES in file.parents:
                name = str(file.relative_to(SOURCES))
                branches[name][line, column, "true"] += true
                branches[name][line, column, "false"] += false
    return lines, branches


def explained(unreached: set[Unreached]) -> tuple[dict[Unreached, str], list[str]]:
    """The explanation for each, and the faults."""
    reasons: dict[Unreached, str] = {}
    faults = []
    for entry in tomllib.loads(EXPLANATIONS.read_text(encoding="utf-8")).get("unreached", []):
        file, pattern = SOURCES / entry["file"], entry["code"]
        numbers = []
        if file.is_file():
            source = file.read_text(encoding="utf-8").splitlines()
            numbers = [number for number, line in enumerate(source, 1) if re.search(pattern, line)]
        found = {Unreached(entry["file"], number, entry["what"]) for number in numbers} & unreached
        for each in sorted(found) if entry["what"] == "line" else ():
            while (each := Unreached(each.file, each.line + 1, "line")) in unreached:  # the rest of the block
                found.add(each)
        if not found and not (numbers and entry.get("sometimes")):
            faults.append(f"{EXPLANATIONS.name}: {entry['file']}, {pattern}: that is reached, or no longer there")
        reasons.update(dict.fromkeys(found, entry["why"]))
    faults += [
        f"reference-impl/{each.file}:{each.line}: "
        + ("not reached" if each.what == "line" else f"never {each.what}")
        + f", and not explained in {EXPLANATIONS.name}"
        for each in sorted(unreached - reasons.keys())
    ]
    return reasons, faults


def report() -> int:
    lines, branches = measure()
    unreached = {Unreached(file, line, "line") for file in lines for line, count in lines[file].items() if count == 0}
    unreached |= {
        Unreached(file, line, outcome)
        for file in branches
        for (line, _, outcome), count in branches[file].items()
        # where the whole line is not reached, that says it
        if count == 0 and lines[file].get(line, 1) != 0
    }
    figures = {}
    for file in sorted(lines):
        figures[file] = {
            "lines": len(lines[file]),
            "lines_reached": sum(count > 0 for count in lines[file].values()),
            "branches": len(branches[file]),
            "branches_reached": sum(count > 0 for count in branches[file].values()),
        }
    total = {key: sum(figure[key] for figure in figures.values()) for key in next(iter(figures.values()))}
    width = max(map(len, figures))
    for name, figure in (*figures.items(), ("all", total)):
        print(
            f"{name:{width}}  lines {figure['lines_reached']:4} of {figure['lines']:4}"
            f"  branches {figure['branches_reached']:4} of {figure['branches']:4}"
        )
    reasons, faults = explained(unreached)
    for each, why in sorted(reasons.items()):
        print(f"{each.file}:{each.line} ({each.what}) is not reached: {why}")
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(
        json.dumps(
            {
                "date": datetime.date.today().isoformat(),
                "code": code_hash(),
                "all": total,
                "files": figures,
                # without the number of the line, which changes with every edit above it
                "not_reached": [
                    {
                        "file": each.file,
                        "code": (SOURCES / each.file).read_text(encoding="utf-8").splitlines()[each.line - 1].strip(),
                        "what": each.what,
                        "why": why,
                    }
                    for each, why in sorted(reasons.items())
                ],
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-build", action="store_true", help="measure what has been built")
    arguments = parser.parse_args()
    try:
        if not arguments.no_build:
            execute(["cmake", "--preset", "coverage"])
            execute(["cmake", "--build", "--preset", "coverage", "--target", *TESTS])
        return report()
    except CoverageError as fault:
        print(f"coverage: {fault}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
