// SPDX-License-Identifier: MIT
#include "commands.h"

#include "../client/step1_implement_notify.h"
#include "../client/step2_open_offline_object.h"
#include "../client/step3_ask_capabilities.h"
#include "../client/step4_advise.h"

#include <utility>

namespace offline_state_addin {

using namespace offline_state_samples;

namespace {

std::wstring wide(const char* ascii) {
    return {ascii, ascii + std::char_traits<char>::length(ascii)};
}

} // namespace

bool Commands::connect(std::wstring profile_name) {
    profile_name_ = std::move(profile_name);
    log_->line(L"profile: " +
               (profile_name_.empty() ? L"(its name could not be found out)" : profile_name_));
    mapi_ = load_outlook_mapi();
    const bool is_found = mapi_.open_offline_object != nullptr;
    log_->line(is_found ? L"found: " + mapi_.found : mapi_.problem);
    return is_found;
}

void Commands::disconnect() {
    deinit();
    mapi_ = {};
}

// [init]
void Commands::init() {
    if (is_monitoring_) {
        log_->line(L"Init Monitor: it is monitoring already.");
        return;
    }
    const ComPtr<IMAPIOfflineMgr> object = open();
    if (!object) {
        return;
    }
    Capabilities capabilities{};
    if (const HRESULT result = ask_capabilities(object.Get(), capabilities); FAILED(result)) {
        log_->line(L"GetCapabilities failed with " + result_text(result) + L".");
        return;
    }
    if (const HRESULT result =
            main_thread_.begin([this](const CompletedChanges& changes) { changed(changes); });
        FAILED(result)) {
        log_->line(L"CreateWindow failed with " + result_text(result) + L".");
        return;
    }
    // On a thread of Outlook's, and perhaps after this object has gone. So the callback owns
    // what it uses: shares of the log, which keeps this DLL loaded, and of the way to the main
    // thread.
    const ComPtr<OfflineNotify> callback = OfflineNotify::create(
        [log = log_, to_main_thread = main_thread_.sink()](const StateChange& change) {
            log->line(wide(phase_name(change.phase)) + L"  " +
                      wide(state_name(change.state_old)) + L" -> " +
                      wide(state_name(change.state_new)));
            to_main_thread(change);
        });
    ULONG advise_token = 0;
    if (const HRESULT result = advise(object.Get(), callback.Get(), 0, advise_token);
        FAILED(result)) {
        main_thread_.end();
        log_->line(L"Advise failed with " + result_text(result) + L".");
        return; // nothing has been registered, and the callback goes with its last reference
    }
    registration_ = Registration(object, callback, advise_token);
    is_monitoring_ = true;
    log_->line(std::wstring(L"Init Monitor: monitoring; notifies offline: ") +
               (capabilities.offline ? L"yes" : L"no") + L", online: " +
               (capabilities.online ? L"yes" : L"no") + L".");
    // No notification says the first state. Asked before Advise, it could change unnoticed
    // between the two calls.
    on_state_(state());
}
// [/init]

// [deinit]
void Commands::deinit() {
    if (!is_monitoring_) {
        return;
    }
    // First, so that nothing is delivered while Unadvise runs.
    main_thread_.end();
    registration_.end();
    is_monitoring_ = false;
    log_->line(L"Deinit Monitor: no longer monitoring.");
}
// [/deinit]

// [state]
std::wstring Commands::state() {
    const ComPtr<IMAPIOfflineMgr> object = open();
    if (!object) {
        return L"not available";
    }
    ULONG state = 0; // masked by current_state: Outlook sets other bits too
    const HRESULT result = offline_state_samples::current_state(object.Get(), state);
    if (FAILED(result)) {
        log_->line(L"GetCurrentState failed with " + result_text(result) + L".");
        return L"not available";
    }
    return wide(state_name(state));
}

std::wstring Commands::current_state() {
    const std::wstring now = state();
    log_->line(L"Get Current State: " + now + L".");
    return now;
}

std::wstring Commands::toggle_state() {
    const ComPtr<IMAPIOfflineMgr> object = open();
    if (!object) {
        return L"not available";
    }
    ULONG state = 0;
    HRESULT result = offline_state_samples::current_state(object.Get(), state);
    if (SUCCEEDED(result)) {
        state = state == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_STATE_OFFLINE
                                                  : MAPIOFFLINE_STATE_ONLINE;
        // Not BLOCK: this is Outlook's main thread, which may be what the change needs.
        result = object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT,
                                         MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
    }
    if (result == E_PENDING) {
        log_->line(L"Set Current State: a change is under way; try again.");
        return L"changing";
    }
    if (FAILED(result)) {
        log_->line(L"Set Current State failed with " + result_text(result) + L".");
        return L"not available";
    }
    log_->line(L"Set Current State: going " + wide(state_name(state)) + L".");
    return L"going " + wide(state_name(state));
}
// [/state]

void Commands::changed(const CompletedChanges& changes) {
    const std::wstring state = wide(state_name(changes.state));
    log_->line(L"Brought to the main thread: " + std::to_wstring(changes.count) +
               (changes.count == 1 ? L" change" : L" changes") + L", now " + state + L".");
    on_state_(state);
}

ComPtr<IMAPIOfflineMgr> Commands::open() {
    ComPtr<IMAPIOfflineMgr> object;
    if (mapi_.open_offline_object == nullptr) {
        log_->line(L"There is no Offline State API here.");
        return object;
    }
    const HRESULT result =
        open_offline_object(mapi_.open_offline_object, profile_name_.c_str(), object);
    if (FAILED(result)) {
        log_->line(L"HrOpenOfflineObj failed with " + result_text(result) + L".");
        object.Reset();
    }
    return object;
}

} // namespace offline_state_addin
