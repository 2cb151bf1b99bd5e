#include "run.h"

#include "conformance/statement.h"
#include "machine.h"
#include "samples/client/load_outlook_mapi.h"
#include "specification/specification.h"
#include "watched_library.h"

#include <gtest/gtest.h>

#include <windows.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace offline_state_recorder {

namespace {

namespace specification_tests = offline_state_specification;
using Clock = std::chrono::steady_clock;
using Microsoft::WRL::ComPtr;
using offline_state_samples::load_outlook_mapi;
using offline_state_samples::OutlookMapi;
using specification_tests::Promise;
using specification_tests::Risk;

/// What waits for Outlook to close may not keep it for longer.
constexpr std::chrono::seconds patience_at_the_end{3};

/// A check that makes many calls may take so many time limits, on a busy machine or in a slow Outlook.
constexpr int most_limits = 100;

/// So often in a row nothing happens any more: a library may start a change late.
constexpr int quiet_enough = 10;

constexpr const wchar_t* module_names[] = {L"olmapi32.dll", L"msmapi32.dll"};
constexpr const char* function_names[] = {"HrOpenOfflineObj", "HrOpenOfflineObj@20"};

struct Check {
    std::string name;
    std::string statement;
    Risk risk;
};

/// The first one, which is no test of the specification: look_around().
const Check exports{"Recorder.TheExportHasOneOfTheTwoNamesThatClientsAskFor", "OPEN-5", Risk::reads};

/// What the thread of the checks and the one that watches it share, with whoever is left of them.
struct Shared {
    Mode mode = Mode::reads;
    std::wstring profile;
    std::shared_ptr<Record> record;
    std::shared_ptr<Dialogues> dialogues;
    std::chrono::milliseconds limit{};
    OutlookMapi mapi;
    std::vector<Check> checks;

    std::mutex mutex;
    std::condition_variable changed;
    std::size_t next = 0; // of the checks
    bool in_check = false;
    Clock::time_point began = Clock::now();
    bool all_checked = false;
    bool abandoned = false;
    bool over = false;
    std::optional<ULONG> before; // the state
    std::atomic<bool> stop{false};
};

std::mutex running_mutex;
std::shared_ptr<Shared> running;
std::atomic<bool> thread_of_checks_is_there{false};

constexpr const char* markers = "state-before-";

/// Each profile has its own: with another one the user may record before what this one has left is put back.
std::filesystem::path marker(const std::wstring& profile) {
    return std::filesystem::path(folder()) / (markers + hash_of(profile, "").hash.substr(0, 16) + ".json");
}

std::string id_of(const std::string& statement) {
    return statement.substr(0, statement.find('@'));
}

bool is_decided(const std::string& id) {
    const auto& all = conformance::statements();
    return std::any_of(all.begin(), all.end(), [&](const conformance::Statement& each) {
        return each.id == id && each.kind == "decided here";
    });
}

/// In the order of their risks: what may hang is last.
std::vector<Check> all_checks() {
    std::vector<Check> all;
    for (const Promise& promise : specification_tests::promises()) {
        all.push_back({promise.suite + std::string(".") + promise.name, id_of(promise.statement), promise.risk});
    }
    std::sort(all.begin(), all.end(),
              [](const Check& a, const Check& b) { return std::tie(a.risk, a.name) < std::tie(b.risk, b.name); });
    return all;
}

/// Why this mode leaves it out, or "".
std::string why_not(const Check& check, Mode mode) {
    if (check.risk == Risk::ends_the_process) {
        return "not done in Outlook, which would not survive it";
    }
    if (check.risk >= Risk::breaks_the_contract && mode != Mode::offline_and_back_may_deadlock) {
        return "it may make Outlook hang or crash, and nobody has agreed to that";
    }
    return check.risk >= Risk::changes_the_state && mode == Mode::reads ? "it changes the state" : "";
}

/// The first failure ends a test, and makes it deaf before anything of it goes.
class FirstFailure final : public testing::EmptyTestEventListener {
public:
    void begin(std::thread::id thread) {
        thread_ = thread;
        verdict_ = "pass";
        reason_.clear();
    }
    const std::string& verdict() const { return verdict_; }
    const std::string& reason() const { return reason_; }

private:
    void OnTestPartResult(const testing::TestPartResult& result) override {
        const std::lock_guard lock(mutex_);
        if (!(result.failed() || result.skipped()) || verdict_ != "pass") {
            return;
        }
        verdict_ = result.failed() ? "fail" : "not testable";
        reason_ = specification_tests::in_one_line(result.message());
        WatchedLibrary::make_deaf();
        if (result.failed() && std::this_thread::get_id() == thread_) {
            throw testing::AssertionException(result);
        }
    }

