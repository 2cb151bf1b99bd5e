"""Says of kept figures whether the code that they were measured on is still the code there is.

Figures of runs that take too long for each build are kept in docs/figures and docs/figures/bench.json. Each of these files has
the hash of the implementation at the time; the guide says so where it is another one now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from tools import ROOT

KEPT = ROOT / "docs" / "figures"
SOURCES = ROOT / "reference-impl"


def code_hash(sources: Path = SOURCES) -> str:
    """Of the implementation, without comments, blank lines and how it is set."""
    text = ""
    for file in sorted((*sources.rglob("*.cpp"), *sources.rglob("*.h"))):
        text += file.name + "".join(re.sub(r"//.*|\s+", "", line) for line in file.read_text("utf-8").splitlines())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def earlier(figures: Mapping[str, object]) -> str:
    """To be added to a date."""
    return "" if figures.get("code") == code_hash() else ", on an earlier version of the code"
