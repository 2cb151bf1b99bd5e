// The five steps as one program: prints each change of the connection state as it is notified.
//
// Expect a line that it is ready; three lines (START, STATECHANGE, DONE) when the machine loses
// its default route, three when it has one again; and a line that it has unadvised after
// Ctrl-C. Page: "The whole client".
#include "monitor/command_line.h"
#include "monitor/connection_source.h"
#include "monitor/options.h"
#include "monitor/output.h"
#include "monitor/standard_streams.h"
#include "step1_implement_notify.h"
#include "step2_open_offline_object.h"
#include "step3_ask_capabilities.h"
#include "step4_advise.h"
#include "step5_unadvise.h"

#include <mapioffline.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace offline_state_samples {
namespace {

/// Says in words which call failed, and with what. Gives the program's exit code.
int failed(const char* call, HRESULT result) {
    char code[16];
    std::snprintf(code, sizeof code, "0x%08X", static_cast<unsigned>(result));
    tell(std::string(call) + " failed with " + code +
         (result == MAPI_E_NOT_FOUND ? ": the profile has no offline object in this process."
                                     : "."));
    return 1;
}

std::vector<std::string> names(const Capabilities& capabilities) {
    std::vector<std::string> names;
    if (capabilities.offline) {
        names.emplace_back("offline");
    }
    if (capabilities.online) {
        names.emplace_back("online");
    }
    return names;
}

/// All that --once wants.
int tell_state(IMAPIOfflineMgr* object, const Capabilities& capabilities, Output& output) {
    ULONG state = 0;
    const HRESULT result = current_state(object, state);
    if (FAILED(result)) {
        return failed("GetCurrentState", result);
    }
    output.state(state_name(state), names(capabilities));
    return 0;
}

// [whole-client]
/// The client. It knows the profile's name and nothing of who plays Outlook; `wait` returns
/// when it is time to go.
int run_client(const std::wstring& profile, bool once, Output& output,
               const std::function<void()>& wait) {
    // Step 1: implement IMAPIOfflineNotify. This is called on Outlook's thread; Output takes
    // care of that.
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([&output](const StateChange& change) {
            output.notification(phase_name(change.phase), state_name(change.state_old),
                                state_name(change.state_new), change.client_token);
        });

    // Step 2: open the offline object of the profile. ComPtr releases it, whichever way we
    // leave.
    ComPtr<IMAPIOfflineMgr> object;
    HRESULT result = open_offline_object(profile.c_str(), object);
    if (FAILED(result)) {
        return failed("HrOpenOfflineObj", result);
    }

    // Step 3: ask which notifications it can give.
    Capabilities capabilities{};
    result = ask_capabilities(object.Get(), capabilities);
    if (FAILED(result)) {
        return failed("GetCapabilities", result);
    }
    if (once) {
        return tell_state(object.Get(), capabilities, output);
    }

    // Step 4: register. The client token is ours: it comes back in each notification.
    constexpr ULONG client_token = 1;
    ULONG advise_token = 0;
    result = advise(object.Get(), callback.Get(), client_token, advise_token);
    if (FAILED(result)) {
        return failed("Advise", result);
    }
    // It unadvises also when an exception takes us out of here.
    Registration registration(object, advise_token);

    // The state to begin with. Asked before Advise, it could change unnoticed between the two
    // calls.
    ULONG state = 0;
    result = current_state(object.Get(), state);
    if (FAILED(result)) {
        return failed("GetCurrentState", result);
    }
    output.ready(state_name(state), names(capabilities), client_token);

    wait();

    // Step 5: unadvise. When end() has returned, no notification is under way and none will
    // come.
    registration.end();
    output.unadvised(client_token);
    return 0;
}
// [/whole-client]

/// The host's part, which is Outlook's where there is one: the profile has its offline object
/// as long as somebody holds it.
HRESULT create_offline_object(LPCWSTR profile_name, ComPtr<IMAPIOfflineMgr>& object) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    const HRESULT result = HrCreateOfflineObj(0, &info, object.ReleaseAndGetAddressOf());
    if (FAILED(result)) {
        failed("HrCreateOfflineObj", result);
    }
    return result;
}

/// Sets the object's state to what the source says.
HRESULT set_state(IMAPIOffline* object, bool online) {
    // BLOCK: returns when the client has been told, so that no change finds another one under
    // way.
    const HRESULT result = object->SetCurrentState(
        MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
        online ? MAPIOFFLINE_STATE_ONLINE : MAPIOFFLINE_STATE_OFFLINE, nullptr);
    if (FAILED(result)) {
        failed("SetCurrentState", result);
    }
    return result;
}

int run(const Options& options) {
    // The first thing, for it catches the signals: from here on Ctrl-C leads to Unadvise.
    const auto source = options.interactive ? follow_keyboard() : follow_network();
    Output output(options.profile, options.json ? Format::json : Format::text,
                  output_is_coloured(), [&source] { source->stop(); });

    ComPtr<IMAPIOfflineMgr> outlook;
    if (FAILED(create_offline_object(options.wide_profile.c_str(), outlook)) ||
        FAILED(set_state(outlook.Get(), source->online()))) {
        return 1;
    }
    const int exit_code = run_client(options.wide_profile, options.once, output, [&] {
        source->run([&outlook](bool online) { set_state(outlook.Get(), online); });
    });
    return exit_code != 0 ? exit_code : output.exit_code();
}

} // namespace
} // namespace offline_state_samples

int main(int argc, char** argv) {
    using namespace offline_state_samples;
    prepare_standard_streams();
    try {
        Options options;
        const auto exit_code = parse_options(command_line(argc, argv), options);
        return exit_code ? *exit_code : run(options);
    } catch (const std::exception& problem) {
        tell(problem.what());
        return 1;
    }
}
