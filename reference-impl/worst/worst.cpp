// The worst permitted Outlook. With no behaviour on it does what the reference does; `on(Behaviour::…)` shows each
// place where it may do otherwise. Read it beside the statements, the two functions at the end first.
#define INITGUID
#include <mapioffline.h>
#include <mapioffline_worst.h>

#include "profile_name.h"
#include "world.h"

#include <algorithm>
#include <cstdio>

namespace offline_state_worst {

void hang(const char* sentence) {
    std::fprintf(stderr, "OFFLINE_STATE_WORST: %s\n", sentence);
    std::mutex mutex;
    Lock lock(mutex);
    for (std::condition_variable never;;) { // nobody notifies it
        never.wait(lock);
    }
}

/// What clients have pointers to. Of one object there may be several.
class Face final : public IMAPIOfflineMgr {
public:
    enum class Identity {
        own,     // it counts its own references, and holds one on the object if that is another face
        object,  // it counts the object's references
        another, // it counts its own references, and holds one on the object whose identity it has
        outer    // the outer object counts them
    };

    /// Call it with the lock held.
    Face(Object& object, Identity identity, IUnknown* controlling);
    Face(const Face&) = delete;
    Face& operator=(const Face&) = delete;
    ~Face();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override;
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override;
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override;
    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return not_supported(); }

private:
    static HRESULT not_supported() { return on(Behaviour::other_results) ? E_FAIL : E_NOTIMPL; }

    Object& object_;
    const Identity identity_;
    IUnknown* const controlling_; // null, or the object that it holds or whose identity it has
    std::atomic<ULONG> references_{1};
};

namespace {

/// No Notify begins while a process ends: what it uses may be gone.
struct AtExit {
    ~AtExit() { world().ending = true; }
} at_exit;

HRESULT give(ULONG* out, ULONG value) {
    if (out == nullptr) {
        return on(Behaviour::other_results) ? E_POINTER : E_INVALIDARG;
    }
    *out = value | extra_bits();
    return S_OK;
}

} // namespace

Face::Face(Object& object, Identity identity, IUnknown* controlling)
    : object_(object), identity_(identity), controlling_(controlling) {
    world().faces[this] = &object;
}

Face::~Face() {
    const Lock lock(world().mutex);
    world().faces.erase(this);
}

HRESULT Face::QueryInterface(REFIID riid, void** ppvObject) {
    if (ppvObject == nullptr) {
        return E_POINTER;
    }
    *ppvObject = nullptr;
    if (identity_ == Identity::outer || identity_ == Identity::another) {
        return call(E_NOINTERFACE, [&] { return controlling_->QueryInterface(riid, ppvObject); });
    }
    const bool is_base = riid == IID_IUnknown;
    if (!is_base && riid != IID_IMAPIOffline && riid != IID_IMAPIOfflineMgr) {
        return E_NOINTERFACE;
    }
    Face* face = this;
    if (!is_base && on(Behaviour::tear_offs)) {
        IUnknown* const controlling =
            identity_ == Identity::object && object_.outer != nullptr ? object_.outer : static_cast<IUnknown*>(this);
        const HRESULT result = answer([&] {
            const Lock lock(world().mutex);
            face = new Face(object_, Identity::another, controlling);
            return S_OK;
        });
        if (result != S_OK) {
            return result;
        }
        call([&] { controlling->AddRef(); });
    } else {
        face = !is_base && object_.inside_outer != nullptr ? object_.inside_outer.get() : this;
        face->AddRef();
    }
    *ppvObject = static_cast<IMAPIOfflineMgr*>(face);
    return S_OK;
}

ULONG Face::AddRef() {
    if (identity_ == Identity::outer) {
        return call(ULONG{0}, [&] { return controlling_->AddRef(); });
    }
    if (identity_ == Identity::object) {
        const Lock lock(world().mutex);
        return ++object_.references;
    }
    return ++references_;
}

ULONG Face::Release() {
    if (identity_ == Identity::outer) {
        return call(ULONG{0}, [&] { return controlling_->Release(); });
    }
    if (identity_ == Identity::object) {
        ObjectPtr object = object_.shared_from_this();
        for (bool is_first = true; object != nullptr; is_first = false) {
            Lock lock(world().mutex);
            const ULONG left = --object->references;
            if (left > 0) {
                return is_first ? left : 0;
            }
            auto& all = world().objects;
            all.erase(std::remove(all.begin(), all.end(), object), all.end());
            lock.unlock();
            end_registrations(object);
            object = object->parent; // on which it held a reference; with the first one, this face is gone
        }
        return 0;
    }
    const ULONG left = --references_;
    if (left == 0) {
        IUnknown* const controlling = controlling_;
        delete this;
        call([&] { controlling->Release(); });
    }
    return left;
}

HRESULT Face::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    return answer([&] { return set_state(object_.shared_from_this(), ulFlags, ulMask, ulState, pReserved); });
}

HRESULT Face::GetCapabilities(ULONG* pulCapabilities) {
    return give(pulCapabilities, object_.capabilities);
}

HRESULT Face::GetCurrentState(ULONG* pulState) {
    const Lock lock(world().mutex);
    return give(pulState, object_.state);
}

HRESULT Face::Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken) {
    return answer([&] { return advise(object_.shared_from_this(), ulFlags, pAdviseInfo, pulAdviseToken); });
}

HRESULT Face::Unadvise(ULONG, ULONG ulAdviseToken) {
    return answer([&] { return unadvise(object_.shared_from_this(), ulAdviseToken); });
}

// The two functions.

