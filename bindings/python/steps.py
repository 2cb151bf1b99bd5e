#!/usr/bin/env python3
"""The five steps in Python: steps.py LIBRARY 12345. The other words are for ../../tests/bindings_test.py."""

from __future__ import annotations

import ctypes
import os
import sys
import threading

import mapioffline
from mapioffline import MAPIOFFLINE_NOTIFY, Library, OfflineNotify, OfflineStateError, StateChange, call

MASK = mapioffline.MAPIOFFLINE_STATE_OFFLINE_MASK
ONLINE, OFFLINE = mapioffline.MAPIOFFLINE_STATE_ONLINE, mapioffline.MAPIOFFLINE_STATE_OFFLINE
START = mapioffline.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START
DONE = mapioffline.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE
STATES = {ONLINE: "online", OFFLINE: "offline"}
PHASES = {1: "START", 2: "STATECHANGE", 3: "DONE"}


def say(text: str) -> None:
    """In one piece, where print() makes two of text and line end: two threads may say something."""
    sys.stdout.write(f"{text}\n")


class OutlookStandIn:
    """Outlook with one profile. Inside Outlook there is nothing like it."""

    def __init__(self, library: Library, profile_name: str = "Outlook", capabilities: int = 3):
        try:
            self.object = library.create(profile_name, capabilities)
        except OfflineStateError as problem:
            sys.stderr.write(f"There is no Outlook to be played: {problem}\n")
            sys.exit(2)
        self.work_offline(False)

    def work_offline(self, offline: bool) -> None:
        """A click on "Work Offline". Returns when the change is complete."""
        while not self.object.set_state(OFFLINE if offline else ONLINE, mapioffline.MAPIOFFLINE_FLAG_BLOCK):
            os.sched_yield()


def notify(callback: OfflineNotify, kind: int, mask: int) -> None:
    """As Outlook calls it, through its slot."""
    notification = MAPIOFFLINE_NOTIFY(ctypes.sizeof(MAPIOFFLINE_NOTIFY), kind, 0, ((mask, ONLINE, OFFLINE),))
    call(callback.pointer, "IMAPIOfflineNotify::Notify", ctypes.byref(notification), result=None)


def step1() -> None:
    # [run1]
    def on_change(change: StateChange) -> None:
        say(f"{PHASES[change.phase]:<11}  {STATES[change.state_old]} -> {STATES[change.state_new]}")

    callback = OfflineNotify(on_change)
    for phase in PHASES:
        notify(callback, phase, MASK)
    say("another type of notification, and another part of the state:")
    notify(callback, 4, MASK)
    notify(callback, 2, 0x00010000)
    say("ignored")
    callback.release()
    # [/run1]


def step2(library: Library, _: OutlookStandIn) -> None:
    # [run2]
    with library.open("Outlook"):
        say('opened the offline object of the profile "Outlook"')
    try:
        library.open("Nobody")
    except OfflineStateError as problem:
        not_found = problem.hresult == mapioffline.MAPI_E_NOT_FOUND
        say(f'the profile "Nobody": {"MAPI_E_NOT_FOUND" if not_found else problem}')
    # [/run2]


def step3(library: Library, _: OutlookStandIn) -> None:
    other = OutlookStandIn(library, "Online only", mapioffline.MAPIOFFLINE_CAPABILITY_ONLINE)  # not needed in Outlook
    # [run3]
    for profile_name in ("Outlook", "Online only"):
        with library.open(profile_name) as outlook:
            can = outlook.capabilities()
            state = STATES.get(outlook.state(), "unknown")
        offline, online = ("yes" if each else "no" for each in can)
        say(f"offline notifications: {offline}, online notifications: {online}, state: {state}")
    # [/run3]
    other.object.close()


