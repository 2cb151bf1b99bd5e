#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs offline_state_monitor as a user does, and looks at what it prints and how it ends.

    monitor_test.py --monitor PATH [namespace | interactive | options]

`namespace` takes away and gives back the default route of a network namespace of its own; where that is not
allowed it says why and exits with 77, which CTest shows as skipped. Nothing here sleeps: each wait is for a line,
for an end of file or for the end of the process, under one generous cap.
"""

import argparse
import datetime
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import unittest

CAP = 60.0  # seconds; far more than anything here takes
SKIPPED = 77

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
CHANGES = {"offline": ("online", "offline"), "online": ("offline", "online")}


class LineReader:
    """Reads lines from a file descriptor, each before the cap runs out."""

    def __init__(self, fd):
        self.fd = fd
        self.buffer = b""

    def _more(self):
        readable, _, _ = select.select([self.fd], [], [], CAP)
        if not readable:
            raise AssertionError(f"nothing came within {CAP} s; so far: {self.buffer!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # a pseudo-terminal whose other side is gone
            data = b""
        self.buffer += data
        return data

    def until(self, end):
        """Everything up to and including `end`, or what was left at the end of the file."""
        while end not in self.buffer and self._more():
            pass
        head, separator, self.buffer = self.buffer.partition(end)
        return (head + separator).decode("utf-8")

    def line(self):
        return self.until(b"\n")

    def rest(self):
        while self._more():
            pass
        rest, self.buffer = self.buffer, b""
        return rest.decode("utf-8")


class Monitor:
    """The program, running. Leaving the `with` block ends it whatever happened."""

    path = None  # set by main()

    def __init__(
        self, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=None, launcher=()
    ):
        self.process = subprocess.Popen(
            [*launcher, Monitor.path, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=0,
            env={**os.environ, **(env or {})},
        )
        self.out = LineReader(self.process.stdout.fileno()) if self.process.stdout else None
        self.err = LineReader(self.process.stderr.fileno()) if self.process.stderr else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self.process.wait(CAP)

    def type(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode("utf-8"))

    def json_line(self):
        line = self.out.line()
        try:
            return json.loads(line)
        except ValueError:
            raise AssertionError(f"not a line of JSON: {line!r}") from None

    def end_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """What is left of standard output and standard error, and the exit code. Waits for the program to end."""
        out = self.out.rest() if self.out else None
        err = self.err.rest() if self.err else None
        return out, err, self.process.wait(CAP)


class TestCase(unittest.TestCase):
    maxDiff = None

    def assert_fields(self, line, **fields):
        """The line is an object with a time and exactly these fields, in this order."""
        self.assertRegex(line.get("time", ""), f"^{TIME}$")
        self.assertEqual(list(line.items())[1:], list(fields.items()))

    def assert_ready(self, line, state, profile="Outlook"):
        self.assert_fields(
            line, event="ready", profile=profile, client_token=1, state=state, capabilities=["offline", "online"]
        )

    def assert_change(self, monitor, new, profile="Outlook"):
        """The next three lines are the three phases of one change to the state `new`."""
        old = CHANGES[new][0]
        for phase in ("START", "STATECHANGE", "DONE"):
            self.assert_fields(
                monitor.json_line(),
                event="notification",
                profile=profile,
                client_token=1,
                phase=phase,
                old=old,
                new=new,
            )

    def assert_unadvised(self, monitor, profile="Outlook"):
        """The line that it has unadvised is the last one, nothing was said on standard error, exit code 0."""
        out, err, code = monitor.end()
        lines = out.splitlines()
        self.assertEqual(len(lines), 1, f"{out!r}, standard error {err!r}, exit code {code}")
        self.assert_fields(json.loads(lines[0]), event="unadvised", profile=profile, client_token=1)
        self.assertEqual((err, code), ("", 0))


# GLib asks NetworkManager where there is one; it knows nothing of our namespace. The kernel does.
NETLINK = {"GIO_USE_NETWORK_MONITOR": "netlink"}
ROUTE = ("default", "via", "192.0.2.2", "dev", "monitor0")


class Namespace(TestCase):
    """Inside a network namespace of its own (see run_in_namespace): the real source, a default route."""

    def setUp(self):
        ip("route", "replace", *ROUTE)

    def test_follows_the_default_route(self):
        with Monitor("--json", stdin=subprocess.DEVNULL, env=NETLINK) as monitor:
            self.assert_ready(monitor.json_line(), "online")
            for _ in range(3):
                ip("route", "del", *ROUTE)
                self.assert_change(monitor, "offline")
                ip("route", "add", *ROUTE)
                self.assert_change(monitor, "online")
            monitor.signal(signal.SIGTERM)
            self.assert_unadvised(monitor)

    def test_prints_text_for_people(self):
        with Monitor(stdin=subprocess.DEVNULL, env=NETLINK) as monitor:
            lines = [monitor.out.line()]
            ip("route", "del", *ROUTE)
            lines += [monitor.out.line() for _ in range(3)]
            monitor.signal(signal.SIGINT)
            out, err, code = monitor.end()
        self.assertEqual((err, code), ("", 0))
        self.assertEqual(
            without_times(self, "".join(lines) + out),
            [
                "ready        online             profile Outlook, notifies offline and online",
                "START        online -> offline",
                "STATECHANGE  online -> offline",
                "DONE         online -> offline",
                "unadvised                       profile Outlook",
            ],
        )

    def test_starts_offline_without_a_route(self):
        ip("route", "del", *ROUTE)
        with Monitor("--json", stdin=subprocess.DEVNULL, env=NETLINK) as monitor:
            self.assert_ready(monitor.json_line(), "offline")
            ip("route", "add", *ROUTE)
            self.assert_change(monitor, "online")
            monitor.signal(signal.SIGINT)
            self.assert_unadvised(monitor)

    def test_once_tells_the_state(self):
        for state in ("online", "offline"):
            with self.subTest(state):
                if state == "offline":
                    ip("route", "del", *ROUTE)
                self.assertEqual(run("--once", env=NETLINK), (state + "\n", "", 0))
                out, err, code = run("--once", "--json", "--profile", "Ω", env=NETLINK)
                self.assert_fields(
                    json.loads(out), event="state", profile="Ω", state=state, capabilities=["offline", "online"]
                )
                self.assertEqual((err, code), ("", 0))


class Interactive(TestCase):
    """The keyboard as the source."""

    def test_offline_and_online(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            for _ in range(3):
                for state in ("offline", "online"):
                    monitor.type(state + "\n")
                    self.assert_change(monitor, state)
            monitor.type("quit\n")
            self.assert_unadvised(monitor)

    def test_the_same_state_twice_is_one_change(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.type("online\noffline\noffline\noffline\nonline\n")
            self.assert_change(monitor, "offline")
            self.assert_change(monitor, "online")
            monitor.type("quit\n")
            self.assert_unadvised(monitor)

    def test_what_is_not_a_command_is_hinted_at_and_skipped(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            for typed, shown in (
                (b"onlin", '"onlin"'),
                (b"OFFLINE", '"OFFLINE"'),
                (b"quit now", '"quit now"'),
                (b"\x1b[2J\0", r'"\u001b[2J\u0000"'),
                (b"\xff", '"\N{REPLACEMENT CHARACTER}"'),
                (b"x" * 100000, '"' + "x" * 60 + '..."'),
            ):
                monitor.type(typed + b"\n")
                self.assertEqual(
                    monitor.err.line(),
                    f"offline_state_monitor: {shown} is not a command: type offline, online or quit.\n",
                )
            monitor.type(" \n\n\t offline \r\n")  # blanks do not matter, nor do empty lines
            self.assert_change(monitor, "offline")
            monitor.type("quit\n")
            self.assert_unadvised(monitor)

    def test_lines_may_come_in_pieces(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            for byte in "offline\nonline\n":
                monitor.type(byte)
            self.assert_change(monitor, "offline")
            self.assert_change(monitor, "online")
            monitor.type("quit\n")
            self.assert_unadvised(monitor)

    def test_the_end_of_the_input_is_quit(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.end_input()
            self.assert_unadvised(monitor)
        with Monitor("--interactive", "--json", stdin=subprocess.DEVNULL) as monitor:
            self.assert_ready(monitor.json_line(), "online")
            self.assert_unadvised(monitor)

    def test_the_last_line_needs_no_end(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.type("offline")
            monitor.end_input()
            self.assert_change(monitor, "offline")
            self.assert_unadvised(monitor)

    def test_nothing_is_obeyed_after_quit(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.type("quit\noffline\ngarbage\n")
            self.assert_unadvised(monitor)

    def test_signals_unadvise(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name), Monitor("--interactive", "--json") as monitor:
                self.assert_ready(monitor.json_line(), "online")
                monitor.type("offl")  # it waits in the middle of a line
                monitor.signal(number)
                self.assert_unadvised(monitor)

    def test_under_nohup_a_hangup_is_ignored(self):
        nohup = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
        with Monitor("--interactive", "--json", launcher=nohup) as monitor:
            self.assert_ready(monitor.json_line(), "online")
            with open(f"/proc/{monitor.process.pid}/status", encoding="utf-8") as status:
                ignored = int(re.search(r"^SigIgn:\s*([0-9a-f]+)$", status.read(), re.MULTILINE)[1], 16)
            self.assertTrue(ignored & 1 << (signal.SIGHUP - 1))
            monitor.signal(signal.SIGHUP)
            monitor.type("offline\nquit\n")
            self.assert_change(monitor, "offline")
            self.assert_unadvised(monitor)

    def test_a_signal_ends_a_flood(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.type("offline\nonline\n" * 2000)
            self.assert_change(monitor, "offline")
            monitor.signal(signal.SIGTERM)
            out, err, code = monitor.end()
        lines = [json.loads(line) for line in out.splitlines()]  # each is whole
        self.assertEqual((err, code), ("", 0))
        self.assertEqual(lines[-1]["event"], "unadvised")
        phases = [line["phase"] for line in lines[:-1]]
        self.assertEqual(phases, ["START", "STATECHANGE", "DONE"] * (len(phases) // 3))

    def test_text_for_people(self):
        with Monitor("--interactive", "--profile", "Zoë") as monitor:
            monitor.type("offline\nonline\nquit\n")
            out, err, code = monitor.end()
        self.assertEqual((err, code), ("", 0))
        self.assertEqual(
            without_times(self, out),
            [
                "ready        online             profile Zoë, notifies offline and online",
                "START        online -> offline",
                "STATECHANGE  online -> offline",
                "DONE         online -> offline",
                "START        offline -> online",
                "STATECHANGE  offline -> online",
                "DONE         offline -> online",
                "unadvised                       profile Zoë",
            ],
        )

    def test_the_time_is_local_time(self):
        before = datetime.datetime.now(datetime.UTC)
        with Monitor("--interactive", "--json", env={"TZ": "XYZ-05:45"}) as monitor:
            text = monitor.json_line()["time"]
            monitor.end_input()
            self.assert_unadvised(monitor)
        after = datetime.datetime.now(datetime.UTC)
        told = datetime.datetime.fromisoformat(text)
        self.assertEqual(told.utcoffset(), datetime.timedelta(hours=5, minutes=45))
        self.assertLessEqual(before.replace(microsecond=before.microsecond // 1000 * 1000), told)
        self.assertLessEqual(told, after)

    def test_each_line_is_flushed(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")  # comes through a pipe before anything else happens
            monitor.type("quit\n")
            self.assert_unadvised(monitor)

    def test_a_reader_that_goes_ends_it_at_once(self):
        with Monitor("--interactive", "--json") as monitor:
            self.assert_ready(monitor.json_line(), "online")
            monitor.process.stdout.close()  # what `| head -1` does; nothing is written after it
            self.assertEqual(monitor.err.rest(), "")
            self.assertEqual(monitor.process.wait(CAP), 0)
            monitor.process.stdout = None

    def test_a_reader_that_is_gone_from_the_start(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            with Monitor("--interactive", stdout=writing) as monitor:
                self.assertEqual(monitor.err.rest(), "")
                self.assertEqual(monitor.process.wait(CAP), 0)
        finally:
            os.close(writing)

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full, Monitor("--interactive", stdout=full) as monitor:
            self.assertEqual(
                monitor.err.rest(), "offline_state_monitor: cannot write to standard output: No space left on device\n"
            )
            self.assertEqual(monitor.process.wait(CAP), 1)

    def test_closed_streams(self):
        """The parent closed them: no file or socket of ours may take their place."""
        for redirection, code in (("<&-", 0), ("2>&-", 0), (">&-", 1), ("<&- >&- 2>&-", 1)):
            with self.subTest(redirection):
                result = subprocess.run(
                    ["sh", "-c", f'exec "$0" --interactive {redirection}', Monitor.path],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=CAP,
                )
                self.assertEqual(result.returncode, code, result)
                if code == 0:
                    self.assertEqual(len(result.stdout.splitlines()), 2, result)

    def test_unreadable_input_is_told(self):
        directory = os.open("/", os.O_RDONLY)
        try:
            with Monitor("--interactive", "--json", stdin=directory) as monitor:
                self.assert_ready(monitor.json_line(), "online")
                self.assertEqual(
                    monitor.end(), ("", "offline_state_monitor: cannot read standard input: Is a directory\n", 1)
                )
        finally:
            os.close(directory)

    def test_on_a_terminal(self):
        for no_color in ("", "1"):
            with self.subTest(NO_COLOR=no_color):
                shown = self.on_a_terminal("offline\n", "quit\n", NO_COLOR=no_color)
                self.assertIn("offline, online or quit> ", shown)
                self.assertEqual("\x1b[" in shown, no_color == "")
                plain = re.sub("\x1b\\[[0-9]*m", "", shown)
                self.assertRegex(plain, f"{TIME}  STATECHANGE  online -> offline\r\n")
                self.assertRegex(plain, f"{TIME}  unadvised                       profile Outlook\r\n$")

    def test_control_c_and_control_d_on_a_terminal(self):
        # ThreadSanitizer may hold back a signal that comes just before a call that waits: there only Ctrl-D.
        for key in ("\x04",) if "TSAN_OPTIONS" in os.environ else ("\x03", "\x04"):
            with self.subTest(key):
                shown = self.on_a_terminal(key, NO_COLOR="1")
                self.assertRegex(shown, f"\n{TIME}  unadvised .*\r\n$")  # on a line of its own

    def on_a_terminal(self, *keys, **env):
        """Types the keys, each at a prompt of its own, and gives what the terminal shows."""
        master, slave = pty.openpty()
        try:
            with Monitor(
                "--interactive", stdin=slave, stdout=slave, stderr=slave, env={"TERM": "xterm", **env}
            ) as monitor:
                # Its own session with this terminal would need a fork here; a ^C is sent by hand instead.
                os.close(slave)
                slave = None
                screen = LineReader(master)
                shown = ""
                for key in keys:
                    shown += screen.until(b"quit> ")
                    if key == "\x03":
                        monitor.signal(signal.SIGINT)
                    else:
                        os.write(master, key.encode("utf-8"))
                shown += screen.rest()
                self.assertEqual(monitor.process.wait(CAP), 0)
        finally:
            os.close(master)
            if slave is not None:
                os.close(slave)
        return shown


class Options(TestCase):
    """The command line, right and wrong."""

    def assert_refused(self, arguments, sentence):
        out, err, code = run(*arguments)
        first, blank, usage = err.partition("\n\n")
        self.assertEqual(first, "offline_state_monitor: " + sentence)
        self.assertTrue(blank)
        self.assertRegex(usage, r"\AUsage: offline_state_monitor \[OPTIONS\]\n")
        for option in ("--profile NAME", "--json", "--once", "--interactive", "--help", "--version"):
            self.assertIn(option, usage)
        self.assertEqual((out, code), ("", 2))

    def test_unknown_options(self):
        for option in ("--nope", "--prof", "-x", "-json", "--Json", "--", "-"):
            with self.subTest(option):
                self.assert_refused([option], f'"{option}" is not an option.')
        self.assert_refused(["--" + "x" * 10000], '"--' + "x" * 58 + '..." is not an option.')

    def test_stray_arguments(self):
        self.assert_refused(["stray"], '"stray" is not expected: there are only options.')
        self.assert_refused(["--json", "stray", "more"], '"stray" is not expected: there are only options.')
        self.assert_refused([""], '"" is not expected: there are only options.')
        self.assert_refused(
            [b"\xff\x1b"], '"\N{REPLACEMENT CHARACTER}\\u001b" is not expected: there are only options.'
        )

    def test_missing_value(self):
        self.assert_refused(["--profile"], "--profile needs a value.")
        self.assert_refused(["--once", "--profile"], "--profile needs a value.")

    def test_value_for_a_flag(self):
        for flag in ("--json", "--once", "--interactive"):
            with self.subTest(flag):
                self.assert_refused([flag + "=3"], f"{flag} takes no value.")

    def test_profiles_that_are_refused(self):
        for profile, why in (
            ("", "must not be empty."),
            ("x" * 65, "has at most 64 characters, this one has 65."),
            ("x" * 10000, "has at most 64 characters, this one has 10000."),
            ("ä" * 65, "has at most 64 characters, this one has 65."),
            (b"\xff\xfe", "must be valid UTF-8."),
            (b"\xed\xa0\x80", "must be valid UTF-8."),  # a surrogate
            (b"\xc0\xaf", "must be valid UTF-8."),  # an overlong form
            (b"caf\xc3", "must be valid UTF-8."),  # cut off
            ("two\nlines", "must not contain control characters."),
            ("\x1b[31m", "must not contain control characters."),
        ):
            with self.subTest(profile[:20]):
                self.assert_refused(["--once", "--profile", profile], "--profile: a profile's name " + why)
        # CLI11 by itself takes what follows for the name.
        self.assert_refused(["--profile=", "--json"], "--profile: a profile's name must not be empty.")

    def test_profiles_that_are_taken(self):
        for profile in ("x", "x" * 64, "ä" * 64, "😀" * 32, "with blanks", '"quoted"', "-dash", "日本語"):
            with self.subTest(profile):
                for arguments in (["--profile", profile], ["--profile=" + profile]):
                    out, err, code = run("--once", "--interactive", "--json", *arguments)
                    self.assertEqual((err, code), ("", 0))
                    self.assertEqual(json.loads(out)["profile"], profile)

    def test_once_with_the_keyboard(self):
        self.assertEqual(run("--once", "--interactive"), ("online\n", "", 0))

    def test_the_last_profile_counts(self):
        out, err, code = run("--once", "--interactive", "--json", "--profile", "a", "--profile", "b")
        self.assertEqual((json.loads(out)["profile"], err, code), ("b", "", 0))

    def test_help(self):
        out, err, code = run("--help")
        self.assertEqual((err, code), ("", 0))
        self.assertIn("Usage: offline_state_monitor [OPTIONS]", out)
        self.assertEqual(run("-h"), (out, err, code))

    def test_version(self):
        out, err, code = run("--version")
        self.assertRegex(out, r"\Aoffline_state_monitor (\d+\.\d+\.\d+|unknown)\n\Z")
        self.assertEqual((err, code), ("", 0))

    def test_a_full_disk_is_told(self):
        for option in ("--help", "--version", "--once"):
            with self.subTest(option), open("/dev/full", "wb") as full:
                result = subprocess.run(
                    [Monitor.path, option],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=CAP,
                )
                self.assertEqual(
                    result.stderr, "offline_state_monitor: cannot write to standard output: No space left on device\n"
                )
                self.assertEqual(result.returncode, 1)


def without_times(test, text):
    """The lines without the time that each begins with. Times may go back: the machine's clock may be set."""
    lines = text.splitlines()
    for line in lines:
        test.assertRegex(line, f"^{TIME}  ")
    return [line[31:] for line in lines]


