"""What has proven the statements: "verified by" beside each one, and the tables of the page on coverage.

The data is evidence.json, which tools/trace.py makes from the tests' reports; CMake says where it is. Directives:
``coverage-summary``, ``coverage-matrix``, ``waivers``, ``drill`` and ``proofs`` (of the statements that it names).
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from tools import ROOT
from tools.statements import BADGES, PUBLISHED_AT, Statement, load, published_pages

EVIDENCE = Path(os.environ.get("OFFLINE_STATE_EVIDENCE", ROOT / "build" / "docs" / "evidence.json"))
DRILL = ROOT / "docs" / "figures" / "drill.json"


class details(nodes.General, nodes.Element):
    """What a reader can open."""


class summary(nodes.General, nodes.TextElement):
    """Its first line, which is always there."""


@cache
def evidence() -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(EVIDENCE.read_text(encoding="utf-8"))
        return data
    except (OSError, ValueError) as fault:
        sys.exit(f"{EVIDENCE}:1: there is no evidence that can be read ({fault}): build CMake's target guide")


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def code(text: str) -> nodes.literal:
    return nodes.literal("", text, classes=["code"])


def line(*parts: nodes.Node | str, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    children = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *children, classes=list(classes))


def outcome(results: dict[str, str]) -> str:
    """`passed on linux-gcc, linux-clang; skipped on mingw-x64`"""
    by_result: dict[str, list[str]] = {}
    for platform, result in results.items():
        by_result.setdefault(result, []).append(platform)
    return "; ".join(f"{result} on {', '.join(platforms)}" for result, platforms in by_result.items())


def test_list(tests: list[dict[str, Any]]) -> nodes.bullet_list:
    items = (
        nodes.list_item("", line(code(t["name"]), f" {t['file']}:{t['line']}, ", outcome(t["results"]))) for t in tests
    )
    return nodes.bullet_list("", *items, classes=["tests"])


def verified_by(statement: Statement) -> nodes.Element:
    """`verified by 3 tests`, to be opened."""
    proof = evidence()[statement.id]
    tests, waiver = proof["tests"], proof["waiver"]
    of = nodes.inline("", f" ({statement.id})", classes=["visually-hidden"])  # the summary's name names the statement
    if tests:
        return details("", summary("", f"verified by {count(len(tests), 'test')}", of), test_list(tests))
    return details("", summary("", "verified by no test", of), line(waiver), classes=["waived"])


def table(head: list[str], rows: list[list[nodes.Node | str]], name: str) -> nodes.table:
    def row(cells: list[nodes.Node | str]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", c if isinstance(c, nodes.paragraph) else line(c)) for c in cells))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1, stub=int(n == 0)) for n in range(len(head))), cols=len(head))
    group += nodes.thead("", row([*head]))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group, classes=[name])


class EvidenceDirective(SphinxDirective):
    """A page with one is read again when the evidence has changed."""

    file = EVIDENCE

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(self.file))
        return self.show(load())

    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        raise NotImplementedError


class CoverageSummary(EvidenceDirective):
    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        proofs = [evidence()[id] for id in statements]
        tests = {test["name"]: test["results"] for proof in proofs for test in proof["tests"]}
        platforms = dict.fromkeys(platform for results in tests.values() for platform in results)
        kinds = ", ".join(f"{sum(s.kind == kind for s in statements.values())} {text}" for kind, text in BADGES.items())
        items = [
            f"{len(statements)} statements: {kinds}.",
            f"{sum(bool(p['tests']) for p in proofs)} are proven by a test of the reference.",
            f"{sum(p['waiver'] is not None for p in proofs)} are waived, each for a reason that is given below.",
            "0 are shown by a recorded run in Outlook.",
        ]
        for platform in platforms:
            passed = sum(results.get(platform) == "passed" for results in tests.values())
            items.append(f"On {platform}, {passed} of the {len(tests)} tests that prove a statement have passed.")
        return [nodes.bullet_list("", *(nodes.list_item("", line(text)) for text in items))]


class CoverageMatrix(EvidenceDirective):
    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        head = ["Statement", "Test of the reference", "Published text", "Observed client", "Recorded run in Outlook"]
        return [table(head, [self.row(statement) for statement in statements.values()], "coverage")]

    def row(self, statement: Statement) -> list[nodes.Node | str]:
        proof, published = evidence()[statement.id], line("no", classes=("none",))
        if statement.kind == "documented":
            link = nodes.reference("", statement.source, refuri=PUBLISHED_AT + statement.source)
            sha = nodes.inline("", "sha256 " + published_pages()[statement.source].sha256[:12], classes=["sha"])
            published = line(link, " ", sha)
        tested = (
            line(f"yes, {count(len(proof['tests']), 'test')}", classes=("proven",))
            if proof["tests"]
            else line("waived", classes=("waived",))
        )
        observed = "yes" if statement.kind == "observed" else line("no", classes=("none",))
        return [statement.id, tested, published, observed, line("none yet", classes=("none",))]


class Waivers(EvidenceDirective):
    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        reasons: dict[str, list[str]] = {}
        for id in statements:
            if reason := evidence()[id]["waiver"]:
                reasons.setdefault(reason, []).append(id)
        items = [nodes.list_item("", line(", ".join(ids), ": ", reason)) for reason, ids in reasons.items()]
        return [nodes.bullet_list("", *items)]


class Drill(EvidenceDirective):
    file = DRILL

    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        if not DRILL.exists():
            return [line("The drill has not been run yet.")]
        try:
            drill = json.loads(DRILL.read_text(encoding="utf-8"))
            rows: list[list[nodes.Node | str]] = [
                [fault["fault"], fault["caught_by"], line(code(fault["message"]))] for fault in drill["faults"]
            ]
            score = line(nodes.strong("", f"Score: {drill['score']} of {drill['of']}."))
        except (ValueError, KeyError, TypeError) as fault:
            raise self.error(f"docs/figures/drill.json:1: this is no result of a drill: {fault!r}") from None
        return [score, table(["Fault", "Caught by", "Message"], rows, "drill")]


class Proofs(EvidenceDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def show(self, statements: dict[str, Statement]) -> list[nodes.Node]:
        items = []
        for id in self.arguments[0].split():
            if id not in statements:
                raise self.error(f"there is no statement {id}")
            tests = evidence()[id]["tests"]
            shown = test_list(tests) if tests else line("Waived: ", evidence()[id]["waiver"])
            items.append(nodes.list_item("", line(id), shown))
        return [nodes.bullet_list("", *items, classes=["proofs"])]


def tags(name: str) -> tuple[Any, Any]:
    def visit(self: HTML5Translator, node: nodes.Element) -> None:
        self.body.append(self.starttag(node, name, "", CLASS="verified" if name == "details" else ""))

    def depart(self: HTML5Translator, node: nodes.Element) -> None:
        self.body.append(f"</{name}>")

    return visit, depart


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(details, html=tags("details"))
    app.add_node(summary, html=tags("summary"))
    app.add_directive("coverage-summary", CoverageSummary)
    app.add_directive("coverage-matrix", CoverageMatrix)
    app.add_directive("waivers", Waivers)
    app.add_directive("drill", Drill)
    app.add_directive("proofs", Proofs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
