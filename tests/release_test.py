#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The release archive, as a new user would try it: from the zip alone.

Unpacks it in a folder with blanks in its name, compares what is in it with tests/release_contents.txt, builds the
samples with mingw-w64, runs them (under Wine) beside the DLL, and lets the stand-in for Outlook register, run and
unregister the add-in: those of the archive.

Usage: release_test.py ARCHIVE [--renew] [--addin-tests PROGRAM] [UNITTEST-OPTION...] [Contents | Samples]
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from typing import ClassVar

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTENTS = ROOT / "tests" / "release_contents.txt"
CAP = 300  # seconds; far more than anything here takes
COMPILERS = {"x64": "x86_64-w64-mingw32-g++-posix", "x86": "i686-w64-mingw32-g++-posix"}
ON_X86 = "step2_open_offline_object"  # links the static library
LINKS_THE_DLL = """#include <mapioffline.h>
int main() { return HrOpenOfflineObj(0, nullptr, nullptr, nullptr, nullptr) == S_OK; }
"""
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d  ", re.MULTILINE)
# Shown as one line: the guide's pages are looked for by name, and the libraries of others are theirs.
FOLDED = re.compile(r"^(guide/|samples/offline_state_monitor/libraries/[^/]*/).*")

options = argparse.Namespace()


def listed(names: set[str]) -> str:
    """A line for each folder."""
    folders: dict[str, list[str]] = {}
    for name in sorted(names):
        folder, slash, file = name.rpartition("/")
        folders.setdefault(folder + slash, []).append(file)
    return "".join(f"{folder or './'} {' '.join(files)}\n" for folder, files in folders.items())


def contents() -> str:
    """The files of both archives, without the archives' names, which have the version in them."""
    recorder = options.archive.with_name(options.archive.name.replace("OfflineState-", "OfflineStateRecorder-"))
    names = set()
    for file, folder in (options.archive, ""), (recorder, "recorder.zip/"):
        with zipfile.ZipFile(file) as archive:
            names |= {folder + name.partition("/")[2] for name in archive.namelist() if not name.endswith("/")}
    return listed({FOLDED.sub(r"\1...", name) for name in names if not name.startswith("recorder.zip/x86/")})


def run(*command: object, cwd: pathlib.Path | None = None, typed: str = "") -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        input=typed.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=CAP,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{output}")
    return output


class Archive(unittest.TestCase):
    maxDiff = None
    unpacked = pathlib.Path()


class Contents(Archive):
    def test_it_has_what_is_expected(self) -> None:
        self.assertEqual(CONTENTS.read_text(encoding="utf-8"), contents(), "renew it with --renew")

    def test_the_guide_has_every_page(self) -> None:
        for page in (ROOT / "docs").rglob("*.rst"):
            html = (self.unpacked / "guide" / page.relative_to(ROOT / "docs")).with_suffix(".html")
            self.assertTrue(html.is_file(), html)


