"""Traces each statement to the tests that prove it, and to their last results.

    trace.py check --report PLATFORM=FILE...                  fails unless every statement is proven or waived
    trace.py evidence --report PLATFORM=FILE... --output FILE  what the guide shows, as JSON; another platform's report
                      [--also PLATFORM=FILE...]                (--also) counts when it is newer than what it was made of
    trace.py hash ID...                                        how a test names a statement

A test names what it proves with PROVES("OPEN-1@3f2a"), in the specification with PROMISE: the statement's ID and the
hash of its text. When a statement is reworded its hash changes, and the test has to be looked at again. The reports are
GoogleTest's (--gtest_output=xml:FILE). A statement that cannot be proven yet is in docs/waivers.toml, with a reason;
one that only one platform can prove names that platform there.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tools import ROOT
from tools.statements import Statement, StatementError, load

WAIVERS = ROOT / "docs" / "waivers.toml"
NAMED = re.compile(r"(?P<id>[A-Z]+-[\d.]+)@(?P<hash>[0-9a-f]{4})")


class TraceError(Exception):
    """One line: file, line, fault."""


@dataclass
class Test:
    name: str
    file: str
    line: int
    proves: list[str]
    results: dict[str, str] = field(default_factory=dict)  # platform -> passed, failed or skipped

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Waiver:
    reason: str
    line: int
    except_on: str | None  # the one platform where it must be proven


def load_waivers(file: Path = WAIVERS) -> dict[str, Waiver]:
    lines = file.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.strip() == "[[waiver]]"]
    try:
        entries = tomllib.loads("\n".join(lines)).get("waiver", [])
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise TraceError(f"{file}:{at[1] if at else len(lines)}: {error}") from None
    if len(entries) != len(starts):
        raise TraceError(f"{file}:1: each waiver begins with a line [[waiver]]")
    waivers: dict[str, Waiver] = {}
    for line, entry in zip(starts, entries, strict=True):
        if set(entry) - {"except-on"} != {"statements", "reason"} or not isinstance(entry["statements"], list):
            raise TraceError(f"{file}:{line}: a waiver has a list of statements and a reason, and perhaps except-on")
        if not re.fullmatch(r"[A-Z].{20,}\.", entry["reason"], flags=re.DOTALL):
            raise TraceError(f"{file}:{line}: a waiver's reason is at least one sentence")
        for name in entry["statements"]:
            if name in waivers:
                raise TraceError(f"{file}:{line}: {name} is waived twice, first in line {waivers[name].line}")
            waivers[name] = Waiver(" ".join(entry["reason"].split()), line, entry.get("except-on"))
    return waivers


def result_of(case: ElementTree.Element) -> str:
    if case.find("failure") is not None:
        return "failed"
    ran = case.get("status") == "run" and case.get("result") == "completed"
    return "passed" if ran else "skipped"


def read_report(platform: str, file: Path, tests: dict[str, Test]) -> None:
    """Adds the results of one platform to the tests."""
    try:
        cases = ElementTree.parse(file).getroot().iter("testcase")
    except OSError as error:
        raise TraceError(f"{file}:1: there is no test report ({error.strerror}): run the tests first") from None
    except ElementTree.ParseError as error:
        raise TraceError(f"{file}:{error.position[0]}: the test report is damaged or truncated: {error}") from None
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        proves = [p.get("value", "") for p in case.iter("property") if p.get("name") == "statements"]
        source = Path(case.get("file", ""))
        place = str(source.relative_to(ROOT)) if source.is_relative_to(ROOT) else str(source)
        test = tests.setdefault(name, Test(name, place, int(case.get("line", "0")), []))
        test.proves = test.proves or " ".join(proves).split()
        test.results[platform] = result_of(case)
    if not any(platform in test.results for test in tests.values()):
        raise TraceError(f"{file}:1: the test report has no test")


def read_reports(reports: Iterable[str]) -> dict[str, Test]:
    tests: dict[str, Test] = {}
    for report in reports:
        platform, separator, file = report.partition("=")
        if not separator:
            raise TraceError(f"{report}: a report is given as PLATFORM=FILE")
        read_report(platform, Path(file), tests)
    return tests


def is_fresh(report: str) -> bool:
    """Whether there is such a report, and nothing that it was made of is newer."""
    platform, _, name = report.partition("=")
    folders = [(ROOT / "tests", "**/*.*"), (ROOT / "reference-impl", "**/*.*"), (ROOT / "samples", "*.h")]
    sources = [file for folder, pattern in folders for file in folder.glob(pattern) if file.suffix in (".cpp", ".h")]
    fresh = (file := Path(name)).exists() and file.stat().st_mtime > max(f.stat().st_mtime for f in sources)
    if not fresh:
        why = "the report is older than its sources" if file.exists() else "it has not run"
        print(f"{platform}: no results, for {why}")
    return fresh


def faults_of_tests(statements: dict[str, Statement], tests: dict[str, Test]) -> list[str]:
    faults = []
    for test in tests.values():
        for named in test.proves:
            match = NAMED.fullmatch(named)
            if not match:
                faults.append(f"{test.place}: {test.name} names {named!r}, which is not of the form OPEN-1@3f2a")
            elif match["id"] not in statements:
                faults.append(f"{test.place}: {test.name} names {match['id']}, which is no statement")
            elif match["hash"] != (now := statements[match["id"]].hash):
                faults.append(
                    f"{test.place}: {test.name} names {named}, which has been reworded since: look at the test again, "
                    f"then write {match['id']}@{now}"
                )
        faults += [f"{test.place}: {test.name} has failed on {p}" for p, r in test.results.items() if r == "failed"]
    return faults


def tests_of(statement: Statement, tests: dict[str, Test]) -> list[Test]:
    return [test for test in tests.values() if f"{statement.id}@{statement.hash}" in test.proves]


def check(statements: dict[str, Statement], waivers: dict[str, Waiver], tests: dict[str, Test]) -> list[str]:
    faults = faults_of_tests(statements, tests)
    platforms = dict.fromkeys(platform for test in tests.values() for platform in test.results)
    for statement in statements.values():
        where, proofs = f"docs/statements.toml:{statement.line}", tests_of(statement, tests)
        where_needed = list(platforms)
        if waiver := waivers.get(statement.id):
            where_needed = [platform for platform in platforms if platform == waiver.except_on]
            if proofs and waiver.except_on is None:
                faults.append(
                    f"docs/waivers.toml:{waiver.line}: {statement.id} is waived, and {proofs[0].name} proves it"
                )
                continue
        if not proofs and where_needed:
            faults.append(
                f"{where}: {statement.id} has no test and no waiver" + (f" on {where_needed[0]}" * bool(waiver))
            )
        for platform in where_needed if proofs else ():
            if "passed" not in (results := [t.results.get(platform, "not run") for t in proofs]):
                names = ", ".join(f"{t.name} ({r})" for t, r in zip(proofs, results, strict=True))
                faults.append(f"{where}: {statement.id} has no test that has passed on {platform}: {names}")
    faults += [
        f"docs/waivers.toml:{w.line}: {name} is no statement" for name, w in waivers.items() if name not in statements
    ]
    return faults


def evidence(statements: dict[str, Statement], waivers: dict[str, Waiver], tests: dict[str, Test]) -> dict[str, object]:
    return {
        statement.id: {
            "waiver": waivers[statement.id].reason
            if statement.id in waivers and not tests_of(statement, tests)
            else None,
            "tests": [
                {"name": test.name, "file": test.file, "line": test.line, "results": test.results}
                for test in tests_of(statement, tests)
            ],
        }
        for statement in statements.values()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Traces each statement to the tests that prove it.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("check", "fail unless every statement is proven or waived"), ("evidence", "write JSON")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--report", action="append", required=True, metavar="PLATFORM=FILE")
        if name == "evidence":
            command.add_argument("--output", type=Path, required=True)
            command.add_argument("--also", action="append", default=[], metavar="PLATFORM=FILE")
    commands.add_parser("hash", help="how a test names a statement").add_argument("ids", nargs="+", metavar="ID")
    options = parser.parse_args()

    try:
        statements = load()
        if options.command == "hash":
            if unknown := [name for name in options.ids if name not in statements]:
                raise TraceError(f"docs/statements.toml:1: there is no statement {', '.join(unknown)}")
            print(" ".join(f"{name}@{statements[name].hash}" for name in options.ids))
            return 0
        also = [report for report in getattr(options, "also", ()) if is_fresh(report)]
        waivers, tests = load_waivers(), read_reports([*options.report, *also])
    except (StatementError, TraceError, OSError) as error:
        print(error, file=sys.stderr)
        return 1

    faults = check(statements, waivers, tests)
    for fault in faults:
        print(fault, file=sys.stderr)
    if options.command == "evidence" and not faults:
        new = json.dumps(evidence(statements, waivers, tests), indent=1) + "\n"
        if not options.output.exists() or options.output.read_text(encoding="utf-8") != new:
            options.output.write_text(new, encoding="utf-8")  # else the guide's pages need not be built again
    proven = sum(1 for s in statements.values() if tests_of(s, tests))
    waived = sum(1 for s in statements.values() if s.id in waivers and not tests_of(s, tests))
    print(f"{len(statements)} statements: {proven} proven, {waived} waived, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
