#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The type library in the DLLs says what the header says: each constant, identifier, size, offset, slot and signature.

type_library_test.py [EMULATOR] PRINT_TYPE_LIBRARY    in the folder of the DLLs
"""

import json
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
DLLS = ("olmapi32.dll", "msmapi32.dll")
IDL = TESTS.parent / "bindings" / "idl" / "mapioffline.idl"


def known() -> set[str]:
    """The facts that are made from the compiled header, and the types of the ABI's golden file, for x64."""
    facts = json.loads((TESTS.parent / "bindings" / "facts.json").read_text(encoding="utf-8"))
    lines = {f"{name} {value}" for kind in ("constant", "slot", "x64") for name, value in facts[kind].items()}
    lines = {line for line in lines if not line.startswith("IUnknown::")}
    lines |= {f"{name} {value}" for name, value in facts["identifier"].items()}
    for section in (TESTS / "abi" / "layouts.txt").read_text(encoding="utf-8").split("\n\n")[1:]:
        title, *body = section.splitlines()
        architectures, _, what = title.partition(": ")
        if "x64" not in architectures:
            continue
        for line in body:
            place, _, said = line.strip().partition(" ")
            if what.startswith("interface") and "IUnknown::" not in said:
                lines.add(f"signature {place} {said.strip()}")
            elif what.startswith("struct") and not said.strip().startswith(("union ", "struct ")):
                lines.add(f"member {what.split()[1].rstrip(':')} {place} {said.strip()}")
    # A type library does not say const, nor has it a type that is described nowhere.
    return {
        re.sub(r"\bconst ", "", line).replace("MAPIOFFLINE_CONNECTINFO* pConnectInfo", "void* pConnectInfo")
        for line in lines
    }


def identifier_in_idl() -> str:
    """GUID_GlobalState, which a type library cannot have: the IDL file quotes its definition."""
    found = re.search(r"DEFINE_GUID\(GUID_GlobalState((?:, 0x[0-9A-F]+){11})\)", IDL.read_text(encoding="utf-8"))
    parts = [part[2:] for part in found[1].split(", ")[1:]] if found else []
    return f"GUID_GlobalState {'-'.join([*parts[:3], ''.join(parts[3:5]), ''.join(parts[5:])])}"


def main(*program: str) -> int:
    expected, faults = known(), []
    for dll in DLLS:
        done = subprocess.run([*program, dll], capture_output=True, text=True, timeout=250, check=False)
        if done.returncode != 0:
            faults.append(f"{dll}: exit code {done.returncode}: {done.stderr}")
            continue
        said = {*done.stdout.splitlines(), identifier_in_idl()}
        faults += [f"{dll}: only the type library says: {line}" for line in sorted(said - expected)]
        faults += [f"{dll}: only the header says: {line}" for line in sorted(expected - said)]
    print("\n".join(faults) or f"{len(expected)} facts")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
