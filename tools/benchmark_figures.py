"""What ./bench has measured (docs/figures/bench.json), as tables and plots: for the console and for the guide.

No figure is typed anywhere: rows, ratios and aims are made from the measurements here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from tools import ROOT

FILE = ROOT / "docs" / "figures" / "bench.json"
NAMES = {
    "BareLoop": "bare loop (the limit)",
    "Reference": "this reference",
    "BoostSignals2": "boost::signals2",
    "LibSigc": "libsigc++",
    "GSignal": "GLib GSignal",
    "CopiedMap": "map, copied under a lock",
    "CopyOnWrite": "copy-on-write list",
    "SlotMap": "slot map behind a mutex",
}
VECTOR = "vector, push and pop (the limit)"  # the bare loop's way of registering
SIZES = ("1", "100", "10000", "100000")
Figures = dict[str, dict[str, dict[str, dict[str, float]]]]


class FigureError(Exception):
    """The file is not what ./bench writes."""


@dataclass(frozen=True)
class Table:
    title: str
    head: list[str]
    rows: list[list[str]]


def load(file: Path = FILE) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not {"machine", "date", "figures", "guide"} <= data.keys():
            raise ValueError("a part is missing")
    except (OSError, ValueError) as fault:
        raise FigureError(f"{file}:1: there are no measurements that can be read ({fault}): ./bench --record") from None
    return data


def number(value: float) -> str:
    """Three digits, with spaces between thousands where they are needed."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def nanoseconds(entry: dict[str, float] | None, counter: str = "seconds_each") -> str:
    return number(entry[counter] * 1e9) if entry else "\N{EN DASH}"


def by_size(figures: Figures, what: str, of: Callable[[dict[str, float] | None], str] = nanoseconds) -> list[list[str]]:
    return [
        [NAMES[peer], *(of(figures[what][peer].get(size)) for size in SIZES)] for peer in NAMES if peer in figures[what]
    ]


def ratios(figures: Figures, what: str, to: str) -> list[str]:
    ours, theirs = figures[what]["Reference"], figures[what][to]
    return [f"{ours[size]['seconds_each'] / theirs[size]['seconds_each']:.1f}" for size in SIZES]


def tables(data: dict[str, Any]) -> dict[str, Table]:
    figures: Figures = data["figures"]
    heads = [f"N = {number(int(size))}" for size in SIZES]
    churned = figures["delivery_after_churn"]["Reference"]
    delivery = by_size(figures, "delivery")
    delivery.append(["this reference, list shuffled", *(nanoseconds(churned[size]) for size in SIZES)])
    delivery.append(["this reference: the bare loop, times", *ratios(figures, "delivery", "BareLoop")])
    replace = by_size(figures, "replace")
    replace[0][0] = VECTOR
    replace.append(["this reference: the slot map, times", *ratios(figures, "replace", "SlotMap")])

    def both(entry: dict[str, float] | None) -> str:
        if not entry:
            return "\N{EN DASH}"
        return f"{number(entry['callbacks_per_second'] / 1e6)}; {nanoseconds(entry, 'seconds_each_pair')}"

    blocking = {"blocking_bare_queue": "queue and bare loop (the limit)", "blocking_reference": "this reference"}
    places = [f"{size}/processors:{count}" for count in (1, 2) for size in (1, 100)]
    blocked = [
        [name, *(number(figures[key][""][place]["seconds_each"] * 1e6) for place in places)]
        for key, name in blocking.items()
    ]
    blocked.append(["times", *(f"{blocking_ratio(figures, place):.2f}" for place in places)])
    idle = figures["idle_objects"][""]["10000"]
    opened = figures["open_object"][""]
    guide = data["guide"]
    return {
        "delivery": Table("Telling N registrations: ns for each callback", ["", *heads], delivery),
        "replace": Table("A random registration out and in: ns", ["", *heads], replace),
        "memory": Table(
            "Memory with 100 000 registrations",
            ["", "bytes each"],
            [
                [name, number(figures["memory"][peer]["100000"]["bytes_each"])]
                for peer, name in NAMES.items()
                if peer in figures["memory"]
            ],
        ),
        "two-processors": Table(
            "Delivering while another processor registers: million callbacks a second; ns for a pair",
            ["", *heads],
            by_size(figures, "deliver_and_replace", both),
        ),
        "blocking": Table(
            "A change that its caller waits for: µs",
            ["", *(f"N = {size}, {count} processor{'s' * (count > 1)}" for count in (1, 2) for size in (1, 100))],
            blocked,
        ),
        "open": Table(
            "HrOpenOfflineObj and Release, with N profiles: ns",
            [f"N = {number(int(size))}" for size in opened],
            [[nanoseconds(entry) for entry in opened.values()]],
        ),
        "idle": Table(
            "10 000 objects that nobody uses",
            ["bytes each", "threads", "threads when each has had a change"],
            [[number(idle["bytes_each"]), number(idle["threads"]), number(idle["threads_after_changes"])]],
        ),
        "guide": Table(
            "This guide",
            ["", ""],
            [
                ["built from nothing, with the programs that it shows", f"{number(guide['seconds_clean'])} s"],
                ["one page changed", f"{number(guide['seconds_incremental'])} s"],
                [f"what {guide['page']} loads, compressed", f"{number(guide['bytes_page'] / 1000)} kB"],
            ],
        ),
        "aims": Table("What we aimed at", ["", "at most", "measured", ""], [list(aim) for aim in aims(data)]),
    }


