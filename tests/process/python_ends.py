"""A client in Python that ends inside its Notify, at DONE, without Unadvise. Python then ends every other thread that
calls into it.

    python_ends.py LIBRARY [ROUNDS]    starts so many processes, and lists those that do not end with exit code 0
"""

import ctypes
import subprocess
import sys
import threading

ULONG, LPVOID = ctypes.c_uint32, ctypes.c_void_p
S_OK, E_NOINTERFACE = 0, 0x80004002 - (1 << 32)
OFFLINE, MASK, BOTH, DONE = 1, 3, 3, 3
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
    _size, kind, _client_token, mask = notification[:4]
    if kind == DONE and mask == MASK:
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
    while set_state(0, MASK, OFFLINE, None) != S_OK:  # the worst permitted Outlook may refuse it first
        pass
    in_done.wait()


def main(library, rounds=None):
    if rounds is None:
        return end(library)
    wrong = 0
    for _ in range(int(rounds)):
        command = [sys.executable, __file__, library]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=250)
        if done.returncode != 0:
            wrong += 1
            print(f"exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
