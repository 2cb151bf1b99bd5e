// What the recorder asks and tells its user. The stand-in for Outlook answers in his place.
#pragma once

#include <oaidl.h>

#include <chrono>
#include <memory>
#include <string>

namespace offline_state_recorder {

class Dialogues {
public:
    virtual ~Dialogues() = default;
    /// Yes or no.
    virtual bool ask(const std::wstring& question) = 0;
    /// Any thread.
    virtual void tell(const std::wstring& text) = 0;
    virtual void open_folder(const std::wstring& path) = 0;
    /// What a check may take.
    virtual std::chrono::milliseconds limit() = 0;
};

/// Whether this process is Outlook, and not one that plays its part.
bool is_outlook();

/// @param application Outlook's Application. The stand-in's has a property `StandIn`, an object with the functions
///   Ask, Tell and OpenFolder and the property Limit.
std::shared_ptr<Dialogues> dialogues(IDispatch* application);

} // namespace offline_state_recorder