    std::recursive_mutex mutex_;
    std::thread::id thread_;
    std::string verdict_;
    std::string reason_;
};

FirstFailure& first_failure() {
    static FirstFailure* const only = [] {
        testing::InitGoogleTest();
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        auto* const made = new FirstFailure;
        listeners.Append(made);
        return made;
    }();
    return *only;
}

std::optional<ULONG> state_of(const ComPtr<IMAPIOfflineMgr>& object) {
    ULONG state = 0;
    if (!object || object->GetCurrentState(&state) != S_OK) {
        return std::nullopt;
    }
    return state & MAPIOFFLINE_STATE_OFFLINE_MASK;
}

/// Each name in each module, and what the object says first.
void look_around(Shared& shared) {
    const double begun = shared.record->now();
    const char* verdict = "not testable";
    for (const wchar_t* const name : module_names) {
        HMODULE module = nullptr;
        GetModuleHandleExW(0, name, &module);
        shared.record->line(about_module(name, module));
        for (const char* const function : function_names) {
            const FARPROC address = module != nullptr ? GetProcAddress(module, function) : nullptr;
            if (address != nullptr) {
                verdict = "pass";
                ComPtr<IMAPIOfflineMgr> object;
                WatchedLibrary::open_with(reinterpret_cast<HROPENOFFLINEOBJ*>(reinterpret_cast<void*>(address)),
                                          function, utf8(name), shared.profile.c_str(), object.GetAddressOf());
                if (object) {
                    ULONG capabilities = 0;
                    object->GetCapabilities(&capabilities);
                    const std::optional<ULONG> state = state_of(object);
                    const std::lock_guard lock(shared.mutex);
                    shared.before = shared.before ? shared.before : state;
                }
            }
        }
        if (module != nullptr) {
            FreeLibrary(module);
        }
    }
    shared.record->end_check(exports.name, exports.statement, verdict,
                             *verdict == 'p' ? "" : "neither module exports either name", shared.record->now() - begun);
}

/// Writes down what must be put back, in a file that outlives a crash. False when it is unknown or cannot be written.
bool remember(const Shared& shared) {
    if (!shared.before) {
        return false;
    }
    try {
        const std::filesystem::path whole = marker(shared.profile);
        if (std::filesystem::exists(whole)) {
            return true;
        }
        const std::filesystem::path half = whole.wstring() + L".new"; // the file is there as a whole, or not at all
        std::ofstream file(half);
        file << Json{{"before", *shared.before}};
        file.close();
        if (file) {
            std::filesystem::rename(half, whole);
        }
        return !file.fail();
    } catch (const std::exception&) {
        return false;
    }
}

void forget(const std::wstring& profile) {
    std::error_code ignored;
    std::filesystem::remove(marker(profile), ignored);
}

/// Counts the notifications of changes.
class Listener final : public offline_state_tests::Counted<Listener, IMAPIOfflineNotify> {
public:
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* info) override {
        heard_ += info != nullptr && specification_tests::is_of_a_change(*info) ? 1 : 0;
    }
    unsigned heard() const { return heard_; }

private:
    std::atomic<unsigned> heard_{0};
};

