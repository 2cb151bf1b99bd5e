#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs offline_state_monitor as a user does, and looks at what it prints and how it ends.

    monitor_test.py CASE [WINE] MONITOR

    everywhere   what is the same on each system: lines that are typed, and options
    posix        signals, pipes, terminals
    namespace    the real network, in a network namespace of its own; where that is not allowed it says why and exits
                 with 77, which CTest shows as skipped

Nothing here sleeps: each wait is for a line, for an end of file or for the end of the process.
"""

import datetime
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import unittest

CAP = 60.0  # seconds; far more than anything here takes
SKIPPED = 77
COMMAND = sys.argv[2:]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
BOTH = ["offline", "online"]
FULL_DISK = "offline_state_monitor: cannot write to standard output: No space left on device\n"
# GLib asks NetworkManager where there is one; it knows nothing of our namespace. The kernel does.
NETLINK = {"GIO_USE_NETWORK_MONITOR": "netlink"}


def ready(state="online", profile="Outlook"):
    return [{"event": "ready", "profile": profile, "client_token": 1, "state": state, "capabilities": BOTH}]


def change(new, profile="Outlook"):
    """The three phases of one change."""
    states = {"old": BOTH[new == "offline"], "new": new}
    fixed = {"event": "notification", "profile": profile, "client_token": 1}
    return [{**fixed, "phase": phase, **states} for phase in ("START", "STATECHANGE", "DONE")]


def unadvised(profile="Outlook"):
    return [{"event": "unadvised", "profile": profile, "client_token": 1}]


def as_text(event):
    """How an event looks without --json, after the time."""
    if event["event"] == "ready":
        return f"ready        {event['state']:<17}  profile {event['profile']}, notifies offline and online"
    if event["event"] == "unadvised":
        return f"unadvised                       profile {event['profile']}"
    return f"{event['phase']:<11}  {event['old']} -> {event['new']}"


def decoded(output):
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    return re.sub(r"wine client error:[^\n]*\n?", "", text)  # Wine's, when it ends before its server does


def run(*arguments, typed="", stdout=subprocess.PIPE, env=None):
    """Standard output, standard error and the exit code."""
    typed = typed if isinstance(typed, bytes) else typed.encode()
    done = subprocess.run(
        [*COMMAND, *arguments], input=typed, stdout=stdout, stderr=subprocess.PIPE, timeout=CAP, check=False,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    return decoded(done.stdout or b""), decoded(done.stderr), done.returncode


class TestCase(unittest.TestCase):
    maxDiff = None

    def assert_events(self, output, expected):
        """JSON, an object a line: the time, and then exactly these fields in this order."""
        events = [list(json.loads(line).items()) for line in output.splitlines()]
        for event in events:
            self.assertRegex(str(event[0]), rf"^\('time', '{TIME}'\)$")
        self.assertEqual([event[1:] for event in events], [list(event.items()) for event in expected])

    def assert_text(self, output, expected):
        lines = output.splitlines()
        for line in lines:
            self.assertRegex(line, f"^{TIME}  ")
        self.assertEqual([line[31:] for line in lines], [as_text(event) for event in expected])


class Everywhere(TestCase):
    def test_typed_lines(self):
        for typed, changes in (
            ("offline\nonline\nquit\noffline\ngarbage\n", ["offline", "online"]),  # nothing is obeyed after quit
            ("offline\nonline\n" * 3, ["offline", "online"] * 3),  # the end of the input is quit
            ("online\noffline\noffline\nonline\n", ["offline", "online"]),  # the same state is no change
            (" \n\n\t offline \r\nonline", ["offline", "online"]),  # blanks do not matter; the last line needs no end
            ("", []),
        ):
            for profile in ("Outlook", "Zoë Ω"):
                with self.subTest(typed=typed, profile=profile):
                    expected = ready(profile=profile) + unadvised(profile)
                    expected[1:1] = [event for new in changes for event in change(new, profile)]
                    options = ["--interactive"] + (["--profile", profile] if profile != "Outlook" else [])
                    for look, more in ((self.assert_text, []), (self.assert_events, ["--json"])):
                        out, err, code = run(*options, *more, typed=typed)
                        self.assertEqual((err, code), ("", 0))
                        look(out, expected)

    def test_what_is_not_a_command(self):
        for typed, shown in (
            (b"onlin", '"onlin"'),
            (b"OFFLINE", '"OFFLINE"'),
            (b"quit now", '"quit now"'),
            (b"\x1b[2J\0", r'"\u001b[2J\u0000"'),
            (b"\xff", '"\N{REPLACEMENT CHARACTER}"'),
            (b"x" * 100000, '"' + "x" * 60 + '..."'),
        ):
            with self.subTest(shown):
                out, err, code = run("--interactive", typed=typed + b"\noffline\n")
                hint = f"offline_state_monitor: {shown} is not a command: type offline, online or quit.\n"
                self.assertEqual((err, code), (hint, 0))
                self.assert_text(out, ready() + change("offline") + unadvised())

    def test_wrong_options(self):
        """A sentence that names what is wrong, the usage, exit code 2. The sentence is CLI11's, for all but names."""
        name = "--profile: a profile's name is valid UTF-8 of 1 to 64 characters, none of them a control character."
        wrong = [([option], option) for option in ("--nope", "--prof", "-x", "-json", "--Json", "-", "--" + "x" * 9999)]
        wrong += [(["stray"], "stray"), (["--json", "stray"], "stray"), ([""], "not expected")]
        wrong += [(["--profile"], "--profile"), (["--once", "--profile"], "--profile")]
        wrong += [([flag + "=3"], flag[2:]) for flag in ("--json", "--once", "--interactive")]
        names = ["", "x" * 65, "x" * 9999, "ä" * 65, "two\nlines", "\x1b[31m"]
        wrong += [(["--once", "--profile", each], name) for each in names]
        wrong += [(["--profile=", "--json"], name)]  # CLI11 by itself takes what follows for the name
        if os.name == "posix" and len(COMMAND) == 1:  # elsewhere arguments are no bytes
            broken = [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"caf\xc3"]  # no UTF-8; a surrogate; too long; cut
            wrong += [(["--once", "--profile", each], name) for each in broken] + [([b"\xff\x1b"], "not expected")]
        for arguments, named in wrong:
            with self.subTest([argument[:20] for argument in arguments]):
                out, err, code = run(*arguments)
                self.assertEqual((out, code), ("", 2))
                sentence, _, usage = err.partition("\n\n")
                self.assertRegex(sentence, rf"\Aoffline_state_monitor: .*{re.escape(named)}")
                self.assertRegex(usage, r"\AUsage: offline_state_monitor \[OPTIONS\]\n")
                for option in ("--profile NAME", "--json", "--once", "--interactive", "--help", "--version"):
                    self.assertIn(option, usage)

    def test_once(self):
        def state(profile):
            return [{"event": "state", "profile": profile, "state": "online", "capabilities": BOTH}]

        self.assertEqual(run("--once", "--interactive"), ("online\n", "", 0))
        for profile in ("x", "x" * 64, "ä" * 64, "😀" * 32, "with blanks", '"quoted"', "-dash", "日本語"):
            for arguments in (
                ["--profile", profile],
                ["--profile=" + profile],
                ["--profile", "a", "--profile", profile],
            ):
                with self.subTest(arguments):
                    out, err, code = run("--once", "--interactive", "--json", *arguments)
                    self.assertEqual((err, code), ("", 0))
                    self.assert_events(out, state(profile))

    def test_the_system_is_asked(self):
        out, err, code = run("--once")  # the answer depends on this machine
        self.assertIn(out, ("online\n", "offline\n"))
        self.assertEqual((err, code), ("", 0))

    def test_help_and_version(self):
        self.assertEqual(run("-h"), run("--help"))
        for option, expected in (
            ("--help", r"Usage: offline_state_monitor \[OPTIONS\]\n"),
            ("--version", r"\Aoffline_state_monitor (\d+\.\d+\.\d+|unknown)\n\Z"),
        ):
            out, err, code = run(option)
            self.assertRegex(out, expected)
            self.assertEqual((err, code), ("", 0))


