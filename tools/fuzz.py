"""Fuzzes the implementation against the model of the statements (tests/fuzz).

    fuzz.py gate                   plays what the corpus holds and a number of inputs that libFuzzer makes of it, with a
                                   fixed seed; fails on a difference. For ./check: a seed that is new each time would
                                   make it red or green by chance. The longer runs have a new one.
    fuzz.py run --seconds 60       the same for so long, with a new seed, and with what runs before have found
    fuzz.py run --calls 10000000   the long run: until so many calls are compared; writes docs/figures/fuzzing.json
    fuzz.py minimise               keeps, of what the runs have found, the files that tests/fuzz/corpus needs
    fuzz.py mutants [NAME...]      puts each fault of tests/fuzz/mutants.toml into a copy of the implementation and
                                   measures how long the fuzzer takes, with the corpus and without; writes
                                   docs/figures/mutants.json

docs/figures/fuzzing.json: the date, the hash of the code, and for each target the inputs and calls compared, the
seconds, and the files in the corpus. docs/figures/mutants.json: the date, the hash of the code, and for each mutant its
name, the statement that it breaks, whether it was found, after how many seconds with the corpus and from nothing (null:
not within the limit), and what was said.
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
import time
import tomllib
from pathlib import Path
from typing import Any

from tools.fault_injection import ROOT, Edit, InjectionError, copy_sources
from tools.figures import code_hash

CORPUS = ROOT / "tests" / "fuzz" / "corpus"  # made by minimise
SEEDS = ROOT / "tests" / "fuzz" / "seeds"  # made by hand
MUTANTS = ROOT / "tests" / "fuzz" / "mutants.toml"
FIGURES = ROOT / "docs" / "figures"
WORK = ROOT / "build" / "fuzz" / "work"
MAX_LENGTH = {"calls": 2048, "arguments": 300}
SHARE = {"calls": 0.8, "arguments": 0.2}  # of the time
GATE = {"calls": 1500, "arguments": 40_000}  # inputs: half a minute
GATE_SEED = 1
PROOF = re.compile(
    r"DIFFERENCE[^\n]*|ERROR: \w+Sanitizer[^\n]*|runtime error[^\n]*|terminate called[^\n]*|ERROR: libFuzzer: [^\n]*"
)


class FuzzError(Exception):
    """One line: it cannot be done."""


def build(root: Path, *options: str) -> None:
    targets = [f"{kind}_{target}" for kind in ("fuzz", "replay") for target in MAX_LENGTH]
    for command in (
        ["cmake", "--preset", "fuzz", *options],
        ["cmake", "--build", "--preset", "fuzz", "--target", *targets],
    ):
        done = subprocess.run(
            command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if done.returncode != 0:
            raise FuzzError(f"{' '.join(command)} has failed:\n{done.stdout[-3000:]}")


def fuzz(root: Path, target: str, folders: list[Path], *options: str, wait: int = 100) -> tuple[int, str]:
    """The exit code and what was printed."""
    command = [
        str(root / "build" / "fuzz" / "tests" / "fuzz" / f"fuzz_{target}"),
        f"-max_len={MAX_LENGTH[target]}",
        "-len_control=0",  # the interesting inputs are long
        f"-timeout={wait}",
        f"-artifact_prefix={WORK}/",
        *options,
        *map(str, folders),
    ]
    WORK.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=WORK, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout


def kept(target: str) -> list[Path]:
    return [folder / target for folder in (CORPUS, SEEDS) if (folder / target).is_dir()]


def printed_number(pattern: str, output: str) -> int:
    found = re.search(pattern, output)
    if found is None:
        raise FuzzError(f"the fuzzer has not printed its figures:\n{output[-2000:]}")
    return int(found.group(1))


def said_no_difference(target: str, code: int, output: str) -> bool:
    if code != 0:
        sys.stdout.write(output[-20000:])
        print(f"\nfuzz: a difference or a crash; {WORK} has the input. To see the calls:")
        print(f"  build/fuzz/tests/fuzz/replay_{target} --words FILE")
    return code == 0


def gate() -> int:
    read_mutants()  # so that a change of the code which leaves one without its place is noticed now
    build(ROOT)
    new = WORK / "gate"  # nothing is taken from runs before
    for target, inputs in GATE.items():
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        options = (f"-runs={inputs}", f"-seed={GATE_SEED}", "-print_final_stats=1")
        code, output = fuzz(ROOT, target, [new, *kept(target)], *options)
        if not said_no_difference(target, code, output):
            return 1
        played = printed_number(r"stat::number_of_executed_units: (\d+)", output)
        print(f"{target}: {played} inputs, seed {GATE_SEED}", flush=True)
    print("no difference, and no report of a sanitizer")
    return 0


def run(seconds: int | None, calls: int | None) -> int:
    build(ROOT)
    figures: dict[str, Any] = {"date": datetime.date.today().isoformat(), "code": code_hash(), "targets": {}}
    for target in MAX_LENGTH:
        found = WORK / "found" / target
        found.mkdir(parents=True, exist_ok=True)
        start, compared, inputs = time.monotonic(), 0, 0
        chunk = 60 if seconds is None else max(1, round(seconds * SHARE[target]))
        while True:
            code, output = fuzz(
                ROOT, target, [found, *kept(target)], f"-max_total_time={chunk}", "-print_final_stats=1"
            )
            if not said_no_difference(target, code, output):
                return 1
            inputs += printed_number(r"stat::number_of_executed_units: (\d+)", output)
            if target == "calls":
                compared += printed_number(r"calls played: (\d+)", output)
                print(f"{target}: {compared} calls, {round(time.monotonic() - start)} s", flush=True)
            if calls is None or target != "calls" or compared >= calls:
                break
        figures["targets"][target] = {
            "inputs": inputs,
            "seconds": round(time.monotonic() - start),
            "corpus": sum(len(list(folder.iterdir())) for folder in kept(target)),
        } | ({"calls": compared} if target == "calls" else {})
    for target, figure in figures["targets"].items():
        print(f"{target}: " + ", ".join(f"{value} {name}" for name, value in figure.items()))
    if calls is not None:
        write(FIGURES / "fuzzing.json", figures)
    print("no difference, and no report of a sanitizer")
    return 0


def minimise() -> int:
    build(ROOT)
    for target in MAX_LENGTH:
        small, folder = WORK / "small" / target, CORPUS / target
        shutil.rmtree(small, ignore_errors=True)
        small.mkdir(parents=True)
        folder.mkdir(parents=True, exist_ok=True)
        code, output = fuzz(
            ROOT, target, [small, *kept(target), WORK / "found" / target], "-set_cover_merge=1", "-use_counters=0"
        )
        if code != 0:
            sys.stdout.write(output[-5000:])
            return 1
        shutil.rmtree(folder)
        shutil.copytree(small, folder)
        sizes = [file.stat().st_size for file in folder.iterdir()]
        print(f"{target}: {len(sizes)} files, {sum(sizes)} bytes")
    return 0


def read_mutants() -> list[dict[str, Any]]:
    """Each has its place in the code."""
    mutants = tomllib.loads(MUTANTS.read_text(encoding="utf-8"))["mutant"]
    for mutant in mutants:
        edit_of(mutant).apply(ROOT, dry=True)
    return mutants


def edit_of(mutant: dict[str, Any]) -> Edit:
    return Edit(mutant["file"], mutant["find"], mutant["put"])


def try_mutant(tree: Path, mutant: dict[str, Any], limit: int) -> dict[str, Any]:
    file = tree / mutant["file"]
    edit_of(mutant).apply(tree)
    result = {"name": mutant["name"], "statement": mutant["statement"], "found": False}
    try:
        build(tree, "-DOFFLINE_STATE_WARNINGS_AS_ERRORS=OFF")  # a fault may look like one
        target = mutant.get("target", "calls")
        empty = tree / "empty"
        for key, folders in (
            ("seconds_with_corpus", kept(target)),
            ("seconds_from_nothing", []),
        ):
            shutil.rmtree(empty, ignore_errors=True)
            empty.mkdir()
            start = time.monotonic()
            code, output = fuzz(tree, target, [empty, *folders], f"-max_total_time={limit}", wait=20)
            proof = PROOF.search(output)
            if code != 0 and proof is not None:
                result["found"] = True
                result[key] = round(time.monotonic() - start, 1)
                message = re.sub(r" (on|at|call on) (unknown )?address 0x.*", "", proof.group(0))
                result.setdefault("message", message)
            else:
                result[key] = None
    finally:
        shutil.copy2(ROOT / mutant["file"], file)
        os.utime(file)
    return result


def mutants(names: list[str], limit: int) -> int:
    all_mutants = read_mutants()
    unknown = set(names) - {each["name"] for each in all_mutants}
    if unknown:
        raise FuzzError(f"there is no mutant {', '.join(sorted(unknown))} in {MUTANTS.relative_to(ROOT)}")
    tree = ROOT / "build" / "mutants"
    copy_sources(tree)
    results = []
    for mutant in all_mutants:
        if names and mutant["name"] not in names:
            continue
        result = try_mutant(tree, mutant, limit)
        results.append(result)
        times = [result["seconds_with_corpus"], result["seconds_from_nothing"]]
        shown = ", ".join("not found" if each is None else f"{each} s" for each in times)
        print(f"{mutant['name']}: {shown}\n    {result.get('message', '')}", flush=True)
    when = {"date": datetime.date.today().isoformat(), "code": code_hash()}
    if names and (FIGURES / "mutants.json").is_file():  # the others stay as they were measured, and as old
        when = json.loads((FIGURES / "mutants.json").read_text("utf-8"))
        measured = {each["name"]: each for each in (*when.pop("mutants"), *results)}
        results_kept = [measured[each["name"]] for each in all_mutants if each["name"] in measured]
    else:
        results_kept = results
    write(FIGURES / "mutants.json", when | {"mutants": results_kept})
    missed = [each["name"] for each in results if not each["found"]]
    print(f"{len(results) - len(missed)} of {len(results)} mutants found")
    return 1 if missed else 0


def write(file: Path, figures: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("gate", help="the same inputs each time, as far as libFuzzer can tell")
    one = commands.add_parser("run", help="fuzz")
    extent = one.add_mutually_exclusive_group(required=True)
    extent.add_argument("--seconds", type=int, help="for all targets together")
    extent.add_argument("--calls", type=int, help="until so many calls have been compared")
    commands.add_parser("minimise", help="make the corpus small")
    one = commands.add_parser("mutants", help="prove that it finds faults")
    one.add_argument("name", nargs="*", help="only these")
    one.add_argument("--seconds", type=int, default=60, help="at most, for each mutant and way (60)")
    arguments = parser.parse_args()
    try:
        if arguments.command == "gate":
            return gate()
        if arguments.command == "run":
            return run(arguments.seconds, arguments.calls)
        if arguments.command == "minimise":
            return minimise()
        return mutants(arguments.name, arguments.seconds)
    except (FuzzError, InjectionError) as fault:
        print(f"fuzz: {fault}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
