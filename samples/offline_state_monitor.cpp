// The five steps as one program: prints each change of the connection state as it is notified.
//
// Expect a line that it is ready; three lines (START, STATECHANGE, DONE) when the machine loses
// its default route, three when it has one again; and a line that it has unadvised after
// Ctrl-C. Page: "The whole client".
#define INITGUID // in one source file: Outlook's DLL does not bring the identifiers
#include <mapioffline.h>

#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step3_ask_capabilities.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"
#include "monitor/connection_source.h"
#include "monitor/output.h"
#include "monitor/program.h"

#include <CLI/CLI.hpp>

#include <thread>

namespace offline_state_samples {
namespace {

// [whole-client]
/// The client. It knows the profile's name, but not who plays Outlook. `wait` returns when it
/// is time to go.
void run_client(const std::wstring& profile, bool once, const std::shared_ptr<Output>& output,
                const std::function<void()>& wait) {
    // Step 1: implement IMAPIOfflineNotify. Outlook may call it on any thread, this one
    // included, and no page rules out that it does so after we have gone. So the callback
    // shares the Output, which any thread may use.
    const ComPtr<OfflineNotify> callback = OfflineNotify::create(
        [output](const StateChange& change) { output->notification(change); });

    // Step 2: open the offline object of the profile. ComPtr releases it on every way out.
    ComPtr<IMAPIOfflineMgr> object;
    check(open_offline_object(HrOpenOfflineObj, profile.c_str(), object), "HrOpenOfflineObj");

    // Step 3: ask which notifications it can give.
    Capabilities capabilities{};
    check(ask_capabilities(object.Get(), capabilities), "GetCapabilities");
    ULONG state = 0;
    if (once) {
        check(current_state(object.Get(), state), "GetCurrentState");
        output->state(state, capabilities);
        return;
    }

    // Step 4: register. The client token is ours: it comes back in each notification.
    constexpr ULONG client_token = 1;
    ULONG advise_token = 0;
    check(advise(object.Get(), callback.Get(), client_token, advise_token), "Advise");
    // It unadvises also when an exception takes us out of here.
    Registration registration(object, callback, advise_token);

    // The first state. Asked before Advise, it could change unnoticed between the two calls.
    check(current_state(object.Get(), state), "GetCurrentState");
    output->ready(state, capabilities, client_token);

    wait();

    // Step 5: unadvise. No page says whether a notification can still come after it; that none
    // does is decided by the reference (UNADVISE-3). The Output ignores one that comes.
    registration.end();
    output->unadvised(client_token);
}
// [/whole-client]

int run(const std::string& profile_name, bool json, bool once, bool interactive) {
    const std::wstring profile = wide_from_utf8(profile_name).value_or(L"");
    const auto loop = std::make_shared<MainLoop>();
    const auto output = std::make_shared<Output>(profile_name, json, output_is_coloured(),
                                                 [loop] { loop->stop(); });

    // The host's part, which is Outlook's where there is one: the profile has its offline
    // object as long as somebody holds it.
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile.c_str();
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    ComPtr<IMAPIOfflineMgr> outlook;
    check(HrCreateOfflineObj(0, &info, outlook.GetAddressOf()), "HrCreateOfflineObj");
    const OnChange set_state = [&outlook](bool online) {
        // BLOCK returns when the client has been notified: no change finds another under way.
        HRESULT result = E_PENDING;
        while (result == E_PENDING) { // also when somebody else has asked for a change
            result = outlook->SetCurrentState(
                MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                online ? MAPIOFFLINE_STATE_ONLINE : MAPIOFFLINE_STATE_OFFLINE, nullptr);
            std::this_thread::yield();
        }
        if (FAILED(result)) {
            print_error(failure("SetCurrentState", result));
        }
    };

    // From here on Ctrl-C leads to Unadvise.
    const auto system = follow_system(loop, interactive ? OnChange() : set_state);
    if (interactive) {
        follow_keyboard(loop, set_state);
    }
    run_client(profile, once, output, [&loop] { loop->run(); });
    return output->exit_code();
}

/// For CLI11: empty when the name will do, else why not. 64 is MAPI's cchProfileNameMax.
std::string check_profile(const std::string& profile) {
    const auto is_control = [](wchar_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); };
    const auto wide = wide_from_utf8(profile);
    const bool will_do = wide && !wide->empty() && wide->size() <= 64 &&
                         std::none_of(wide->begin(), wide->end(), is_control);
    return will_do ? ""
                   : "a profile's name is valid UTF-8 of 1 to 64 characters, none of them a "
                     "control character.";
}

} // namespace
} // namespace offline_state_samples

int main(int argc, char** argv) {
    using namespace offline_state_samples;
    prepare_standard_streams();
    std::string profile = "Outlook";
    CLI::App app("Prints each change of the connection state that the Offline State API "
                 "notifies.\nPlays Outlook's part with the state of this machine's network: no "
                 "default route means offline.",
                 "offline_state_monitor");
    app.add_option("--profile", profile,
                   "The profile to monitor, 1 to 64 characters (default: Outlook)")
        ->type_name("NAME")
        ->take_last()
        ->check(CLI::Validator(check_profile, ""));
    const auto add_flag = [&app](const char* name, const std::string& help) {
        return app.add_flag(name, help)->disable_flag_override();
    };
    const auto* const json = add_flag("--json", "Print JSON, one object a line");
    const auto* const once = add_flag("--once", "Print the current state and exit");
    const auto* const interactive = add_flag(
        "--interactive",
        "Read offline, online and quit from the keyboard, instead of following the network");
    app.footer("Exit codes: 0 it ended as you asked, 1 a call has failed, 2 a wrong option.");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.set_version_flag("--version", "offline_state_monitor " OFFLINE_STATE_VERSION,
                         "Print the version and exit");
    try {
        auto arguments = command_line(argc, argv);
        if (std::count(arguments.begin(), arguments.end(), "--profile=") != 0) {
            // CLI11 would take the next argument for the name.
            throw CLI::ValidationError("--profile", check_profile(""));
        }
        std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
        app.parse(arguments);
        return run(profile, !json->empty(), !once->empty(), !interactive->empty());
    } catch (const CLI::CallForHelp&) {
        return print(app.help()).value_or(0);
    } catch (const CLI::CallForVersion&) {
        return print(app.version() + "\n").value_or(0);
    } catch (const CLI::ParseError& error) {
        app.description("");
        print_error(error.what() + ("\n\n" + app.help()));
        return 2;
    } catch (const std::exception& problem) {
        print_error(problem.what());
        return 1;
    }
}
