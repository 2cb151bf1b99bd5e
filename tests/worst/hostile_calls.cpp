// Asks the worst permitted Outlook for whatever the bytes say: behaviours, objects, arguments, calls inside Notify. It
// must not crash itself, and in the end it must have released what it held.
#include "fuzz/guarded_memory.h"
#include "support/counted.h"

#include <mapioffline.h>
#include <mapioffline_worst.h>

#include <behaviours.h>

#include <wrl/client.h>
#ifdef __GLIBC__
#include <pthread.h>
#endif

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using offline_state_tests::ComPtr;
using offline_state_tests::Counted;
using Object = ComPtr<IMAPIOfflineMgr>;
using offline_state_fuzz::GuardedMemory;

constexpr GUID guids[] = {
    {0xFBEFFD93, 0xB11F, 0x4094, {0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1}}, {1, 2, 3, {}}, {4, 5, 6, {}}};

/// The bytes, and zeros when they are used up. Clients on other threads take from them too.
class Source {
public:
    void refill(const std::uint8_t* data, std::size_t size) {
        const std::lock_guard lock(mutex_);
        bytes_.assign(data, data + size);
        next_ = 0;
    }
    unsigned byte() {
        const std::lock_guard lock(mutex_);
        return next_ < bytes_.size() ? bytes_[next_++] : 0;
    }
    bool empty() {
        const std::lock_guard lock(mutex_);
        return next_ >= bytes_.size();
    }
    bool rarely() { return byte() % 8 == 7; }
    ULONG number() { return byte() | byte() << 8 | byte() << 16 | byte() << 24; }

private:
    std::mutex mutex_;
    std::vector<std::uint8_t> bytes_;
    std::size_t next_ = 0;
};

/// Never destroyed, for a Notify may come while the process ends.
Source& source() {
    static Source& one = *new Source;
    return one;
}

/// The objects that there are. A call inside Notify picks one of them, so that no callback keeps an object alive.
class Slots {
public:
    Object get(unsigned number) {
        const std::lock_guard lock(mutex_);
        return objects_[number % std::size(objects_)];
    }
    void put(unsigned number, Object object) {
        std::unique_lock lock(mutex_);
        objects_[number % std::size(objects_)].Swap(object);
        lock.unlock(); // what was there before is released here, and that may call clients
        object.Reset();
    }

private:
    std::mutex mutex_;
    Object objects_[4];
};

Slots& slots() {
    static Slots& one = *new Slots;
    return one;
}

const std::thread::id main_thread = std::this_thread::get_id();

void make_a_call(const Object& object, bool inside_notify);

class Callback final : public Counted<Callback, IMAPIOfflineNotify> {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const HRESULT result =
            nature_ % 16 == 15 ? E_NOINTERFACE : Counted<Callback, IMAPIOfflineNotify>::QueryInterface(riid, ppvObject);
        if (result != S_OK) {
            *ppvObject = nullptr;
        }
        return nature_ % 32 == 31 ? S_OK : result; // S_OK with null: a lie
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override {
        if (pNotifyInfo->ulSize < sizeof *pNotifyInfo) {
            std::abort();
        }
        if (nature_ % 4 == 1) {
            make_a_call(slots().get(source().byte()), true);
        } else if (nature_ % 8 == 2) {
            throw std::runtime_error("a client's fault");
#ifdef __GLIBC__
        } else if (nature_ % 16 == 3 && std::this_thread::get_id() != main_thread) {
            pthread_exit(nullptr);
#endif
        }
    }

private:
    const unsigned nature_ = source().byte();
};

void advise(const Object& object) {
    const auto callback = Callback::create();
    MAPIOFFLINE_ADVISEINFO info{sizeof info,    7, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
                                callback.Get(), 1, MAPIOFFLINE_STATE_ALL};
    if (source().rarely()) {
        info.ulSize = source().number() % 64;
    }
    if (source().rarely()) {
        info.ulStateMask = source().number();
        info.ulAdviseTypes = source().number();
    }
    // Of a structure that says it is smaller, nothing but ulSize is there to be read.
    const GuardedMemory memory(&info, info.ulSize < sizeof info ? sizeof info.ulSize : sizeof info,
                               alignof(MAPIOFFLINE_ADVISEINFO));
    ULONG token = 0;
    const HRESULT result = object->Advise(source().rarely() ? source().number() : 0,
                                          source().rarely() ? nullptr : memory.as<MAPIOFFLINE_ADVISEINFO>(),
                                          source().rarely() ? nullptr : &token);
    if (result == S_OK && source().byte() % 2 == 0) {
        object->Unadvise(0, token);
    }
}

void query(const Object& object) {
    const IID ids[] = {IID_IUnknown, IID_IMAPIOffline, IID_IMAPIOfflineMgr, IID_IMAPIOfflineNotify};
    ComPtr<IUnknown> face;
    object->QueryInterface(ids[source().byte() % 4],
                           source().rarely() ? nullptr : reinterpret_cast<void**>(face.GetAddressOf()));
}

