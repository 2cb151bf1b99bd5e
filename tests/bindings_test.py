#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API in other languages: builds each language of bindings/ whose tools are there, and runs it.

Its declarations are those of the compiled header (bindings/facts.json); the five steps print what the C++ samples
print, also with the worst permitted Outlook; wrong input gives an error in words; it ends with a change under way.

    bindings_test.py [--build FOLDER] [--work FOLDER] [--leave N] [LANGUAGE...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "worst")]
from samples_test import FAILED_FIRST, NOTIFICATION, VARIES  # noqa: E402 from a folder of its own

from tools.bindings import LANGUAGES, Language, missing  # noqa: E402

BINDINGS, SAMPLES = ROOT / "bindings", ROOT / "samples"
CAP = 60  # seconds, for what takes less than one
STEPS = "12345"
EXPECTED = [next(SAMPLES.glob(f"step{step}_*.expected.txt")).read_text(encoding="utf-8") for step in STEPS]
# Where more than one output is right. Step 4 ends its callback too, unlike in C++, so it ignores a late Notify.
VARIES_IN_A_STEP = {name for sample, names in VARIES.items() if sample.startswith("step") for name in names}
VARIES_IN_A_STEP -= {"late-notify"}
REQUIRED = re.compile(
    r"(MAPIOFFLINE_[A-Z_]+|GUID_\w+|IID_\w+|(sizeof )?MAPIOFFLINE_(ADVISEINFO|CREATEINFO|NOTIFY)"
    r"(\.(?!Info$|Info\.StateChange$)[\w.]+)?)"
)
OF_COM = {"E_POINTER": str(0x80004003), "IID_IUnknown": "00000000-0000-0000-C000-000000000046"}  # not in the header
# Another library for the test, which every Linux has; and the words that must be in the reason.
OTHER_LIBRARY = "libm.so.6"
BAD_INPUT = {  # and in C, where a result is all that there is
    "an unknown profile": (r'0x8004010f.*no offline object for the profile "Nobody"', r"0x8004010f$"),
    "a name of 65 characters": (r"0x8004010f.*a name has 1 to 64 characters, this one 65", r"0x8004010f$"),
    "a library that is missing": (r"/no/such/library\.so cannot be loaded: .*No such file",),
    "a library without the exports": (r"libm\.so\.6 does not export HrOpenOfflineObj",),
}
AFTER_A_THROW = ["after it: STATECHANGE", "after it: DONE"]


class Failure(Exception):
    pass


@functools.cache
def table(behaviours: Path, choice: str) -> list[dict]:
    """The behaviours, and which of them are on."""
    environment = {**os.environ, "OFFLINE_STATE_WORST": choice}
    return json.loads(subprocess.run([behaviours], env=environment, capture_output=True, check=True).stdout)