class Monitor(subprocess.Popen):
    """The program, running. Leaving the `with` block ends it whatever happened."""

    def __init__(self, *arguments, launcher=(), env=None, **streams):
        command = [*launcher, *COMMAND, *(arguments or ("--interactive", "--json"))]
        streams = {**dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE), **streams}
        super().__init__(command, bufsize=0, env={**os.environ, **(env or {})}, **streams)
        self.received = b""

    def __exit__(self, *exception):
        self.kill()
        super().__exit__(*exception)

    def type(self, text):
        self.stdin.write(text.encode())

    def until(self, end, fd=None):
        """The output up to and with `end`, or what was left at the end of the file."""
        fd = self.stdout.fileno() if fd is None else fd
        while end not in self.received:
            if not select.select([fd], [], [], CAP)[0]:
                raise AssertionError(f"nothing came within {CAP} s; so far: {self.received!r}")
            try:
                data = os.read(fd, 65536)
            except OSError:  # a pseudo-terminal whose other side is gone
                data = b""
            if not data:
                break
            self.received += data
        head, separator, self.received = self.received.partition(end)
        return (head + separator).decode()

    def lines(self, count):
        return "".join(self.until(b"\n") for _ in range(count))

    def end(self):
        """What is left of the output, standard error and the exit code. Waits for the program to end."""
        out, err = self.communicate(timeout=CAP)
        return (self.received + out).decode(), err.decode(), self.returncode