void make_a_call(const Object& object, bool inside_notify) {
    if (!object) {
        return;
    }
    ULONG value = 0;
    switch (source().byte() % 8) {
    case 0:
    case 1:
        advise(object);
        break;
    case 2:
        object->Unadvise(source().number(), source().byte() % 32);
        break;
    case 3:
        object->GetCapabilities(source().rarely() ? nullptr : &value);
        object->GetCurrentState(source().rarely() ? nullptr : &value);
        break;
    case 4:
        query(object);
        break;
    case 5:
        object->Placeholder6();
        object->Placeholder15();
        break;
    default: {
        const bool blocks = !inside_notify && source().byte() % 2 == 0;
        const ULONG odd = source().rarely() ? source().number() & ~ULONG{MAPIOFFLINE_FLAG_BLOCK} : 0;
        object->SetCurrentState((blocks ? MAPIOFFLINE_FLAG_BLOCK : 0) | odd, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                source().byte() % 4, nullptr);
    }
    }
}

/// A store: what it aggregates lives as long as it does.
class Store final : public IUnknown {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (riid == IID_IUnknown) {
            *ppvObject = this;
            AddRef();
            return S_OK;
        }
        return inner ? inner->QueryInterface(riid, ppvObject) : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            references_ = 2; // the inner object may count on this one while it ends
            delete this;
        }
        return left;
    }

    Object inner;

private:
    std::atomic<ULONG> references_{1};
};

Object create() {
    ComPtr<Store> store;
    *store.GetAddressOf() = new Store;
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, store.Get(), nullptr};
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = source().rarely() ? source().number() : sizeof info;
    info.ulCreateFlags = source().rarely() ? source().number() : 0;
    info.ulCapabilities = source().byte();
    info.pwszProfileName = source().rarely() ? L"second" : L"First";
    const unsigned kind = source().byte() % 4;
    info.pGUID = kind == 2 ? nullptr : &guids[kind == 1 ? 1 + source().byte() % 2 : 0];
    info.pInstance = kind == 1 || source().rarely() ? &guids[1 + source().byte() % 2] : nullptr;
    const GuardedMemory nowhere(nullptr, 0, 1);
    const Object parent = slots().get(source().byte());
    if (kind == 1 || kind == 2) {
        info.pParent = source().rarely() ? nowhere.as<IMAPIOfflineMgr>() : parent.Get();
    }
    info.pMAPISupport = source().rarely() ? nowhere.as<IUnknown>() : nullptr;
    info.pAggregateInfo = kind == 2 ? &aggregate : nullptr;
    const GuardedMemory memory(&info, info.ulSize == sizeof info ? sizeof info : sizeof info.ulSize,
                               alignof(MAPIOFFLINE_CREATEINFO));
    Object object;
    if (HrCreateOfflineObj(0, memory.as<MAPIOFFLINE_CREATEINFO>(), object.GetAddressOf()) != S_OK) {
        *object.GetAddressOf() = nullptr; // which a failed call may leave
        return nullptr;
    }
    if (kind == 2) {
        store->inner = object;
        object.Reset();
        store.As(&object);
    }
    return object;
}

Object open() {
    std::wstring name(source().byte() % 70, static_cast<wchar_t>(source().number()));
    if (!source().rarely()) {
        name = L"fIRST";
    }
    // Nothing behind the 65th unit may be read.
    const std::size_t readable = name.size() > 64 ? 65 : name.size() + 1;
    const GuardedMemory memory(name.c_str(), readable * sizeof(wchar_t), alignof(wchar_t));
    IMAPIOfflineMgr* found = nullptr;
    Object object;
    if (HrOpenOfflineObj(source().rarely() ? 1 : 0, memory.as<const wchar_t>(), &guids[source().rarely() ? 1 : 0],
                         nullptr, source().rarely() ? nullptr : &found) == S_OK) {
        *object.GetAddressOf() = found;
    }
    return object;
}

/// All behaviours but those that hang or end the process, which is what they are for.
std::vector<std::string> harmless_behaviours() {
    std::vector<std::string> names;
    const std::string json = offline_state_worst::behaviours_as_json();
    const std::string before = R"({"name": ")";
    for (std::size_t at = json.find(before); at != std::string::npos; at = json.find(before, at)) {
        at += before.size();
        const std::string name = json.substr(at, json.find('"', at) - at);
        if (name != "block-hangs" && name != "exception-ends" && name != "unadvise-waits-for-all") {
            names.push_back(name);
        }
    }
    return names;
}

void choose_behaviours(bool may_keep) {
    static const std::vector<std::string> all = harmless_behaviours();
    std::string chosen;
    std::mt19937 random(source().number());
    for (const std::string& name : all) {
        chosen += random() % 2 == 0 && (may_keep || name != "keeps-objects") ? (chosen.empty() ? "" : ",") + name : "";
    }
    if (chosen.empty()) {
        chosen = "none";
    }
    if (offline_state_worst_set(chosen.c_str()) != 0) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    source().refill(data, size);
    static bool may_keep = false; // once an object is kept, its callbacks are
    may_keep = may_keep || source().byte() == 255;
    choose_behaviours(may_keep);
    while (!source().empty()) {
        const unsigned slot = source().byte();
        switch (source().byte() % 8) {
        case 0:
        case 1:
            if (source().byte() % 4 == 0 || !slots().get(slot)) {
                slots().put(slot, create());
            }
            break;
        case 2:
            slots().put(slot, open());
            break;
        case 3:
            if (source().rarely()) {
                choose_behaviours(may_keep);
            }
            break;
        default:
            make_a_call(slots().get(slot), false);
        }
    }
    for (unsigned slot = 0; slot < 4; ++slot) {
        slots().put(slot, nullptr);
    }
    offline_state_worst_settle();
    if (Callback::alive() != 0 && !may_keep) {
        std::fprintf(stderr, "\n%d callbacks have not been released\n", Callback::alive());
        std::abort();
    }
    return 0;
}
