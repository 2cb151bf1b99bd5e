"""What the DLLs export, what they need, and how they are hardened, as objdump shows it.

Usage: exports_test.py --objdump PROGRAM (--api | --com) DLL...
"""

import argparse
import re
import subprocess
import sys

# By architecture, exactly (OPEN-5.4). The decorated names are x86's own and x64's aliases; the plain ones vice versa.
API = {"HrOpenOfflineObj", "HrOpenOfflineObj@20", "HrCreateOfflineObj", "HrCreateOfflineObj@12"}
COM = {"DllCanUnloadNow", "DllGetClassObject", "DllInstall", "DllRegisterServer", "DllUnregisterServer"}
SYSTEM_DLLS = {"kernel32.dll", "msvcrt.dll", "ole32.dll", "oleaut32.dll", "advapi32.dll", "user32.dll"}
DYNAMIC_BASE, NX_COMPAT, HIGH_ENTROPY_VA = 0x40, 0x100, 0x20  # ASLR, DEP, ASLR with 64 bits


def names_exported(dump: str) -> set[str]:
    table = dump.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    return set(re.findall(r"^\s+\[\s*\d+\]\s+(?:\+base\[\s*\d+\]\s+\S+\s+)?(\S+)$", table, re.MULTILINE))


def faults_of(objdump: str, dll: str, expected: set[str]) -> list[str]:
    dump = subprocess.run([objdump, "-p", dll], check=True, capture_output=True, text=True).stdout
    faults = []
    exported = names_exported(dump)
    faults += [f"not exported: {name}" for name in sorted(expected - exported)]
    faults += [f"exported without need: {name}" for name in sorted(exported - expected)]
    needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", dump)}
    faults += [f"needs {name}, which is not the system's" for name in sorted(needed - SYSTEM_DLLS)]
    if not needed:
        faults.append("its imports cannot be read")
    wanted = DYNAMIC_BASE | NX_COMPAT | (HIGH_ENTROPY_VA if "file format pei-x86-64" in dump else 0)
    characteristics = int(re.search(r"^DllCharacteristics\s+([0-9a-f]+)", dump, re.MULTILINE)[1], 16)
    if characteristics & wanted != wanted:
        faults.append(f"DllCharacteristics are {characteristics:#x}, without {wanted & ~characteristics:#x}")
    if ".reloc" not in dump:
        faults.append("no relocations: it cannot be loaded at another address")
    return [f"{dll}: {fault}" for fault in faults]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objdump", required=True)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--api", dest="expected", action="store_const", const=API)
    kind.add_argument("--com", dest="expected", action="store_const", const=COM)
    parser.add_argument("dlls", nargs="+")
    options = parser.parse_args()
    faults = [fault for dll in options.dlls for fault in faults_of(options.objdump, dll, options.expected)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
