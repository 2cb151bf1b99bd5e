// What the worst permitted Outlook does otherwise than the reference: the one table of it, and which are on.
#pragma once

#include <string>

namespace offline_state_worst {

// Name (with "-" for "_"), the statements that it breaks, and what it does. Where no statement is named, the published
// pages or COM permit it in so many words, and clients fail over it all the same.
// clang-format off
#define OFFLINE_STATE_WORST_BEHAVIOURS(X)                                                                              \
    X(late_notify, "UNADVISE-3",                                                                                       \
      "Unadvise returns at once. A little later its registration gets one more Notify, and only then it ends.")        \
    X(unadvise_never_waits, "UNADVISE-3 UNADVISE-4",                                                                   \
      "Neither Unadvise nor the last Release waits for a Notify that is running on another thread.")                   \
    X(unadvise_waits_for_all, "UNADVISE-3 NOTIFY-6",                                                                   \
      "Unadvise waits until no Notify of the object is running, whosever it is; inside Notify it waits for ever.")     \
    X(late_release, "ADVISE-4",                                                                                        \
      "A callback is released some time after Unadvise, on another thread.")                                           \
    X(callback_calls, "ADVISE-4",                                                                                      \
      "A registration holds three references on the callback. Before each Notify another thread calls its "            \
      "QueryInterface, with identifiers that nobody knows too, AddRef and Release.")                                   \
    X(one_registration, "ADVISE-5",                                                                                    \
      "A callback has one registration for each object: a second Advise gives the token of the first.")                \
    X(zero_token, "ADVISE-1.1", "The first token that an object gives is 0.")                                          \
    X(same_token, "ADVISE-1.1", "The token of a registration that has ended is given to the next one.")                \
    X(concurrent, "NOTIFY-5",                                                                                          \
      "START and STATECHANGE of all registrations come at the same time, each on a thread of its own; then DONE does.")\
    X(on_caller, "NOTIFY-5",                                                                                           \
      "SetCurrentState with BLOCK calls Notify on the caller's thread.")                                               \
    X(early_notify, "NOTIFY-4",                                                                                        \
      "Notify comes inside Advise, before the token is known: in a change with its phase, else with one that is not "  \
      "part of the API.")                                                                                              \
    X(mid_change, "NOTIFY-4",                                                                                          \
      "Who registers while a change is under way gets the phases that are left.")                                      \
    X(phase_order, "NOTIFY-1.1", "STATECHANGE comes before START.")                                                    \
    X(repeat_phase, "NOTIFY-1.1", "Each phase comes twice.")                                                           \
    X(extra_bits, "NOTIFY-1.1 NOTIFY-4.1",                                                                             \
      "States and capabilities have bits beyond those of the API, other ones each time.")                              \
    X(bigger_structure, "NOTIFY-1.1",                                                                                  \
      "MAPIOFFLINE_NOTIFY is larger than the published one, and so is its ulSize.")                                    \
    X(other_notifications, "",                                                                                         \
      "Before each phase come notifications with an unknown type or another mask, and nonsense in Info (ABOUT-5).")    \
    X(unreadable_info, "", "What pNotifyInfo points to cannot be read any more once Notify has returned.")             \
    X(reverse_order, "NOTIFY-2 NOTIFY-9", "Of the registrations the last one is notified first.")                      \
    X(exception_ends, "NOTIFY-7", "An exception that leaves a client's function ends the process.")                    \
    X(all_notified, "CAPS-3 NOTIFY-9.1",                                                                               \
      "A change is notified also in a direction that the object has no capability for, and by an object below that "   \
      "has the new state already.")                                                                                    \
    X(state_early, "NOTIFY-3", "GetCurrentState gives the new state at START already.")                                \
    X(state_late, "NOTIFY-3", "GetCurrentState gives the old state at STATECHANGE still.")                             \
    X(same_state, "SET-5", "Setting the state that there is notifies a change from it to itself.")                     \
    X(pending_early, "SET-2.1",                                                                                        \
      "Outside Notify every other call of SetCurrentState returns E_PENDING and does nothing, though no change is "    \
      "under way.")                                                                                                    \
    X(late_start, "SET-8",                                                                                             \
      "A change that DEFAULT starts is under way a little later only: until then more calls are accepted.")            \
    X(overlapping, "SET-6.1",                                                                                          \
      "A change that is asked for at DONE starts before the other registrations have had DONE.")                       \
    X(block_early, "SET-3.1", "SetCurrentState with BLOCK returns before DONE is sent.")                               \
    X(block_hangs, "SET-7.1",                                                                                          \
      "SetCurrentState with BLOCK never returns inside Notify, as in Outlook (SET-7).")                                \
    X(loose_tree, "SET-4.2", "A change makes nothing pending on the objects above and below.")                         \
    X(lenient, "SET-1.1 ADVISE-2.1",                                                                                   \
      "SetCurrentState and Advise accept flags, masks and sizes that are not supported.")                              \
    X(other_results, "IFACE-4 GET-2 ADVISE-3.1 UNADVISE-1.1",                                                          \
      "A failure that no page describes has another result: E_FAIL, E_POINTER, or what the callback gave.")            \
    X(leaves_out_parameters, "OPEN-3.1 CREATE-1.1 CREATE-7 CREATE-9 ADVISE-1.1",                                       \
      "A call that fails leaves its out-parameter as it was.")                                                         \
    X(open_fails_first, "OPEN-4.1",                                                                                    \
      "HrOpenOfflineObj returns MAPI_E_NOT_FOUND the first time that it is asked for a profile.")                      \
    X(exact_names, "OPEN-6", "The case of a letter in a profile's name matters.")                                      \
    X(new_object, "OPEN-7 CREATE-8",                                                                                   \
      "HrOpenOfflineObj gives another COM object each time, and HrCreateOfflineObj another provider's object.")        \
    X(tear_offs, "CREATE-4.1",                                                                                         \
      "QueryInterface gives another pointer each time: only those to IUnknown can be compared.")                       \
    X(keeps_objects, "CREATE-5 CREATE-11 UNADVISE-4", "An object lives until the process ends.")                       \
    X(starts_offline, "CREATE-6 CREATE-6.1", "A new object is offline, whatever its parent is.")
// clang-format on

enum class Behaviour {
#define OFFLINE_STATE_WORST_NAME(name, breaks, text) name,
    OFFLINE_STATE_WORST_BEHAVIOURS(OFFLINE_STATE_WORST_NAME)
#undef OFFLINE_STATE_WORST_NAME
};

bool on(Behaviour behaviour) noexcept;

/// Takes the choice of the environment, once. False when that is no choice, or when the reference is loaded too; a
/// sentence on standard error has said so.
bool configured() noexcept;

/// offline_state_worst_set without its C.
bool choose(const char* behaviours) noexcept;

/// The table as JSON: a list of objects with `name`, `on`, `breaks` (statements) and `text`.
std::string behaviours_as_json();

} // namespace offline_state_worst
