"""Faults to put into a copy of the sources: those of the drill, and the mutants that the fuzzer must find."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, ToolError, output_of, read_toml

DRILL, MUTANTS = ROOT / "tools" / "faults.toml", ROOT / "tests" / "fuzz" / "mutants.toml"
FOUND_BY_FUZZER = (
    r"DIFFERENCE[^\n]*|ERROR: \w+Sanitizer[^\n]*|runtime error[^\n]*|terminate called[^\n]*|ERROR: libFuzzer: [^\n]*"
)


@dataclass(frozen=True)
class Edit:
    file: str
    find: str  # a regular expression that matches once
    put: str | None  # None: delete the file

    def apply(self, tree: Path, *, dry: bool = False) -> None:
        file = tree / self.file
        if not file.is_file():
            raise ToolError(f"{self.file}: there is no such file, so the fault cannot be injected")
        if self.put is not None:
            before = file.read_text(encoding="utf-8")
            after, count = re.subn(self.find, self.put, before, flags=re.MULTILINE)
            if count != 1 or after == before:
                raise ToolError(f"{self.file}: {count} places instead of one, so nothing is injected: {self.find}")
            if not dry:
                file.write_text(after, encoding="utf-8")
        elif not dry:
            file.unlink()


@dataclass(frozen=True)
class Fault:
    name: str
    edits: list[Edit]
    gate: list[str]  # the steps that should catch it: "build FILE", "test NAME" or "fuzz PROGRAM"
    says: re.Pattern[str]  # what that step prints

    def apply(self, tree: Path) -> None:
        for edit in self.edits:
            edit.apply(tree)

    def check(self) -> None:
        """Whether each edit has its place; the build folder's may not be there yet."""
        for edit in self.edits:
            if not edit.file.startswith("build/"):
                edit.apply(ROOT, dry=True)


def load(file: Path) -> list[Fault]:
    faults: dict[str, Fault] = {}
    for line, entry in read_toml(file, "fault" if file == DRILL else "mutant"):
        try:
            edits = [Edit(edit["file"], edit.get("find", ""), edit.get("put")) for edit in entry.get("edits", [entry])]
            steps = (step.split() for step in entry.get("gate", [f"fuzz {entry.get('target', 'calls')}"]))
            gate = [f"{kind} {name}" for kind, *names in steps for name in names]
            says = entry.get("says", "").replace(" ", r"\s+")  # a message may be wrapped anywhere
            fault = Fault(entry["name"], edits, gate, re.compile(says or FOUND_BY_FUZZER))
        except (KeyError, re.error) as error:
            raise ToolError(f"{file}:{line}: {type(error).__name__}: {error}") from None
        if fault.name in faults or {step.partition(" ")[0] for step in gate} - {"build", "test", "fuzz"}:
            raise ToolError(f"{file}:{line}: {fault.name!r} is there twice, or its gate has an unknown step")
        faults[fault.name] = fault
    return list(faults.values())


def tracked() -> list[str]:
    """The files that git tracks or would track, as far as they exist."""
    names = output_of(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Relative name -> time and size."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(at, name))
            found[os.path.relpath(os.path.join(at, name), folder)] = (status.st_mtime_ns, status.st_size)
    return found


def copy_sources(tree: Path) -> None:
    for name in tracked():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)


def mirror(source: Path, target: Path) -> None:
    """Makes target the same, times too: then Ninja and Sphinx see that nothing has changed."""
    wanted, there = files_of(source), files_of(target)
    for name in there.keys() - wanted.keys():
        (target / name).unlink()
    for name, status in wanted.items():
        if there.get(name) != status:
            (target / name).unlink(missing_ok=True)
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name, follow_symlinks=False)