/// True when the state is there again. Not a part of the record.
/// @param listens Comes back when nothing is notified any more, so that no check meets a change that it has not asked
///   for; that is why this asks for no more than it must. Not when a Notify may hang, for Unadvise may wait for that.
bool set_back(HROPENOFFLINEOBJ* open, const std::wstring& profile, ULONG before, std::chrono::milliseconds longest,
              bool listens) {
    static Listener& listener = *Listener::create().Detach(); // for ever: Outlook may call late
    ComPtr<IMAPIOfflineMgr> object;
    if (open(0, profile.c_str(), &GUID_GlobalState, nullptr, object.GetAddressOf()) != S_OK || !object) {
        return false;
    }
    MAPIOFFLINE_ADVISEINFO info = specification_tests::advise_info(&listener);
    ULONG token = 0;
    listens = listens && object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token) == S_OK;
    HRESULT result = E_PENDING;
    unsigned heard = 0;
    int quiet = 0;
    for (const auto end = Clock::now() + longest; quiet < quiet_enough && Clock::now() < end; Sleep(5)) {
        if (result != S_OK || state_of(object) != before) {
            result = object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, before, nullptr);
            quiet = 0;
        } else {
            quiet = listener.heard() == heard ? quiet + 1 : 0;
        }
        heard = listener.heard();
    }
    if (listens) {
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    }
    return state_of(object) == before;
}

/// On a thread of its own, for the library may hang now.
bool set_back_in_time(HROPENOFFLINEOBJ* open, const std::wstring& profile, ULONG before,
                      std::chrono::milliseconds longest) {
    struct Result {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<bool> is_back;
    };
    const auto result = std::make_shared<Result>();
    std::thread([=] {
        const bool is_back = set_back(open, profile, before, longest, false);
        const std::lock_guard lock(result->mutex);
        result->is_back = is_back;
        result->changed.notify_all();
    }).detach();
    std::unique_lock lock(result->mutex);
    result->changed.wait_for(lock, longest * 2, [&] { return result->is_back.has_value(); });
    const bool is_back = result->is_back.value_or(false);
    if (is_back) {
        forget(profile);
    }
    return is_back;
}

/// False when the one who watches has given up.
bool begin(Shared& shared, bool a_check) {
    const std::lock_guard lock(shared.mutex);
    shared.in_check = a_check;
    shared.began = Clock::now();
    return !shared.abandoned;
}

/// Its verdict, unless the one who watches has given it.
void end_check(Shared& shared, const std::string& verdict, const std::string& reason, double ms = 0) {
    const std::lock_guard lock(shared.mutex);
    if (!shared.abandoned) {
        const Check& check = shared.checks[shared.next++];
        shared.record->end_check(check.name, check.statement, verdict, reason, ms);
        shared.in_check = false;
    }
}

/// "" when it passes, or why not.
std::string try_check(Shared& shared, const Check& check, std::string& verdict) {
    FirstFailure& failure = first_failure();
    failure.begin(std::this_thread::get_id());
    WatchedLibrary::make_hear();
    GTEST_FLAG_SET(filter, check.name);
    const bool passed = RUN_ALL_TESTS() == 0;
    WatchedLibrary::clean_up(shared.limit / 4);
    verdict = passed || failure.verdict() != "pass" ? failure.verdict() : "fail";
    return failure.reason();
}

/// Not a part of the check: the next one finds what it expects. False when nobody waits for it any more.
bool put_back_between(Shared& shared, const Check& check) {
    if (check.risk < Risk::changes_the_state || !shared.before) {
        return true;
    }
    if (!begin(shared, false)) {
        return false;
    }
    set_back(shared.mapi.open_offline_object, shared.profile, *shared.before, shared.limit / 4, true);
    return true;
}

/// A library may still be busy with what an earlier check has asked for: until it calls no earlier callback any more.
void wait_for_what_is_late(std::chrono::milliseconds longest) {
    unsigned late = WatchedLibrary::late_calls();
    int quiet = 0;
    for (const auto end = Clock::now() + longest; quiet < quiet_enough && Clock::now() < end; ++quiet) {
        Sleep(5);
        const unsigned before = std::exchange(late, WatchedLibrary::late_calls());
        quiet = late == before ? quiet : 0;
    }
}

