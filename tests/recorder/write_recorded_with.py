"""Writes the C++ header that says what a record is made with: this commit, and the hash of all statements.

write_recorded_with.py FILE   leaves the file alone if it says so already
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools import ROOT
from tools.statements import load, specification_hash


def commit() -> str:
    try:
        command = ["git", "rev-parse", "--short=10", "HEAD"]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return found.stdout.strip() or "unknown"


def main() -> int:
    file = Path(sys.argv[1])
    text = f"""#pragma once
constexpr const char* commit = "{commit()}";
constexpr const char* specification = "{specification_hash(load().values())}";
"""
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
