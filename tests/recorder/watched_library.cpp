#include "watched_library.h"

#include "specification/client.h"

#include <objbase.h>

#include <wrl/client.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace offline_state_recorder {

namespace {

using Microsoft::WRL::ComPtr;

struct Registration {
    ComPtr<IMAPIOfflineMgr> object;
    ULONG token;
};

/// All of it, on the heap for ever: Outlook may call when the DLL has nothing more to do.
struct Watched {
    std::mutex mutex;
    std::condition_variable nobody_is_inside;
    std::shared_ptr<Record> record;
    HROPENOFFLINEOBJ* open = nullptr;
    bool may_change = false;
    unsigned check = 0; // counts; a callback hears while its own is this one
    bool hears = false;
    int inside = 0;    // functions of the check that Outlook is calling
    unsigned late = 0; // calls of a callback whose check is over
    std::vector<Registration> registrations;
    std::atomic<unsigned> calls{0};  // that have returned
    std::atomic<int> blocks_made{0}; // inside Notify
    std::atomic<int> blocks_returned{0};
};

Watched& watched() {
    static Watched& one = *new Watched;
    return one;
}

thread_local const char* current_call = nullptr;
thread_local bool is_inside_notify = false;

std::shared_ptr<Record> current_record() {
    const std::lock_guard lock(watched().mutex);
    return watched().record;
}

Json check_or_null(const std::string& check) {
    return check.empty() ? Json(nullptr) : Json(check);
}

const char* apartment() {
    APTTYPE type = APTTYPE_MTA;
    APTTYPEQUALIFIER qualifier = APTTYPEQUALIFIER_NONE;
    if (FAILED(CoGetApartmentType(&type, &qualifier))) {
        return "none";
    }
    return type == APTTYPE_STA ? "STA" : type == APTTYPE_NA ? "NA" : type == APTTYPE_MAINSTA ? "main STA" : "MTA";
}

/// Makes a call and records it. `result` says what the out-parameters hold.
template <class Make, class Result>
HRESULT recorded(const char* name, Json arguments, Make make, Result result) {
    const std::shared_ptr<Record> record = current_record();
    const char* const outer = std::exchange(current_call, name);
    const double begun = record ? record->now() : 0;
    const HRESULT answer = make();
    current_call = outer;
    ++watched().calls;
    if (record && !record->leaves_out()) {
        Json line{{"line", "call"}, {"check", check_or_null(record->check())}, {"call", name}};
        if (!arguments.empty()) {
            line["arguments"] = std::move(arguments);
        }
        line["hresult"] = word(static_cast<ULONG>(answer));
        if (Json values = result(answer); !values.empty()) {
            line["result"] = std::move(values);
        }
        line["thread"] = record->this_thread();
        line["ms"] = std::round((record->now() - begun) * 1000) / 1000;
        record->detail(std::move(line));
    }
    return answer;
}

Json nothing(HRESULT) {
    return Json::object();
}

/// What an out-parameter holds: its name and value, or nothing without one.
auto value_of(const char* name, const ULONG* value) {
    return [=](HRESULT) { return value == nullptr ? Json::object() : Json{{name, word(*value)}}; };
}

std::string interface_name(REFIID riid) {
    return riid == IID_IUnknown          ? "IUnknown"
           : riid == IID_IMAPIOffline    ? "IMAPIOffline"
           : riid == IID_IMAPIOfflineMgr ? "IMAPIOfflineMgr"
                                         : "another";
}

/// A check's callback, as Outlook sees it. References are the check's own callback's while that is there.
class WatchedCallback final : public IMAPIOfflineNotify {
public:
    WatchedCallback(IUnknown* inner, unsigned check, std::string name)
        : inner_(inner), check_(check), name_(std::move(name)) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const Inside inside(*this);
        const bool is_ours = riid == IID_IUnknown || riid == IID_IMAPIOfflineNotify;
        HRESULT result = is_ours ? S_OK : E_NOINTERFACE;
        if (inside.hears()) {
            result = inner_->QueryInterface(riid, ppvObject);
            if (result != S_OK || *ppvObject == nullptr || !is_ours) {
                return result;
            }
            if (riid == IID_IMAPIOfflineNotify) {
                notify_ = static_cast<IMAPIOfflineNotify*>(*ppvObject);
            }
        }
        *ppvObject = is_ours ? this : nullptr;
        return result;
    }
    ULONG STDMETHODCALLTYPE AddRef() override {
        const Inside inside(*this);
        return inside.hears() ? inner_->AddRef() : 2;
    }
    ULONG STDMETHODCALLTYPE Release() override { // it is never deleted: Outlook may call late
        const Inside inside(*this);
        return inside.hears() ? inner_->Release() : 1;
    }

    /// No exception may cross into Outlook, though a check that fails inside its Notify ends with one. It is told then.
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* info) override {
        const bool outer = std::exchange(is_inside_notify, true);
        try {
            record_and_pass_on(info);
        } catch (...) {
        }
        is_inside_notify = outer;
    }

