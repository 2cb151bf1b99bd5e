"""Counts the instructions of a callback, of Unadvise with Advise, and of a call that does next to nothing, with
valgrind, and compares them with what is kept: more by a tenth is a fault. Unlike times they are the same on a busy
machine. The last one is for TRACE-2: without a sink a call makes no text for the trace.

    instruction_counts.py PROGRAM --compiler NAME [--kept FILE] [--renew]

PROGRAM is benchmarks/instructions.cpp, compiled. Another compiler than the one of the kept counts: nothing to compare,
exit 77, which CTest shows as skipped.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from tools import ROOT

KEPT = ROOT / "docs" / "figures" / "instructions.json"
LIMIT = 1.1
# What is done, how many things are counted in one of it, and how often it is done in the longer run.
CASES = {"delivery": (3 * 1000, 20), "replace": (1, 2000), "call": (1, 2000)}
SKIPPED = 77


def run(program: Path, case: str, times: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), case, str(times)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    counted = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or not counted:
        raise RuntimeError(f"{' '.join(command)} gave {result.returncode}:\n{result.stderr}")
    return int(counted[1])


def count(program: Path) -> dict[str, float]:
    return {
        case: round((run(program, case, 2 * times) - run(program, case, times)) / times / things, 1)
        for case, (things, times) in CASES.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--kept", type=Path, default=KEPT)
    parser.add_argument("--renew", action="store_true", help="keep the counts of this run")
    options = parser.parse_args()
    kept = json.loads(options.kept.read_text(encoding="utf-8")) if not options.renew else {}
    if not options.renew and kept["compiler"] != options.compiler:
        print(
            f"The counts that are kept are those of {kept['compiler']}, and this is {options.compiler}: not compared."
        )
        return SKIPPED
    counts = count(options.program)
    if options.renew:
        text = json.dumps({"compiler": options.compiler, "instructions": counts}, indent=1)
        options.kept.write_text(text + "\n", encoding="utf-8")
        return 0
    faults = 0
    for case, now in counts.items():
        before = kept["instructions"][case]
        print(f"{case}: {now} instructions, kept are {before}")
        if now > before * LIMIT:
            print(f"{options.kept}:1: {case} has grown by more than a tenth; if that is worth it: --renew")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
