"""What the build, the guide and the commands run: python3 -B -m tools.NAME, in the top folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