private:
    void record_and_pass_on(const MAPIOFFLINE_NOTIFY* info) {
        if (info == nullptr) {
            return;
        }
        if (const std::shared_ptr<Record> record = current_record()) {
            const auto& change = info->Info.StateChange;
            record->detail({{"line", "notification"},
                            {"check", name_},
                            {"type", word(static_cast<ULONG>(info->NotifyType))},
                            {"mask", word(change.ulMask)},
                            {"old", word(change.ulStateOld)},
                            {"new", word(change.ulStateNew)},
                            {"size", info->ulSize},
                            {"thread", record->this_thread()},
                            {"apartment", apartment()},
                            {"ms", record->now()},
                            {"during", current_call == nullptr ? Json(nullptr) : Json(current_call)}});
        }
        const Inside inside(*this, true);
        if (inside.hears()) {
            IMAPIOfflineNotify* const asked_for = notify_;
            (asked_for != nullptr ? asked_for : static_cast<IMAPIOfflineNotify*>(inner_))->Notify(info);
        }
    }

    /// While it lives, and hears, the check's own callback is there.
    class Inside {
    public:
        /// A check that has failed is no longer notified, but its references still count.
        explicit Inside(const WatchedCallback& callback, bool to_notify = false) {
            const std::lock_guard lock(watched().mutex);
            hears_ = watched().check == callback.check_ && (watched().hears || !to_notify);
            watched().late += watched().check == callback.check_ ? 0 : 1;
            watched().inside += hears_ ? 1 : 0;
        }
        ~Inside() {
            const std::lock_guard lock(watched().mutex);
            watched().inside -= hears_ ? 1 : 0;
            watched().nobody_is_inside.notify_all();
        }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        bool hears() const { return hears_; }

    private:
        bool hears_;
    };

    IUnknown* const inner_;
    std::atomic<IMAPIOfflineNotify*> notify_{nullptr};
    const unsigned check_;
    const std::string name_;
};

/// Nobody knows what these do in Outlook: they are not called there.
using ObjectWithoutPlaceholders = offline_state_tests::WithoutPlaceholders<E_ACCESSDENIED>;

/// Outlook's object, as the checks see it.
class WatchedObject final : public offline_state_tests::CountedReferences<WatchedObject, ObjectWithoutPlaceholders> {
public:
    explicit WatchedObject(ComPtr<IMAPIOfflineMgr> real) : real_(std::move(real)) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const HRESULT result = recorded(
            "IMAPIOffline::QueryInterface", {{"interface", interface_name(riid)}},
            [&] { return real_->QueryInterface(riid, ppvObject); }, nothing);
        // IUnknown stays Outlook's own: it is the identity.
        if (result == S_OK && *ppvObject != nullptr && (riid == IID_IMAPIOffline || riid == IID_IMAPIOfflineMgr)) {
            ComPtr<IMAPIOfflineMgr> real;
            real.Attach(static_cast<IMAPIOfflineMgr*>(*ppvObject)); // IMAPIOffline's slots are its first ones
            *ppvObject = static_cast<IMAPIOfflineMgr*>(new WatchedObject(std::move(real)));
        }
        return result;
    }
    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override {
        const int blocks = is_inside_notify && (ulFlags & MAPIOFFLINE_FLAG_BLOCK) != 0 ? 1 : 0;
        watched().blocks_made += blocks;
        const auto make = [&] {
            return watched().may_change ? real_->SetCurrentState(ulFlags, ulMask, ulState, pReserved) : E_ACCESSDENIED;
        };
        const HRESULT result =
            recorded("IMAPIOffline::SetCurrentState",
                     {{"flags", word(ulFlags)}, {"mask", word(ulMask)}, {"state", word(ulState)}}, make, nothing);
        watched().blocks_returned += blocks;
        return result;
    }
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override {
        return recorded(
            "IMAPIOffline::GetCapabilities", Json::object(), [&] { return real_->GetCapabilities(pulCapabilities); },
            value_of("capabilities", pulCapabilities));
    }
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override {
        return recorded(
            "IMAPIOffline::GetCurrentState", Json::object(), [&] { return real_->GetCurrentState(pulState); },
            value_of("state", pulState));
    }
    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override {
        MAPIOFFLINE_ADVISEINFO info{};
        Json arguments = Json::object();
        if (pAdviseInfo != nullptr) {
            info = *pAdviseInfo;
            const auto add = [&](const char* name, ULONG value, ULONG documented) {
                if (value != documented) {
                    arguments[name] = word(value);
                }
            };
            add("flags", ulFlags, MAPIOFFLINE_ADVISE_DEFAULT);
            add("size", info.ulSize, sizeof info);
            add("callbackType", static_cast<ULONG>(info.CallbackType), MAPIOFFLINE_CALLBACK_TYPE_NOTIFY);
            add("adviseTypes", info.ulAdviseTypes, MAPIOFFLINE_ADVISE_TYPE_STATECHANGE);
            add("stateMask", info.ulStateMask, MAPIOFFLINE_STATE_ALL);
            if (info.pCallback != nullptr) {
                const std::lock_guard lock(watched().mutex);
                const std::string name = watched().record ? watched().record->check() : "";
                info.pCallback = new WatchedCallback(info.pCallback, watched().check, name);
            }
        }
        const HRESULT result = recorded(
            "IMAPIOfflineMgr::Advise", std::move(arguments),
            [&] { return real_->Advise(ulFlags, pAdviseInfo == nullptr ? nullptr : &info, pulAdviseToken); },
            value_of("token", pulAdviseToken));
        info = {}; // Outlook must not need it any more
        if (result == S_OK && pulAdviseToken != nullptr) {
            const std::lock_guard lock(watched().mutex);
            watched().registrations.push_back({real_, *pulAdviseToken});
        }
        return result;
    }
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override {
        {
            const std::lock_guard lock(watched().mutex);
            auto& all = watched().registrations;
            all.erase(std::remove_if(all.begin(), all.end(),
                                     [&](const Registration& each) {
                                         return each.token == ulAdviseToken && each.object.Get() == real_.Get();
                                     }),
                      all.end());
        }
        return recorded(
            "IMAPIOfflineMgr::Unadvise", {{"token", word(ulAdviseToken)}},
            [&] { return real_->Unadvise(ulFlags, ulAdviseToken); }, nothing);
    }

