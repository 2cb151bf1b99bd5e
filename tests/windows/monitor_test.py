"""Runs offline_state_monitor.exe as a user does, with the keyboard as the source.

Usage: monitor_test.py [WINE] MONITOR
"""

import json
import re
import subprocess
import sys
import unittest

CAP = 60  # seconds; far more than anything here takes
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
COMMAND = sys.argv[1:]


def run(*arguments: str, typed: str = "") -> tuple[str, str, int]:
    done = subprocess.run([*COMMAND, *arguments], input=typed.encode(), capture_output=True, timeout=CAP, check=False)
    out, err = (text.decode("utf-8").replace("\r\n", "\n") for text in (done.stdout, done.stderr))
    err = re.sub(r"wine client error:[^\n]*\n?", "", err)  # Wine's, when it ends before its server does
    return out, err, done.returncode


class Monitor(unittest.TestCase):
    maxDiff = None

    def test_text_for_people(self) -> None:
        out, err, code = run("--interactive", "--profile", "Zoë Ω", typed="offline\nonline\nquit\noffline\n")
        self.assertEqual(("", 0), (err, code))
        lines = []
        for line in out.splitlines():
            self.assertRegex(line, f"^{TIME}  ")
            lines.append(re.sub(f"^{TIME}  ", "", line))
        self.assertEqual(
            [
                "ready        online             profile Zoë Ω, notifies offline and online",
                "START        online -> offline",
                "STATECHANGE  online -> offline",
                "DONE         online -> offline",
                "START        offline -> online",
                "STATECHANGE  offline -> online",
                "DONE         offline -> online",
                "unadvised                       profile Zoë Ω",
            ],
            lines,
        )

    def test_json(self) -> None:
        out, err, code = run("--interactive", "--json", typed="\n offline \r\noffline")  # the last line needs no end
        self.assertEqual(("", 0), (err, code))
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(["ready", *["notification"] * 3, "unadvised"], [event["event"] for event in events])
        self.assertEqual(["START", "STATECHANGE", "DONE"], [event["phase"] for event in events[1:4]])

    def test_what_is_not_a_command(self) -> None:
        out, err, code = run("--interactive", typed="onlin\nquit\n")
        self.assertEqual(2, len(out.splitlines()))
        self.assertEqual('offline_state_monitor: "onlin" is not a command: type offline, online or quit.\n', err)
        self.assertEqual(0, code)

    def test_wrong_options(self) -> None:
        for arguments, sentence in (
            (["--bad"], '"--bad" is not an option.'),
            (["--profile", "x" * 65], "--profile: a profile's name has at most 64 characters, this one has 65."),
            (["word"], '"word" is not expected: there are only options.'),
        ):
            with self.subTest(sentence):
                out, err, code = run(*arguments)
                self.assertEqual(("", 2), (out, code))
                self.assertEqual(f"offline_state_monitor: {sentence}", err.splitlines()[0])
                self.assertIn("Usage:", err)

    def test_the_network_list_manager_is_asked(self) -> None:
        out, err, code = run("--once")  # what it says depends on this machine
        self.assertIn(out, ("online\n", "offline\n"))
        self.assertEqual(("", 0), (err, code))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
