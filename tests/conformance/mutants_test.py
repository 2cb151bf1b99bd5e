"""Proves that the conformance suite finds faults: libraries that are wrong on purpose, see mutants/mutants.txt.

mutants_test.py run PROGRAM LIBRARY REPORTS NAME    checks the one with this name, keeps its report
mutants_test.py summary REPORTS OUTPUT              writes what has found each of them
"""

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


def run(conformance: str, library: str, reports: str, name: str) -> int:
    mutant = mutants()[name]
    report = Path(reports) / f"{mutant.name}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    limit = str(60 if mutant.statement == HARMLESS else LIMIT)  # nothing of what is harmless may be late
    done = subprocess.run(
        [conformance, "--library", library, "--json", report, "--strict", "--limit", limit],
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
        expected = (3, True) if mutant.name == "outside_outlook" else (0, False)
        return 1 if found or (done.returncode, OUTSIDE in done.stderr) != expected else 0
    print(f"{mutant.name} has to be found by {mutant.statement}, and is found by: {', '.join(found) or 'nothing'}")
    return 0 if mutant.statement in found and done.returncode == 1 else 1


def summary(reports: str, output: str) -> int:
    faults = []
    source = (FOLDER / "mutant.cpp").read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r'is\("(\w+)"\)', source)) ^ (mutants().keys() - {"none"})):
        faults.append(f"mutants.txt and mutant.cpp do not both have {name}")
    rows = []
    for mutant in mutants().values():
        found = found_by(Path(reports) / f"{mutant.name}.json")
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
    Path(output).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*faults, f"{result['mutants']} mutants, {result['found']} found by the right statement"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit({"run": run, "summary": summary}[sys.argv[1]](*sys.argv[2:]))
