"""Has spin explore tests/model/registrations.pml and find the fault in each of its broken variants.

    tools.model [--renew]

Each run looks for assertions that fail, for states in which a thread waits forever, and for runs without an end. The
figures must be those in docs/figures/model.json, which the guide shows; --renew writes that file.
Exit code 77: spin or a C compiler is missing.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from tools import ROOT, SKIPPED, ToolError, figures, output_of, parser, run

MODEL = ROOT / "tests" / "model" / "registrations.pml"
RUNS: dict[str, list[str]] = {"registrations": [], "setters": ["SETTERS"], "leaving": ["LEAVING"]}  # and their macros
BROKEN = {  # the run in which spin must find each of these
    "registrations": ["NO_WAIT", "READ_FIRST", "NO_WAKE", "MOVE_IN_PHASE", "NO_LOOK", "NEWEST_FIRST", "REUSE_RUNNING",
                      "RELEASE_INSIDE", "ASK_AGAIN"],
    "leaving": ["NAME_NEXT", "COUNT_LATE"],
    "setters": ["BLOCK_INSIDE", "NO_COMPLETED"],
}  # fmt: skip
RUN_WITHOUT_END = {"COUNT_LATE"}  # the fault is a run without an end, not a wrong state
NUMBERS = {"states": r"(\d+) states, stored", "transitions": r"(\d+) transitions", "depth": r"depth reached (\d+)"}


def explore(work: Path, macros: list[str], *, loops: bool, optimise: str = "-O1") -> dict[str, int | str]:
    """Explores all states with these macros; loops: looks for runs without an end, else for wrong states."""
    output_of(["spin", *(f"-D{macro}" for macro in macros), "-a", MODEL], work)
    output_of(["cc", optimise, "-w", "-DNP" if loops else "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], work)
    text = output_of(["./pan", "-m100000", *(["-l"] if loops else [])], work)
    numbers = {name: int(found[1]) for name, pattern in NUMBERS.items() if (found := re.search(pattern, text))}
    fault = re.search(r"^pan:\d+: (.*?) \(at depth", text, flags=re.MULTILINE)
    understood = len(numbers) == len(NUMBERS) and (fault is None) == ("errors: 0" in text)
    if not understood or "max search depth too small" in text:
        raise ToolError(f"{' '.join(macros)}: spin did not explore all of it\n{text[-2000:]}")
    return numbers | {"fault": fault[1] if fault else ""}


def explore_all(work: Path) -> dict[str, object]:
    runs: list[dict[str, int | str]] = []
    for name, macros in RUNS.items():
        result, without_end = (explore(work, macros, loops=loops) for loops in (False, True))
        if fault := result.pop("fault") or without_end["fault"]:
            raise ToolError(f"{MODEL.relative_to(ROOT)}:1: {name}: {fault}")
        print(f"{name}: {result['states']} states, no fault, no run without an end", flush=True)
        runs.append({"name": name} | result)
    broken = []
    for name, variants in BROKEN.items():
        for variant in variants:
            # Ends at its fault, long before an optimiser has paid.
            found = explore(work, [*RUNS[name], variant], loops=variant in RUN_WITHOUT_END, optimise="-O0")["fault"]
            print(f"{variant}: {found or 'nothing found'}", flush=True)
            if not found:
                raise ToolError(f"{MODEL.relative_to(ROOT)}:1: spin finds nothing in the broken variant {variant}")
            broken.append({"variant": variant, "found": found})
    version = output_of(["spin", "-V"]).removeprefix("Spin Version ").split()[0]
    return {
        "model": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "spin": version,
        "states": sum(int(each["states"]) for each in runs),
        "runs": runs,
        "broken": broken,
    }


def main() -> int:
    syntax = parser(__doc__)
    syntax.add_argument("--renew", action="store_true", help="keep the figures of this run")
    options = syntax.parse_args()
    for program, package in (("spin", "spin"), ("cc", "gcc")):
        if not shutil.which(program):
            print(f"skipped: there is no {program} (package {package})")
            return SKIPPED
    with tempfile.TemporaryDirectory() as work:
        new = explore_all(Path(work))
    if options.renew:
        figures.write("model", new)
    old = figures.read("model")
    # Another version of spin may count the states differently.
    if old["model"] != new["model"] or (old["spin"] == new["spin"] and old != new):
        raise ToolError("docs/figures/model.json:1: another model's figures: python3 -m tools.model --renew")
    return 0


if __name__ == "__main__":
    run(main)
