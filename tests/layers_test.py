"""No folder of reference-impl includes from one above it; the worst permitted Outlook stands apart."""

import re
import sys
from pathlib import Path

# Each may include from itself and from those before it.
FOLDERS = ["include", "base", "trace", "exports", "src", "host"]
WORST = "worst"  # an implementation of its own: it includes from the first three alone, and nobody includes it
REFERENCE = Path(__file__).resolve().parent.parent / "reference-impl"


def main() -> int:
    files = {path: path.parent.name for path in sorted(REFERENCE.rglob("*")) if path.suffix in {".h", ".cpp"}}
    headers = {path.name: folder for path, folder in files.items() if path.suffix == ".h"}
    faults = [
        f"{path}: the folder {folder} has no place in {FOLDERS}"
        for path, folder in files.items()
        if folder not in [*FOLDERS, WORST]
    ]
    count = 0
    for path, folder in files.items():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = re.match(r'#include ["<](?:.*/)?(\w+\.h)[">]', line)
            if found is None or found[1] not in headers or faults:
                continue
            count += 1
            other = headers[found[1]]
            if WORST in (folder, other):
                permitted = folder == other or (folder == WORST and other in FOLDERS[:3])
            else:
                permitted = FOLDERS.index(other) <= FOLDERS.index(folder)
            if not permitted:
                faults.append(
                    f"{path}:{number}: {folder} includes {found[1]}, which is in {other}, above it or apart from it"
                )
    print("\n".join(faults) or f"{count} includes between {len(files)} files, none of them upwards")
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