class Samples(Archive):
    builds: ClassVar[dict[tuple[str, str], concurrent.futures.Future[pathlib.Path]]] = {}

    @classmethod
    def setUpClass(cls) -> None:
        """Begins all builds, as many at once as there are processors. One that fails fails the test that needs it."""
        wanted = [(ON_X86, "x86")]
        wanted += [(folder.name, "x64") for folder in sorted((cls.unpacked / "samples").iterdir())]
        pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        cls.builds = {each: pool.submit(cls.build_sample, *each) for each in wanted}
        cls.addClassCleanup(pool.shutdown)

    @classmethod
    def build_sample(cls, sample: str, architecture: str) -> pathlib.Path:
        """As its README says, but as one source: compiling is what takes time. Gives the folder with the program."""
        source = cls.unpacked / "samples" / sample
        build = source / f"build {architecture}"
        cross = [] if sys.platform == "win32" else ["-DCMAKE_SYSTEM_NAME=Windows"]
        compiler = f"-DCMAKE_CXX_COMPILER={COMPILERS[architecture]}"
        run("cmake", "-G", "Ninja", "-B", build, "-DCMAKE_UNITY_BUILD=ON", compiler, *cross, cwd=source)
        run("cmake", "--build", build)
        return build

    def build(self, sample: str, architecture: str = "x64") -> pathlib.Path:
        return self.builds[sample, architecture].result()

    def run_sample(self, program: pathlib.Path, *arguments: str, typed: str = "") -> str:
        if shutil.which("wine") is None:
            self.skipTest("there is no wine (package wine)")
        printed = run(ROOT / "cmake" / "wine", program, *arguments, cwd=program.parent, typed=typed)
        return re.sub(r"wine client error:[^\n]*\n?", "", printed)  # Wine's, when it ends before its server does

    def test_the_samples_build_and_print_what_they_should(self) -> None:
        for expected in sorted((self.unpacked / "samples").glob("*/*.expected.txt")):
            sample = expected.parent.name
            if sample == "offline_state_monitor":
                continue  # below
            with self.subTest(sample):
                program = self.build(sample) / f"{sample}.exe"
                self.assertEqual(expected.read_text(encoding="utf-8"), self.run_sample(program))

    def test_conformance_checks_the_dll(self) -> None:
        x64 = self.unpacked / "x64"
        printed = self.run_sample(x64 / "conformance.exe", "--library", "olmapi32.dll", "--only", "OPEN-1")
        self.assertRegex(printed, r"pass +OPEN-1 ")

    def test_the_monitor_runs_beside_the_dll(self) -> None:
        program = self.build("offline_state_monitor") / "offline_state_monitor.exe"
        output = self.run_sample(program, "--interactive", typed="offline\nonline\nquit\n")
        lines = ["ready        online             profile Outlook, notifies offline and online"]
        for change in ("online -> offline", "offline -> online"):
            lines += [f"{phase:<11}  {change}" for phase in ("START", "STATECHANGE", "DONE")]
        lines += ["unadvised                       profile Outlook"]
        self.assertEqual(lines, TIME.sub("", output).splitlines())
        # It is the DLL that does it: without it there is no program.
        (program.parent / "olmapi32.dll").unlink()
        with self.assertRaises(AssertionError):
            self.run_sample(program, "--once", "--interactive")

    def test_the_add_in_builds_and_x86_links(self) -> None:
        self.assertTrue((self.build("offline_state_addin") / "offline_state_addin.dll").is_file())
        self.assertTrue((self.build(ON_X86, "x86") / f"{ON_X86}.exe").is_file())
        source, library = self.unpacked / "client.cpp", self.unpacked / "x86" / "libolmapi32.dll.a"
        source.write_text(LINKS_THE_DLL, encoding="utf-8")
        run(COMPILERS["x86"], "-I", self.unpacked / "include", source, library, "-o", source.with_suffix(".exe"))

    def test_the_stand_in_for_outlook_runs_the_add_in(self) -> None:
        """Registers it, runs it in each connect mode, unregisters it: all its tests, with what the archive has."""
        if options.addin_tests is None:
            self.skipTest("--addin-tests is not given")
        # It finds what it needs in places relative to itself, as in the build.
        built = options.addin_tests.parent
        build = self.unpacked.parent / "build" / "mingw-x64"
        for source, target in (
            (options.addin_tests, build / "reference-impl" / options.addin_tests.name),
            (built / "faulty" / "olmapi32.dll", build / "reference-impl" / "faulty" / "olmapi32.dll"),
            (built / "late" / "olmapi32.dll", build / "reference-impl" / "late" / "olmapi32.dll"),
            (self.unpacked / "x64" / "olmapi32.dll", build / "reference-impl" / "olmapi32.dll"),
            (
                self.unpacked / "x64" / "offline_state_addin.dll",
                build / "samples" / "addin" / "offline_state_addin.dll",
            ),
            (
                ROOT / "tests" / "windows" / "addin_log.expected.txt",
                self.unpacked.parent / "tests" / "windows" / "addin_log.expected.txt",
            ),
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        output = self.run_sample(build / "reference-impl" / options.addin_tests.name, "--gtest_brief=1")
        self.assertRegex(output, r"\[  PASSED  \] [1-9]")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=pathlib.Path)
    parser.add_argument("--renew", action="store_true", help="write the list of what is in it")
    parser.add_argument("--addin-tests", type=pathlib.Path, metavar="PROGRAM", help="the stand-in for Outlook")
    _, unittest_options = parser.parse_known_args(namespace=options)
    if not options.archive.is_file():
        parser.error(f"there is no archive {options.archive}: ./release makes it")
    if options.renew:
        CONTENTS.write_text(contents(), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory(prefix="a new user ") as work:
        shutil.unpack_archive(options.archive, work)
        (Archive.unpacked,) = (pathlib.Path(work) / name for name in os.listdir(work))
        return 0 if unittest.main(argv=[sys.argv[0], *unittest_options], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
