"""Runs the conformance suite as a user does: its options, its exit codes, its reports, and the samples of the guide.

    conformance_test.py --conformance PROGRAM --reference LIBRARY --mutant LIBRARY

When what it prints has changed, and is right: conformance_test.py ... --renew writes the samples anew.
"""

import argparse
import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parent
STATEMENTS = FOLDER.parents[1] / "docs" / "statements.toml"
CAP = 280  # seconds
PATIENT = ["--limit", "60"]  # on a slow machine everything takes longer
PATHS = argparse.Namespace()

# What the guide shows: file, mutant (or none, for the reference), options.
SAMPLES = {
    "reference.txt": (None, ["--profile", "Test", "--only", "OPEN", "--only", "CAPS"]),
    "mutant.txt": ("never_pending", ["--profile", "Test", "--only", "SET"]),
}


def run(*options, mutant=None):
    library = ["--library", PATHS.mutant if mutant else PATHS.reference]
    return subprocess.run(
        [
            PATHS.conformance,
            *([] if "--library" in options else library),
            *([] if "--limit" in options else PATIENT),
            *options,
        ],
        env={**os.environ, "OFFLINE_STATE_MUTANT": mutant or "none"},
        capture_output=True,
        text=True,
        timeout=CAP,
        check=False,
    )


