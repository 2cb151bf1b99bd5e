"""What our libraries export, what they need, and how they are hardened.

Usage: binaries_test.py exports LIBRARY              a shared library of Linux (nm and c++filt, from binutils)
       binaries_test.py hardening LIBRARY PROGRAM    the same, and a program (readelf, from binutils)
       binaries_test.py dll OBJDUMP api|com DLL...   DLLs of Windows
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
# Of DLLs, by architecture, exactly (OPEN-5.4). The decorated names are x86's own and x64's aliases; the plain ones vice
# versa.
DLL_EXPORTS = {
    "api": {"HrOpenOfflineObj", "HrOpenOfflineObj@20", "HrCreateOfflineObj", "HrCreateOfflineObj@12"},
    "com": {"DllCanUnloadNow", "DllGetClassObject", "DllInstall", "DllRegisterServer", "DllUnregisterServer"},
}
SYSTEM_DLLS = {"kernel32.dll", "msvcrt.dll", "ole32.dll", "oleaut32.dll", "advapi32.dll", "user32.dll"}
SYSTEM_DLLS |= {"bcrypt.dll", "shell32.dll", "version.dll"}
DYNAMIC_BASE, NX_COMPAT, HIGH_ENTROPY_VA = 0x40, 0x100, 0x20  # ASLR, DEP, ASLR with 64 bits
# At run time: the C++ and C libraries, and what they consist of.
SYSTEM = re.compile(r"(libstdc\+\+|libgcc_s|libc|libm|ld-linux[\w-]*)\.so\.\d+")


def printed(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def differences(expected: set[str], exported: set[str]) -> list[str]:
    return [f"not exported: {name}" for name in sorted(expected - exported)] + [
        f"exported without need: {name}" for name in sorted(exported - expected)
    ]


def exports(library: str) -> list[str]:
    """It exports the API, its identifiers and the host kit, and nothing else."""
    exported = {line.split(maxsplit=2)[2] for line in printed("nm", "-D", "-C", "--defined-only", library).splitlines()}
    return differences(API, {name for name in exported if name in API or not HOST_KIT.match(name)})


def hardening(*files: str) -> list[str]:
    """They have what the platform offers against attacks, and need nothing but the system's libraries."""
    faults = []
    for file in files:
        header, segments, dynamic = (printed("readelf", "-W", option, file) for option in ("-h", "-l", "-d"))
        imported = set(re.findall(r" UND (\w+)", printed("readelf", "-W", "--dyn-syms", file)))
        flags = " ".join(re.findall(r"\((?:FLAGS|FLAGS_1)\)\s+(?:Flags: )?(.*)", dynamic))
        stack = re.search(r"GNU_STACK .* (\S[ RWE]*\S) +0x\w+$", segments, re.MULTILINE)
        checks = {
            "its code can be loaded at any address (PIC, PIE)": "DYN (" in header and "(TEXTREL)" not in dynamic,
            "what the loader has relocated becomes read-only (RELRO)": "GNU_RELRO" in segments,
            "all of it, since all is bound at the start (NOW)": re.search(r"\bNOW\b", flags) is not None,
            "its stack is not executable": stack is not None and "E" not in stack[1],
            "no segment can be written and executed": not re.search(r"LOAD .* RWE +0x\w+$", segments, re.MULTILINE),
            "its frames are guarded (stack protector)": "__stack_chk_fail" in imported,
        }
        if file != files[0]:
            checks["it is marked as a position-independent program"] = re.search(r"\bPIE\b", flags) is not None
        else:
            checks["the C library checks its buffers (_FORTIFY_SOURCE)"] = any(
                re.match(r"__\w+_chk$", name) for name in imported - {"__stack_chk_fail"}
            )
            needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", dynamic)
            other = sorted(name for name in needed if not SYSTEM.fullmatch(name))
            checks[f"it needs only the system's libraries; not {other}"] = bool(needed) and not other
            checks["it looks for them where the system does (no RPATH)"] = "PATH)" not in dynamic
        faults += [f"{file}: does not hold: {what}" for what, holds in checks.items() if not holds]
    return faults


def dll(objdump: str, kind: str, *dlls: str) -> list[str]:
    faults = []
    for file in dlls:
        dump = printed(objdump, "-p", file)
        table = dump.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
        exported = re.findall(r"^\s+\[\s*\d+\]\s+(?:\+base\[\s*\d+\]\s+\S+\s+)?(\S+)$", table, re.MULTILINE)
        found = differences(DLL_EXPORTS[kind], set(exported))
        needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", dump)}
        found += [f"needs {name}, which is not the system's" for name in sorted(needed - SYSTEM_DLLS)]
        if not needed:
            found.append("its imports cannot be read")
        wanted = DYNAMIC_BASE | NX_COMPAT | (HIGH_ENTROPY_VA if "file format pei-x86-64" in dump else 0)
        characteristics = int(re.search(r"^DllCharacteristics\s+([0-9a-f]+)", dump, re.MULTILINE)[1], 16)
        if characteristics & wanted != wanted:
            found.append(f"DllCharacteristics are {characteristics:#x}, without {wanted & ~characteristics:#x}")
        if ".reloc" not in dump:
            found.append("no relocations: it cannot be loaded at another address")
        faults += [f"{file}: {fault}" for fault in found]
    return faults


def main(what: str, *arguments: str) -> int:
    faults = {"exports": exports, "hardening": hardening, "dll": dll}[what](*arguments)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
