// The library is loaded, used up to a change that its thread delivers, and unloaded; three times.
// Usage: unloads_the_library LIBRARY
#define INITGUID
#include <mapioffline.h>

#include "support/counted.h"

#include <cstdio>

#include <dlfcn.h>

namespace {

struct Counts final : offline_state_tests::Counted<Counts, IMAPIOfflineNotify> {
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override { ++calls; }
    int calls = 0;
};

const char* use(const char* file) {
    void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return dlerror();
    }
    const auto create = reinterpret_cast<HRCREATEOFFLINEOBJ*>(dlsym(library, "HrCreateOfflineObj"));
    const auto open = reinterpret_cast<HROPENOFFLINEOBJ*>(dlsym(library, "HrOpenOfflineObj"));
    if (create == nullptr || open == nullptr) {
        return "a function is not exported";
    }
    IMAPIOfflineMgr* object = nullptr;
    if (open(0, L"Profile", &GUID_GlobalState, nullptr, &object) != MAPI_E_NOT_FOUND) {
        return "an object of the last round is still there";
    }
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = L"Profile";
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    if (create(0, &info, &object) != S_OK) {
        return "no object has been created";
    }
    const auto callback = Counts::create();
    MAPIOFFLINE_ADVISEINFO advise{sizeof advise,  0, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
                                  callback.Get(), 1, MAPIOFFLINE_STATE_ALL};
    ULONG token = 0;
    if (object->Advise(0, &advise, &token) != S_OK ||
        object->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK, MAPIOFFLINE_STATE_OFFLINE,
                                nullptr) != S_OK ||
        callback->calls != 3) {
        return "the change has not been notified";
    }
    object->Unadvise(0, token);
    if (object->Release() != 0 || callback->references() != 1) { // which joins the thread
        return "something is still held";
    }
    return dlclose(library) == 0 ? nullptr : dlerror();
}

} // namespace

int main(int count, char** arguments) {
    for (int round = 1; round <= 3; ++round) {
        if (const char* const fault = use(count > 1 ? arguments[1] : "")) {
            std::printf("round %d: %s\n", round, fault);
            return 1;
        }
    }
    return 0;
}
