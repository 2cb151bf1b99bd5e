"""Clients with one mistake each (docs/examples/mistakes): the worst permitted Outlook finds it; the right lines pass.

mistakes_test.py PROGRAM
"""

import os
import signal
import subprocess
import sys

HANGS = "it hangs"
CRASHES = (-signal.SIGSEGV, 1, 66)  # the last two are the exit codes of AddressSanitizer and ThreadSanitizer
SHORT = 3  # seconds, for what hangs
CAP = 120
TRIES = 20  # what comes late may still come in time for the mistake, on a busy machine

# The behaviour that finds it. With none on, the wrong client works, but for the last two.
FOUND_BY = {
    "whole-state": "extra-bits",
    "unchecked-info": "other-notifications",
    "zero-token": "zero-token",
    "captured-this": "late-notify",
    "lock-in-unadvise": "unadvise-waits-for-all",
    "block-in-done": "block-hangs",
    "freed-library": "late-release",
    "kept-info": "unreadable-info",
    "leaked-reference": "none",
    "touched-model": "none",
}
# What the page about symptoms says of them.
HOW = {"lock-in-unadvise": (HANGS,), "block-in-done": (HANGS,), "freed-library": CRASHES}
# The reference waits here too, and a page left as it was can still be read.
ALWAYS = ("lock-in-unadvise", "kept-info", "leaked-reference", "touched-model")


def run(program: str, name: str, lines: str, behaviours: str, cap: int) -> int | str:
    environment = {**os.environ, "OFFLINE_STATE_WORST": behaviours}
    command = [program, name, lines]
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=cap, check=False).returncode
    except subprocess.TimeoutExpired:
        return HANGS


def main() -> int:
    program = sys.argv[1]
    faults = []
    for name, behaviour in FOUND_BY.items():
        wanted = HOW.get(name, ())
        wrong = 0
        for _ in range(TRIES):
            if wrong == 0:
                wrong = run(program, name, "wrong", behaviour, SHORT if HANGS in wanted else CAP)
        if wrong == 0 or (wanted and wrong not in wanted):
            faults.append(f"{name}: with {behaviour} the wrong lines give {wrong}")
        right = run(program, name, "right", behaviour, CAP)
        if right != 0:
            faults.append(f"{name}: with {behaviour} the right lines give {right}")
        if name not in ALWAYS and (result := run(program, name, "wrong", "none", CAP)) != 0:
            faults.append(f"{name}: the wrong lines do not even work with none: {result}")
    print("\n".join(faults) or f"{len(FOUND_BY)} mistakes, all of them found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
