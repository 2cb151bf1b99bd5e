"""The shared library exports the API, its identifiers and the host kit, and nothing else.

Usage: exports_test.py LIBRARY (needs nm and c++filt, from binutils)
"""

import re
import subprocess
import sys

API = {
    "HrOpenOfflineObj",
    "HrCreateOfflineObj",
    "GUID_GlobalState",
    "IID_IMAPIOffline",
    "IID_IMAPIOfflineMgr",
    "IID_IMAPIOfflineNotify",
    "IID_IUnknown",
}
HOST_KIT = re.compile(r"offline_state::(Host::|ManualDispatcher::|NotifyTimeLimit::|set_trace_sink\()")


def main() -> int:
    lines = subprocess.run(
        ["nm", "-D", "-C", "--defined-only", sys.argv[1]], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    exported = {line.split(maxsplit=2)[2] for line in lines}
    missing = API - exported
    other = {name for name in exported - API if not HOST_KIT.match(name)}
    for name in sorted(missing):
        print(f"not exported: {name}")
    for name in sorted(other):
        print(f"exported without need: {name}")
    return 1 if missing or other else 0


if __name__ == "__main__":
    sys.exit(main())
