// Stands between the checks and Outlook's library: each call and each notification is written to the record, and what
// a check leaves behind is cleaned up.
#pragma once

#include "record.h"

#include <mapioffline.h>

#include <chrono>
#include <memory>

namespace offline_state_recorder {

/// One at a time, for the length of a run; what it has given out stays valid for ever, for Outlook may call late.
class WatchedLibrary {
public:
    /// @param may_change Whether SetCurrentState is passed on.
    static void begin(std::shared_ptr<Record> record, HROPENOFFLINEOBJ* real, bool may_change);
    /// From now on nothing is passed on to a check, and nothing recorded.
    static void end();

    /// HrOpenOfflineObj as the checks see it.
    static HRESULT STDMETHODCALLTYPE open(ULONG ulReserved, LPCWSTR pwszProfileName, const GUID* pGUID,
                                          const GUID* pReserved, IMAPIOfflineMgr** ppOfflineObj);

    /// Opens with one export and records it under that name.
    static HRESULT open_with(HROPENOFFLINEOBJ* real, const char* name, const std::string& module, LPCWSTR profile,
                             IMAPIOfflineMgr** object);

    /// How many calls have returned, of any check.
    static unsigned calls();

    /// How many calls of SetCurrentState with BLOCK a check has made inside Notify, and how many have returned.
    struct BlockInsideNotify {
        int made;
        int returned;
    };
    static BlockInsideNotify block_inside_notify();

    /// Outlook's notifications reach the check no more. Any thread.
    static void make_deaf();
    /// After a check: waits until none of its functions runs, and ends the registrations that it has left.
    static void clean_up(std::chrono::milliseconds longest);
    /// How often Outlook has called a callback whose check was over.
    static unsigned late_calls();
    /// Before a check.
    static void make_hear();
};

} // namespace offline_state_recorder
