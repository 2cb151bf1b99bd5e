# SPDX-License-Identifier: MIT
"""Outlook's Offline State API for Python 3.9 and later. Copy this one file: it needs ctypes alone.

    with mapioffline.Library(path) as library, library.open("Outlook") as outlook:
        print(outlook.capabilities(), outlook.state())
        with outlook.advise(print):
            ...

Names that begin with MAPIOFFLINE, GUID, IID or ul are Microsoft's; the classes are this reference's.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import threading
import uuid
from collections.abc import Callable
from ctypes import POINTER, byref, c_int, c_int32, c_uint32, c_void_p, c_wchar_p, sizeof
from typing import NamedTuple

# [declarations]
MAPIOFFLINE_ADVISE_DEFAULT = 0
MAPIOFFLINE_UNADVISE_DEFAULT = 0
MAPIOFFLINE_ADVISE_TYPE_STATECHANGE = 1
MAPIOFFLINE_CAPABILITY_OFFLINE = 0x1
MAPIOFFLINE_CAPABILITY_ONLINE = 0x2
MAPIOFFLINE_FLAG_BLOCK = 0x00002000
MAPIOFFLINE_FLAG_DEFAULT = 0x00000000
MAPIOFFLINE_STATE_ALL = 0x003F037F
MAPIOFFLINE_STATE_OFFLINE_MASK = 0x00000003
MAPIOFFLINE_STATE_OFFLINE = 0x00000001
MAPIOFFLINE_STATE_ONLINE = 0x00000002
MAPIOFFLINE_CALLBACK_TYPE_NOTIFY = 0
MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START = 1
MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE = 2
MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE = 3

S_OK = 0
E_NOINTERFACE = 0x80004002
E_POINTER = 0x80004003
E_PENDING = 0x8000000A
E_OUTOFMEMORY = 0x8007000E
E_INVALIDARG = 0x80070057
MAPI_E_NOT_FOUND = 0x8004010F

IID_IUnknown = uuid.UUID("00000000-0000-0000-C000-000000000046")
GUID_GlobalState = uuid.UUID("FBEFFD93-B11F-4094-842B-96DCD31E63D1")
IID_IMAPIOffline = uuid.UUID("000672B5-0000-0000-C000-000000000046")
IID_IMAPIOfflineNotify = uuid.UUID("0317BDE5-FC29-44CD-8DCD-36125A3BE9EC")
IID_IMAPIOfflineMgr = uuid.UUID("42175607-FF3E-4790-BC18-66C8643E6424")

ULONG = c_uint32  # 4 bytes, on Linux too


class MAPIOFFLINE_ADVISEINFO(ctypes.Structure):
    _fields_ = [
        ("ulSize", ULONG),
        ("ulClientToken", ULONG),
        ("CallbackType", c_int),
        ("pCallback", c_void_p),
        ("ulAdviseTypes", ULONG),
        ("ulStateMask", ULONG),
    ]


class _StateChangeInfo(ctypes.Structure):
    _fields_ = [("ulMask", ULONG), ("ulStateOld", ULONG), ("ulStateNew", ULONG)]


class _NotifyInfo(ctypes.Union):
    _fields_ = [("StateChange", _StateChangeInfo)]


class MAPIOFFLINE_NOTIFY(ctypes.Structure):
    _fields_ = [
        ("ulSize", ULONG),
        ("NotifyType", c_int),
        ("ulClientToken", ULONG),
        ("Info", _NotifyInfo),
    ]


class MAPIOFFLINE_CREATEINFO(ctypes.Structure):
    _fields_ = [
        ("ulSize", ULONG),
        ("ulCreateFlags", ULONG),
        ("pwszProfileName", c_wchar_p),  # wchar_t: 2 bytes on Windows, elsewhere 4
        ("ulCapabilities", ULONG),
        ("pGUID", c_void_p),
        ("pInstance", c_void_p),
        ("pParent", c_void_p),
        ("pMAPISupport", c_void_p),
        ("pAggregateInfo", c_void_p),
        ("pConnectInfo", c_void_p),
    ]


SLOTS = {
    "IUnknown::QueryInterface": 0,
    "IUnknown::AddRef": 1,
    "IUnknown::Release": 2,
    "IMAPIOffline::SetCurrentState": 3,
    "IMAPIOffline::GetCapabilities": 4,
    "IMAPIOffline::GetCurrentState": 5,
    "IMAPIOfflineMgr::Advise": 7,
    "IMAPIOfflineMgr::Unadvise": 8,
    "IMAPIOfflineNotify::Notify": 3,
}
# [/declarations]

_FUNCTION = ctypes.WINFUNCTYPE if sys.platform == "win32" else ctypes.CFUNCTYPE  # stdcall on 32-bit Windows
_NAMES = {
    value & 0xFFFFFFFF: name for name, value in list(globals().items()) if name.startswith(("E_", "MAPI_E_", "S_OK"))
}


class OfflineStateError(OSError):
    """A call failed, or the library has not been found. `hresult` is what the call returned, or None."""

    def __init__(self, text: str, hresult: int | None = None):
        super().__init__(text)
        self.hresult = hresult


def _check(hresult: int, function: str, why: str = "") -> None:
    code = hresult & 0xFFFFFFFF
    if code & 0x80000000:
        raise OfflineStateError(f"{function} failed: 0x{code:08x} {_NAMES.get(code, '')}{why}".rstrip(), code)


def call(pointer: int, method: str, *arguments: object, result: object = c_int32) -> int:
    """Calls a method of a COM object, by its slot. A structure is given by byref()."""
    table = ctypes.cast(ctypes.cast(pointer, POINTER(c_void_p))[0], POINTER(c_void_p))
    types = [ULONG if isinstance(each, int) else c_void_p for each in arguments]
    return _FUNCTION(result, c_void_p, *types)(table[SLOTS[method]])(pointer, *arguments)


# [step1]
class StateChange(NamedTuple):
    """One phase of one change, without what is not part of the API."""

    phase: int  # MAPIOFFLINE_NOTIFY_TYPE_…
    client_token: int
    state_old: int
    state_new: int


_sinks: dict[int, OfflineNotify] = {}  # keeps each one while COM has a reference
_changed = threading.Condition(threading.RLock())  # guards the counts of references and _sinks


class OfflineNotify:
    """The callback object. It lives until its last reference is released, not until Python has lost it.

    on_change is called on any thread, yours included, perhaps on two at once. What it raises goes to sys.excepthook:
    nothing is thrown across COM. It must not wait for a thread that calls Registration.end().
    """

    def __init__(self, on_change: Callable[[StateChange], object]):
        self.on_change = on_change
        self.has_ended = False
        self.references = 1
        self._table = c_void_p(ctypes.addressof(_TABLE))  # what COM sees: a pointer to the table of methods
        self.pointer = ctypes.addressof(self._table)
        with _changed:
            _sinks[self.pointer] = self

    def add_ref(self) -> int:
        with _changed:
            self.references += 1
            return self.references

    def release(self) -> int:
        with _changed:
            self.references -= 1
            if self.references == 0:
                del _sinks[self.pointer]
                _changed.notify_all()
            return self.references

    def notify(self, notification: MAPIOFFLINE_NOTIFY) -> None:
        change = notification.Info.StateChange
        if self.has_ended or not (
            MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START
            <= notification.NotifyType
            <= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE
            and change.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK
        ):
            return  # Outlook also sends what is not part of this API
        self.on_change(
            StateChange(
                notification.NotifyType,
                notification.ulClientToken,
                change.ulStateOld & MAPIOFFLINE_STATE_OFFLINE_MASK,
                change.ulStateNew & MAPIOFFLINE_STATE_OFFLINE_MASK,
            )
        )

    def end(self) -> None:
        """From now on a Notify does nothing."""
        self.has_ended = True


@_FUNCTION(c_int32, c_void_p, POINTER(ctypes.c_char * 16), POINTER(c_void_p))
def _query_interface(this: int, iid: object, given: object) -> int:
    if not given:
        return E_POINTER - (1 << 32)
    if uuid.UUID(bytes_le=iid.contents.raw) in (IID_IUnknown, IID_IMAPIOfflineNotify):
        _sinks[this].add_ref()
        given[0] = this
        return S_OK
    given[0] = None
    return E_NOINTERFACE - (1 << 32)


@_FUNCTION(ULONG, c_void_p)
def _add_ref(this: int) -> int:
    return _sinks[this].add_ref()


@_FUNCTION(ULONG, c_void_p)
def _release(this: int) -> int:
    return _sinks[this].release()


@_FUNCTION(None, c_void_p, POINTER(MAPIOFFLINE_NOTIFY))
def _notify(this: int, notification: object) -> None:
    try:
        if notification:
            _sinks[this].notify(notification.contents)
    except BaseException:
        sys.excepthook(*sys.exc_info())


_METHODS = [_query_interface, _add_ref, _release, _notify]
_TABLE = (c_void_p * 4)(*(ctypes.cast(each, c_void_p) for each in _METHODS))
for _each in (_TABLE, *_METHODS):  # they stay while Python ends: a call may be on its way
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_each))
# [/step1]


# [step2]
class Library:
    """The library with the API: a path, or on Windows what Outlook has loaded. It stays loaded."""

    def __init__(self, path: str | None = None):
        if path is None:
            self._open, self._create = self._inside_outlook()
            return
        try:
            library = ctypes.WinDLL(path) if sys.platform == "win32" else ctypes.CDLL(path)
        except OSError as problem:
            raise OfflineStateError(f"{path} cannot be loaded: {problem}") from problem
        self._open = _function(library, "HrOpenOfflineObj", 20)
        self._create = _function(library, "HrCreateOfflineObj", 12)
        if self._open is None:
            raise OfflineStateError(f"{path} does not export HrOpenOfflineObj")

    @staticmethod
    def _inside_outlook() -> tuple[object, object]:
        if sys.platform != "win32":
            raise OfflineStateError("there is no Outlook here: name a library that has the API")
        modules = ("olmapi32.dll", "msmapi32.dll")
        # Loads nothing: another library of this name is not Outlook's.
        handle_of = ctypes.windll.kernel32.GetModuleHandleW
        handle_of.restype, handle_of.argtypes = c_void_p, [c_wchar_p]
        for module in modules:
            handle = handle_of(module)
            library = ctypes.WinDLL(module, handle=handle) if handle else None
            found = _function(library, "HrOpenOfflineObj", 20) if library else None
            if found:
                return found, _function(library, "HrCreateOfflineObj", 12)
        raise OfflineStateError(f"this process has loaded none of {' and '.join(modules)} with HrOpenOfflineObj")

    def open(self, profile_name: str) -> OfflineObject:
        """The profile's object. OfflineStateError with MAPI_E_NOT_FOUND: no such profile, or not inside Outlook."""
        opened = c_void_p()
        result = self._open(0, c_wchar_p(profile_name), _guid(GUID_GlobalState), None, byref(opened))
        why = f': there is no offline object for the profile "{profile_name}" in this process'
        if not 1 <= len(profile_name) <= 64:
            why += f" (a name has 1 to 64 characters, this one {len(profile_name)})"
        _check(result, "HrOpenOfflineObj", why)
        return OfflineObject(opened.value)

    # [/step2]

    def create(self, profile_name: str, capabilities: int = 3) -> OfflineObject:
        """For a test, which plays Outlook: creates the profile's object, or gives the one that there is."""
        if self._create is None:
            raise OfflineStateError("this library does not export HrCreateOfflineObj")
        guid = _guid(GUID_GlobalState)
        info = MAPIOFFLINE_CREATEINFO(
            ulSize=sizeof(MAPIOFFLINE_CREATEINFO),
            pwszProfileName=profile_name,
            ulCapabilities=capabilities,
            pGUID=ctypes.addressof(guid),
        )
        created = c_void_p()
        _check(self._create(0, byref(info), byref(created)), "HrCreateOfflineObj")
        return OfflineObject(created.value)


