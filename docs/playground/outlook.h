// Outlook's part in the playground. outlook_reference.cpp plays it with the reference and its host kit,
// outlook_worst.cpp with the worst permitted Outlook.
#pragma once

#include <mapioffline_host.h> // of which the worst permitted Outlook uses TraceEvent alone

#include <memory>
#include <string>

namespace playground {

/// Whether the library reports calls and notifications. If not, the player reports what it does and what clients hear.
extern const bool library_has_trace;

class Outlook {
public:
    explicit Outlook(const offline_state::TraceSink& sink);
    ~Outlook(); // nothing is left to deliver, and nothing more is reported
    Outlook(const Outlook&) = delete;
    Outlook& operator=(const Outlook&) = delete;

    /// Chooses what the worst permitted Outlook does: names, separated by commas. False: there are no such.
    bool choose(const std::string& behaviours);

    /// Creates the profile's object.
    HRESULT start();
    void quit();

    /// Null unless it has been started.
    IMAPIOfflineMgr* object() const;

    HRESULT work_offline(bool offline);

    /// Sends a notification that is not part of the API. E_NOTIMPL if the library has no function for it.
    HRESULT send_other_notification();

    /// Delivers a phase, or what the library delivers at once. False: there is nothing.
    bool deliver();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace playground
