"""Writes the statements as the C++ that statement.cpp includes.

Usage: statements.py OUTPUT
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs" / "_ext"))
from statement_file import BADGES, load


def main() -> int:
    lines = [
        f"{{{json.dumps(s.id)}, {json.dumps(BADGES[s.kind])}, {json.dumps(' '.join(s.text.split()))}}},\n"
        for s in load().values()
    ]
    Path(sys.argv[1]).write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
