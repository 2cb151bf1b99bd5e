// The one table of what the worst permitted Outlook does differently from the reference, and what is switched on.
#pragma once

#include <string>

namespace offline_state_worst {

// Name (with "-" for "_"), the statements that it breaks, what it does, and what in the samples copes with it. A row
// without a statement is something that the published pages or COM permit expressly, and that clients still fail over.
// clang-format off
#define OFFLINE_STATE_WORST_BEHAVIOURS(X)                                                                              \
    X(late_notify, "UNADVISE-3",                                                                                       \
      "Unadvise returns at once. A little later its registration gets one more Notify, and only then it ends.",        \
      "Step 5 ends the callback, which then does nothing; what it uses is its own.")                                   \
    X(unadvise_never_waits, "UNADVISE-3 UNADVISE-4",                                                                   \
      "Neither Unadvise nor the last Release waits for a Notify that is running on another thread.",                   \
      "Step 5 ends the callback, which then does nothing; what it uses is its own.")                                   \
    X(unadvise_waits_for_all, "UNADVISE-3 NOTIFY-6",                                                                   \
      "Unadvise waits until no Notify of the object is running, for any registration; inside Notify it never "         \
      "returns.",                                                                                                      \
      "No sample calls Unadvise inside Notify, nor with a lock that Notify takes.")                                    \
    X(late_release, "ADVISE-4",                                                                                        \
      "A callback is released some time after Unadvise, on another thread.",                                           \
      "The callback owns what it uses, and keeps the add-in's DLL loaded.")                                            \
    X(callback_calls, "ADVISE-4",                                                                                      \
      "A registration holds three references on the callback. Before each Notify another thread calls its "            \
      "QueryInterface, with identifiers that nobody knows too, AddRef and Release.",                                   \
      "Step 1 counts with an atomic, and answers for the interfaces that it has.")                                     \
    X(one_registration, "ADVISE-5",                                                                                    \
      "A callback has one registration for each object: a second Advise gives the token of the first.",                \
      "Each registration of the samples has a callback of its own.")                                                   \
    X(zero_token, "ADVISE-1.1",                                                                                        \
      "The first token that an object gives is 0.",                                                                    \
      "Step 5 asks its pointer to the object whether there is a registration, not the token.")                         \
    X(same_token, "ADVISE-1.1",                                                                                        \
      "The token of a registration that has ended is given to the next one.",                                          \
      "A token is used for one Unadvise, and forgotten.")                                                              \
    X(foreign_token, "ADVISE-1.2",                                                                                     \
      "Unadvise ends a registration of another object, if none of its own has that token.",                            \
      "Step 5 keeps the object that gave the token, and asks that one.")                                               \
    X(concurrent, "NOTIFY-5",                                                                                          \
      "START and STATECHANGE of all registrations come at the same time, each on a thread of its own; then DONE "      \
      "does.",                                                                                                         \
      "What step 1 calls may be called on two threads at once.")                                                       \
    X(on_caller, "NOTIFY-5",                                                                                           \
      "SetCurrentState with BLOCK calls Notify on the caller's thread.",                                               \
      "No sample holds a lock while it sets the state.")                                                               \
    X(early_notify, "NOTIFY-4",                                                                                        \
      "Notify comes inside Advise, before the token is known: in a change with its phase, else with one that is "      \
      "not part of the API.",                                                                                          \
      "The callback is complete before Advise, and needs no token.")                                                   \
    X(mid_change, "NOTIFY-4",                                                                                          \
      "A registration made during a change is notified of the phases that remain.",                                    \
      "No sample counts phases.")                                                                                      \
    X(phase_order, "NOTIFY-1.1",                                                                                       \
      "STATECHANGE comes before START.",                                                                               \
      "No sample counts phases; most act on DONE alone.")                                                              \
    X(repeat_phase, "NOTIFY-1.1",                                                                                      \
      "Each phase comes twice.",                                                                                       \
      "A second DONE repeats what is known.")                                                                          \
    X(extra_bits, "NOTIFY-1.1 NOTIFY-4.1",                                                                             \
      "States and capabilities have bits beyond those of the API, other ones each time.",                              \
      "Steps 1 and 3 mask states and capabilities.")                                                                   \
    X(bigger_structure, "NOTIFY-1.1",                                                                                  \
      "MAPIOFFLINE_NOTIFY is larger than the published one, and so is its ulSize.",                                    \
      "No sample copies the structure by its ulSize.")                                                                 \
    X(other_notifications, "",                                                                                         \
      "Before each phase come notifications with an unknown type or another mask, and nonsense in Info "               \
      "(ABOUT-5).",                                                                                                    \
      "Step 1 checks type and mask before it reads Info.")                                                             \
    X(unreadable_info, "",                                                                                             \
      "What pNotifyInfo points to cannot be read any more once Notify has returned.",                                  \
      "Step 1 copies what it passes on.")                                                                              \
    X(reverse_order, "NOTIFY-2 NOTIFY-9",                                                                              \
      "The registration made last is notified first.",                                                                 \
      "No sample expects an order.")                                                                                   \
    X(exception_ends, "NOTIFY-7",                                                                                      \
      "An exception that leaves a client's function ends the process.",                                                \
      "Nothing leaves step 1's Notify.")                                                                               \
    X(all_notified, "CAPS-3 NOTIFY-9.1",                                                                               \
      "A change is notified also in a direction that the object has no capability for, and by an object below "        \
      "that has the new state already.",                                                                               \
      "A notification says what the state is, not that it was another one.")                                           \
    X(state_early, "NOTIFY-3",                                                                                         \
      "At START, GetCurrentState already gives the new state.",                                                        \
      "The samples take the state from the notification.")                                                             \
    X(state_late, "NOTIFY-3",                                                                                          \
      "At STATECHANGE, GetCurrentState still gives the old state.",                                                    \
      "The samples take the state from the notification.")                                                             \
    X(same_state, "SET-5",                                                                                             \
      "Setting the state that the object already has notifies a change from that state to itself.",                    \
      "The samples take the state from the notification.")                                                             \
    X(pending_early, "SET-2.1",                                                                                        \
      "Outside Notify every other call of SetCurrentState returns E_PENDING and does nothing, though no change "       \
      "is under way.",                                                                                                 \
      "Who sets the state tries again after E_PENDING.")                                                               \
    X(late_start, "SET-8",                                                                                             \
      "A change that DEFAULT starts is under way a little later only: until then more calls are accepted.",            \
      "Who sets the state tries again after E_PENDING.")                                                               \
    X(overlapping, "SET-6.1",                                                                                          \
      "A change that is requested at DONE starts before the other registrations are notified of DONE.",                \
      "A notification says what the state is at its time.")                                                            \
    X(block_early, "SET-3.1",                                                                                          \
      "SetCurrentState with BLOCK returns before DONE is sent.",                                                       \
      "No client of the samples waits with BLOCK.")                                                                    \
    X(block_hangs, "SET-7.1",                                                                                          \
      "SetCurrentState with BLOCK never returns inside Notify, as in Outlook (SET-7).",                                \
      "No sample uses BLOCK inside Notify.")                                                                           \
    X(loose_tree, "SET-4.2",                                                                                           \
      "A change makes nothing pending on the objects above and below.",                                                \
      "The provider's objects are changed one after the other.")                                                       \
    X(lenient, "SET-1.1 ADVISE-2.1",                                                                                   \
      "SetCurrentState and Advise accept flags, masks and sizes that are not supported.",                              \
      "The samples pass documented values only.")                                                                      \
    X(other_results, "IFACE-4 GET-2 ADVISE-3.1 UNADVISE-1.1",                                                          \
      "A failure that no page describes has another result: E_FAIL, E_POINTER, or what the callback gave.",            \
      "The samples check a result with FAILED, and compare it with E_PENDING only.")                                   \
    X(leaves_out_parameters, "OPEN-3.1 CREATE-1.1 CREATE-7 CREATE-9 ADVISE-1.1",                                       \
      "A call that fails leaves its out-parameter as it was.",                                                         \
      "Step 2 sets its pointer to null before the call.")                                                              \
    X(open_fails_first, "OPEN-4.1",                                                                                    \
      "The first HrOpenOfflineObj for each profile returns MAPI_E_NOT_FOUND.",                                         \
      "The samples report that opening failed, and end or go on without the object.")                                  \
    X(exact_names, "OPEN-6",                                                                                           \
      "The case of a letter in a profile's name matters.",                                                             \
      "The profile's name is passed as Outlook gives it.")                                                             \
    X(new_object, "OPEN-7 CREATE-8",                                                                                   \
      "HrOpenOfflineObj gives another COM object each time, and HrCreateOfflineObj another provider's object.",        \
      "No sample compares pointers.")                                                                                  \
    X(tear_offs, "CREATE-4.1",                                                                                         \
      "QueryInterface gives another pointer each time: only those to IUnknown can be compared.",                       \
      "No sample compares pointers.")                                                                                  \
    X(keeps_objects, "CREATE-5 CREATE-11 UNADVISE-4",                                                                  \
      "An object lives until the process ends.",                                                                       \
      "No sample asks whether an object has ended.")                                                                   \
    X(starts_offline, "CREATE-6 CREATE-6.1",                                                                           \
      "A new object is offline, whatever its parent is.",                                                              \
      "The state is asked for.")
// clang-format on

enum class Behaviour {
#define OFFLINE_STATE_WORST_NAME(name, breaks, text, copes) name,
    OFFLINE_STATE_WORST_BEHAVIOURS(OFFLINE_STATE_WORST_NAME)
#undef OFFLINE_STATE_WORST_NAME
};

bool on(Behaviour behaviour) noexcept;

/// Takes the choice of the environment, once. False when that is no choice, or when the reference is loaded too; a
/// sentence on standard error has said so.
bool configured() noexcept;

/// offline_state_worst_set without its C.
bool choose(const char* behaviours) noexcept;

/// The table as JSON: a list of objects with `name`, `on`, `breaks` (statements), `text` and `copes`.
std::string behaviours_as_json();

} // namespace offline_state_worst