class Posix(TestCase):
    def assert_unadvised(self, monitor):
        out, err, code = monitor.end()
        self.assertEqual((err, code), ("", 0))
        self.assert_events(out, unadvised())

    def test_each_line_comes_at_once_and_may_be_typed_in_pieces(self):
        with Monitor() as monitor:
            self.assert_events(monitor.lines(1), ready())
            for byte in "offline\n":
                monitor.type(byte)
            self.assert_events(monitor.lines(3), change("offline"))
            self.assert_unadvised(monitor)

    def test_signals_unadvise(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name), Monitor() as monitor:
                self.assert_events(monitor.lines(1), ready())
                monitor.type("offl")  # it waits in the middle of a line
                monitor.send_signal(number)
                self.assertEqual(monitor.wait(CAP), 0)
                self.assert_unadvised(monitor)

    def test_under_nohup_a_hangup_is_ignored(self):
        with Monitor(launcher=("sh", "-c", 'trap "" HUP; exec "$@"', "sh")) as monitor:
            self.assert_events(monitor.lines(1), ready())
            with open(f"/proc/{monitor.pid}/status", encoding="utf-8") as status:
                ignored = int(re.search(r"^SigIgn:\s*([0-9a-f]+)$", status.read(), re.MULTILINE)[1], 16)
            self.assertTrue(ignored & 1 << (signal.SIGHUP - 1))
            monitor.send_signal(signal.SIGHUP)
            monitor.type("offline\n")
            self.assert_events(monitor.lines(3), change("offline"))
            self.assert_unadvised(monitor)

    def test_a_signal_ends_a_flood(self):
        with Monitor() as monitor:
            self.assert_events(monitor.lines(1), ready())
            monitor.type("offline\nonline\n" * 2000)
            self.assert_events(monitor.lines(3), change("offline"))
            monitor.send_signal(signal.SIGTERM)
            out, err, code = monitor.end()
        self.assertEqual((err, code), ("", 0))
        changes = len(out.splitlines()) // 3
        expected = [event for i in range(changes) for event in change(BOTH[(i + 1) % 2])]
        self.assert_events(out, expected + unadvised())  # each line is whole, and so is each change

    def test_the_time_is_local_time(self):
        before = datetime.datetime.now(datetime.UTC)
        for zone, hours in (("XYZ-05:45", 5.75), ("XYZ03:30", -3.5), ("XYZ0ABC,0,365", 1)):  # the last: summer all year
            with self.subTest(zone):
                out, _, _ = run("--once", "--interactive", "--json", env={"TZ": zone})
                time = datetime.datetime.fromisoformat(json.loads(out)["time"])
                self.assertEqual(time.utcoffset(), datetime.timedelta(hours=hours))
                self.assertLessEqual(before.replace(microsecond=before.microsecond // 1000 * 1000), time)
                self.assertLessEqual(time, datetime.datetime.now(datetime.UTC))

    def test_a_reader_that_goes_ends_it_at_once(self):
        with Monitor() as monitor:
            self.assert_events(monitor.lines(1), ready())
            monitor.stdout.close()  # what `| head -1` does; nothing is written after it
            self.assertEqual((monitor.wait(CAP), monitor.stderr.read()), (0, b""))
        reading, writing = os.pipe()
        os.close(reading)  # gone from the start
        with open(writing, "wb") as pipe, Monitor("--interactive", stdout=pipe) as monitor:
            self.assertEqual((monitor.wait(CAP), monitor.stderr.read()), (0, b""))

    def test_a_full_disk_is_reported(self):
        for option in ("--interactive", "--help", "--version", "--once"):
            with self.subTest(option), open("/dev/full", "wb") as full:
                self.assertEqual(run(option, stdout=full), ("", FULL_DISK, 1))

    def test_unreadable_input_is_reported(self):
        directory = os.open("/", os.O_RDONLY)
        with Monitor(stdin=directory) as monitor:
            os.close(directory)
            self.assert_events(monitor.lines(1), ready())
            problem = "offline_state_monitor: cannot read standard input: Is a directory\n"
            self.assertEqual(monitor.end(), ("", problem, 1))

    def test_closed_streams(self):
        """The parent closed them: no file or socket of ours may take their place."""
        for redirection, code, lines in (("<&-", 0, 2), ("2>&-", 0, 2), (">&-", 1, 0), ("<&- >&- 2>&-", 1, 0)):
            with self.subTest(redirection):
                shell = ["sh", "-c", f'exec "$0" --interactive {redirection}', *COMMAND]
                done = subprocess.run(shell, check=False, input=b"", capture_output=True, timeout=CAP)
                self.assertEqual((done.returncode, len(done.stdout.splitlines())), (code, lines), done)

    def on_a_terminal(self, *keys, no_color):
        """Types the keys, each at a prompt of its own, and gives what the terminal shows."""
        master, slave = os.openpty()
        env = {"TERM": "xterm", "NO_COLOR": no_color}
        with open(master, "r+b", buffering=0), open(slave, "r+b", buffering=0) as terminal:
            streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
            with Monitor("--interactive", env=env, **streams) as monitor:
                terminal.close()
                shown = ""
                for key in keys:
                    shown += monitor.until(b"quit> ", master)
                    if key == "\x03":  # it is not in a session of this terminal's, which would make this a signal
                        monitor.send_signal(signal.SIGINT)
                    else:
                        os.write(master, key.encode())
                shown += monitor.until(b"never", master)
                self.assertEqual(monitor.wait(CAP), 0)
        return shown

    def test_on_a_terminal(self):
        for no_color, green, yellow in (("", "\x1b[32m", "\x1b[33m"), ("1", "", "")):
            with self.subTest(NO_COLOR=no_color):
                shown = self.on_a_terminal("offline\n", "quit\n", no_color=no_color)
                self.assertEqual(shown.count("offline, online or quit> "), 2)
                self.assertEqual("\x1b[" in shown, no_color == "")
                self.assertIn(f"  ready        {green}online ", shown)
                self.assertIn(f"  STATECHANGE  {yellow}online -> offline", shown)
                plain = re.sub("\x1b\\[[0-9]*m", "", shown)
                self.assertRegex(plain, f"{TIME}  STATECHANGE  online -> offline\r\n")
                self.assertRegex(plain, f"{TIME}  unadvised                       profile Outlook\r\n$")

    def test_control_c_and_control_d_on_a_terminal(self):
        # ThreadSanitizer may hold back a signal that comes just before a call that waits: there only Ctrl-D.
        for key in ("\x04",) if "TSAN_OPTIONS" in os.environ else ("\x03", "\x04"):
            with self.subTest(key):
                shown = self.on_a_terminal(key, no_color="1")
                self.assertRegex(shown, f"\n{TIME}  unadvised .*\r\n$")  # on a line of its own


ROUTE = ("default", "via", "192.0.2.2", "dev", "monitor0")


def route(verb):
    subprocess.run(["ip", "route", verb, *ROUTE], check=True, timeout=CAP)


class Namespace(TestCase):
    """The real source, inside a network namespace with a default route."""

    def test_follows_the_default_route(self):
        for arguments, look in ((["--json"], self.assert_events), ([], self.assert_text)):
            for at_first in ("online", "offline"):
                route("replace")
                if at_first == "offline":
                    route("del")
                streams = {"stdin": subprocess.DEVNULL, "env": NETLINK}
                with self.subTest(at_first), Monitor("--profile", "Ω", *arguments, **streams) as monitor:
                    look(monitor.lines(1), ready(at_first, "Ω"))
                    for new in (["offline", "online"] * 3)[at_first == "offline" :]:
                        route("add" if new == "online" else "del")
                        look(monitor.lines(3), change(new, "Ω"))
                    monitor.send_signal(signal.SIGTERM)
                    out, err, code = monitor.end()
                    self.assertEqual((err, code), ("", 0))
                    look(out, unadvised("Ω"))

    def test_once(self):
        for state, verb in (("online", "replace"), ("offline", "del")):
            route(verb)
            self.assertEqual(run("--once", env=NETLINK), (state + "\n", "", 0))
            out, err, code = run("--once", "--json", env=NETLINK)
            self.assertEqual((err, code), ("", 0))
            self.assert_events(out, [{"event": "state", "profile": "Outlook", "state": state, "capabilities": BOTH}])


def in_namespace():
    """Starts this test again inside a network namespace, and a user namespace where we are not root."""
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            print(f"skipped: there is no `{tool}` (package {package})")
            return SKIPPED
    unshare = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    # A pair of our own, of which one end has a route into the other: all that a default route needs.
    setup = (
        "ip link add monitor0 type veth peer name monitor1 && ip address add 192.0.2.1/24 dev monitor0 && "
        "ip link set monitor0 up && ip link set monitor1 up && ip route add default via 192.0.2.2 dev monitor0"
    )
    attempt = subprocess.run([*unshare, "sh", "-c", setup], check=False, capture_output=True, text=True, timeout=CAP)
    if attempt.returncode != 0:
        print(f"skipped: a network namespace with a veth pair is not allowed here: {attempt.stderr.strip()}")
        return SKIPPED
    again = [sys.executable, os.path.abspath(__file__), "inside", *COMMAND]
    return subprocess.run([*unshare, "sh", "-c", setup + ' && exec "$@"', "sh", *again], check=False).returncode


CASES = {"everywhere": Everywhere, "posix": Posix, "inside": Namespace}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in {*CASES, "namespace"}:
        sys.exit(__doc__)
    if sys.argv[1] == "namespace":
        sys.exit(in_namespace())
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(CASES[sys.argv[1]])
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful())
