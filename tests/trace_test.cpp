// The trace: what the host's sink receives.
#include "fuzz/guarded_memory.h"
#include "support/offline_state_test.h"

#include "trace_writer.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace offline_state_tests {
namespace {

using offline_state::set_trace_sink;
using offline_state::TraceEvent;

class Trace : public OfflineStateTest {
protected:
    ~Trace() override { set_trace_sink({}); }

    void start() {
        set_trace_sink([this](const TraceEvent& event) {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
        });
    }

    std::vector<TraceEvent> events() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }

    TraceEvent last() const { return events().back(); }

    /// "function(arguments) = result: reason" for each event but those of counts.
    std::vector<std::string> lines() const {
        std::vector<std::string> all;
        for (const TraceEvent& event : events()) {
            const std::string function = event.function;
            if (function == "IUnknown::AddRef" || function == "IUnknown::Release") {
                continue;
            }
            char result[16];
            std::snprintf(result, sizeof result, "0x%08x", static_cast<unsigned>(event.result));
            all.push_back(function + '(' + event.arguments + ")" +
                          (event.kind == TraceEvent::Kind::call ? std::string(" = ") + result : "") +
                          (event.reason.empty() ? "" : ": " + event.reason));
        }
        return all;
    }

private:
    mutable std::mutex mutex_;
    std::vector<TraceEvent> events_;
};

TEST_F(Trace, TellsEveryCallAndEveryNotification) {
    PROVES("TRACE-1@aca3");
    start();
    {
        const offline_state::ManualDispatcher dispatcher;
        offline_state::Host host(profile);
        ComPtr<IMAPIOfflineMgr> object;
        open(profile, object);
        ComPtr<IMAPIOffline> queried;
        object.As(&queried);
        ULONG value = poison;
        object->GetCapabilities(&value);
        object->GetCurrentState(&value);
        const ComPtr<Recorder> callback = Recorder::create();
        const ULONG token = advise(object.Get(), callback.Get(), 7);
        host.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT);
        host.drain();
        unadvise(object.Get(), token);
        object->Placeholder15();
    }
    const std::vector<std::string> expected{
        "HrCreateOfflineObj(ulFlags=0x0 pCreateInfo=set ppOffline=set) = 0x00000000",
        "HrOpenOfflineObj(ulReserved=0x0 pwszProfileNameIn=\"Profile\" pGUID=GUID_GlobalState pReserved=null "
        "ppOfflineObj=set) = 0x00000000",
        "IUnknown::QueryInterface(riid=IID_IMAPIOffline ppvObject=set) = 0x00000000",
        "IMAPIOffline::GetCapabilities(*pulCapabilities=0x3) = 0x00000000",
        "IMAPIOffline::GetCurrentState(*pulState=0x2) = 0x00000000",
        "IMAPIOfflineMgr::Advise(ulFlags=0x0 pAdviseInfo=set *pulAdviseToken=0x1) = 0x00000000",
        "IMAPIOffline::SetCurrentState(ulFlags=0x0 ulMask=0x3 ulState=0x1 pReserved=null) = 0x00000000",
        "IMAPIOfflineNotify::Notify(NotifyType=0x1 ulClientToken=0x7 ulMask=0x3 ulStateOld=0x2 ulStateNew=0x1)",
        "IMAPIOfflineNotify::Notify(NotifyType=0x2 ulClientToken=0x7 ulMask=0x3 ulStateOld=0x2 ulStateNew=0x1)",
        "IMAPIOfflineNotify::Notify(NotifyType=0x3 ulClientToken=0x7 ulMask=0x3 ulStateOld=0x2 ulStateNew=0x1)",
        "IMAPIOfflineMgr::Unadvise(ulFlags=0x0 ulAdviseToken=0x1) = 0x00000000",
        "placeholder() = 0x80004001: a placeholder"};
    EXPECT_EQ(expected, lines());
}

TEST_F(Trace, TellsCounts) {
    PROVES("TRACE-1@aca3");
    const offline_state::Host host(profile);
    start();
    references_of(host.object());
    ASSERT_EQ(2u, events().size());
    EXPECT_STREQ("IUnknown::AddRef", events()[0].function);
    EXPECT_EQ(2, events()[0].result);
    EXPECT_STREQ("IUnknown::Release", events()[1].function);
    EXPECT_EQ(1, events()[1].result);
}

