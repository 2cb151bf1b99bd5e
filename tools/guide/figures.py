"""``.. test-figures::``: what the page "How it is tested" counts, read from what the programs have written.

Nothing here is typed by hand: the figures come from the tests' report, from what trace.py has made of it, and from the
JSON files of the longer runs. What has not been run says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import ROOT
from tools.figures import earlier
from tools.guide.evidence import EVIDENCE, evidence, line, table

KEPT = ROOT / "docs" / "figures"  # of longer runs, kept with the sources
BUILD = EVIDENCE.parent.parent / "tests"
REPORT = BUILD / "report.xml"
MUTANTS = BUILD / "conformance" / "mutants.json"
FILES = [EVIDENCE, REPORT, MUTANTS, *(KEPT / f"{name}.json" for name in ("model", "fuzzing", "mutants", "coverage"))]

Row = tuple[str, str, str]  # what, how much, of which run


def read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return None


def number(value: float) -> str:
    return f"{value:,.0f}"


def recorded() -> dict[str, int]:
    """What tests have counted with RecordProperty, added up."""
    counts: dict[str, int] = {}
    for entry in ElementTree.parse(REPORT).getroot().iter("property") if REPORT.exists() else ():
        name, value = entry.get("name", ""), entry.get("value", "")
        if name == "operations" or name.startswith("faults_"):
            counts[name] = counts.get(name, 0) + int(value)
    return counts


def rows() -> Iterator[Row]:
    proofs = evidence().values()
    proven = sum(bool(proof["tests"]) for proof in proofs)
    yield "Statements proven by a test", f"{number(proven)} of {number(len(proofs))}", "the build of this guide"
    counts = recorded()
    yield "Random operations of eight threads", number(counts.pop("operations", 0)), "the build of this guide"
    kinds = ", ".join(f"{number(n)} {name.removeprefix('faults_')}" for name, n in sorted(counts.items()))
    yield "Faults injected", f"{number(sum(counts.values()))} ({kinds})", "the build of this guide"
    missing = "not run for this guide"
    if mutants := read(MUTANTS):
        yield (
            "Wrong libraries found by the conformance suite",
            f"{mutants['found']} of {mutants['mutants']}",
            "the last run of the tests",
        )
    else:
        yield "Wrong libraries found by the conformance suite", missing, ""
    if model := read(KEPT / "model.json"):
        of = f"spin {model['spin']}"
        yield "States of the model explored", number(model["states"]), of
        found = sum(bool(each["found"]) for each in model["broken"])
        yield "Broken variants of the model found", f"{found} of {len(model['broken'])}", of
    else:
        yield "States of the model explored", missing, ""
    if fuzzing := read(KEPT / "fuzzing.json"):
        of = f"the long run of {fuzzing['date']}{earlier(fuzzing)}"
        yield "Calls fuzzed without a difference", number(fuzzing["targets"]["calls"]["calls"]), of
    else:
        yield "Calls fuzzed without a difference", missing, ""
    if fuzzed := read(KEPT / "mutants.json"):
        found = sum(each["found"] for each in fuzzed["mutants"])
        yield (
            "Faults in the code found by the fuzzer",
            f"{found} of {len(fuzzed['mutants'])}",
            fuzzed["date"] + earlier(fuzzed),
        )
    if coverage := read(KEPT / "coverage.json"):
        reached = coverage["all"]
        for what in ("lines", "branches"):
            text = f"{number(reached[what + '_reached'])} of {number(reached[what])}"
            yield f"{what.capitalize()} reached by tests and fuzzer", text, coverage["date"] + earlier(coverage)
    else:
        yield "Lines reached by tests and fuzzer", missing, ""


class TestFigures(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        for file in FILES:
            self.env.note_dependency(str(file))
        cells: list[list[nodes.Node | str]] = [list(row) for row in rows()]
        return [table(["What", "How much", "In"], cells, "figures")]


class BrokenVariants(SphinxDirective):
    """What spin says to each broken variant of the model."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(KEPT / "model.json"))
        model = read(KEPT / "model.json")
        if not model:
            return [line("The model has not been explored yet.")]
        cells: list[list[nodes.Node | str]] = [
            [each["variant"], line(nodes.literal("", each["found"] or "nothing"))] for each in model["broken"]
        ]
        return [table(["Variant", "What spin finds"], cells, "broken-variants")]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("test-figures", TestFigures)
    app.add_directive("broken-variants", BrokenVariants)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