void run_check(Shared& shared, const Check& check) {
    const auto left =
        std::count_if(shared.checks.begin() + static_cast<std::ptrdiff_t>(shared.next), shared.checks.end(),
                      [&](const Check& each) { return why_not(each, shared.mode).empty(); });
    shared.record->begin_check(check.name, static_cast<std::size_t>(left), shared.checks.size() - shared.next);
    double begun = shared.record->now();
    std::string verdict;
    std::string reason = try_check(shared, check, verdict);
    if (verdict == "fail" && !shared.stop) { // what an earlier check has left may be to blame
        if (!begin(shared, false)) {
            return;
        }
        wait_for_what_is_late(shared.limit / 2);
        if (!put_back_between(shared, check) || !begin(shared, true)) {
            return;
        }
        begun = shared.record->now();
        const std::string again = try_check(shared, check, verdict);
        reason = verdict == "fail" ? again : "the first time: " + reason;
    }
    const double took = shared.record->now() - begun;
    end_check(shared, verdict == "fail" && is_decided(check.statement) ? "differs" : verdict, reason, took);
    put_back_between(shared, check);
}

/// The thread of the checks. When one of them hangs, it is left behind.
void check_all(const std::shared_ptr<Shared>& shared) {
    CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    look_around(*shared);
    for (const Check& check : shared->checks) {
        const std::string left_out = shared->stop ? "Outlook has been closed" : why_not(check, shared->mode);
        if (!begin(*shared, true)) {
            break;
        }
        if (!left_out.empty()) {
            end_check(*shared, check.risk == Risk::ends_the_process && !shared->stop ? "not testable" : "not run",
                      left_out);
        } else if (shared->mapi.open_offline_object == nullptr) {
            end_check(*shared, "not testable", "there is no HrOpenOfflineObj in this process");
        } else if (check.risk >= Risk::changes_the_state && !remember(*shared)) {
            end_check(*shared, "not run", "the state could not be put back after a crash");
        } else {
            run_check(*shared, check);
        }
    }
    CoUninitialize();
    thread_of_checks_is_there = false;
    const std::lock_guard lock(shared->mutex);
    shared->all_checked = true;
    shared->changed.notify_all();
}

/// Waits for the checks; false when one of them hangs: no call of it has returned in time, or it goes on for ever.
bool watch(Shared& shared) {
    std::unique_lock lock(shared.mutex);
    std::size_t slow = 0; // the check that calls all the time
    int limits = 0;       // that it has taken
    for (unsigned calls = 0; !shared.all_checked;) {
        const auto end = shared.began + shared.limit;
        shared.changed.wait_until(lock, end);
        if (Clock::now() >= shared.began + shared.limit && !shared.all_checked) {
            limits = std::exchange(slow, shared.next) == shared.next ? limits + 1 : 1;
            const unsigned before = std::exchange(calls, WatchedLibrary::calls());
            if (calls == before || limits > most_limits) {
                shared.abandoned = true;
                return false;
            }
            shared.began = Clock::now();
        }
    }
    return true;
}

/// Null while the state is put back: no check is to blame then.
const Check* check_that_runs(const Shared& shared) {
    return shared.in_check ? &shared.checks[shared.next] : shared.next == 0 ? &exports : nullptr;
}

void record_a_hang(Shared& shared) {
    const char* const call = specification_tests::current_call().name;
    const std::string reason = (call != nullptr ? call + std::string(" has") : "it has") + " not returned after " +
                               std::to_string(shared.limit.count()) + " ms";
    const Check* const hangs = check_that_runs(shared);
    if (hangs != nullptr) {
        shared.record->end_check(hangs->name, hangs->statement, "hang", reason);
    }
    for (std::size_t i = shared.next + (shared.in_check ? 1 : 0); i < shared.checks.size(); ++i) {
        shared.record->end_check(shared.checks[i].name, shared.checks[i].statement, "not run",
                                 "Outlook has not answered before");
    }
}

