"""Counts instructions with valgrind: of a callback, of Unadvise with Advise, of a call that does next to nothing.

    tools.instructions PROGRAM --compiler NAME [--renew]

PROGRAM is benchmarks/instructions.cpp, compiled. A count that is more than a tenth above the one in
docs/figures/instructions.json is a fault. Unlike times, counts are the same on a busy machine. The call is for TRACE-2:
without a sink no text is made for the trace. Exit code 77: the kept counts are another compiler's.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools import SKIPPED, ToolError, figures, output_of, parser, run

LIMIT = 1.1
# The case, how many things one of it has, and how often it is done: twice as often in a second run.
CASES = {"delivery": (3 * 1000, 20), "replace": (1, 2000), "call": (1, 2000)}


def instructions(program: Path, case: str, times: int) -> int:
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    output = output_of([*valgrind, program, case, str(times)])
    if not (counted := re.search(r"Collected : (\d+)", output)):
        raise ToolError(f"valgrind counted nothing:\n{output}")
    return int(counted[1])


def main() -> int:
    syntax = parser(__doc__)
    syntax.add_argument("program", type=Path)
    syntax.add_argument("--compiler", required=True)
    syntax.add_argument("--renew", action="store_true", help="keep the counts of this run")
    options = syntax.parse_args()
    kept = figures.read("instructions")
    if not options.renew and kept["compiler"] != options.compiler:
        print(f"not compared: the kept counts are those of {kept['compiler']}, and this is {options.compiler}")
        return SKIPPED
    counts = {}
    for case, (things, times) in CASES.items():
        once, twice = (instructions(options.program, case, n * times) for n in (1, 2))
        counts[case] = round((twice - once) / times / things, 1)
        print(f"{case}: {counts[case]} instructions, kept are {kept['instructions'][case]}", flush=True)
    if options.renew:
        figures.write("instructions", {"compiler": options.compiler, "instructions": counts})
        return 0
    if grown := [case for case, now in counts.items() if now > kept["instructions"][case] * LIMIT]:
        raise ToolError(f"grown by more than a tenth: {', '.join(grown)}; if that is worth it: --renew")
    return 0


if __name__ == "__main__":
    run(main)