TEST_F(Trace, GivesTheReasonOfEachFailure) {
    PROVES("TRACE-1@aca3 OPEN-3.1@1989");
    offline_state::Host host(profile);
    IMAPIOfflineMgr* object = nullptr;
    start();
    const auto reason = [&](ULONG reserved, LPCWSTR name, const GUID* guid, const GUID* other, IMAPIOfflineMgr** out) {
        HrOpenOfflineObj(reserved, name, guid, other, out);
        return last().reason;
    };
    const GUID* const guid = &GUID_GlobalState;
    EXPECT_EQ("ulReserved is not 0", reason(1, profile, guid, nullptr, &object));
    EXPECT_EQ("the profile's name is null, empty or longer than 64 characters",
              reason(0, nullptr, guid, nullptr, &object));
#ifndef _WIN32
    alignas(wchar_t) const char16_t two_byte_units[] = u"Outlook";
    EXPECT_EQ("the profile's name has a unit above 0x10FFFF: probably 2-byte units where wchar_t has 4",
              reason(0, reinterpret_cast<LPCWSTR>(two_byte_units), guid, nullptr, &object));
#endif
    EXPECT_EQ("pGUID does not point to GUID_GlobalState", reason(0, profile, nullptr, nullptr, &object));
    const offline_state_fuzz::GuardedMemory nowhere(nullptr, 0, 1); // it is not read
    EXPECT_EQ("pReserved is not null", reason(0, profile, guid, nowhere.as<const GUID>(), &object));
    EXPECT_EQ("ppOfflineObj is null", reason(0, profile, guid, nullptr, nullptr));
    EXPECT_EQ("no host in this process has created an object for this profile",
              reason(0, L"Nobody", guid, nullptr, &object));
    HrCreateOfflineObj(0, nullptr, &object);
    EXPECT_EQ("pCreateInfo is null", last().reason);
    host.object()->SetCurrentState(4, 0, 0, nullptr);
    EXPECT_EQ("ulFlags is neither MAPIOFFLINE_FLAG_DEFAULT nor MAPIOFFLINE_FLAG_BLOCK", last().reason);
    host.object()->Advise(0, nullptr, nullptr);
    EXPECT_EQ("pAdviseInfo is null", last().reason);
    host.object()->QueryInterface(GUID_GlobalState, nullptr);
    EXPECT_EQ("ppvObject is null", last().reason);
    EXPECT_EQ("riid=GUID_GlobalState ppvObject=null", last().arguments);
    const IID unknown{0x0012AB34, 5, 0x67, {0x89, 0xAB, 1, 2, 3, 4, 5, 6}};
    void* face = nullptr;
    host.object()->QueryInterface(unknown, &face);
    EXPECT_EQ("the object has no such interface", last().reason);
    EXPECT_EQ("riid={0012AB34-0005-0067-89AB-010203040506} ppvObject=set", last().arguments);
    host.object()->GetCurrentState(nullptr);
    EXPECT_EQ("pulState is null", last().reason);
    EXPECT_EQ("pulState=null", last().arguments);
}

