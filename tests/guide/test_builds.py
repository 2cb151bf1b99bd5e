"""The guide built from clean once more, and built again after one page has changed; in a scratch copy of the sources.

Only Doxygen, Sphinx and the checks of the pages run, with the commands that Ninja lists for the build folder.
What the C++ build has left for the guide is taken from there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from guide_site import ROOT, GuideError

STEPS = re.compile(r"doxygen .+/Doxyfile|tools\.pages sources|build-guide\.cmake")
USED = ("docs/evidence.json", "tests/report.xml", "tests/conformance/mutants.json")  # as far as they are there
# What differs between two people's machines and must not be seen in a page.
SETTINGS = (
    {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
)


@dataclass(frozen=True)
class Copy:
    """The sources in a folder of their own, with a build folder for the guide."""

    folder: Path
    output: Path
    commands: list[str]
    settings: dict[str, str]

    def run(self, steps: list[str]) -> None:
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1000000000"} | self.settings
        for command in steps:
            done = subprocess.run(
                command, check=False, shell=True, cwd=self.output, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def copy_sources(folder: Path, built: Path, settings: dict[str, str]) -> Copy:
    """Everything that the commands name is in the copy, but for the programs."""
    ask = ["ninja", "-C", str(built.parent), "-t", "commands", "docs/html/index.html"]
    listed = subprocess.run(ask, check=False, capture_output=True, text=True)
    steps = [line for line in listed.stdout.splitlines() if STEPS.search(line)]
    if len(steps) != 3:
        raise GuideError(f"{built.parent} does not say how it builds the guide: {listed.stdout[-500:]}{listed.stderr}")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    output = folder / built.relative_to(ROOT)
    output.mkdir(parents=True)

    def moved(text: str) -> str:
        return re.sub(re.escape(str(ROOT)) + r"(?!/build\b)", str(folder), text.replace(str(built), str(output)))

    for name in USED:
        if (built.parent / name).is_file():
            (output.parent / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(built.parent / name, output.parent / name)
    output.joinpath("Doxyfile").write_text(moved(built.joinpath("Doxyfile").read_text("utf-8")), "utf-8")
    return Copy(folder, output, [moved(step) for step in steps], settings)


def difference(one: Path, other: Path) -> str | None:
    """The first file that differs, and where."""
    names = {file.relative_to(folder) for folder in (one, other) for file in folder.rglob("*") if file.is_file()}
    for name in sorted(names, key=lambda name: (name.name == ".buildinfo", name)):  # which holds hashes only: last
        if missing := [folder for folder in (one, other) if not (folder / name).is_file()]:
            return f"{name} is not in {missing[0]}"
        before, after = (folder.joinpath(name).read_bytes() for folder in (one, other))
        if before != after:
            shorter = min(len(before), len(after))
            at = next((n for n in range(shorter) if before[n] != after[n]), shorter)
            parts = [text[max(0, at - 40) : at + 40].decode("utf-8", "replace") for text in (before, after)]
            line = before.count(b"\n", 0, at) + 1
            return f"{name}:{line} differs: {parts[0]!r} / {parts[1]!r}"
    return None if names else "there is nothing to compare"


def test_builds(html: Path, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Two clean builds, in folders of different names, are the same; the time of a rebuild is printed.

    The guide that is here is one of them. After edits it may have been built in parts, and keep what a clean build does
    not make: if it differs, another one is built."""
    copy = copy_sources(tmp_path / "another-and-longer", html.parent, SETTINGS[0])
    copy.run(copy.commands)
    if different := difference(html, copy.output / "html"):
        record_property("note", f"The guide here is not that of a clean build, so two are compared: {different}")
        one = copy_sources(tmp_path / "one", html.parent, SETTINGS[1])
        one.run(one.commands)
        different = difference(one.output / "html", copy.output / "html")
    assert not different, different

    seconds = seconds_to_rebuild(copy)
    record_property("note", f"A rebuild after one edited page takes {seconds:.1f} s.")  # what we want is 5


def seconds_to_rebuild(copy: Copy) -> float:
    """After a sentence more in one page."""
    source, page = copy.folder / "docs/tutorial/step-4-advise.rst", copy.output / "html/tutorial/step-4-advise.html"
    source.write_text(source.read_text("utf-8") + "\nOne sentence more than before.\n", "utf-8")
    start = time.monotonic()
    copy.run([step for step in copy.commands if "/Doxyfile" not in step])
    seconds = time.monotonic() - start
    assert "One sentence more than before." in page.read_text("utf-8")
    return seconds
