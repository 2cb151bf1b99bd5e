"""Proves that the conformance suite finds faults: libraries that are wrong on purpose, see mutants/mutants.txt.

mutants_test.py run --conformance PROGRAM --library LIBRARY --reports FOLDER NAME   checks one, keeps its report
mutants_test.py summary --reports FOLDER --output FILE                              what has found each of them
"""

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "mutants"
HARMLESS = "-"
OUTSIDE = "not testable: HrOpenOfflineObj says MAPI_E_NOT_FOUND, is this running inside Outlook?"
LIMIT = 1  # seconds; a mutant that hangs in some checks costs this for each
CAP = 280  # for all checks


@dataclass(frozen=True)
class Mutant:
    name: str
    statement: str
    fault: str


def mutants() -> dict[str, Mutant]:
    lines = (FOLDER / "mutants.txt").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return {row[0]: Mutant(*row) for row in rows}


def found_by(report: Path) -> list[str]:
    """The statements that do not hold."""
    findings = json.loads(report.read_text(encoding="utf-8"))["statements"]
    return [each["statement"] for each in findings if each["result"] in ("fail", "differs")]


def run(options: argparse.Namespace) -> int:
    mutant = mutants()[options.name]
    options.reports.mkdir(parents=True, exist_ok=True)
    report = options.reports / f"{mutant.name}.json"
    report.unlink(missing_ok=True)
    limit = str(60 if mutant.statement == HARMLESS else LIMIT)  # nothing of what is harmless may be late
    done = subprocess.run(
        [options.conformance, "--library", options.library, "--json", report, "--strict", "--limit", limit],
        env={**os.environ, "OFFLINE_STATE_MUTANT": mutant.name},
        timeout=CAP,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr, sep="\n")
    found = found_by(report)
    if mutant.statement == HARMLESS:
        print(f"{mutant.name} is harmless, and found by: {', '.join(found) or 'nothing'}")
        outside = mutant.name == "outside_outlook"
        return (
            0 if not found and done.returncode == (3 if outside else 0) and (OUTSIDE in done.stderr) == outside else 1
        )
    print(f"{mutant.name} has to be found by {mutant.statement}, and is found by: {', '.join(found) or 'nothing'}")
    return 0 if mutant.statement in found and done.returncode == 1 else 1


def summary(options: argparse.Namespace) -> int:
    faults = []
    source = (FOLDER / "mutant.cpp").read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r'is\("(\w+)"\)', source)) ^ (mutants().keys() - {"none"})):
        faults.append(f"mutants.txt and mutant.cpp do not both have {name}")
    rows = []
    for mutant in mutants().values():
        found = found_by(options.reports / f"{mutant.name}.json")
        if mutant.statement != HARMLESS:
            rows.append({"name": mutant.name, "fault": mutant.fault, "statement": mutant.statement, "found_by": found})
            if mutant.statement not in found:
                faults.append(f"{mutant.statement} does not find {mutant.name}")
    result = {
        "mutants": len(rows),
        "found": sum(1 for row in rows if row["statement"] in row["found_by"]),
        "statements": len({row["statement"] for row in rows}),
        "list": rows,
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*faults, f"{result['mutants']} mutants, {result['found']} found by the right statement"]))
    return 1 if faults else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Proves that the conformance suite finds faults.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run")
    one.add_argument("--conformance", required=True)
    one.add_argument("--library", required=True)
    one.add_argument("--reports", type=Path, required=True)
    one.add_argument("name")
    everything = commands.add_parser("summary")
    everything.add_argument("--reports", type=Path, required=True)
    everything.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    return run(options) if options.command == "run" else summary(options)


if __name__ == "__main__":
    sys.exit(main())
