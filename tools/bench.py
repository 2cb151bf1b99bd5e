"""What ./bench has measured, as tables and plots, for the console and for the guide (docs/figures/bench.json).

    tools.bench show FILE [FILE]   two machines side by side
    tools.bench merge --machine TEXT --guide FILE --output FILE MEASURED...
    tools.bench weigh PAGE   the bytes that a page of the built guide loads, each file compressed by itself

MEASURED are Google Benchmark's JSON files, with repetitions: the medians are taken. --guide names the guide's own
figures. No figure is typed anywhere: rows, ratios and aims are made from the measurements here, and what each peer
promises from benchmarks/contracts.expected.txt, which a test compares with the program.
"""

from __future__ import annotations

import datetime
import gzip
import json
import math
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tools import ROOT, ToolError, parser, run
from tools.figures import code_hash

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
# "delivery<Reference>/100_median", "blocking_reference/1/processors:2/real_time_median"
RUN = re.compile(r"(?P<what>\w+)(?:<(?P<peer>\w+)[^>]*>)?/(?P<size>[\w:/]+?)(?:/real_time)?(?:_median)?")
COUNTERS = re.compile(r"seconds_|bytes_|threads|callbacks_")
Entry = dict[str, float]
Figures = dict[str, dict[str, dict[str, Entry]]]  # what -> peer -> size -> counters


def merge(files: list[Path]) -> Figures:
    figures: Figures = {}
    for file in files:
        for measured in json.loads(file.read_text(encoding="utf-8"))["benchmarks"]:
            if measured.get("aggregate_name", "median") == "median":
                if not (name := RUN.fullmatch(measured["name"])):
                    raise ToolError(f"{file}:1: {measured['name']!r} is not named as the others are")
                counters = {key: float(f"{measured[key]:.4g}") for key in measured if COUNTERS.match(key)}
                figures.setdefault(name["what"], {}).setdefault(name["peer"] or "", {})[name["size"]] = counters

    def numbers(entry: tuple[str, object]) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", entry[0])]

    # They come in random order.
    return {
        what: {peer: dict(sorted(of.items(), key=numbers)) for peer, of in sorted(peers.items())}
        for what, peers in sorted(figures.items())
    }


def weigh(page: Path) -> int:
    """The page, its styles and its scripts, as a server would send them. Fonts are the reader's own."""
    html = page.read_text(encoding="utf-8")
    links = re.findall(r'<link[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', html)
    links += re.findall(r'<(?:script|img)[^>]*src="([^"]+)"', html)
    files = {(page.parent / unquote(urlsplit(link).path)).resolve() for link in links if not urlsplit(link).scheme}
    if not files:
        raise ToolError(f"{page}:1: it loads nothing")
    return sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in {page.resolve(), *files})


def number(value: float) -> str:
    """Three digits, with spaces between thousands where they are needed."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def nanoseconds(entry: Entry, counter: str = "seconds_each") -> str:
    return number(entry[counter] * 1e9)


def rate_and_pair(entry: Entry) -> str:
    return f"{number(entry['callbacks_per_second'] / 1e6)}; {nanoseconds(entry, 'seconds_each_pair')}"


def contracts() -> dict[str, str]:
    """What each peer promises, in words."""
    words = {}
    for line in (ROOT / "benchmarks" / "contracts.expected.txt").read_text(encoding="utf-8").splitlines():
        peer, waits, itself, before = re.split(r"[:,] ", line)
        removes_itself = "can" if itself == "1" else "cannot"
        called = "still" if int(before) else "not"
        words[peer] = f"{waits}; in its own call: {removes_itself}; before its turn: {called} called"
    return words


def beside(*runs: dict[str, Any]) -> dict[str, list[list[str] | str]]:
    """The tables of all runs as one: where a figure differs, each run's, divided by a slash."""

    def joined(cells: tuple[Any, ...]) -> Any:
        if isinstance(cells[0], list):
            return [joined(each) for each in zip(*cells, strict=True)]
        different = dict.fromkeys(cells)
        if {*different} == {"yes", "no"}:
            return "on one machine only"
        return " / ".join(different)

    of = [tables(run) for run in runs]
    if len(runs) == 1:  # the next machine may miss it
        for row in of[0]["aims"][2:]:
            row[-1] = row[-1].replace("yes", "yes, on this machine")
    return {name: joined(tuple(each[name] for each in of)) for name in of[0]}


