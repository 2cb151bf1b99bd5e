// One recording: the executable specification inside Outlook's process, on threads of its own.
#pragma once

#include "dialogues.h"
#include "record.h"

#include <memory>
#include <string>

namespace offline_state_recorder {

enum class Mode { reads, offline_and_back, offline_and_back_may_deadlock };

/// "offline-and-back"
const char* name_of(Mode mode);

/// %LOCALAPPDATA%\OfflineStateRecorder, which is made. Throws std::runtime_error without it.
std::wstring folder();

/// @thread Outlook's main thread.
class Run {
public:
    /// Begins. From now on the DLL stays loaded: a check that hangs keeps its thread.
    /// @param first_line About the machine.
    /// @return A sentence why it has not begun, or "".
    static std::wstring begin(Mode mode, const std::wstring& profile, const Json& first_line,
                              std::shared_ptr<Dialogues> dialogues);

    /// Outlook closes: no check begins any more. Waits a moment for the one that runs, and until the state is put back.
    static void stop();

    /// Whether a run has ended in the middle: quick, for Outlook asks at its start.
    static bool is_anything_left();
    /// Whether a run has ended in the middle and has left this profile in another state.
    static bool has_left_a_state(const std::wstring& profile);
    /// Puts it back, on a thread of its own.
    static void put_back(const std::wstring& profile, std::shared_ptr<Dialogues> dialogues);
    /// The user does not want that.
    static void leave_the_state(const std::wstring& profile);
};

} // namespace offline_state_recorder
