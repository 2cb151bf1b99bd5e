#include "object_registry.h"

#include "lifetime.h"
#include "offline_object.h"

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

ObjectRegistry& registry() {
    return process_wide<ObjectRegistry>();
}

/// A reference on the entry's object; null if there is no entry, or if the last reference is just being released. Call
/// it with the registry locked: an object cannot be destroyed before forget_object, which needs the same lock.
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
    const ObjectIdentity lowest(profile_name);
    const std::lock_guard lock(registry().mutex);
    const Objects& objects = registry().objects;
    auto entry = objects.lower_bound(lowest);
    for (; entry != objects.end() && entry->first.profile == lowest.profile; ++entry) {
        if (entry->second == address) {
            return alive(entry);
        }
    }
    return nullptr;
}

ComPtr<OfflineObject> find_or_create_object(const ObjectIdentity& identity, ULONG capabilities,
                                            const ComPtr<OfflineObject>& parent) {
    ComPtr<OfflineObject> object; // outlives the lock: its Release needs it, should the map have no memory
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
    if (entry != registry().objects.end() && entry->second == object) { // not the object that has taken its place
        registry().objects.erase(entry);
    }
}

} // namespace offline_state
