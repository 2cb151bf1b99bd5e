"""Proves that the conformance suite finds faults: libraries that are wrong on purpose, see mutants/mutants.txt.

mutants_test.py PROGRAM LIBRARY OUTPUT      writes how many have been found by the right statement, as JSON
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "mutants"
HARMLESS = "-"
OUTSIDE = "not testable: HrOpenOfflineObj says MAPI_E_NOT_FOUND, is this running inside Outlook?"
PATIENT = 60  # seconds: nothing of what is harmless may be late
SHORT = 2  # for what may hang on purpose
CAP = 280  # for all checks of one


@dataclass(frozen=True)
class Mutant:
    name: str
    statement: str
    fault: str


def mutants() -> list[Mutant]:
    lines = (FOLDER / "mutants.txt").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return [Mutant(*row) for row in rows]


def fault_of(conformance: str, library: str, mutant: Mutant) -> str | None:
    """What is wrong with what the suite finds: nothing in a harmless one, else that its one statement does not hold."""
    is_harmless = mutant.statement == HARMLESS
    options = ["--limit", str(PATIENT)] if is_harmless else ["--limit", str(SHORT), "--only", mutant.statement]
    done = subprocess.run(
        [conformance, "--library", library, "--strict", *options],
        env={**os.environ, "OFFLINE_STATE_MUTANT": mutant.name},
        timeout=CAP,
        capture_output=True,
        text=True,
        check=False,
    )
    is_outside = mutant.name == "outside_outlook"
    expected = 3 if is_outside else 0 if is_harmless else 1
    if done.returncode == expected and (OUTSIDE in done.stderr) == is_outside:
        return None
    what = "is harmless" if is_harmless else f"has to be found by {mutant.statement}"
    return f"{mutant.name} {what}; exit code {done.returncode}, and not {expected}:\n{done.stdout}{done.stderr}"


def main(conformance: str, library: str, output: str) -> int:
    wrong = [mutant for mutant in mutants() if mutant.statement != HARMLESS]
    with ThreadPoolExecutor(4) as pool:
        answers = {mutant: pool.submit(fault_of, conformance, library, mutant) for mutant in mutants()}
    faults = [fault for answer in answers.values() if (fault := answer.result())]
    found = sum(answers[mutant].result() is None for mutant in wrong)
    source = (FOLDER / "mutant.cpp").read_text(encoding="utf-8")
    named = {mutant.name for mutant in mutants()} - {"none"}
    for name in sorted(set(re.findall(r'is\("(\w+)"\)', source)) ^ named):
        faults.append(f"mutants.txt and mutant.cpp do not both have {name}")
    Path(output).write_text(json.dumps({"mutants": len(wrong), "found": found}) + "\n", encoding="utf-8")
    print("\n".join([*faults, f"{len(wrong)} mutants, {found} found by the right statement"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
