"""Fuzzes the implementation against the model of the statements (tests/fuzz), and the worst permitted Outlook
(tests/worst), which must only not crash itself.

    tools.fuzz gate              plays the corpus and what libFuzzer makes of it with a fixed seed; for ./check, which a
                                 new seed each time would make pass or fail by chance
    tools.fuzz run --seconds 60  the same for so long, with a new seed, and with what earlier runs have found; and the
                                 worst permitted Outlook, whose threads make no two runs the same
    tools.fuzz run --calls N     the long run: until so many calls are compared; writes docs/figures/fuzzing.json
    tools.fuzz minimise          makes tests/fuzz/corpus of what the runs have found, as few files as possible

fuzzing.json has the date, the hash of the code, and for each target the inputs and calls compared, the seconds, and the
number of files in the corpus. That the fuzzer finds faults is shown by tools.drill --mutants.
"""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import time
from pathlib import Path

from tools import ROOT, ToolError, faults, figures, output_of, parser, run

CORPUS = ROOT / "tests" / "fuzz" / "corpus"  # made by minimise
SEEDS = ROOT / "tests" / "fuzz" / "seeds"  # made by hand
PRESET = "asan-ubsan"
WORK = ROOT / "build" / PRESET / "fuzz"
MAX_LENGTH = {"calls": 2048, "arguments": 300, "worst": 1600}
SHARE = {"calls": 0.7, "arguments": 0.2, "worst": 0.1}  # of the time
GATE = {"calls": 1500, "arguments": 40_000}  # inputs: half a minute
GATE_SEED = 1


def build() -> None:
    targets = [f"fuzz_{target}" for target in MAX_LENGTH] + [f"replay_{target}" for target in GATE]
    output_of(["cmake", "--preset", PRESET])
    output_of(["cmake", "--build", "--preset", PRESET, "--target", *targets])


def command(root: Path, target: str, folders: list[Path], *options: str, wait: int = 100) -> list[str]:
    """Runs what root has built; what libFuzzer finds new goes to the first folder."""
    built = root / "build" / PRESET
    work = built / "fuzz"
    work.mkdir(parents=True, exist_ok=True)
    program = built / "tests" / ("fuzz" if target in GATE else target) / f"fuzz_{target}"
    common = [f"-max_len={MAX_LENGTH[target]}", "-len_control=0", f"-timeout={wait}"]  # the interesting inputs are long
    return [str(program), *common, f"-artifact_prefix={work}/", *options, *map(str, folders)]


def fuzz(target: str, folders: list[Path], *options: str) -> str:
    """What was printed; a fault if the fuzzer found a difference."""
    done = subprocess.run(
        command(ROOT, target, folders, *options), cwd=WORK.parent, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # fmt: skip
    if done.returncode != 0:
        calls = f" To see the calls:\n  {WORK.parent}/tests/fuzz/replay_{target} --words FILE" if target in GATE else ""
        raise ToolError(f"{done.stdout[-20000:]}\nfuzz: a difference or a crash; {WORK} has the input.{calls}")
    return done.stdout


def kept(target: str) -> list[Path]:
    return [folder / target for folder in (CORPUS, SEEDS) if (folder / target).is_dir()]


def empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def printed_number(pattern: str, output: str) -> int:
    found = re.search(pattern, output)
    if found is None:
        raise ToolError(f"the fuzzer has not printed its figures:\n{output[-2000:]}")
    return int(found[1])


def inputs_played(output: str) -> int:
    return printed_number(r"stat::number_of_executed_units: (\d+)", output)


def gate() -> None:
    for mutant in faults.load(faults.MUTANTS):
        mutant.check()  # an edit of the code may have removed its place
    build()
    for target, inputs in GATE.items():
        options = (f"-runs={inputs}", f"-seed={GATE_SEED}", "-print_final_stats=1")
        output = fuzz(target, [empty(WORK / "gate"), *kept(target)], *options)  # uses nothing from earlier runs
        print(f"{target}: {inputs_played(output)} inputs, seed {GATE_SEED}", flush=True)
    print("no difference, and no report of a sanitizer")


def long_run(seconds: int | None, calls: int | None) -> None:
    build()
    targets: dict[str, dict[str, int]] = {}
    for target, share in SHARE.items():
        found = WORK / "found" / target
        found.mkdir(parents=True, exist_ok=True)
        chunk = 60 if seconds is None else max(1, round(seconds * share))
        start, inputs, compared = time.monotonic(), 0, 0
        while True:
            output = fuzz(target, [found, *kept(target)], f"-max_total_time={chunk}", "-print_final_stats=1")
            inputs += inputs_played(output)
            if target == "calls":
                compared += printed_number(r"calls played: (\d+)", output)
            if calls is None or target != "calls" or compared >= calls:
                break
        files = sum(len(list(folder.iterdir())) for folder in kept(target))
        targets[target] = {"inputs": inputs, "seconds": round(time.monotonic() - start), "corpus": files}
        targets[target] |= {"calls": compared} if target == "calls" else {}
        print(f"{target}: " + ", ".join(f"{value} {name}" for name, value in targets[target].items()), flush=True)
    if calls is not None:
        today = datetime.date.today().isoformat()
        figures.write("fuzzing", {"date": today, "code": figures.code_hash(), "targets": targets})
    print("no difference, and no report of a sanitizer")


def minimise() -> None:
    build()
    for target in GATE:
        small = empty(WORK / "small" / target)
        fuzz(target, [small, *kept(target), WORK / "found" / target], "-set_cover_merge=1", "-use_counters=0")
        shutil.rmtree(CORPUS / target, ignore_errors=True)
        shutil.copytree(small, CORPUS / target)
        sizes = [file.stat().st_size for file in small.iterdir()]
        print(f"{target}: {len(sizes)} files, {sum(sizes)} bytes")


def main() -> int:
    syntax = parser(__doc__)
    commands = syntax.add_subparsers(dest="command", required=True)
    commands.add_parser("gate", help="the same inputs each time")
    one = commands.add_parser("run", help="new inputs")
    extent = one.add_mutually_exclusive_group(required=True)
    extent.add_argument("--seconds", type=int, help="for all targets together")
    extent.add_argument("--calls", type=int, help="until so many calls have been compared")
    commands.add_parser("minimise", help="make the corpus small")
    options = syntax.parse_args()
    if options.command == "run":
        long_run(options.seconds, options.calls)
    else:
        {"gate": gate, "minimise": minimise}[options.command]()
    return 0


if __name__ == "__main__":
    run(main)