private:
    const ComPtr<IMAPIOfflineMgr> real_;
};

HRESULT open_and_watch(const char* name, Json arguments, HROPENOFFLINEOBJ* real, ULONG ulReserved, LPCWSTR profile,
                       const GUID* pGUID, const GUID* pReserved, IMAPIOfflineMgr** ppOfflineObj) {
    const HRESULT result = recorded(
        name, std::move(arguments), [&] { return real(ulReserved, profile, pGUID, pReserved, ppOfflineObj); }, nothing);
    if (result == S_OK && ppOfflineObj != nullptr && *ppOfflineObj != nullptr) {
        ComPtr<IMAPIOfflineMgr> opened;
        opened.Attach(*ppOfflineObj);
        *ppOfflineObj = new WatchedObject(std::move(opened));
    }
    return result;
}

} // namespace

void WatchedLibrary::begin(std::shared_ptr<Record> record, HROPENOFFLINEOBJ* real, bool may_change) {
    const std::lock_guard lock(watched().mutex);
    watched().record = std::move(record);
    watched().open = real;
    watched().may_change = may_change;
    watched().blocks_made = 0;
    watched().blocks_returned = 0;
}

void WatchedLibrary::end() {
    const std::lock_guard lock(watched().mutex);
    watched().hears = false;
    ++watched().check;
    watched().record = nullptr;
}

HRESULT STDMETHODCALLTYPE WatchedLibrary::open(ULONG ulReserved, LPCWSTR pwszProfileName, const GUID* pGUID,
                                               const GUID* pReserved, IMAPIOfflineMgr** ppOfflineObj) {
    // What is as documented is not repeated in each line.
    Json arguments = Json::object();
    const std::wstring& own = offline_state_specification::library().profile;
    arguments["profile"] = pwszProfileName == nullptr ? "null" : own == pwszProfileName ? "its own" : "another";
    if (pGUID == nullptr || *pGUID != GUID_GlobalState) {
        arguments["guid"] = pGUID == nullptr ? "null" : "another";
    }
    if (ulReserved != 0 || pReserved != nullptr) {
        arguments["reserved"] = "not 0";
    }
    return open_and_watch("HrOpenOfflineObj", std::move(arguments), watched().open, ulReserved, pwszProfileName, pGUID,
                          pReserved, ppOfflineObj);
}

HRESULT WatchedLibrary::open_with(HROPENOFFLINEOBJ* real, const char* name, const std::string& module, LPCWSTR profile,
                                  IMAPIOfflineMgr** object) {
    return open_and_watch(name, {{"module", module}}, real, 0, profile, &GUID_GlobalState, nullptr, object);
}

unsigned WatchedLibrary::calls() {
    return watched().calls;
}

WatchedLibrary::BlockInsideNotify WatchedLibrary::block_inside_notify() {
    return {watched().blocks_made, watched().blocks_returned};
}

void WatchedLibrary::make_deaf() {
    const std::lock_guard lock(watched().mutex);
    watched().hears = false;
}

void WatchedLibrary::clean_up(std::chrono::milliseconds longest) {
    std::vector<Registration> left;
    {
        std::unique_lock lock(watched().mutex);
        watched().hears = false;
        watched().nobody_is_inside.wait_for(lock, longest, [] { return watched().inside == 0; });
        ++watched().check;
        left.swap(watched().registrations);
    }
    for (const Registration& each : left) {
        each.object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, each.token);
    }
}

unsigned WatchedLibrary::late_calls() {
    const std::lock_guard lock(watched().mutex);
    return watched().late;
}

void WatchedLibrary::make_hear() {
    const std::lock_guard lock(watched().mutex);
    watched().hears = true;
}

} // namespace offline_state_recorder