namespace {

/// The name as it is compared; empty when no profile can have it.
std::wstring name_from(LPCWSTR text) {
    if (offline_state::fault_of_profile_name(text) != nullptr) {
        return L"";
    }
    return on(Behaviour::exact_names) ? text : offline_state::upper_case(text);
}

/// Null where there is none.
ObjectPtr find(const std::wstring& name, const GUID& guid, const GUID& instance) {
    const auto& all = world().objects;
    const auto found = std::find_if(all.begin(), all.end(), [&](const ObjectPtr& each) {
        return each->outer == nullptr && each->name == name && each->guid == guid && each->instance == instance;
    });
    return found == all.end() ? nullptr : *found;
}

HRESULT open(LPCWSTR profile, IMAPIOfflineMgr** result) {
    const std::wstring name = name_from(profile);
    const Lock lock(world().mutex);
    const ObjectPtr object = find(name, GUID_GlobalState, GUID{});
    if (object == nullptr || (on(Behaviour::open_fails_first) && world().asked_for.insert(name).second)) {
        return MAPI_E_NOT_FOUND;
    }
    *result = on(Behaviour::new_object) ? new Face(*object, Face::Identity::own, object->own.get()) : object->own.get();
    ++object->references;
    return S_OK;
}

/// Whether the members describe a global, a provider's or a store's object. The parent is looked at elsewhere.
bool fit_together(const MAPIOFFLINE_CREATEINFO& info) {
    const bool is_store = info.pGUID == nullptr;
    const bool is_global = !is_store && *info.pGUID == GUID_GlobalState;
    const bool has_outer = info.pAggregateInfo != nullptr && info.pAggregateInfo->pOuterObj != nullptr;
    return (info.pInstance != nullptr) == (!is_store && !is_global) && (info.pParent != nullptr) != is_global &&
           (is_store ? has_outer : info.pAggregateInfo == nullptr);
}

HRESULT create(ULONG flags, const MAPIOFFLINE_CREATEINFO* info, IMAPIOfflineMgr** result) {
    if (flags != 0 || info == nullptr || info->ulSize != sizeof *info || info->ulCreateFlags != 0 ||
        info->pConnectInfo != nullptr) {
        return E_INVALIDARG;
    }
    const MAPIOFFLINE_AGGREGATEINFO* const aggregate = info->pAggregateInfo;
    if (aggregate != nullptr && (aggregate->ulSize != sizeof *aggregate || aggregate->pRefTrackRoot != nullptr)) {
        return E_INVALIDARG;
    }
    const auto object = std::make_shared<Object>();
    object->name = name_from(info->pwszProfileName);
    if (object->name.empty() || !fit_together(*info)) {
        return E_INVALIDARG;
    }
    object->guid = info->pGUID != nullptr ? *info->pGUID : GUID{};
    object->instance = info->pInstance != nullptr ? *info->pInstance : GUID{};
    object->capabilities = info->ulCapabilities;
    object->outer = aggregate != nullptr ? aggregate->pOuterObj : nullptr;

    const Lock lock(world().mutex);
    const bool is_store = object->outer != nullptr;
    const ObjectPtr existing = is_store ? nullptr : find(object->name, object->guid, object->instance);
    if (info->pParent != nullptr) {
        const auto found = world().faces.find(info->pParent); // any address will do: nothing there is called
        Object* const parent = found != world().faces.end() ? found->second : nullptr;
        // A store's parent is a provider's object, whose own parent is the global one.
        if (parent == nullptr || parent->name != object->name || parent->outer != nullptr ||
            (parent->parent != nullptr) != is_store) {
            return E_INVALIDARG;
        }
        object->parent = parent->shared_from_this();
        object->state = parent->state;
    }
    if (existing != nullptr && (object->parent == nullptr || !on(Behaviour::new_object))) {
        ++existing->references;
        *result = existing->own.get();
        return S_OK;
    }
    if (on(Behaviour::starts_offline)) {
        object->state = MAPIOFFLINE_STATE_OFFLINE;
    }
    object->references += on(Behaviour::keeps_objects) ? 1 : 0;
    object->own = std::make_shared<Face>(*object, Face::Identity::object, nullptr);
    if (object->outer != nullptr) {
        object->inside_outer = std::make_shared<Face>(*object, Face::Identity::outer, object->outer);
    }
    world().objects.push_back(object);
    if (object->parent != nullptr) {
        ++object->parent->references;
    }
    *result = object->own.get();
    return S_OK;
}

} // namespace

} // namespace offline_state_worst

using namespace offline_state_worst;

STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj) {
    if (ppOfflineObj == nullptr) {
        return MAPI_E_NOT_FOUND;
    }
    if (!on(Behaviour::leaves_out_parameters)) {
        *ppOfflineObj = nullptr;
    }
    const bool is_right =
        configured() && ulReserved == 0 && pGUID != nullptr && *pGUID == GUID_GlobalState && pReserved == nullptr;
    return is_right && answer([&] { return open(pwszProfileNameIn, ppOfflineObj); }) == S_OK ? S_OK : MAPI_E_NOT_FOUND;
}

STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline) {
    if (ppOffline == nullptr) {
        return E_INVALIDARG;
    }
    if (!configured()) {
        *ppOffline = nullptr;
        return E_FAIL;
    }
    if (!on(Behaviour::leaves_out_parameters)) {
        *ppOffline = nullptr;
    }
    return answer([&] { return create(ulFlags, pCreateInfo, ppOffline); });
}

int offline_state_worst_set(const char* behaviours) {
    configured(); // reads the environment, whose choice this call replaces
    return choose(behaviours) ? 0 : 1;
}

void offline_state_worst_settle() {
    while (world().changes.settle() || world().later.settle()) {
    }
}
