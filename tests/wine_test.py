"""A program under Wine ends with its own status, whatever happens in exit(): wine_test.py EMULATOR."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# In Wine's processes only, and not in those of the script that starts it.
HANGS = """
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

static int is_wine;

__attribute__((constructor)) static void begin(void) {
    is_wine = strcmp(program_invocation_short_name, "wine64") == 0;
}

__attribute__((destructor)) static void end(void) {
    while (is_wine) {
        pause();
    }
}
"""
wine = ""


def status(*command: str, **variables: str) -> int:
    done = subprocess.run([wine, *command], env=os.environ | variables, stderr=subprocess.DEVNULL, check=False)
    return done.returncode


class Wine(unittest.TestCase):
    def test_what_hangs_in_exit_changes_nothing(self) -> None:
        # After half a second Wine's server would kill it.
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "hangs.so"
            compile_it = ["cc", "-shared", "-fPIC", "-xc", "-", "-o", str(library)]
            subprocess.run(compile_it, input=HANGS.encode(), check=True)
            for expected in (0, 3):
                self.assertEqual(expected, status("cmd", "/c", f"exit {expected}", LD_PRELOAD=str(library)))

    def test_a_crash_is_one(self) -> None:
        self.assertNotEqual(0, status("rundll32", "ntdll.dll,DbgBreakPoint"))

    def test_one_that_is_killed_has_been_killed(self) -> None:
        with subprocess.Popen([wine, "cmd"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
            assert started.stdout
            started.stdout.read(1)  # it waits for a command
            started.kill()
            started.communicate()
            self.assertEqual(-signal.SIGKILL, started.returncode)


if __name__ == "__main__":
    wine = sys.argv.pop(1)
    unittest.main()
