// Plays Outlook for the recorder, one start and one close of it, and prints what the user is asked and told.
#include "samples/addin/addin_interfaces.h"
#include "samples/addin/late_binding.h"
#include "windows/addin_host/fake_dispatch.h"
#include "windows/loaded_library.h"
#include "windows/message_loop.h"

#include <mapioffline.h>

#include <CLI/CLI.hpp>

#include <windows.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

namespace offline_state_tests {
namespace {

using offline_state_addin::Variant;

struct Options {
    std::string addin; // "" for the one that is registered
    std::vector<std::string> libraries;
    std::vector<std::string> presses;               // reads, back, deadlock, folder
    std::string profile = u8"Zo\u00EB M\u00FCller"; // a person's: it must not be in a record
    std::string home;
    std::string in_the_middle; // close, kill, press
    bool puts_back = true;     // the answer when a run has ended in the middle
    long limit = 10'000;
    long account = -1;
    long exchange_mode = 0;
};

std::wstring wide(const std::string& text) {
    return std::filesystem::u8path(text).wstring();
}

void print(const std::string& line) {
    static std::mutex& mutex = *new std::mutex;
    const std::lock_guard lock(mutex);
    std::puts(line.c_str());
    std::fflush(stdout);
}

/// Outlook's own: the profile's object, where the library can create it.
class Profile {
public:
    explicit Profile(const Options& options) {
        for (const std::string& path : options.libraries) {
            const HMODULE module = LoadLibraryW(wide(path).c_str());
            if (module == nullptr) {
                throw CLI::ValidationError("--library", "cannot load " + path);
            }
            if (!object_ && find<HRCREATEOFFLINEOBJ>(module, "HrCreateOfflineObj") != nullptr) {
                object_ = create_object(module, wide(options.profile).c_str());
            }
        }
    }

    std::string state() const {
        ULONG state = 0;
        return !object_ || object_->GetCurrentState(&state) != S_OK                   ? "none"
               : (state & MAPIOFFLINE_STATE_OFFLINE_MASK) == MAPIOFFLINE_STATE_ONLINE ? "online"
                                                                                      : "offline";
    }

private:
    ComPtr<IMAPIOfflineMgr> object_;
};

class Outlook {
public:
    explicit Outlook(const Options& options) : options_(options) {
        stand_in_ = FakeDispatch::create({{L"Ask", answer([this](const std::string& text) { return asked(text); })},
                                          {L"Tell", answer([this](const std::string& text) {
                                               print("told: " + text);
                                               ++told_;
                                               PostThreadMessageW(thread_, WM_NULL, 0, 0);
                                               return true;
                                           })},
                                          {L"OpenFolder", answer([](const std::string& text) {
                                               print("opened: " + text);
                                               return true;
                                           })},
                                          {L"Limit", FakeDispatch::number(options.limit)}});
        const ComPtr<FakeDispatch> account =
            FakeDispatch::create({{L"AccountType", FakeDispatch::number(options_.account)},
                                  {L"SmtpAddress", FakeDispatch::text(L"zoe.mueller@example.com")}});
        const ComPtr<FakeDispatch> accounts = FakeDispatch::create(
            {{L"Count", FakeDispatch::number(account_count_)}, {L"Item", FakeDispatch::object(account)}});
        account_count_ = options_.account < 0 ? 0 : 1;
        const ComPtr<FakeDispatch> session =
            FakeDispatch::create({{L"CurrentProfileName", FakeDispatch::text(wide(options_.profile).c_str())},
                                  {L"Accounts", FakeDispatch::object(accounts)},
                                  {L"ExchangeConnectionMode", FakeDispatch::number(options_.exchange_mode)}});
        application_ = FakeDispatch::create({{L"Session", FakeDispatch::object(session)},
                                             {L"Version", FakeDispatch::text(L"16.0.0.17928")},
                                             {L"StandIn", FakeDispatch::object(stand_in_)}});
        start();
    }

    void press(const std::string& button) {
        print("press: " + button);
        may_deadlock_ = button == "deadlock";
        const int before = told_;
        call(button == "reads"    ? L"OnRecordReads"
             : button == "folder" ? L"OnOpenTheFolder"
                                  : L"OnRecordOfflineAndBack");
        if (options_.in_the_middle.empty()) {
            wait(before + (button == "folder" ? 0 : 1));
        }
    }

    /// Until so much has been told.
    void wait(int count) {
        if (!pump_until([&] { return told_ >= count; })) {
            print("nothing more is told");
        }
    }

    void close() {
        print("close");
        addin_->OnBeginShutdown(nullptr);
        addin_->OnDisconnection(ext_dm_HostShutdown, nullptr);
        dispatch_.Reset();
        addin_.Reset();
    }

    int told() const { return told_; }

private:
    template <class Function>
    static FakeDispatch::Member answer(Function function) {
        return [function](const DISPPARAMS& arguments, VARIANT* result) {
            const bool yes = function(std::filesystem::path(arguments.rgvarg[0].bstrVal).u8string());
            result->vt = VT_BOOL;
            result->boolVal = yes ? VARIANT_TRUE : VARIANT_FALSE;
            return S_OK;
        };
    }

    bool asked(const std::string& text) {
        print("asked: " + text);
        ++questions_;
        if (text.find("Put the state back") != std::string::npos) {
            return options_.puts_back;
        }
        return text.find("may not survive") == std::string::npos || may_deadlock_;
    }