def tables(data: dict[str, Any]) -> dict[str, list[list[str] | str]]:
    """By name: a title, the heads of the columns, the rows."""
    figures: Figures = data["figures"]
    sizes, guide, promises = ["", *(f"N = {number(int(size))}" for size in SIZES)], data["guide"], contracts()
    with_promises = [*sizes, "contract"]

    def by_size(what: str, of: Callable[[Entry], str] = nanoseconds) -> list[list[str]]:
        return [
            [name, *(of(figures[what][peer][size]) if size in figures[what][peer] else "\N{EN DASH}" for size in SIZES)]
            for peer, name in NAMES.items()
            if peer in figures[what]
        ]

    def ratios(what: str, to: str) -> list[str]:
        return [f"{ratio(figures, what, to, size):.1f}" for size in SIZES]

    def promised(rows: list[list[str]]) -> list[list[str]]:
        by_name = {name: promises.get(peer, "none") for peer, name in NAMES.items()}
        return [[*row, by_name.get(row[0], "")] for row in rows]

    churned = figures["delivery_after_churn"]["Reference"]
    delivery = [
        *by_size("delivery"),
        ["this reference, list shuffled", *(nanoseconds(churned[size]) for size in SIZES)],
        ["this reference: the bare loop, times", *ratios("delivery", "BareLoop")],
    ]
    replace = [*by_size("replace"), ["this reference: the slot map, times", *ratios("replace", "SlotMap")]]
    replace[0][0] = VECTOR
    memory, idle, opened = figures["memory"], figures["idle_objects"][""]["10000"], figures["open_object"][""]
    places = [(size, count) for count in (1, 2) for size in (1, 100)]
    blocked = [
        [name, *(number(blocking(figures, what, f"{size}/processors:{count}") * 1e6) for size, count in places)]
        for what, name in (("bare_queue", "queue and bare loop (the limit)"), ("reference", "this reference"))
    ]
    blocked.append(["times", *(f"{blocking_ratio(figures, f'{size}/processors:{n}'):.2f}" for size, n in places)])
    both = "Delivering while another processor registers: million callbacks a second; ns for a pair"
    return {
        "delivery": ["Telling N registrations: ns for each callback", with_promises, *promised(delivery)],
        "replace": ["A random registration out and in: ns", with_promises, *promised(replace)],
        "memory": [
            "Memory with 100 000 registrations",
            ["", "bytes each"],
            *([name, number(memory[peer]["100000"]["bytes_each"])] for peer, name in NAMES.items() if peer in memory),
        ],
        "two-processors": [both, with_promises, *promised(by_size("deliver_and_replace", rate_and_pair))],
        "blocking": [
            "A change that its caller waits for: µs",
            ["", *(f"N = {size}, {count} processor{'s' * (count > 1)}" for size, count in places)],
            *blocked,
        ],
        "open": [
            "HrOpenOfflineObj and Release, with N profiles: ns",
            [f"N = {number(int(size))}" for size in opened],
            [nanoseconds(entry) for entry in opened.values()],
        ],
        "idle": [
            "10 000 objects that nobody uses",
            ["bytes each", "threads", "threads when each has had a change"],
            [number(idle[counter]) for counter in ("bytes_each", "threads", "threads_after_changes")],
        ],
        "guide": [
            "This guide",
            ["", ""],
            ["built from nothing, with the programs that it shows", f"{number(guide['seconds_clean'])} s"],
            ["one page changed", f"{number(guide['seconds_incremental'])} s"],
            [f"what {guide['page']} loads, compressed", f"{number(guide['bytes_page'] / 1000)} kB"],
        ],
        "aims": ["What we aimed at", ["", "at most", "measured", ""], *aims(data)],
    }


def blocking(figures: Figures, what: str, place: str) -> float:
    return figures[f"blocking_{what}"][""][place]["seconds_each"]


def blocking_ratio(figures: Figures, place: str) -> float:
    return blocking(figures, "reference", place) / blocking(figures, "bare_queue", place)


