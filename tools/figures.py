"""The figures in docs/figures: of runs that take too long for each build. Most name the code that they are about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from tools import ROOT, ToolError

KEPT = ROOT / "docs" / "figures"


def code_hash() -> str:
    """Of the implementation; comments, blank lines and indentation do not count."""
    folder, text = ROOT / "reference-impl", ""
    for file in sorted((*folder.rglob("*.cpp"), *folder.rglob("*.h"))):
        text += file.name + "".join(re.sub(r"//.*|\s+", "", line) for line in file.read_text("utf-8").splitlines())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def earlier(figures: Mapping[str, object]) -> str:
    """To be added to a date."""
    return "" if figures.get("code") == code_hash() else ", on an earlier version of the code"


def read(name: str) -> Any:
    file = KEPT / f"{name}.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ToolError(f"{file.relative_to(ROOT)}:1: there are no figures that can be read: {fault}") from None


def write(name: str, figures: object) -> None:
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    (KEPT / f"{name}.json").write_text(text, encoding="utf-8")