/// SET-7 is about a deadlock: it holds when a call that a check makes inside Notify does not come back.
void record_the_deadlock(Shared& shared) {
    if (shared.mode == Mode::offline_and_back_may_deadlock && shared.mapi.open_offline_object != nullptr) {
        const auto [made, returned] = WatchedLibrary::block_inside_notify();
        shared.record->end_check("Recorder.WithBLOCKInsideNotifyDeadlocks", "SET-7",
                                 made == 0       ? "not run"
                                 : returned == 0 ? "pass"
                                                 : "fail",
                                 made == 0       ? "no check has come to this call"
                                 : returned == 0 ? "the call has not returned"
                                                 : "the call has returned");
    }
}

LPTOP_LEVEL_EXCEPTION_FILTER filter_before = nullptr;

/// The process ends: what was learnt is in the record, and this is the last of it.
LONG WINAPI record_a_crash(EXCEPTION_POINTERS* exception) {
    std::shared_ptr<Shared> shared;
    if (const std::unique_lock lock(running_mutex, std::try_to_lock); lock.owns_lock()) {
        shared = running;
    }
    if (shared) {
        if (const Check* const check = check_that_runs(*shared)) {
            shared->record->end_check(check->name, check->statement, "crash",
                                      "exception " + word(exception->ExceptionRecord->ExceptionCode));
        }
        if (shared->mode != Mode::reads && shared->before) {
            shared->record->line({{"line", "state"}, {"before", word(*shared->before)}, {"restored", false}});
        }
    }
    return filter_before != nullptr ? filter_before(exception) : EXCEPTION_CONTINUE_SEARCH;
}

void end_run(const std::shared_ptr<Shared>& shared, bool hangs) {
    if (hangs) {
        record_a_hang(*shared);
    }
    record_the_deadlock(*shared);
    bool is_back = true;
    if (shared->mode != Mode::reads && shared->before) {
        is_back = set_back_in_time(shared->mapi.open_offline_object, shared->profile, *shared->before, shared->limit);
        shared->record->line({{"line", "state"}, {"before", word(*shared->before)}, {"restored", is_back}});
    }
    WatchedLibrary::end();
    shared->record->line({{"line", "end"}, {"ms", shared->record->now()}});
    shared->record->close();
    SetUnhandledExceptionFilter(filter_before);
    {
        const std::lock_guard lock(running_mutex);
        running = nullptr;
    }
    {
        const std::lock_guard lock(shared->mutex);
        shared->over = true;
        shared->changed.notify_all();
    }
    if (!shared->stop) {
        shared->dialogues->tell(
            std::wstring(L"The record is written. \u201COpen the folder\u201D shows it.") +
            (hangs ? L"\n\nA check hangs. Close and start Outlook before you record again." : L"") +
            (is_back ? L""
                     : L"\n\nOutlook is not in the state that it was in: please look at \u201CWork Offline\u201D."));
    }
}

/// A new name each time: recording-2026-11-24-1.jsonl.
std::wstring new_file(const std::string& date) {
    for (int number = 1;; ++number) {
        const std::wstring path = folder() + L"\\recording-" + std::wstring(date.begin(), date.end()) + L"-" +
                                  std::to_wstring(number) + L".jsonl";
        if (!std::filesystem::exists(path)) {
            return path;
        }
    }
}

void pin_this_module() {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       reinterpret_cast<LPCWSTR>(reinterpret_cast<void*>(&pin_this_module)), &module);
}

std::optional<Json> what_was_left(const std::wstring& profile) {
    std::ifstream file(marker(profile));
    const Json left = Json::parse(file, nullptr, false);
    return left.is_object() && left.contains("before") ? std::optional(left) : std::nullopt;
}

} // namespace