class Options(unittest.TestCase):
    def wrong(self, sentence, *options):
        done = run(*options)
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn(sentence, done.stderr)
        self.assertIn("Usage: conformance", done.stderr)
        self.assertEqual("", done.stdout)

    def test_a_wrong_option_gets_a_sentence_and_the_usage(self):
        self.wrong("--bogus", "--bogus")
        self.wrong("there is no statement and no area OPEN-99", "--only", "OPEN-99")
        self.wrong("1 to 40 characters", "--profile", "x" * 41)
        self.wrong("1 to 40 characters", "--profile", b"\xff")
        self.wrong("--limit", "--limit", "0")
        done = subprocess.run([PATHS.conformance], capture_output=True, text=True, timeout=CAP, check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("--library is missing", done.stderr)

    def test_help_needs_no_library(self):
        done = subprocess.run([PATHS.conformance, "--help"], capture_output=True, text=True, timeout=CAP, check=True)
        self.assertIn("Exit codes: 0", done.stdout)

    def test_a_file_that_is_no_library_ends_with_3(self):
        for path in ("/does/not/exist.so", __file__):
            done = run("--library", path)
            self.assertEqual(3, done.returncode)
            self.assertIn(f"cannot load {path}: ", done.stderr)

    def test_a_report_that_cannot_be_written_ends_with_2(self):
        done = run("--only", "GET", "--json", "/does/not/exist.json")
        self.assertEqual(2, done.returncode)
        self.assertIn("cannot write /does/not/exist.json", done.stderr)

    def test_the_list_has_every_statement_and_a_test_or_a_reason(self):
        lines = run("--list").stdout.splitlines()
        listed = [line.removeprefix("not testable").removeprefix("pass").split() for line in lines]
        statements = tomllib.loads(STATEMENTS.read_text(encoding="utf-8"))["statement"]
        kinds = [(each["id"], each["kind"]) for each in statements]
        self.assertEqual(kinds, [(words[0], words[1]) for words in listed])
        self.assertNotIn("no test of it yet", "".join(lines))


class Reports(unittest.TestCase):
    def reports(self, *options, mutant, library=None):
        with tempfile.TemporaryDirectory() as folder:
            junit, file = Path(folder) / "junit.xml", Path(folder) / "report.json"
            path = ["--library", library] if library else []
            done = run(*path, *options, "--junit", junit, "--json", file, mutant=mutant)
            return done, ElementTree.parse(junit).getroot(), json.loads(file.read_text(encoding="utf-8"))

    def test_what_is_decided_here_counts_apart(self):
        for strict, code in ((False, 0), (True, 1)):
            options = ["--only", "OPEN", *(["--strict"] if strict else [])]
            done, junit, report = self.reports(*options, mutant="open_any_guid")
            self.assertEqual(code, done.returncode, done.stdout)
            self.assertEqual(not strict, report["holds"])
            self.assertEqual(str(code), junit.get("failures"))
            self.assertEqual(1, report["summary"]["decided here"]["differs"])
            self.assertEqual(0, report["summary"]["documented"]["fail"])
            self.assertIn("Differs where this reference alone has decided: OPEN-3.1.", done.stdout)

    def test_a_documented_statement_that_does_not_hold_ends_with_1(self):
        done, junit, report = self.reports("--only", "SET-4", mutant="never_pending")
        self.assertEqual(1, done.returncode)
        self.assertIs(False, report["holds"])
        self.assertEqual(["fail"], [each["result"] for each in report["statements"]])
        message = junit.find("testcase/failure").get("message")
        self.assertEqual("fail: is pending while a change is under way: set_state(", message.partition("(")[0] + "(")

    def test_a_crash_fails_one_check_and_is_named(self):
        done, _, report = self.reports("--only", "GET", mutant="null_crashes")
        self.assertEqual(0, done.returncode)
        results = {each["statement"]: (each["result"], each["reason"]) for each in report["statements"]}
        self.assertEqual("pass", results["GET-1"][0])
        self.assertEqual("differs", results["GET-2"][0])
        self.assertIn("the process was ended by signal 11", results["GET-2"][1])

    def test_a_call_that_hangs_is_named(self):
        done, _, report = self.reports("--only", "SET-3", "--limit", "2", mutant="block_hangs")
        self.assertEqual(1, done.returncode)
        self.assertIn("SetCurrentState with BLOCK has not returned after 2 s", report["statements"][0]["reason"])

    def test_both_reports_say_the_same_whatever_the_librarys_name(self):
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "a<b&\"c' é.so"
            shutil.copy(PATHS.mutant, library)
            done, junit, report = self.reports("--only", "TYPE", mutant="swapped_states", library=library)
        self.assertEqual(1, done.returncode)
        self.assertEqual(library.name, report["library"])
        self.assertEqual(library.name, junit.get("name"))
        self.assertEqual([each["statement"] for each in report["statements"]], [c.get("name") for c in junit])
        kinds = {"failure": "fail", "skipped": "not testable", None: "pass"}
        in_junit = [kinds[next((child.tag for child in case), None)] for case in junit]
        self.assertEqual([each["result"] for each in report["statements"]], in_junit)
        self.assertEqual(int(junit.get("tests")), len(report["statements"]))
        for word in ("pass", "fail", "differs", "not testable"):
            counts = sum(counts[word] for counts in report["summary"].values())
            self.assertEqual([each["result"] for each in report["statements"]].count(word), counts)

    def test_colours_are_for_terminals(self):
        self.assertNotIn("\x1b", run("--only", "GET").stdout)
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        with subprocess.Popen(
            [PATHS.conformance, "--library", PATHS.reference, "--only", "GET-1"], stdout=theirs, env=environment
        ) as process:
            process.wait(CAP)
        os.close(theirs)
        shown = b""
        with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # at its end
            while more := terminal.read(65536):  # perhaps a line at a time
                shown += more
        self.assertIn("\x1b[32mpass", shown.decode())


class Samples(unittest.TestCase):
    maxDiff = None

    def test_the_guide_shows_what_is_printed(self):
        for name, (mutant, options) in SAMPLES.items():
            with self.subTest(name):
                printed = run(*options, mutant=mutant).stdout
                self.assertEqual((FOLDER / "samples" / name).read_text(encoding="utf-8"), printed)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the conformance suite as a user does.")
    for name in ("--conformance", "--reference", "--mutant"):
        parser.add_argument(name, required=True)
    parser.add_argument("--renew", action="store_true")
    parser.parse_args(namespace=PATHS)
    if PATHS.renew:
        for name, (mutant, options) in SAMPLES.items():
            (FOLDER / "samples" / name).write_text(run(*options, mutant=mutant).stdout, encoding="utf-8")
        return 0
    return 0 if unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