def ratio(figures: Figures, what: str, to: str, size: str) -> float:
    return figures[what]["Reference"][size]["seconds_each"] / figures[what][to][size]["seconds_each"]


def aims(data: dict[str, Any]) -> list[list[str]]:
    """What was asked for, and what was measured: the worst of each."""
    figures: Figures = data["figures"]

    def worst(what: str, peer: str, sizes: tuple[str, ...]) -> float:
        return max(ratio(figures, what, peer, size) for size in sizes)

    many, page = SIZES[1:], data["guide"]["bytes_page"] / 1000
    delivery, replace, both = (figures[w]["Reference"] for w in ("delivery", "replace", "deliver_and_replace"))
    replaced, opened = ([of[n]["seconds_each"] for n in of] for of in (replace, figures["open_object"][""]))
    longest = figures["longest_call"][""]["100000"]["seconds_longest"] * 1e6
    waited = max(blocking_ratio(figures, place) for place in figures["blocking_reference"][""])
    pair = max(entry["seconds_each_pair"] for entry in both.values()) * 1e9
    callback = 1e9 / min(entry["callbacks_per_second"] for entry in both.values())
    search = 1 + math.log2(10_000)  # the steps of a search in something sorted
    measured = [
        ("a callback: the bare loop, N from 100", 4.0, worst("delivery", "BareLoop", many), "times"),
        ("a callback, N = 1", 45.0, delivery["1"]["seconds_each"] * 1e9, "ns"),
        ("a callback: boost::signals2, N from 100", 1 / 3, worst("delivery", "BoostSignals2", many), "times"),
        ("a callback: GSignal, N from 100", 1 / 8, worst("delivery", "GSignal", many), "times"),
        ("Unadvise and Advise: the slot map", 1.6, worst("replace", "SlotMap", SIZES), "times"),
        ("Unadvise and Advise: from N = 1 to 100 000", 1.6, replaced[-1] / replaced[0], "times"),
        ("the longest call of either", 100.0, longest, "µs"),
        ("memory for a registration", 48.0, figures["memory"]["Reference"]["100000"]["bytes_each"], "bytes"),
        ("a change that is waited for: queue and bare loop", 1.15, waited, "times"),
        ("opening: from 1 to 10 000 profiles", search, opened[-1] / opened[0], "times"),
        ("a pair beside deliveries, any N", 1000.0, pair, "ns"),
        ("a callback beside pairs, any N", 1000 / 15, callback, "ns"),
        ("a page of the tutorial, compressed", 200.0, page, "kB"),
    ]
    return [
        [what, f"{number(limit)} {unit}", f"{number(value)} {unit}", "yes" if value <= limit else "no"]
        for what, limit, value, unit in measured
    ]


def text(title: Any, *lines: Any) -> str:
    """A table for the console."""
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]))]
    shown = [
        "  ".join(f"{cell:{'>' if n else '<'}{width}}" for n, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in lines
    ]
    return "\n".join([title, *(f"  {row.rstrip()}" for row in shown if row.strip())])


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


def main() -> int:
    syntax = parser(__doc__)
    commands = syntax.add_subparsers(dest="command", required=True)
    commands.add_parser("show").add_argument("file", type=Path, nargs="+")
    commands.add_parser("weigh").add_argument("page", type=Path)
    merged = commands.add_parser("merge")
    merged.add_argument("--machine", required=True)
    merged.add_argument("--guide", type=Path, required=True)
    merged.add_argument("--output", type=Path, required=True)
    merged.add_argument("measured", type=Path, nargs="+")
    options = syntax.parse_args()
    if options.command == "weigh":
        print(weigh(options.page))
    elif options.command == "merge":
        guide = json.loads(options.guide.read_text(encoding="utf-8"))
        data = {"machine": options.machine, "date": datetime.date.today().isoformat(), "code": code_hash()}
        data |= {"guide": guide, "figures": merge(options.measured)}
        options.output.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    else:
        runs = [json.loads(file.read_text(encoding="utf-8")) for file in options.file]
        print("\n".join(f"{run['machine']}, {run['date']}" for run in runs))
        print("".join(f"\n{text(*table)}\n" for table in beside(*runs).values()), end="")
    return 0


if __name__ == "__main__":
    run(main)
