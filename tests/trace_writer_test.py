"""Runs a program with OFFLINE_STATE_TRACE, and looks at what the library writes (TRACE-5).

    trace_writer_test.py PROGRAM --stdout FILE --trace FILE [--emulator PROGRAM] [--elevated]

--elevated only tries copies that are set-uid, as another user; 77 where that cannot be tried: not root, or nobody may
not read the program's folder.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CAP = 120
NOBODY = 65534
SKIPPED = 77
CONTROL = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Policies\System"
WINE_ENDS = re.compile(r"wine client error:.*\n?")


def run(program: str, trace: str | None, **more) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "OFFLINE_STATE_TRACE"}
    if trace is not None:
        environment["OFFLINE_STATE_TRACE"] = trace
    command = [*OPTIONS.emulator, program]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, input="", timeout=CAP, check=False, **more
    )
    done.stderr = WINE_ENDS.sub("", done.stderr)
    return done


class TraceWriter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=".")  # an absolute path is another one under Wine
        self.addCleanup(folder.cleanup)
        self.folder = Path(os.path.relpath(folder.name))

    def works(self, trace, program=None, **more):
        """Whatever becomes of the trace, the program does the same. Gives its standard error."""
        done = run(program or OPTIONS.program, trace, **more)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(OPTIONS.stdout.read_text(encoding="utf-8"), done.stdout)
        return done.stderr

    def is_the_trace(self, text):
        self.assertEqual(OPTIONS.trace.read_text(encoding="utf-8"), text)

    def test_on_standard_error(self):
        self.is_the_trace(self.works("stderr"))

    def test_at_the_end_of_a_file(self):
        file = self.folder / "trace of a client.txt"
        for _ in range(2):
            self.assertEqual("", self.works(str(file)))
        text = file.read_text(encoding="utf-8")
        half = text[: len(text) // 2]
        self.assertEqual(2 * half, text)
        self.is_the_trace(half)

    def test_as_json(self):
        file = self.folder / "trace.jsonl"
        self.assertEqual("", self.works(str(file)))
        text = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            self.assertEqual(["thread", "kind", "function", "arguments", "result", "reason"], list(event))
            text += f"[{event['thread']}] {event['function']}"
            text += f" = {event['result']}" if event["result"] else ""
            text += f": {event['reason']}" if event["reason"] else ""
            text += (f" ({event['arguments']})" if event["arguments"] else "") + "\n"
            self.assertIn(event["kind"], ("call", "notification"))
        self.is_the_trace(text)

    def test_a_path_that_cannot_be_written_is_said_once(self):
        file = str(self.folder / "nowhere" / "trace.txt")
        said = self.works(file)
        self.assertEqual(f"OFFLINE_STATE_TRACE: {file}: No such file or directory. There is no trace.\n", said)
        if os.path.exists("/dev/full") and not OPTIONS.emulator:
            said = self.works("/dev/full")
            self.assertEqual("OFFLINE_STATE_TRACE: /dev/full: No space left on device. There is no trace.\n", said)

    def test_without_the_variable_there_is_nothing(self):
        self.assertEqual("", self.works(None))
        self.assertEqual("", self.works(""))

    def test_a_program_with_elevated_rights_writes_none(self):
        if OPTIONS.emulator:  # Wine elevates each program, but has no User Account Control until somebody says so
            control = [*OPTIONS.emulator, "reg", "{}", CONTROL, "/v", "EnableLUA", "/f"]
            subprocess.run([word.format("add") for word in control] + ["/t", "REG_DWORD", "/d", "1"], check=True)
            try:
                self.assertEqual("", self.works("stderr"))
            finally:
                subprocess.run([word.format("delete") for word in control], check=True)
            return
        if not OPTIONS.elevated:
            self.skipTest("a test of its own")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            copy = os.path.join(folder, "program")
            shutil.copy(OPTIONS.program, copy)
            trace = os.path.join(folder, "trace.txt")
            nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chmod(copy, 0o755)
            self.is_the_trace(self.works("stderr", copy, **nobody))
            for mode in (0o4755, 0o2755):  # set-uid, set-gid
                os.chmod(copy, mode)
                self.assertEqual("", self.works("stderr", copy, **nobody))
                self.assertEqual("", self.works(trace, copy, **nobody))
                self.assertFalse(os.path.exists(trace))


def elevated_cannot_be_tried() -> str:
    if os.geteuid() != 0:
        return "only root can make a program set-uid for another user"
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.chmod(folder, 0o755)
            copy = shutil.copy(shutil.which("id"), folder)
            os.chmod(copy, 0o4755)
            done = subprocess.run([copy, "-u"], user=NOBODY, capture_output=True, text=True, check=True)
            read = subprocess.run([OPTIONS.program], user=NOBODY, capture_output=True, check=False)
        except (OSError, subprocess.CalledProcessError) as problem:
            return f"nobody can run nothing: {problem}"
    if done.stdout != "0\n":
        return "this file system has no set-uid programs"
    return "" if read.returncode == 0 else "nobody may not read the program's folder"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--stdout", type=Path, required=True, metavar="FILE", help="what the program prints")
    parser.add_argument("--trace", type=Path, required=True, metavar="FILE", help="what the library writes")
    parser.add_argument("--emulator", type=lambda program: [program], default=[], metavar="PROGRAM")
    parser.add_argument("--elevated", action="store_true")
    OPTIONS = parser.parse_args()
    if OPTIONS.elevated and (reason := elevated_cannot_be_tried()):
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    only = [f"TraceWriter.{name}" for name in dir(TraceWriter) if "elevated" in name] if OPTIONS.elevated else []
    unittest.main(argv=[sys.argv[0], *only])