def step4(library: Library, outlook_stand_in: OutlookStandIn) -> None:
    # [run4]
    def on_change(change: StateChange) -> None:
        old, new = STATES[change.state_old], STATES[change.state_new]
        say(f"client {change.client_token}: {PHASES[change.phase]:<11}  {old} -> {new}")

    with library.open("Outlook") as outlook, outlook.advise(on_change, client_token=7):
        say("registered")
        # What a user does in Outlook, twice.
        outlook_stand_in.work_offline(True)
        outlook_stand_in.work_offline(False)
    # [/run4]
    say("registration taken back")


def step5(library: Library, outlook_stand_in: OutlookStandIn) -> None:
    # [run5]
    def on_change(change: StateChange) -> None:
        if change.phase == DONE:
            say(f"now {STATES[change.state_new]}")

    with library.open("Outlook") as outlook:
        try:
            with outlook.advise(on_change):
                outlook_stand_in.work_offline(True)  # what a user does in Outlook
                raise RuntimeError("something else went wrong")
        except RuntimeError as problem:
            say(f"left by an exception: {problem}")
        outlook_stand_in.work_offline(False)  # nobody is told any more
    # [/run5]


def steps(library: Library, which: str) -> None:
    for each in which:
        if each == "1":
            step1()
            continue
        outlook = OutlookStandIn(library)  # not needed in Outlook
        {"2": step2, "3": step3, "4": step4, "5": step5}[each](library, outlook)
        outlook.object.close()


def ended() -> None:
    changes: list[StateChange] = []
    callback = OfflineNotify(changes.append)
    notify(callback, 1, MASK)
    call(callback.pointer, "IMAPIOfflineNotify::Notify", ctypes.c_void_p(), result=None)
    callback.end()
    notify(callback, 1, MASK)
    say(f"{len(changes)} call")
    callback.release()


def bad_input(library: Library, path: str) -> None:
    outlook_stand_in = OutlookStandIn(library)
    for what, attempt in {
        "an unknown profile": lambda: library.open("Nobody"),
        "a name of 65 characters": lambda: library.open("x" * 65),
        "a library that is missing": lambda: Library("/no/such/library.so"),
        "a library without the exports": lambda: Library(path),
    }.items():
        try:
            attempt()
        except OfflineStateError as problem:
            say(f"{what}: {type(problem).__name__}: {problem}")

    def on_change(change: StateChange) -> None:
        if change.phase == START:
            raise ValueError("thrown in a callback")
        say(f"after it: {PHASES[change.phase]}")

    with library.open("Outlook") as outlook, outlook.advise(on_change):
        outlook_stand_in.work_offline(True)


def leave(library: Library) -> None:
    """Ends with a change under way, always, and a registration outstanding."""
    outlook, begun = library.create("Outlook"), threading.Event()

    def on_change(change: StateChange) -> None:
        begun.set()
        if change.phase == DONE:
            outlook.set_state(change.state_old)

    outlook.advise(on_change)
    outlook.set_state(OFFLINE)
    begun.wait()


def print_layout(name: str, type_: type, at: int) -> None:
    for member, member_type in type_._fields_:
        offset = at + getattr(type_, member).offset
        if hasattr(member_type, "_fields_"):
            print_layout(f"{name}.{member}", member_type, offset)
        else:
            print(f"{name}.{member}", offset)


def facts() -> None:
    for name, value in vars(mapioffline).items():
        if name.startswith(("MAPIOFFLINE_", "E_", "S_OK", "MAPI_E_")) and isinstance(value, int):
            print(name, value)
        elif name.startswith(("GUID_", "IID_")):
            print(name, str(value).upper())
        elif name.startswith("MAPIOFFLINE_"):
            print("sizeof", name, ctypes.sizeof(value))
            print_layout(name, value, 0)
    for name, slot in mapioffline.SLOTS.items():
        print(name, slot)


def main(path: str = "", what: str = "", other: str = "") -> int:
    if not what:
        sys.stderr.write("Usage: steps.py LIBRARY 12345\n")
        return 2
    try:
        if what == "facts":
            facts()
        elif what == "ended":
            ended()
        elif what == "leave":
            leave(Library(path))
        elif what == "bad":
            bad_input(Library(path), other)
        else:
            steps(Library(path), what)
    except OfflineStateError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
