#include "object_registry.h"

#include "profile_name.h"

#include <map>
#include <mutex>

namespace offline_state {

using Microsoft::WRL::ComPtr;

namespace {

struct ObjectRegistry {
    std::mutex mutex;
    std::map<std::wstring, OfflineObject*, ProfileNameLess> objects;
};

// Never destroyed: a client may release its last reference while the process ends.
ObjectRegistry& registry() {
    static auto& registry = *new ObjectRegistry;
    return registry;
}

/// An object whose last reference is going right now counts as none. Call with the registry locked: the object
/// cannot be destroyed before it has been forgotten, which needs the same lock.
ComPtr<OfflineObject> alive(OfflineObject* object) {
    ComPtr<OfflineObject> reference;
    if (object != nullptr && object->add_reference_if_alive()) {
        reference.Attach(object);
    }
    return reference;
}

} // namespace

ComPtr<OfflineObject> find_object(const std::wstring& profile_name) {
    const std::lock_guard lock(registry().mutex);
    const auto entry = registry().objects.find(profile_name);
    return entry != registry().objects.end() ? alive(entry->second) : nullptr;
}

ComPtr<OfflineObject> find_or_create_object(const std::wstring& profile_name, ULONG capabilities) {
    const std::lock_guard lock(registry().mutex);
    OfflineObject*& entry = registry().objects[profile_name];
    ComPtr<OfflineObject> object = alive(entry);
    if (!object) {
        try {
            object.Attach(new OfflineObject(profile_name, capabilities));
        } catch (...) {
            if (entry == nullptr) {
                registry().objects.erase(profile_name);
            }
            throw;
        }
        entry = object.Get();
    }
    return object;
}

void forget_object(const std::wstring& profile_name, const OfflineObject* object) noexcept {
    const std::lock_guard lock(registry().mutex);
    const auto entry = registry().objects.find(profile_name);
    if (entry != registry().objects.end() && entry->second == object) { // not its successor
        registry().objects.erase(entry);
    }
}

} // namespace offline_state
