"""The shared library and a program use the platform's protections, and need only the system's libraries.

Usage: hardening_test.py LIBRARY PROGRAM (needs readelf, from binutils)
"""

import re
import subprocess
import sys

# The C and C++ libraries, and those that belong to them.
SYSTEM = re.compile(r"(libstdc\+\+|libgcc_s|libc|libm|ld-linux[\w-]*)\.so\.\d+")


def readelf(option: str, file: str) -> str:
    return subprocess.run(["readelf", "-W", option, file], check=True, capture_output=True, text=True).stdout


def faults_of(file: str, *, is_program: bool) -> list[str]:
    header, segments, dynamic = (readelf(option, file) for option in ("-h", "-l", "-d"))
    imported = set(re.findall(r" UND (\w+)", readelf("--dyn-syms", file)))
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
    if is_program:
        checks["it is marked as a position-independent program"] = re.search(r"\bPIE\b", flags) is not None
    else:
        checks["the C library checks its buffers (_FORTIFY_SOURCE)"] = any(
            re.match(r"__\w+_chk$", n) for n in imported - {"__stack_chk_fail"}
        )
        needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", dynamic)
        other = sorted(name for name in needed if not SYSTEM.fullmatch(name))
        checks[f"it needs only the system's libraries; not {other}"] = bool(needed) and not other
        checks["it looks for them where the system does (no RPATH)"] = "PATH)" not in dynamic
    return [f"{file}: does not hold: {what}" for what, holds in checks.items() if not holds]


def main() -> int:
    library, program = sys.argv[1:]
    faults = faults_of(library, is_program=False) + faults_of(program, is_program=True)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