const char* name_of(Mode mode) {
    return mode == Mode::reads              ? "reads"
           : mode == Mode::offline_and_back ? "offline-and-back"
                                            : "offline-and-back-may-deadlock";
}

std::wstring folder() {
    wchar_t local[MAX_PATH];
    const DWORD length = GetEnvironmentVariableW(L"LOCALAPPDATA", local, MAX_PATH);
    if (length == 0 || length >= MAX_PATH) {
        throw std::runtime_error("there is no LOCALAPPDATA");
    }
    const std::wstring path = std::wstring(local) + L"\\OfflineStateRecorder";
    CreateDirectoryW(path.c_str(), nullptr); // it may be there already
    return path;
}

std::wstring Run::begin(Mode mode, const std::wstring& profile, const Json& first_line,
                        std::shared_ptr<Dialogues> dialogues) {
    const std::lock_guard lock(running_mutex);
    if (running) {
        return L"A recording is running. It says when it is done.";
    }
    if (thread_of_checks_is_there) {
        return L"A check of an earlier recording still hangs. Close and start Outlook, then record again.";
    }
    pin_this_module();
    const auto shared = std::make_shared<Shared>();
    shared->mode = mode;
    shared->profile = profile;
    shared->dialogues = std::move(dialogues);
    shared->limit = shared->dialogues->limit();
    shared->mapi = load_outlook_mapi();
    shared->checks = all_checks();
    shared->record = std::make_shared<Record>(new_file(first_line["date"]));
    shared->record->line(first_line);
    WatchedLibrary::begin(shared->record, shared->mapi.open_offline_object, mode != Mode::reads);
    auto& library = specification_tests::library();
    library.open = WatchedLibrary::open;
    library.why_no_create = "HrCreateOfflineObj is not called in Outlook";
    library.profile = profile;
    library.cap = shared->limit / 2; // a wait says more than the one who watches, so it is shorter
    library.sends_others = true;
    running = shared;
    filter_before = SetUnhandledExceptionFilter(record_a_crash);
    thread_of_checks_is_there = true;
    std::thread([shared] { check_all(shared); }).detach();
    std::thread([shared] { end_run(shared, !watch(*shared)); }).detach();
    return L"";
}

void Run::stop() {
    std::shared_ptr<Shared> shared;
    {
        const std::lock_guard lock(running_mutex);
        shared = running;
    }
    if (!shared) {
        return;
    }
    shared->stop = true;
    std::unique_lock lock(shared->mutex);
    if (!shared->changed.wait_for(lock, patience_at_the_end, [&] { return shared->over; }) &&
        shared->mode != Mode::reads && shared->before) {
        shared->record->line({{"line", "state"}, {"before", word(*shared->before)}, {"restored", false}});
    }
}

bool Run::is_anything_left() {
    const std::filesystem::directory_iterator files(folder());
    return std::any_of(files, {}, [](const std::filesystem::directory_entry& file) {
        return file.path().filename().u8string().rfind(markers, 0) == 0;
    });
}

bool Run::has_left_a_state(const std::wstring& profile) {
    return what_was_left(profile).has_value();
}

void Run::put_back(const std::wstring& profile, std::shared_ptr<Dialogues> dialogues) {
    const std::optional<Json> left = what_was_left(profile);
    const auto mapi = std::make_shared<OutlookMapi>(load_outlook_mapi());
    if (!left || mapi->open_offline_object == nullptr) {
        dialogues->tell(L"There is no Offline State API here: please look at \u201CWork Offline\u201D yourself.");
        return;
    }
    pin_this_module();
    std::thread([=] {
        const bool is_back =
            set_back_in_time(mapi->open_offline_object, profile, left->value("before", 0U), dialogues->limit());
        dialogues->tell(is_back ? L"Outlook is in the state again that it was in."
                                : L"That has not worked: please look at \u201CWork Offline\u201D yourself.");
    }).detach();
}

void Run::leave_the_state(const std::wstring& profile) {
    forget(profile);
}

} // namespace offline_state_recorder