TEST_F(Trace, ShowsNamesThatAreNoTextWithoutAddresses) {
    PROVES("TRACE-1@aca3");
    start();
    ComPtr<IMAPIOfflineMgr> object;
    open(L"B\u00e4r \"x\"\\\n", object);
    EXPECT_EQ("ulReserved=0x0 pwszProfileNameIn=\"B\\u{e4}r \\u{22}x\\u{22}\\u{5c}\\u{a}\" pGUID=GUID_GlobalState "
              "pReserved=null ppOfflineObj=set",
              last().arguments);
    open(std::wstring(10'000, L'x').c_str(), object);
    EXPECT_NE(std::string::npos, last().arguments.find(std::string(65, 'x') + "...\"")) << last().arguments;
}

TEST_F(Trace, TellsAnExceptionThatLeavesNotify) {
    PROVES("TRACE-1@aca3 NOTIFY-7@d438");
    offline_state::Host host(profile);
    const Client throwing(
        host.object(), [](const MAPIOFFLINE_NOTIFY&) { throw std::runtime_error("a client's bug"); }, 9);
    start();
    host.work_offline(true);
    const std::vector<TraceEvent> all = events();
    EXPECT_EQ(3, std::count_if(all.begin(), all.end(), [](const TraceEvent& event) {
                  return event.kind == TraceEvent::Kind::exception &&
                         event.reason == "the client's function threw an exception" &&
                         event.arguments.find("ulClientToken=0x9") != std::string::npos;
              }));
}

TEST_F(Trace, IsWrittenToAFile) {
    PROVES("TRACE-5@8a01");
    const std::vector<TraceEvent> all{
        {TraceEvent::Kind::call, "HrOpenOfflineObj", R"(pwszProfileNameIn="B\u{e4}r")", MAPI_E_NOT_FOUND, "nobody"},
        {TraceEvent::Kind::call, "IUnknown::AddRef", "", 2, ""},
        {TraceEvent::Kind::call, "IMAPIOfflineMgr::Advise", "", static_cast<HRESULT>(0x8004'0FFF), ""},
        {TraceEvent::Kind::notification, "IMAPIOfflineNotify::Notify", "NotifyType=0x1", S_OK, ""},
        {TraceEvent::Kind::exception, "IMAPIOfflineNotify::Notify", "", E_FAIL, "threw"},
    };
    const auto written = [&](const char* name) {
        std::remove(name);
        const offline_state::TraceSink writer =
            offline_state::trace_writer(offline_state::SystemText(name, name + std::strlen(name)));
        std::for_each(all.begin(), all.end(), writer);
        std::thread([&] { writer(all.back()); }).join();
        std::ifstream file(name);
        std::string text(std::istreambuf_iterator<char>(file), {});
        file.close();
        std::remove(name);
        return text;
    };
    const std::string as_text = written("trace_test.txt");
    const std::string here = as_text.substr(0, as_text.find(' ')); // the threads are counted in the process
    const std::size_t last = as_text.rfind('[');
    const std::string there = as_text.substr(last, as_text.find(' ', last) - last);
    EXPECT_NE(here, there);
    EXPECT_EQ(here + " HrOpenOfflineObj = MAPI_E_NOT_FOUND: nobody (pwszProfileNameIn=\"B\\u{e4}r\")\n" + here +
                  " IUnknown::AddRef = 2\n" + here + " IMAPIOfflineMgr::Advise = 0x80040FFF\n" + here +
                  " IMAPIOfflineNotify::Notify (NotifyType=0x1)\n" + here + " IMAPIOfflineNotify::Notify: threw\n" +
                  there + " IMAPIOfflineNotify::Notify: threw\n",
              as_text);
    const std::string as_json = written("trace_test.jsonl");
    EXPECT_EQ(R"(, "kind": "call", "function": "HrOpenOfflineObj", "arguments": "pwszProfileNameIn=\"B\\u{e4}r\"", )"
              R"("result": "MAPI_E_NOT_FOUND", "reason": "nobody"})",
              as_json.substr(as_json.find(','), as_json.find('\n') - as_json.find(',')));
    EXPECT_EQ(6, std::count(as_json.begin(), as_json.end(), '\n'));
}

TEST_F(Trace, SurvivesASinkThatThrowsOrCallsBack) {
    PROVES("TRACE-3@05e7 NOTIFY-7@d438");
    offline_state::Host host(profile);
    ComPtr<IMAPIOfflineMgr> object;
    const ComPtr<Recorder> throws = Recorder::create([](const MAPIOFFLINE_NOTIFY&) { throw 42; });
    const ULONG token = advise(host.object(), throws.Get());
    int thrown = 0; // three times at the least by each of the two
    set_trace_sink([&](const TraceEvent&) {
        ++thrown;
        throw 42;
    });
    EXPECT_EQ(S_OK, open(profile, object));
    EXPECT_EQ(S_OK, host.work_offline(true));
    EXPECT_EQ(going_offline, throws->texts());
    EXPECT_EQ(S_OK, unadvise(host.object(), token));
    EXPECT_LE(6, thrown);
    FAULTS("sink", thrown);

    int depth = 0;
    int calls = 0;
    set_trace_sink([&](const TraceEvent&) {
        ++calls;
        if (depth++ == 0) {
            state_of(host.object());
            set_trace_sink({}); // may even remove itself
        }
        --depth;
    });
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), state_of(host.object()));
    EXPECT_EQ(2, calls);
}

} // namespace
} // namespace offline_state_tests
