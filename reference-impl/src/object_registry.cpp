#include "object_registry.h"

#include <map>
#include <mutex>

namespace offline_state {

using Microsoft::WRL::ComPtr;

namespace {

using Objects = std::map<ObjectIdentity, OfflineObject*>;

struct ObjectRegistry {
    std::mutex mutex;
    Objects objects;
};

// Never destroyed: a client may release its last reference while the process ends.
ObjectRegistry& registry() {
    static auto& registry = *new ObjectRegistry;
    return registry;
}

/// A reference on the entry's object, unless there is none or its last reference is going right now. Call with the
/// registry locked: an object cannot be destroyed before it has been forgotten, which needs the same lock.
ComPtr<OfflineObject> alive(Objects::const_iterator entry) {
    ComPtr<OfflineObject> object;
    if (entry != registry().objects.end() && entry->second->add_reference_if_alive()) {
        *object.GetAddressOf() = entry->second;
    }
    return object;
}

} // namespace

ComPtr<OfflineObject> find_object(const ObjectIdentity& identity) {
    const std::lock_guard lock(registry().mutex);
    return alive(registry().objects.find(identity));
}

ComPtr<OfflineObject> find_object(LPCWSTR profile_name, const IMAPIOfflineMgr* address) {
    const ObjectIdentity first(profile_name); // that the profile could have
    const std::lock_guard lock(registry().mutex);
    const Objects& objects = registry().objects;
    auto entry = objects.lower_bound(first);
    for (; entry != objects.end() && entry->first.profile == first.profile; ++entry) {
        if (entry->second == address) {
            return alive(entry);
        }
    }
    return nullptr;
}

ComPtr<OfflineObject> find_or_create_object(const ObjectIdentity& identity, ULONG capabilities,
                                            const ComPtr<OfflineObject>& parent) {
    ComPtr<OfflineObject> object; // outlives the lock: if the map has no memory for it, its Release needs the lock
    const std::lock_guard lock(registry().mutex);
    object = alive(registry().objects.find(identity));
    if (!object) {
        *object.GetAddressOf() = new OfflineObject(identity, capabilities, parent, nullptr);
        registry().objects.insert_or_assign(identity, object.Get());
    }
    return object;
}

void forget_object(const ObjectIdentity& identity, const OfflineObject* object) noexcept {
    const std::lock_guard lock(registry().mutex);
    const auto entry = registry().objects.find(identity);
    if (entry != registry().objects.end() && entry->second == object) { // not its successor
        registry().objects.erase(entry);
    }
}

} // namespace offline_state