    void start() {
        const auto begun = std::chrono::steady_clock::now();
        if (options_.addin.empty()) {
            CLSID clsid{};
            CLSIDFromProgID(L"OfflineState.Recorder", &clsid);
            CoCreateInstance(clsid, nullptr, CLSCTX_INPROC_SERVER, __uuidof(IDTExtensibility2),
                             reinterpret_cast<void**>(addin_.GetAddressOf()));
        } else if (const HMODULE module = LoadLibraryW(wide(options_.addin).c_str())) {
            constexpr CLSID recorder{0xB57D3E10, 0x6A4C, 0x4F0B, {0x9C, 0x1D, 0x83, 0x5E, 0x27, 0xF4, 0x60, 0xA9}};
            ComPtr<IClassFactory> factory;
            find<std::remove_pointer_t<LPFNGETCLASSOBJECT>>(module, "DllGetClassObject")(
                recorder, IID_IClassFactory, reinterpret_cast<void**>(factory.GetAddressOf()));
            factory->CreateInstance(nullptr, __uuidof(IDTExtensibility2),
                                    reinterpret_cast<void**>(addin_.GetAddressOf()));
        }
        if (!addin_) {
            throw CLI::ValidationError("--addin", "the recorder cannot be created");
        }
        addin_.As(&dispatch_);
        addin_->OnConnection(application_.Get(), ext_cm_Startup, nullptr, nullptr);
        addin_->OnStartupComplete(nullptr);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
        print("started in " + std::to_string(took.count()) + " ms");
        if (questions_ > 0 && options_.puts_back) {
            wait(1);
        }
    }

    void call(const wchar_t* callback) {
        std::wstring name = callback;
        LPOLESTR names = name.data();
        DISPID id = DISPID_UNKNOWN;
        dispatch_->GetIDsOfNames(IID_NULL, &names, 1, LOCALE_USER_DEFAULT, &id);
        DISPPARAMS none{};
        dispatch_->Invoke(id, IID_NULL, LOCALE_USER_DEFAULT, DISPATCH_METHOD, &none, nullptr, nullptr, nullptr);
    }

    const Options& options_;
    const DWORD thread_ = GetCurrentThreadId();
    std::atomic<int> told_{0};
    int questions_ = 0;
    bool may_deadlock_ = false;
    long account_count_ = 0;
    ComPtr<FakeDispatch> stand_in_;
    ComPtr<FakeDispatch> application_;
    ComPtr<IDTExtensibility2> addin_;
    ComPtr<IDispatch> dispatch_;
};

/// That a run is in the middle of something: the file that says what to put back is there.
bool is_in_the_middle(const Options& options) {
    const auto records = std::filesystem::u8path(options.home) / "AppData" / "Local" / "OfflineStateRecorder";
    std::error_code not_there_yet;
    const std::filesystem::directory_iterator files(records, not_there_yet);
    return std::any_of(files, {}, [](const std::filesystem::directory_entry& file) {
        return file.path().extension() == ".json" && file.path().stem().u8string().rfind("state-before-", 0) == 0;
    });
}

void play(const Options& options) {
    const std::wstring home =
        std::filesystem::absolute(std::filesystem::u8path(options.home)).make_preferred().wstring();
    SetEnvironmentVariableW(L"USERPROFILE", home.c_str());
    SetEnvironmentVariableW(L"LOCALAPPDATA", (home + L"\\AppData\\Local").c_str());
    std::filesystem::create_directories(home + L"\\AppData\\Local");
    CoInitialize(nullptr); // Outlook's main thread is a single-threaded apartment
    const Profile profile(options);
    Outlook outlook(options);
    for (const std::string& button : options.presses) {
        outlook.press(button);
        if (!options.in_the_middle.empty()) {
            while (!is_in_the_middle(options) && outlook.told() == 0) {
                pump();
            }
            if (options.in_the_middle == "kill") {
                print("killed");
                TerminateProcess(GetCurrentProcess(), 9);
            }
            if (options.in_the_middle == "press") {
                outlook.press("reads");
                outlook.wait(2);
            }
        }
    }
    outlook.close();
    print("state: " + profile.state());
    std::_Exit(0); // a check that hangs has a thread, and some libraries too
}

} // namespace
} // namespace offline_state_tests

int main(int argc, char** argv) {
    offline_state_tests::Options options;
    CLI::App app("Plays Outlook for the recorder.");
    app.add_option("--addin", options.addin, "The recorder's DLL; without it, the one that is registered");
    app.add_option("--library", options.libraries, "Outlook's library; may be there several times, or not at all");
    app.add_option("--press", options.presses, "reads, back, deadlock or folder, in this order");
    app.add_option("--profile", options.profile, "The name of the profile with which Outlook is started");
    app.add_option("--home", options.home, "The user's folder")->required();
    app.add_option("--in-the-middle", options.in_the_middle, "close, kill, or press a second button");
    app.add_flag("!--leave", options.puts_back, "Do not put the state back");
    app.add_option("--limit", options.limit, "What a check may take, in ms");
    app.add_option("--account", options.account, "OlAccountType of the only account; -1 for none");
    app.add_option("--exchange-mode", options.exchange_mode, "ExchangeConnectionMode");
    try {
        app.parse(argc, argv);
        offline_state_tests::play(options);
    } catch (const CLI::Error& error) {
        return app.exit(error);
    }
    return 0;
}
