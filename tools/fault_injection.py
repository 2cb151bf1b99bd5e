"""A fault in a copy of the sources: what the drill and the fuzzer's mutants share."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT


class InjectionError(Exception):
    """One line: the fault cannot be injected."""


@dataclass(frozen=True)
class Edit:
    file: str
    find: str  # a regular expression that matches once; the whole file when it is to be deleted
    put: str | None  # None: delete the file

    def apply(self, tree: Path, *, dry: bool = False) -> None:
        file = tree / self.file
        if not file.is_file():
            raise InjectionError(f"{self.file}: there is no such file, so the fault cannot be injected")
        if self.put is not None:
            before = file.read_text(encoding="utf-8")
            after, count = re.subn(self.find, self.put, before, flags=re.MULTILINE)
            if count != 1 or after == before:
                raise InjectionError(f"{self.file}: {count} places instead of one, so nothing is injected: {self.find}")
            if not dry:
                file.write_text(after, encoding="utf-8")
        elif not dry:
            file.unlink()


def tracked() -> list[str]:
    """What git tracks, and what it would, as far as it is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
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
    """Brings a copy to the state of the working tree; what has not changed keeps its time."""
    names = tracked()
    for name in {name for name in files_of(tree) if not name.startswith("build/")}.difference(names):
        (tree / name).unlink()
    for name in names:
        source, target = ROOT / name, tree / name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