def run(*arguments, env=None):
    result = subprocess.run(
        [Monitor.path, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=CAP,
        env={**os.environ, **(env or {})},
    )
    return result.stdout.decode("utf-8"), result.stderr.decode("utf-8"), result.returncode


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, timeout=CAP)


def skip(reason):
    print(f"skipped: {reason}")
    return SKIPPED


def run_in_namespace(arguments):
    """Starts this test again inside a network namespace, and a user namespace where we are not root."""
    for tool in ("unshare", "ip"):
        if shutil.which(tool) is None:
            return skip(f"there is no `{tool}` (packages util-linux and iproute2)")
    unshare = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    # A pair of our own, of which one end has a route into the other: all that a default route needs.
    setup = (
        "ip link add monitor0 type veth peer name monitor1 && ip address add 192.0.2.1/24 dev monitor0 && "
        "ip link set monitor0 up && ip link set monitor1 up && ip route add default via 192.0.2.2 dev monitor0"
    )
    attempt = subprocess.run(
        [*unshare, "sh", "-c", setup],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CAP,
    )
    if attempt.returncode != 0:
        return skip(f"a network namespace with a veth pair is not allowed here: {attempt.stderr.strip()}")
    again = [sys.executable, os.path.abspath(__file__), "--inside", *arguments, "namespace"]
    return subprocess.run([*unshare, "sh", "-c", setup + ' && exec "$@"', "sh", *again], check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monitor", required=True, metavar="PATH", help="the program offline_state_monitor")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("case", nargs="?", choices=("namespace", "interactive", "options"))
    options = parser.parse_args()
    Monitor.path = os.path.abspath(options.monitor)

    skipped = False
    failed = False
    for case in [options.case] if options.case else ["options", "interactive", "namespace"]:
        if case == "namespace" and not options.inside:
            code = run_in_namespace(["--monitor", Monitor.path])
            skipped = skipped or code == SKIPPED
            failed = failed or code not in (0, SKIPPED)
            continue
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(
            {"namespace": Namespace, "interactive": Interactive, "options": Options}[case]
        )
        failed = not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() or failed
    return 1 if failed else SKIPPED if skipped and options.case else 0


if __name__ == "__main__":
    sys.exit(main())
