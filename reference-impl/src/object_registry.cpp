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

/// The profile's object, unless there is none or its last reference is going right now. Call with the registry locked:
/// an object cannot be destroyed before it has been forgotten, which needs the same lock.
ComPtr<OfflineObject> find_alive(const std::wstring& profile_name) {
    ComPtr<OfflineObject> object;
    const auto entry = registry().objects.find(profile_name);
    if (entry != registry().objects.end() && entry->second->add_reference_if_alive()) {
        object.Attach(entry->second);
    }
    return object;
}

} // namespace

ComPtr<OfflineObject> find_object(const std::wstring& profile_name) {
    const std::lock_guard lock(registry().mutex);
    return find_alive(profile_name);
}

ComPtr<OfflineObject> find_or_create_object(const std::wstring& profile_name, ULONG capabilities) {
    ComPtr<OfflineObject> object; // outlives the lock: if the map has no memory for it, its Release needs the lock
    const std::lock_guard lock(registry().mutex);
    object = find_alive(profile_name);
    if (!object) {
        object.Attach(new OfflineObject(profile_name, capabilities));
        registry().objects.insert_or_assign(profile_name, object.Get());
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
