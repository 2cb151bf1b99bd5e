"""``.. sequence-diagram:: FILE`` draws a trace (JSON, one event a line) as inline SVG: host, object, client.

The file is the expected output of an example, so a test compares it with what the library does. A list beside the
picture has the same events, for everyone who cannot see it.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LANES = {"Host": 90, "Object": 360, "Client": 630}
HOST_CALLS = ("HrCreateOfflineObj", "IMAPIOffline::SetCurrentState")
RESULTS = {
    "0x00000000": "S_OK",
    "0x8000000A": "E_PENDING",
    "0x8004010F": "MAPI_E_NOT_FOUND",
    "0x80070057": "E_INVALIDARG",
}
PHASES = {"0x1": "START", "0x2": "STATECHANGE", "0x3": "DONE"}
STATES = {"0x1": "offline", "0x2": "online"}
TOP, ROW, WIDTH = 56, 46, 720


def describe(event: dict[str, Any]) -> tuple[str, str, str, str]:
    """The lane it starts from, the lane it leads to, the call, its result."""
    arguments = dict(part.partition("=")[::2] for part in event["arguments"].split() if "=" in part)
    name = event["function"].rpartition("::")[2]
    if event["kind"] != "call":
        phase = PHASES.get(arguments["NotifyType"], arguments["NotifyType"])
        old, new = (STATES.get(arguments[key], arguments[key]) for key in ("ulStateOld", "ulStateNew"))
        return "Object", "Client", f"{name}: {phase}", f"{old} to {new}"
    state = STATES.get(arguments.get("ulState", ""))
    caller = "Host" if event["function"] in HOST_CALLS else "Client"
    result = RESULTS.get(event["result"], event["result"])
    return caller, "Object", f"{name}({state})" if state else name, ": ".join(filter(None, (result, event["reason"])))


def draw(rows: list[tuple[str, str, str, str]], title: str) -> str:
    height = TOP + ROW * len(rows) + 16
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}"><g class="lanes">']
    for lane, x in LANES.items():
        parts.append(f'<line x1="{x}" y1="40" x2="{x}" y2="{height}"/><text x="{x}" y="26">{lane}</text>')
    parts.append('</g><g class="events">')
    for n, (source, target, what, outcome) in enumerate(rows):
        start, end, y = LANES[source], LANES[target], TOP + ROW * n + 24
        tip = -8 if end > start else 8
        parts.append(f'<path d="M{start} {y}H{end}m{tip} -5l{-tip} 5l{tip} 5"/>')
        parts.append(f'<text x="{(start + end) / 2:g}" y="{y - 6}">{escape(what)}</text>')
        parts.append(f'<text class="outcome" x="{(start + end) / 2:g}" y="{y + 15}">{escape(outcome)}</text>')
    return "".join([*parts, "</g></svg>"])


class SequenceDiagram(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {"title": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        relative, file = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        rows = []
        for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
            try:
                rows.append(describe(json.loads(line)))
            except (ValueError, KeyError) as fault:
                raise self.error(f"{relative}:{number}: this is no event of a trace: {fault}") from None
        title = self.options.get("title", "Sequence of calls and notifications")
        svg = f'<div class="sequence" role="region" tabindex="0" aria-label="{escape(title)}">{draw(rows, title)}</div>'
        words = "".join(f"<li>{source} to {target}: {escape(what)} ({escape(outcome)})</li>"
                        for source, target, what, outcome in rows)  # fmt: skip
        words = f'<details class="sequence-words"><summary>The same in words</summary><ol>{words}</ol></details>'
        return [nodes.raw("", svg + words, format="html")]


def add_to(app: Sphinx) -> None:
    app.add_directive("sequence-diagram", SequenceDiagram)
