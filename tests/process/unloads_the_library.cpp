// The library is loaded, used up to a change that its thread delivers, and unloaded; three times.
// Usage: unloads_the_library LIBRARY
#define INITGUID
#include "specification/client.h"

#include <cstdio>

#include <dlfcn.h>

using namespace offline_state_specification;

namespace {

const char* use(const char* file) {
    void* const loaded = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (loaded == nullptr) {
        return dlerror();
    }
    library().create = reinterpret_cast<HRCREATEOFFLINEOBJ*>(dlsym(loaded, "HrCreateOfflineObj"));
    library().open = reinterpret_cast<HROPENOFFLINEOBJ*>(dlsym(loaded, "HrOpenOfflineObj"));
    if (library().create == nullptr || library().open == nullptr) {
        return "a function is not exported";
    }
    if (exists(profile())) {
        return "an object of the last round is still there";
    }
    {
        const Object object = new_object();
        const Client client(object);
        if (set_state(object, offline, block) != S_OK || client->texts() != change_from(online, offline)) {
            return "the change has not been notified";
        }
    } // the last Release joins the thread
    if (exists(profile()) || Recorder::alive() != 0) {
        return "something is still held";
    }
    return dlclose(loaded) == 0 ? nullptr : dlerror();
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
