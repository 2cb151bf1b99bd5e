"""Makes of what Google Benchmark has measured the file that the guide's page is made from, and shows it as text.

    bench_report.py show RESULTS
    bench_report.py merge --machine TEXT --date DATE --guide FILE --output RESULTS MEASURED...
    bench_report.py weigh PAGE         the bytes that a page of the built guide loads, each file compressed by itself

MEASURED are Google Benchmark's JSON files, with repetitions: the medians are taken. FILE has the guide's own figures.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import benchmark_figures
from tools.figures import code_hash

# "delivery<Reference>/100_median", "blocking_reference/1/processors:2/real_time_median"
NAME = re.compile(r"(?P<what>\w+)(?:<(?P<peer>\w+)[^>]*>)?/(?P<size>[\w:/]+?)(?:/real_time)?(?:_median)?")
COUNTERS = re.compile(r"seconds_|bytes_|threads|callbacks_")


def merge(files: list[Path]) -> benchmark_figures.Figures:
    figures: benchmark_figures.Figures = {}
    for file in files:
        try:
            runs = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]
        except (OSError, ValueError, KeyError) as fault:
            raise benchmark_figures.FigureError(f"{file}:1: this is no result of Google Benchmark: {fault}") from None
        for run in runs:
            if run.get("aggregate_name", "median") != "median":
                continue
            name = NAME.fullmatch(run["name"])
            if not name:
                raise benchmark_figures.FigureError(f"{file}:1: {run['name']!r} is not named as the others are")
            counters = {key: float(f"{run[key]:.4g}") for key in run if COUNTERS.match(key)}
            figures.setdefault(name["what"], {}).setdefault(name["peer"] or "", {})[name["size"]] = counters
    # Their order in the files is a random one.
    return {
        what: {peer: dict(sorted(of.items(), key=numbers)) for peer, of in sorted(peers.items())}
        for what, peers in sorted(figures.items())
    }


def numbers(entry: tuple[str, object]) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", entry[0])]


def weigh(page: Path) -> int:
    """The page, its styles and its scripts, as a server would send them. Fonts are the reader's own."""
    html = page.read_text(encoding="utf-8")
    links = re.findall(r'<link[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', html)
    links += re.findall(r'<(?:script|img)[^>]*src="([^"]+)"', html)
    files = {(page.parent / unquote(urlsplit(link).path)).resolve() for link in links if not urlsplit(link).scheme}
    missing = [file for file in files if not file.is_file()]
    if missing or not files:
        raise benchmark_figures.FigureError(f"{page}:1: it loads what is not there: {missing}")
    return sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in {page.resolve(), *files})


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show")
    show.add_argument("results", type=Path)
    merged = commands.add_parser("merge")
    merged.add_argument("--machine", required=True)
    merged.add_argument("--date", required=True)
    merged.add_argument("--guide", type=Path, required=True)
    merged.add_argument("--output", type=Path, required=True)
    merged.add_argument("measured", type=Path, nargs="+")
    commands.add_parser("weigh").add_argument("page", type=Path)
    return parser.parse_args(arguments)


def main() -> int:
    options = parse()
    try:
        if options.command == "weigh":
            print(weigh(options.page))
        elif options.command == "merge":
            data = {
                "machine": options.machine,
                "date": options.date,
                "code": code_hash(),
                "guide": json.loads(options.guide.read_text(encoding="utf-8")),
                "figures": merge(options.measured),
            }
            options.output.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        else:
            data = benchmark_figures.load(options.results)
            print(f"{data['machine']}, {data['date']}")
            for table in benchmark_figures.tables(data).values():
                print("\n" + benchmark_figures.text(table))
    except (OSError, ValueError, benchmark_figures.FigureError) as fault:
        print(f"bench_report.py: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
