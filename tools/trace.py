"""Traces each statement to the tests that prove it, and to their last results.

    tools.trace check --report PLATFORM=FILE...                   fails unless every statement is proven or waived
    tools.trace evidence --report PLATFORM=FILE... --output FILE  writes what the guide shows, as JSON; a report of
                [--also PLATFORM=FILE...]                         another platform (--also) counts if it is up to date
    tools.trace hash ID...                                        prints how a test names a statement

A test names what it proves with PROVES("OPEN-1@3f2a"), in the specification with PROMISE: the statement's ID and the
hash of its text. When a statement is reworded its hash changes, and the test has to be looked at again. The reports are
GoogleTest's (--gtest_output=xml:FILE). A statement that cannot be proven yet is in docs/waivers.toml, with a reason;
one that only one platform can prove names that platform there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tools import ROOT, ToolError, parser, read_toml, report, run
from tools.statements import Statement, load

WAIVERS = ROOT / "docs" / "waivers.toml"
NAMED = re.compile(r"(?P<id>[A-Z]+-[\d.]+)@(?P<hash>[0-9a-f]{4})")


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


def load_waivers() -> dict[str, Waiver]:
    waivers: dict[str, Waiver] = {}
    for line, entry in read_toml(WAIVERS, "waiver"):
        if set(entry) - {"except-on"} != {"statements", "reason"} or not isinstance(entry["statements"], list):
            raise ToolError(f"{WAIVERS}:{line}: a waiver has a list of statements and a reason, and perhaps except-on")
        if not re.fullmatch(r"[A-Z].{20,}\.", entry["reason"], flags=re.DOTALL):
            raise ToolError(f"{WAIVERS}:{line}: a waiver's reason is at least one sentence")
        for name in entry["statements"]:
            if name in waivers:
                raise ToolError(f"{WAIVERS}:{line}: {name} is waived twice, first in line {waivers[name].line}")
            waivers[name] = Waiver(" ".join(entry["reason"].split()), line, entry.get("except-on"))
    return waivers


def read_report(file: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(file).getroot()
    except OSError as error:
        raise ToolError(f"{file}:1: there is no test report ({error.strerror}): run the tests first") from None
    except ElementTree.ParseError as error:
        raise ToolError(f"{file}:{error.position[0]}: the test report is damaged or truncated: {error}") from None


def result_of(case: ElementTree.Element) -> str:
    if case.find("failure") is not None:
        return "failed"
    ran = case.get("status") == "run" and case.get("result") == "completed"
    return "passed" if ran else "skipped"


def read_tests(reports: Iterable[str]) -> dict[str, Test]:
    tests: dict[str, Test] = {}
    for platform, _, file in (text.partition("=") for text in reports):
        cases = list(read_report(Path(file)).iter("testcase"))
        for case in cases:
            name = f"{case.get('classname')}.{case.get('name')}"
            proves = [p.get("value", "") for p in case.iter("property") if p.get("name") == "statements"]
            source = Path(case.get("file", ""))
            place = str(source.relative_to(ROOT)) if source.is_relative_to(ROOT) else str(source)
            test = tests.setdefault(name, Test(name, place, int(case.get("line", "0")), []))
            test.proves = test.proves or " ".join(proves).split()
            test.results[platform] = result_of(case)
        if not cases:
            raise ToolError(f"{file}:1: the test report has no test")
    return tests


def is_up_to_date(report: str) -> bool:
    """Whether the report exists and is newer than all sources."""
    platform, _, name = report.partition("=")
    folders = [(ROOT / "tests", "**/*.*"), (ROOT / "reference-impl", "**/*.*"), (ROOT / "samples", "*.h")]
    sources = [file for folder, pattern in folders for file in folder.glob(pattern) if file.suffix in (".cpp", ".h")]
    if not (file := Path(name)).exists():
        print(f"{platform}: no results, the tests have not run")
    elif file.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return True
    else:
        print(f"{platform}: no results, the report is older than its sources")
    return False


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
        where, proofs, waiver = f"docs/statements.toml:{statement.line}", tests_of(statement, tests), None
        needed = list(platforms)
        if waiver := waivers.get(statement.id):
            needed = [platform for platform in platforms if platform == waiver.except_on]
            if proofs and waiver.except_on is None:
                faults.append(
                    f"docs/waivers.toml:{waiver.line}: {statement.id} is waived, and {proofs[0].name} proves it"
                )
        if not proofs and needed:
            on = f" on {needed[0]}" if waiver else ""
            faults.append(f"{where}: {statement.id} has no test and no waiver{on}")
        for platform in needed if proofs else ():
            results = {test.name: test.results.get(platform, "not run") for test in proofs}
            if "passed" not in results.values():
                names = ", ".join(f"{name} ({result})" for name, result in results.items())
                faults.append(f"{where}: {statement.id} has no test that has passed on {platform}: {names}")
    return faults + [
        f"docs/waivers.toml:{w.line}: {name} is no statement" for name, w in waivers.items() if name not in statements
    ]


def evidence(statements: dict[str, Statement], waivers: dict[str, Waiver], tests: dict[str, Test]) -> dict[str, object]:
    found = {}
    for statement in statements.values():
        proofs, waiver = tests_of(statement, tests), waivers.get(statement.id)
        found[statement.id] = {
            "waiver": waiver.reason if waiver and not proofs else None,
            "tests": [{"name": t.name, "file": t.file, "line": t.line, "results": t.results} for t in proofs],
        }
    return found


def main() -> int:
    syntax = parser(__doc__)
    commands = syntax.add_subparsers(dest="command", required=True)
    for name, text in (("check", "fail unless every statement is proven or waived"), ("evidence", "write JSON")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--report", action="append", required=True, metavar="PLATFORM=FILE")
    command.add_argument("--output", type=Path, required=True)
    command.add_argument("--also", action="append", default=[], metavar="PLATFORM=FILE")
    commands.add_parser("hash", help="how a test names a statement").add_argument("ids", nargs="+", metavar="ID")
    options = syntax.parse_args()

    statements = load()
    if options.command == "hash":
        if unknown := [name for name in options.ids if name not in statements]:
            raise ToolError(f"docs/statements.toml:1: there is no statement {', '.join(unknown)}")
        print(" ".join(f"{name}@{statements[name].hash}" for name in options.ids))
        return 0
    waivers = load_waivers()
    tests = read_tests([*options.report, *filter(is_up_to_date, getattr(options, "also", ()))])
    faults = check(statements, waivers, tests)
    proofs = evidence(statements, waivers, tests)
    if options.command == "evidence" and not faults:
        new = json.dumps(proofs, indent=1) + "\n"
        if not options.output.exists() or options.output.read_text(encoding="utf-8") != new:
            options.output.write_text(new, encoding="utf-8")  # else the guide's pages need not be built again
    proven = sum(bool(proof["tests"]) for proof in proofs.values())
    waived = sum(proof["waiver"] is not None for proof in proofs.values())
    print(f"{len(statements)} statements: {proven} proven, {waived} waived, {len(faults)} faults")
    return report(faults)


if __name__ == "__main__":
    run(main)
