"""A client in Python that ends inside its Notify, at DONE, without Unadvise. Python then ends every other thread that
calls into it.

    python_ends.py LIBRARY [ROUNDS]    starts so many processes, and lists those that do not end with exit code 0

bindings/python is in PYTHONPATH; its callback object is not used, for it would unadvise when Python ends.
"""

import ctypes
import subprocess
import sys
import threading

import mapioffline as api


@ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))
def query_interface(this, _riid, given):
    given[0] = this
    return api.S_OK


@ctypes.CFUNCTYPE(api.ULONG, ctypes.c_void_p)
def count(_this):
    return 1  # it lives as long as the process


in_done, never = threading.Event(), threading.Lock()
never.acquire()


@ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(api.MAPIOFFLINE_NOTIFY))
def notify(_this, notification):
    change, done = notification.contents, api.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE
    if change.NotifyType == done and change.Info.StateChange.ulMask == api.MAPIOFFLINE_STATE_OFFLINE_MASK:
        in_done.set()
        while not never.acquire(timeout=0.001):  # does not return: Python ends the thread here
            pass


def end(library):
    outlook = api.Library(library).create("Python")
    api.call(outlook.pointer, "IUnknown::AddRef")  # it is never released
    for each in (query_interface, count, notify):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))  # else Python frees it while it may still be called
    functions = [ctypes.cast(each, ctypes.c_void_p) for each in (query_interface, count, count, notify)]
    end.keep = table = (ctypes.c_void_p * 4)(*functions)
    end.sink = sink = ctypes.c_void_p(ctypes.addressof(table))  # an object is a pointer to its table of functions
    size, states = ctypes.sizeof(api.MAPIOFFLINE_ADVISEINFO), api.MAPIOFFLINE_STATE_ALL
    info = api.MAPIOFFLINE_ADVISEINFO(size, 0, 0, ctypes.addressof(sink), 1, states)
    token = api.ULONG()
    result = api.call(outlook.pointer, "IMAPIOfflineMgr::Advise", 0, ctypes.byref(info), ctypes.byref(token))
    assert result == api.S_OK
    while not outlook.set_state(api.MAPIOFFLINE_STATE_OFFLINE):  # the worst permitted Outlook may refuse it first
        pass
    in_done.wait()


def main(library, rounds=None):
    if rounds is None:
        return end(library)
    wrong = 0
    for _ in range(int(rounds)):
        command = [sys.executable, "-B", __file__, library]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=250)
        if done.returncode != 0:
            wrong += 1
            print(f"exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