@dataclass
class Run:
    language: Language
    work: Path
    reference: Path
    worst: Path
    behaviours: Path

    def __call__(
        self, *arguments: str, library: Path | None = None, behaviours: str = "none", trace: str = ""
    ) -> tuple[int, str, str]:
        command = [*self.language.program(self.work), str(library or self.reference), *arguments]
        environment = {**os.environ, "OFFLINE_STATE_WORST": behaviours, "RUST_BACKTRACE": "0"}
        environment["OFFLINE_STATE_TRACE"] = trace
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=CAP, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"{' '.join(arguments)} with {behaviours}: it does not end") from None
        return done.returncode, done.stdout, done.stderr

    def build(self) -> Iterator[str]:
        for command in self.language.commands(self.work):
            done = subprocess.run(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if done.returncode != 0:
                yield f"{' '.join(command)}\n{done.stdout}"

    def facts(self) -> Iterator[str]:
        if self.language.is_header:
            return  # it is what the facts are made of
        known = json.loads((BINDINGS / "facts.json").read_text(encoding="utf-8"))
        known = OF_COM | {name: str(value) for kind in known if kind != "x86" for name, value in known[kind].items()}
        code, output, errors = self("facts")
        if code != 0:
            yield f"facts: exit code {code}: {errors}"
        required = {name for name in known.keys() - OF_COM.keys() if REQUIRED.fullmatch(name)}
        for line in output.splitlines():
            name, _, value = line.rpartition(" ")
            if known.get(name) != value:
                yield f"its declarations say {name} is {value}; the header says {known.get(name, 'nothing about it')}"
            required.discard(name)
        for name in sorted(required):
            yield f"its declarations do not say what {name} is"

    def outputs(self) -> Iterator[str]:
        for step, expected in zip(STEPS, EXPECTED, strict=True):
            code, output, errors = self(step)
            if code != 0 or output != expected or errors:
                yield f"step {step}: exit code {code}, it prints:\n{output}{errors}"
        begun, ended = self.registrations("45")
        if (begun, ended) != (2, 2):
            yield f"steps 4 and 5 begin {begun} registrations and end {ended}"

    def bad_input(self) -> Iterator[str]:
        code, output, errors = self()
        if code != 2 or "Usage: " not in errors or output:
            yield f"without arguments: exit code {code}: {output}{errors}"
        if self.language.name != "Rust":  # which has unit tests for it
            # A callback is called, called with null, ended, and called again.
            code, output, errors = self("ended")
            if code != 0 or output != "1 call\n" or errors:
                yield f"a callback that has ended: exit code {code}: {output}{errors}"
        code, output, errors = self("bad", OTHER_LIBRARY)
        found = dict(line.partition(": ")[::2] for line in output.splitlines() if not line.startswith("after it"))
        for what, reasons in BAD_INPUT.items():
            reason = reasons[-1 if self.language.is_header else 0]
            if not re.search(reason, found.get(what, "")):
                yield f"{what}: it says {found.get(what, 'nothing')!r}, not {reason!r}"
        if code != 0:
            yield f"wrong input: exit code {code}: {errors}"
        if self.language.throws:
            after = [line for line in output.splitlines() if line.startswith("after it")]
            if after != AFTER_A_THROW or "thrown in a callback" not in errors or "ignored" in errors:
                yield f"a sink that throws: {after}; on standard error: {errors}"
        code, output, errors = self(STEPS, library=Path("/no/such/library.so"))
        if code != 1 or "/no/such/library.so cannot be loaded" not in errors or output:
            yield f"without a library: exit code {code}: {output}{errors}"

    def leaving(self, count: int) -> Iterator[str]:
        for each in range(count):
            code, output, errors = self("leave")
            if code != 0 or output or errors:
                yield f"leaving, time {each + 1}: exit code {code}: {output}{errors}"
        # Somebody still calls the callback, or has a reference on it, when the registration has ended.
        for behaviour in ("late-notify", "late-release", "unadvise-never-waits"):
            code, output, errors = self("leave", library=self.worst, behaviours=behaviour)
            if code != 0 or output or errors:
                yield f"leaving with {behaviour}: exit code {code}: {output}{errors}"
        if self.language.ends_registrations and self.registrations("leave") != (1, 1):
            yield "leaving: the registration that is outstanding does not end"

    def registrations(self, what: str) -> tuple[int, int]:
        """How many it begins, and how many it ends."""
        trace = self.work / "trace.txt"
        trace.unlink(missing_ok=True)
        self(what, trace=str(trace))
        text = trace.read_text(encoding="utf-8")
        return text.count("IMAPIOfflineMgr::Advise = S_OK"), text.count("IMAPIOfflineMgr::Unadvise = S_OK")

    def worst_permitted(self) -> Iterator[str]:
        names = [each["name"] for each in table(self.behaviours, "none")]
        nearly_all = ",".join(name for name in names if name != "open-fails-first")  # or no step gets further
        for choice in ("none", *names, "all", nearly_all):
            on = {each["name"] for each in table(self.behaviours, choice) if each["on"]}
            code, output, errors = self(STEPS, library=self.worst, behaviours=choice)
            if code != 0:
                if not ("open-fails-first" in on and code == 1 and FAILED_FIRST.search(errors)):
                    yield f"with {choice}: exit code {code}: {output}{errors}"
                continue
            # Where it varies, what remains without the notifications; the last line may be half.
            right, printed = "".join(EXPECTED).splitlines(), output[: output.rfind("\n") + 1].splitlines()
            if on & VARIES_IN_A_STEP:
                right, printed = (
                    [line for line in lines if not NOTIFICATION.fullmatch(line)] for lines in (right, printed)
                )
            if printed != right:
                yield f"with {choice} it prints:\n{output}"

    def all(self, leave: int) -> list[str]:
        faults = list(self.build())
        if not faults:
            for check in (self.facts, self.outputs, self.bad_input, lambda: self.leaving(leave), self.worst_permitted):
                try:
                    faults += check()
                except Failure as failure:
                    faults.append(str(failure))
        return [f"{self.language.name}: {fault}" for fault in faults]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/linux-gcc", help="with the libraries")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bindings", help="where the programs are built")
    parser.add_argument("--leave", type=int, default=50, metavar="N", help="how often to leave (default: %(default)s)")
    names = [each.name for each in LANGUAGES]
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(names)} (default: all)")
    options = parser.parse_args()
    for unknown in set(options.languages) - set(names):
        parser.error(f"there is no language {unknown}: there are {', '.join(names)}")
    built = options.build.resolve() / "reference-impl"
    libraries = [built / "libmapioffline.so", built / "worst/libmapioffline_worst.so", built / "worst/worst_behaviours"]
    for file in libraries:
        if not file.exists():
            parser.error(f"there is no {file}: cmake --build --preset linux-gcc --target mapioffline worst_behaviours")
    faults = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {}
        for language in LANGUAGES:
            if options.languages and language.name not in options.languages:
                continue
            if without := missing(language):
                print(f"left out: {language.name}: there is no {without}")
                continue
            work = options.work.resolve() / language.folder
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            runs[pool.submit(Run(language, work, *libraries).all, options.leave)] = language.name
        for run in concurrent.futures.as_completed(runs):
            faults += run.result()
            print(f"{runs[run]}: {len(run.result())} faults")
    print("\n".join(faults))
    return 1 if faults or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
