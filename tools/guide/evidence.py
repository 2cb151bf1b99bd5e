"""What the tests have shown: "verified by" beside each statement, and the tables of the pages about testing.

The data is evidence.json, which tools/trace.py makes of the tests' reports (CMake says where it is), and docs/figures.
Directives: ``coverage-summary``, ``waivers``, ``drill``, ``test-figures``, ``broken-variants``,
and ``proofs`` of the statements that it names.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from tools import ROOT, recordings
from tools.figures import KEPT, earlier, read
from tools.guide.elements import Cell, FigureDirective, badge, code, items, line, prose, table
from tools.statements import BADGES, Statement, load

EVIDENCE = Path(os.environ.get("OFFLINE_STATE_EVIDENCE", ROOT / "build" / "docs" / "evidence.json"))
REPORT = EVIDENCE.parent.parent / "tests" / "report.xml"
WRONG_LIBRARIES = EVIDENCE.parent.parent / "tests" / "conformance" / "mutants.json"


class details(nodes.General, nodes.Element):
    """Text that a reader can open."""


class summary(nodes.General, nodes.TextElement):
    """Its first line, which is always visible."""


@cache
def evidence() -> dict[str, Any]:
    try:
        return dict(json.loads(EVIDENCE.read_text(encoding="utf-8")))
    except (OSError, ValueError) as fault:
        sys.exit(f"{EVIDENCE}:1: there is no evidence that can be read ({fault}): build CMake's target guide")


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def outcome(results: dict[str, str]) -> str:
    """`passed on linux-gcc, linux-clang; skipped on mingw-x64`"""
    by_result: dict[str, list[str]] = {}
    for platform, result in results.items():
        by_result.setdefault(result, []).append(platform)
    return "; ".join(f"{result} on {', '.join(platforms)}" for result, platforms in by_result.items())


def test_list(tests: list[dict[str, Any]]) -> nodes.bullet_list:
    lines = [line(code(t["name"]), f" {t['file']}:{t['line']}, ", outcome(t["results"])) for t in tests]
    return items(*lines, classes=("tests",))


def verified_by(statement: Statement) -> nodes.Element:
    """`verified by 3 tests`, to be opened."""
    proof = evidence()[statement.id]
    of = nodes.inline("", f" ({statement.id})", classes=["visually-hidden"])  # for who hears the page
    if tests := proof["tests"]:
        return details("", summary("", f"verified by {count(len(tests), 'test')}", of), test_list(tests))
    return details("", summary("", "verified by no test", of), line(proof["waiver"]), classes=["waived"])


class EvidenceDirective(FigureDirective):
    files: ClassVar = [EVIDENCE]


def recorded_runs() -> list[str]:
    """In how many statements records of Outlook agree with this reference."""
    seen = recordings.seen().values()
    shown = sum(bool(each.held and not each.against) for each in seen)
    against = sum(bool(each.against) for each in seen)
    lines = [f"{shown} are shown by a recorded run in {recordings.hosts()}."]
    return lines + [f"{against} did not hold in a recorded run."] * bool(against)


class CoverageSummary(EvidenceDirective):
    def show(self) -> list[nodes.Node]:
        statements = load().values()
        proofs = [evidence()[statement.id] for statement in statements]
        tests = {test["name"]: test["results"] for proof in proofs for test in proof["tests"]}
        kinds = ", ".join(f"{sum(s.kind == kind for s in statements)} {text}" for kind, text in BADGES.items())
        lines = [
            f"{len(statements)} statements: {kinds}.",
            f"{sum(bool(p['tests']) for p in proofs)} are proven by a test of the reference.",
            f"{sum(p['waiver'] is not None for p in proofs)} are waived, each for a reason that is given below.",
            *recorded_runs(),
        ]
        for platform in dict.fromkeys(platform for results in tests.values() for platform in results):
            passed = sum(results.get(platform) == "passed" for results in tests.values())
            lines.append(f"On {platform}, {passed} of the {len(tests)} tests that prove a statement have passed.")
        return [items(*lines)]


class Waivers(EvidenceDirective):
    def show(self) -> list[nodes.Node]:
        reasons: dict[str, list[str]] = {}
        for id in load():
            if reason := evidence()[id]["waiver"]:
                reasons.setdefault(reason, []).append(id)
        return [items(*(line(", ".join(ids), ": ", reason) for reason, ids in reasons.items()))]


class Proofs(EvidenceDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def show(self) -> list[nodes.Node]:
        lines: list[list[Cell]] = []
        for id in self.arguments[0].split():
            if id not in evidence():
                raise self.error(f"there is no statement {id}")
            statement = load()[id]
            lines.append([line(id, " ", badge(statement.kind), " ", *prose(statement.text)), verified_by(statement)])
        return [items(*lines, classes=("proofs",))]


class Drill(FigureDirective):
    files: ClassVar = [KEPT / "drill.json"]

    def show(self) -> list[nodes.Node]:
        drill = read("drill")
        rows: list[list[Cell]] = [[f["fault"], f["caught_by"], line(code(f["message"]))] for f in drill["faults"]]
        score = line(nodes.strong("", f"Score: {drill['score']} of {drill['of']}."))
        return [score, table(["Fault", "Caught by", "Message"], rows, "drill")]


class BrokenVariants(FigureDirective):
    """What spin says to each broken variant of the model."""

    files: ClassVar = [KEPT / "model.json"]

    def show(self) -> list[nodes.Node]:
        rows: list[list[Cell]] = [[b["variant"], line(nodes.literal("", b["found"]))] for b in read("model")["broken"]]
        return [table(["Variant", "What spin finds"], rows, "broken-variants")]


def recorded() -> dict[str, int]:
    """What tests have counted with RecordProperty, added up."""
    counts: dict[str, int] = {}
    for entry in ElementTree.parse(REPORT).getroot().iter("property") if REPORT.exists() else ():
        name, value = entry.get("name", ""), entry.get("value", "")
        if name == "operations" or name.startswith("faults_"):
            counts[name] = counts.get(name, 0) + int(value)
    return counts


class TestFigures(FigureDirective):
    """What the page "How it is tested" counts; nothing is typed there."""

    files: ClassVar = [EVIDENCE, REPORT, WRONG_LIBRARIES]
    files += [KEPT / f"{name}.json" for name in ("model", "fuzzing", "mutants")]

    def show(self) -> list[nodes.Node]:
        return [table(["What", "How much", "In"], [list(row) for row in self.rows()], "figures")]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """What, how much, of which run."""
        here, proofs, counts = "the build of this guide", evidence().values(), recorded()
        yield "Statements proven by a test", f"{sum(bool(p['tests']) for p in proofs)} of {len(proofs)}", here
        yield "Random operations of eight threads", f"{counts.pop('operations', 0):,}", here
        kinds = ", ".join(f"{number:,} {name.removeprefix('faults_')}" for name, number in sorted(counts.items()))
        yield "Faults injected", f"{sum(counts.values()):,} ({kinds})", here
        wrong = ("not run for this guide", "")
        if WRONG_LIBRARIES.exists():
            found = json.loads(WRONG_LIBRARIES.read_text(encoding="utf-8"))
            wrong = (f"{found['found']} of {found['mutants']}", "the last run of the tests")
        yield "Wrong libraries found by the conformance suite", *wrong
        model, fuzzing, mutants = read("model"), read("fuzzing"), read("mutants")
        yield "States of the model explored", f"{model['states']:,}", f"spin {model['spin']}"
        found = sum(bool(each["found"]) for each in model["broken"])
        yield "Broken variants of the model found", f"{found} of {len(model['broken'])}", f"spin {model['spin']}"
        when = f"the long run of {fuzzing['date']}{earlier(fuzzing)}"
        yield "Calls fuzzed without a difference", f"{fuzzing['targets']['calls']['calls']:,}", when
        when = mutants["date"] + earlier(mutants)
        yield "Faults in the code found by the fuzzer", f"{mutants['score']} of {mutants['of']}", when


def tags(name: str) -> tuple[Any, Any]:
    def visit(self: HTML5Translator, node: nodes.Element) -> None:
        self.body.append(self.starttag(node, name, "", CLASS="verified" if name == "details" else ""))

    def depart(self: HTML5Translator, node: nodes.Element) -> None:
        self.body.append(f"</{name}>")

    return visit, depart


def add_to(app: Sphinx) -> None:
    app.add_node(details, html=tags("details"))
    app.add_node(summary, html=tags("summary"))
    app.add_directive("coverage-summary", CoverageSummary)
    app.add_directive("waivers", Waivers)
    app.add_directive("proofs", Proofs)
    app.add_directive("drill", Drill)
    app.add_directive("broken-variants", BrokenVariants)
    app.add_directive("test-figures", TestFigures)
