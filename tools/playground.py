"""The playground's scenarios, played by a program of this machine and as the page plays them.

tools.playground play --play PROGRAM --worst PROGRAM --output FOLDER         what each gives, in FOLDER/NAME.json
tools.playground compare --output FOLDER --node NODE --samples OUTPUT...     the modules in FOLDER/static must give the
                                                                             same; a sample prints its expected output
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT, ToolError, output_of, parser, read_toml, report, run

PLAYGROUND = ROOT / "docs" / "playground"
SCENARIOS = PLAYGROUND / "scenarios.toml"


@dataclass(frozen=True)
class Scenario:
    line: int
    name: str
    title: str
    calls: str  # separated by commas, as in an address

    @property
    def library(self) -> str:
        return "worst" if self.calls.startswith("worst:") else "reference"


def scenarios() -> list[Scenario]:
    entries = read_toml(SCENARIOS, "scenario")
    return [Scenario(line, each["name"], each["title"], ",".join(each["calls"].split())) for line, each in entries]


def behaviours() -> list[str]:
    """Those of the worst permitted Outlook that one thread can show."""
    return [name for _, entry in read_toml(SCENARIOS, "worst") for name in entry["behaviours"].split()]


def play(programs: dict[str, Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for each in scenarios():
        text = output_of([programs[each.library], each.title, each.calls])
        if fault := json.loads(text)["fault"]:
            raise ToolError(f"{SCENARIOS.relative_to(ROOT)}:{each.line}: {each.name} cannot be played: {fault}")
        folder.joinpath(f"{each.name}.json").write_text(text, encoding="utf-8")


def difference(one: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 30) : at + 30]!r}, not {other[max(0, at - 30) : at + 30]!r}"


def compare(folder: Path, library: str, node: Path, samples: list[Path]) -> Iterator[str]:
    ours = [each for each in scenarios() if each.library == library]
    requests = [["play", library, each.calls, each.title] for each in ours]
    requests += [["run", library, sample.name.removesuffix(".expected.txt")] for sample in samples]
    done = subprocess.run(
        [node, PLAYGROUND / "run.js", folder / "static"], input=json.dumps(requests), check=False, capture_output=True,
        encoding="utf-8", timeout=600)  # fmt: skip
    if done.returncode != 0:
        raise ToolError(f"docs/playground/run.js:1: node ended with {done.returncode}: {done.stderr[-2000:]}")
    answers: list[Any] = json.loads(done.stdout)
    for each in ours:
        here, there = folder.joinpath(f"{each.name}.json").read_text("utf-8"), answers.pop(0) + "\n"
        if here != there:
            place = f"{SCENARIOS.relative_to(ROOT)}:{each.line}"
            yield f"{place}: the page plays {each.name} otherwise than the program: {difference(there, here)}"
    for sample, (printed, code) in zip(samples, answers, strict=True):
        expected = sample.read_text(encoding="utf-8")
        if printed != expected or code != 0:
            place = f"{sample.relative_to(ROOT)}:1"
            yield f"{place}: run in the page it ends with {code} and prints {difference(printed, expected)}"


def main() -> int:
    syntax = parser(__doc__)
    syntax.add_argument("what", choices=("play", "compare"))
    for name in ("play", "worst", "output", "node"):
        syntax.add_argument(f"--{name}", type=Path)
    syntax.add_argument("--library", choices=("reference", "worst"))
    syntax.add_argument("--samples", type=Path, nargs="*", default=[])
    options = syntax.parse_args()
    if options.what == "compare":
        return report(compare(options.output, options.library, options.node, options.samples))
    play({"reference": options.play, "worst": options.worst}, options.output)
    return 0


if __name__ == "__main__":
    run(main)