def _function(library: ctypes.CDLL, name: str, bytes_of_arguments: int) -> object:
    """By its name, or by the decorated one: which of them Outlook exports is not certain."""
    for each in (name, f"{name}@{bytes_of_arguments}"):
        if hasattr(library, each):
            function = library[each]
            function.restype = c_int32
            return function
    return None


def _guid(value: uuid.UUID) -> ctypes.Array:
    return (ctypes.c_char * 16).from_buffer_copy(value.bytes_le)


# [step3]
class Capabilities(NamedTuple):
    offline: bool  # it can notify going offline
    online: bool  # it can notify coming online


class OfflineObject:
    """An IMAPIOfflineMgr; it owns one reference, which close() or the end of a `with` releases."""

    def __init__(self, pointer: int):
        self.pointer = pointer

    def capabilities(self) -> Capabilities:
        bits = ULONG()
        _check(call(self.pointer, "IMAPIOffline::GetCapabilities", byref(bits)), "GetCapabilities")
        return Capabilities(
            bool(bits.value & MAPIOFFLINE_CAPABILITY_OFFLINE), bool(bits.value & MAPIOFFLINE_CAPABILITY_ONLINE)
        )

    def state(self) -> int:
        """MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE; other bits may be set, and are masked out."""
        bits = ULONG()
        _check(call(self.pointer, "IMAPIOffline::GetCurrentState", byref(bits)), "GetCurrentState")
        return bits.value & MAPIOFFLINE_STATE_OFFLINE_MASK

    # [/step3]

    def set_state(self, state: int, flags: int = MAPIOFFLINE_FLAG_DEFAULT) -> bool:
        """False: a change is under way, try again (E_PENDING)."""
        mask = MAPIOFFLINE_STATE_OFFLINE_MASK
        result = call(self.pointer, "IMAPIOffline::SetCurrentState", flags, mask, state, c_void_p())
        if result & 0xFFFFFFFF == E_PENDING:
            return False
        _check(result, "SetCurrentState")
        return True

    # [step4]
    def advise(self, on_change: Callable[[StateChange], object], client_token: int = 0) -> Registration:
        """Registers a callback; client_token comes back in each notification."""
        callback = OfflineNotify(on_change)
        info = MAPIOFFLINE_ADVISEINFO(
            ulSize=sizeof(MAPIOFFLINE_ADVISEINFO),
            ulClientToken=client_token,
            CallbackType=MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
            pCallback=callback.pointer,
            ulAdviseTypes=MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
            ulStateMask=MAPIOFFLINE_STATE_ALL,
        )
        advise_token = ULONG()
        flags = MAPIOFFLINE_ADVISE_DEFAULT
        result = call(self.pointer, "IMAPIOfflineMgr::Advise", flags, byref(info), byref(advise_token))
        if result < 0:
            callback.end()
            callback.release()
            _check(result, "Advise")
        return Registration(self, callback, advise_token.value)

    # [/step4]

    def close(self) -> None:
        if self.pointer:
            call(self.pointer, "IUnknown::Release", result=ULONG)
            self.pointer = 0

    def __enter__(self) -> OfflineObject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    __del__ = close


# [step5]
_registrations: set[Registration] = set()


class Registration:
    """Ends with its `with`, by end(), or when Python ends; not when Python has lost it."""

    def __init__(self, outlook: OfflineObject, callback: OfflineNotify, advise_token: int):
        call(outlook.pointer, "IUnknown::AddRef", result=ULONG)
        self._object = OfflineObject(outlook.pointer)
        self._callback = callback
        self._advise_token = advise_token
        _registrations.add(self)

    def end(self) -> None:
        """Unadvises, once; after that on_change is not called any more. Not inside on_change, and not while you hold a
        lock that on_change takes."""
        if self in _registrations:
            _registrations.discard(self)
            self._callback.end()
            call(self._object.pointer, "IMAPIOfflineMgr::Unadvise", MAPIOFFLINE_UNADVISE_DEFAULT, self._advise_token)
            self._object.close()
            self._callback.release()

    def __enter__(self) -> Registration:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


@atexit.register
def _leave() -> None:
    """A call into Python after its end cannot return, so let all references on callbacks be released before."""
    for each in list(_registrations):
        each.end()
    with _changed:
        _changed.wait_for(lambda: not _sinks, timeout=5)


# [/step5]
