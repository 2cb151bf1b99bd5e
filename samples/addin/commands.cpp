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

// [start]
void Commands::connect(ProfileName profile_name) {
    ask_profile_name_ = std::move(profile_name);
    seconds_ = 1;
    attempt();
}

void Commands::try_again() {
    if (is_waiting_) {
        attempt();
    }
}

void Commands::attempt() {
    is_waiting_ = false;
    find();
    if (mapi_.open_offline_object != nullptr && monitor()) {
        return;
    }
    if (seconds_ > 256) {
        log_->line(L"It does not try again by itself; Init Monitor does.");
        return;
    }
    if (SUCCEEDED(main_thread_.begin({})) &&
        SUCCEEDED(main_thread_.call_later(seconds_ * 1000, [this] { attempt(); }))) {
        log_->line(L"Trying again in " + std::to_wstring(seconds_) + L" s.");
        is_waiting_ = true;
        seconds_ *= 2;
    }
}

/// The library, and which profile it is about.
void Commands::find() {
    if (mapi_.open_offline_object != nullptr && !profile_name_.empty()) {
        return;
    }
    profile_name_ = ask_profile_name_();
    log_->line(L"profile: " +
               (profile_name_.empty() ? L"(its name could not be found out)" : profile_name_));
    mapi_ = load_outlook_mapi();
    log_->line(mapi_.open_offline_object != nullptr ? L"found: " + mapi_.found : mapi_.problem);
}
// [/start]

void Commands::disconnect() {
    deinit();
    mapi_ = {};
}

void Commands::init() {
    if (is_monitoring_) {
        log_->line(L"Init Monitor: it is monitoring already.");
        return;
    }
    seconds_ = 1;
    attempt();
}

// [init]
bool Commands::monitor() {
    const ComPtr<IMAPIOfflineMgr> object = open();
    if (!object) {
        return false;
    }
    Capabilities capabilities{};
    if (const HRESULT result = ask_capabilities(object.Get(), capabilities); FAILED(result)) {
        log_->line(L"GetCapabilities failed with " + result_text(result) + L".");
        return false;
    }
    if (const HRESULT result =
            main_thread_.begin([this](const CompletedChanges& changes) { changed(changes); });
        FAILED(result)) {
        log_->line(L"CreateWindow failed with " + result_text(result) + L".");
        return false;
    }
    // On any thread, this one included, and perhaps after this object has gone. So the callback
    // owns what it uses: shares of the log, which keeps this DLL loaded, and of the way to the
    // main thread.
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
        return false; // nothing is registered, and the callback goes with its last reference
    }
    registration_ = Registration(object, callback, advise_token);
    is_monitoring_ = true;
    log_->line(std::wstring(L"Init Monitor: monitoring; notifies offline: ") +
               (capabilities.offline ? L"yes" : L"no") + L", online: " +
               (capabilities.online ? L"yes" : L"no") + L".");
    // No notification says the first state. Asked before Advise, it could change unnoticed
    // between the two calls.
    on_state_(state());
    return true;
}
// [/init]

// [deinit]
void Commands::deinit() {
    // First, so that nothing is delivered while Unadvise runs.
    main_thread_.end();
    is_waiting_ = false;
    if (!is_monitoring_) {
        return;
    }
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

// [open]
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
// [/open]

} // namespace offline_state_addin