def blocking_ratio(figures: Figures, place: str) -> float:
    ours, limit = (figures[key][""][place]["seconds_each"] for key in ("blocking_reference", "blocking_bare_queue"))
    return ours / limit


def aims(data: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What was asked for, and what has come of it: the worst of each."""
    figures: Figures = data["figures"]

    def each(what: str, peer: str, size: str) -> float:
        return figures[what][peer][size]["seconds_each"]

    def worst(what: str, peer: str, sizes: tuple[str, ...] = SIZES) -> float:
        return max(each(what, "Reference", size) / each(what, peer, size) for size in sizes)

    many = SIZES[1:]
    both = figures["deliver_and_replace"]["Reference"]
    opened = figures["open_object"][""]
    measured = [
        ("a callback: the bare loop, N from 100", 4.0, worst("delivery", "BareLoop", many), "times"),
        ("a callback, N = 1", 45.0, each("delivery", "Reference", "1") * 1e9, "ns"),
        ("a callback: boost::signals2, N from 100", 1 / 3, worst("delivery", "BoostSignals2", many), "times"),
        ("a callback: GSignal, N from 100", 1 / 8, worst("delivery", "GSignal", many), "times"),
        ("Unadvise and Advise: the slot map", 1.6, worst("replace", "SlotMap"), "times"),
        (
            "Unadvise and Advise: from N = 1 to 100 000",
            1.6,
            each("replace", "Reference", "100000") / each("replace", "Reference", "1"),
            "times",
        ),
        ("the longest call of either", 100.0, figures["longest_call"][""]["100000"]["seconds_longest"] * 1e6, "µs"),
        ("memory for a registration", 48.0, figures["memory"]["Reference"]["100000"]["bytes_each"], "bytes"),
        (
            "a change that is waited for: queue and bare loop",
            1.15,
            max(blocking_ratio(figures, place) for place in figures["blocking_reference"][""]),
            "times",
        ),
        (
            "opening: from 1 to 10 000 profiles",
            1 + math.log2(10_000),  # the steps of a search in something sorted
            opened["10000"]["seconds_each"] / opened["1"]["seconds_each"],
            "times",
        ),
        ("a pair beside deliveries, any N", 1000.0, max(e["seconds_each_pair"] for e in both.values()) * 1e9, "ns"),
        (
            "a callback beside pairs, any N",
            1000 / 15,
            1e9 / min(e["callbacks_per_second"] for e in both.values()),
            "ns",
        ),
        ("a page of the tutorial, compressed", 200.0, data["guide"]["bytes_page"] / 1000, "kB"),
    ]
    return [
        (what, f"{number(limit)} {unit}", f"{number(value)} {unit}", "yes" if value <= limit else "no")
        for what, limit, value, unit in measured
    ]


def text(table: Table) -> str:
    """For the console."""
    lines = [table.head, *table.rows]
    widths = [max(len(row[column]) for row in lines) for column in range(len(table.head))]
    shown = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in lines
    ]
    return "\n".join([table.title, *(f"  {row}" for row in shown if row)])


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 76, 228, 16, 44


def plot(data: dict[str, Any], what: str, title: str) -> str:
    """Time against N, both by powers of ten, a line for each, its name at the end. Inline SVG in the page's colours."""
    lines = {
        peer: [(int(n), entry["seconds_each"] * 1e9) for n, entry in of.items()]
        for peer, of in data["figures"][what].items()
    }
    times = [time for line in lines.values() for _, time in line]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    largest = math.log10(max(n for line in lines.values() for n, _ in line))

    def x(n: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(n) / largest

    def y(time: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(time)) / (high - low)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"><g class="grid">']
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}"/>')
        parts.append(f'<text class="end" x="{LEFT - 8}" y="{at + 4:.1f}">{number(10**power)}</text>')
    for power in range(round(largest) + 1):
        parts.append(f'<text x="{x(10**power):.1f}" y="{HEIGHT - BOTTOM + 20}">{number(10**power)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:g}" y="{HEIGHT - 4}">registrations</text>')
    parts.append(f'<text class="end" x="{LEFT - 8}" y="{TOP + 18}">ns</text></g>')
    label = -math.inf
    for peer, line in sorted(lines.items(), key=lambda item: y(item[1][-1][1])):
        points = " ".join(f"{x(n):.1f},{y(time):.1f}" for n, time in line)
        end = y(line[-1][1])
        label = max(end, label + 17)
        kind = "ours" if peer == "Reference" else "limit" if peer == "BareLoop" else "other"
        name = escape(VECTOR if kind == "limit" and what == "replace" else NAMES[peer])
        parts.append(f'<g class="{kind}"><polyline points="{points}"/>')
        parts.append(f'<path d="M{WIDTH - RIGHT + 3} {end:.1f}L{WIDTH - RIGHT + 14} {label:.1f}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 18}" y="{label + 4:.1f}">{name}</text></g>')
    return "".join([*parts, "</svg>"])
