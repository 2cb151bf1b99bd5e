"""A client in Python that ends without Unadvise. Python then ends every other thread that calls into it.

    python_ends.py LIBRARY inside [ROUNDS]    ends while its Notify runs, with DONE
    python_ends.py LIBRARY toggling [ROUNDS]  ends while another thread goes offline and online without pause

ROUNDS: starts so many processes that do this, and lists those that do not end with exit code 0.

"inside" always ends with 0. "toggling" may not, on a busy machine: CPython itself crashes (exit code -11) if a callback
comes between the end of its interpreter and the end of the process.
"""

import ctypes
import re
import subprocess
import sys
import threading

ULONG, LPVOID = ctypes.c_uint32, ctypes.c_void_p
S_OK, E_NOINTERFACE = 0, 0x80004002 - (1 << 32)
ONLINE, OFFLINE, MASK, BOTH, DONE = 2, 1, 3, 3, 3
SET_CURRENT_STATE, ADVISE = 3, 7  # slots


class CreateInfo(ctypes.Structure):
    _fields_ = [
        ("ulSize", ULONG), ("ulCreateFlags", ULONG), ("pwszProfileName", ctypes.c_wchar_p), ("ulCapabilities", ULONG),
        ("pGUID", LPVOID), ("pInstance", LPVOID), ("pParent", LPVOID), ("pMAPISupport", LPVOID),
        ("pAggregateInfo", LPVOID), ("pConnectInfo", LPVOID)]  # fmt: skip


class AdviseInfo(ctypes.Structure):
    _fields_ = [
        ("ulSize", ULONG), ("ulClientToken", ULONG), ("CallbackType", ctypes.c_int), ("pCallback", LPVOID),
        ("ulAdviseTypes", ULONG), ("ulStateMask", ULONG)]  # fmt: skip


class Sink(ctypes.Structure):
    """An IMAPIOfflineNotify: a pointer to its table of functions."""

    _fields_ = [("vtable", LPVOID)]


def method(pointer, slot, *types):
    table = ctypes.cast(ctypes.cast(pointer, ctypes.POINTER(LPVOID))[0], ctypes.POINTER(LPVOID))
    return lambda *arguments: ctypes.CFUNCTYPE(ctypes.c_int32, LPVOID, *types)(table[slot])(pointer, *arguments)


@ctypes.CFUNCTYPE(ctypes.c_int32, LPVOID, LPVOID, ctypes.POINTER(LPVOID))
def query_interface(this, _riid, given):
    given[0] = this
    return S_OK


@ctypes.CFUNCTYPE(ULONG, LPVOID)
def count(_this):
    return 1  # it lives as long as the process


in_done, never = threading.Event(), threading.Lock()
never.acquire()


@ctypes.CFUNCTYPE(None, LPVOID, ctypes.POINTER(ULONG))
def notify(_this, notification):
    if mode == "inside" and notification[1] == DONE:
        in_done.set()
        while not never.acquire(timeout=0.001):  # does not return: Python ends the thread here
            pass


def end(library_name):
    library = ctypes.CDLL(library_name)
    global_state = ctypes.addressof(ctypes.c_char.in_dll(library, "GUID_GlobalState"))
    info = CreateInfo(ctypes.sizeof(CreateInfo), 0, "Python", BOTH, global_state)
    created = LPVOID()
    assert library.HrCreateOfflineObj(0, ctypes.byref(info), ctypes.byref(created)) == S_OK
    for each in (query_interface, count, notify):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))  # else Python frees it while it may still be called
    functions = [ctypes.cast(each, LPVOID) for each in (query_interface, count, count, notify)]
    end.keep = table = (LPVOID * 4)(*functions)
    end.sink = sink = Sink(ctypes.addressof(table))
    advise_info = AdviseInfo(ctypes.sizeof(AdviseInfo), 0, 0, ctypes.addressof(sink), 1, 0x003F037F)
    token = ULONG()
    advise = method(created.value, ADVISE, ULONG, LPVOID, LPVOID)
    assert advise(0, ctypes.addressof(advise_info), ctypes.addressof(token)) == S_OK
    set_state = method(created.value, SET_CURRENT_STATE, ULONG, ULONG, ULONG, LPVOID)

    def toggle():
        begun.set()
        while True:
            set_state(0, MASK, OFFLINE, None)
            set_state(0, MASK, ONLINE, None)

    begun = threading.Event()
    if mode == "toggling":
        threading.Thread(target=toggle, daemon=True).start()
        begun.wait()
    set_state(0, MASK, OFFLINE, None)
    if mode == "inside":
        in_done.wait()


def rounds_of(library, rounds):
    wrong = 0
    for _ in range(rounds):
        command = [sys.executable, __file__, library, mode]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=250)
        if done.returncode != 0:
            wrong += 1
            print(f"exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    print(f"{mode}: {rounds - wrong} of {rounds} processes have ended with exit code 0")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not re.fullmatch(r"(inside|toggling)( [0-9]+)?", " ".join(arguments[1:])):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    mode = arguments[1]
    sys.exit(rounds_of(arguments[0], int(arguments[2])) if arguments[2:] else end(arguments[0]))
