// An executable model of docs/statements.toml: the result of each call, by the statements alone. It knows nothing of
// the implementation: no locks, no threads, no pointers to objects, lists that are searched from the front.
#pragma once

#include <mapioffline.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace offline_state_model {

/// 1, 2, 3, … in the order of creation; 0 is none.
using ObjectId = int;
using RegistrationId = int;
using ChangeId = int;
/// What a callback is called here.
using ClientId = int;
/// What a profile is called here, however its name is spelled; no value for a name that is not valid (OPEN-6).
using Profile = std::optional<int>;

struct Registration {
    ObjectId object;
    ClientId client;
    ULONG client_token;
    ULONG token; // 0 until the implementation has given one
};

/// The notification that must come next.
struct Expected {
    RegistrationId registration;
    ClientId client;
    MAPIOFFLINE_NOTIFY notification;
};

constexpr GUID no_guid{};

inline ULONG capability_for(ULONG state) {
    return state == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
}

class Model {
public:
    struct Opened {
        HRESULT result;
        ObjectId object; // 0 on failure
    };

    /// HrOpenOfflineObj. `out` is whether there is an out-pointer.
    Opened open(ULONG reserved, Profile profile, const GUID* guid, const GUID* reserved_guid, bool out) {
        const bool valid =
            out && reserved == 0 && profile && guid != nullptr && *guid == GUID_GlobalState && reserved_guid == nullptr;
        const ObjectId object = valid ? find(Kind::global, *profile, GUID_GlobalState, no_guid) : 0;
        if (object == 0) { // OPEN-3.1, OPEN-4.1
            return {MAPI_E_NOT_FOUND, 0};
        }
        add_reference(object);
        return {S_OK, object};
    }

    /// HrCreateOfflineObj. `parent` is the object that pParent points to, 0 when it points to none that there is.
    Opened create(ULONG flags, const MAPIOFFLINE_CREATEINFO* info, Profile profile, ObjectId parent, bool out) {
        constexpr Opened refused{E_INVALIDARG, 0};
        if (!out || flags != 0 || info == nullptr || info->ulSize != sizeof *info || info->ulCreateFlags != 0 ||
            !profile || info->pConnectInfo != nullptr) { // CREATE-1.1, CREATE-7
            return refused;
        }
        const MAPIOFFLINE_AGGREGATEINFO* const aggregate = info->pAggregateInfo;
        if (aggregate != nullptr && (aggregate->ulSize != sizeof *aggregate || aggregate->pRefTrackRoot != nullptr)) {
            return refused;
        }

        // CREATE-2, CREATE-3 and CREATE-4 say which members each kind has; CREATE-9 refuses the rest.
        if (info->pGUID == nullptr) {
            const bool is_store = info->pInstance == nullptr && info->pParent != nullptr && aggregate != nullptr &&
                                  aggregate->pOuterObj != nullptr;
            if (!is_store || parent == 0 || at(parent).kind != Kind::provider || at(parent).profile != *profile) {
                return refused;
            }
            return {S_OK, add(Kind::store, *profile, info->ulCapabilities, parent, no_guid, no_guid)};
        }
        const bool is_global = *info->pGUID == GUID_GlobalState;
        const bool has_its_members = is_global ? info->pInstance == nullptr && info->pParent == nullptr
                                               : info->pInstance != nullptr && info->pParent != nullptr;
        if (!has_its_members || aggregate != nullptr) {
            return refused;
        }
        if (!is_global && (parent == 0 || at(parent).kind != Kind::global || at(parent).profile != *profile)) {
            return refused;
        }
        const Kind kind = is_global ? Kind::global : Kind::provider;
        const GUID& instance = is_global ? no_guid : *info->pInstance;
        if (const ObjectId there_is = find(kind, *profile, *info->pGUID, instance)) { // CREATE-8
            add_reference(there_is);
            return {S_OK, there_is};
        }
        return {S_OK, add(kind, *profile, info->ulCapabilities, is_global ? 0 : parent, *info->pGUID, instance)};
    }

    /// The count that AddRef and Release give. For a store's object: of its second face, hence of its outer object.
    ULONG references(ObjectId object) const {
        ULONG count = at(object).held;
        for (const auto& [id, child] : objects_) { // CREATE-11
            count += child.parent == object ? 1 : 0;
        }
        return count;
    }
    ULONG add_reference(ObjectId object) {
        ++objects_.at(object).held;
        return references(object);
    }
    ULONG release(ObjectId object) {
        const std::vector<ObjectId> ends = ends_with_release(object);
        --objects_.at(object).held;
        const ULONG left = references(object);
        for (const ObjectId each : ends) { // CREATE-5, UNADVISE-4
            for (auto registration = registrations_.begin(); registration != registrations_.end();) {
                registration =
                    registration->second.object == each ? registrations_.erase(registration) : std::next(registration);
            }
            objects_.erase(each);
        }
        return left;
    }
    /// The objects that would end if a reference were released.
    std::vector<ObjectId> ends_with_release(ObjectId object) const {
        std::vector<ObjectId> ends;
        while (object != 0 && references(object) == 1) {
            ends.push_back(object);
            object = at(object).parent;
        }
        return ends;
    }

    ULONG capabilities(ObjectId object) const { return at(object).capabilities; }
    ULONG state(ObjectId object) const { return at(object).state; }
    int profile(ObjectId object) const { return at(object).profile; }

    struct Set {
        HRESULT result;
        ChangeId waits_for; // with BLOCK, the change that must be complete before the call returns; else 0
    };
    Set set_current_state(ObjectId object, ULONG flags, ULONG mask, ULONG state, bool reserved,
                          bool on_notification_thread) {
        const bool block = flags == MAPIOFFLINE_FLAG_BLOCK;
        if ((!block && flags != MAPIOFFLINE_FLAG_DEFAULT) || mask != MAPIOFFLINE_STATE_OFFLINE_MASK ||
            (state != MAPIOFFLINE_STATE_ONLINE && state != MAPIOFFLINE_STATE_OFFLINE) || reserved) { // SET-1.1
            return {E_INVALIDARG, 0};
        }
        if (block && on_notification_thread) { // SET-7.1
            return {E_PENDING, 0};
        }
        for (const auto& [id, each] : objects_) { // SET-4.1, SET-4.2
            if (each.change != 0 && is_at_or_below(id, object)) {
                return {E_PENDING, 0};
            }
        }
        if (at(object).state == state) { // SET-5
            return {S_OK, 0};
        }
        const ChangeId change = ++last_change_;
        std::set<ObjectId> received;
        for (auto& [id, each] : objects_) {
            if (is_at_or_below(id, object)) {                                                  // NOTIFY-9
                if (each.state != state && (each.capabilities & capability_for(state)) != 0) { // NOTIFY-9.1, CAPS-3
                    received.insert(id);
                }
                each.change = change;
            }
        }
        MAPIOFFLINE_NOTIFY notification{sizeof notification, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, 0, {}};
        notification.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, at(object).state, state};
        queue_.push_back({change, notification, audience(received)});
        incomplete_.insert(change);
        return {S_OK, block ? change : 0};
    }
    bool is_complete(ChangeId change) const { return incomplete_.count(change) == 0; }

    /// `client` is 0 for a null pCallback; `is_notify`: whether it gives IMAPIOfflineNotify.
    HRESULT advise(ObjectId object, ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, bool out, ClientId client,
                   bool is_notify) {
        if (flags != MAPIOFFLINE_ADVISE_DEFAULT || info == nullptr || !out || info->ulSize != sizeof *info ||
            info->CallbackType != MAPIOFFLINE_CALLBACK_TYPE_NOTIFY || client == 0 ||
            info->ulAdviseTypes != MAPIOFFLINE_ADVISE_TYPE_STATECHANGE ||
            info->ulStateMask != MAPIOFFLINE_STATE_ALL) { // ADVISE-2.1
            return E_INVALIDARG;
        }
        if (!is_notify) { // ADVISE-3.1
            return E_NOINTERFACE;
        }
        registrations_[++last_registration_] = {object, client, info->ulClientToken, 0};
        return S_OK;
    }
    /// The token that the last Advise gave. False when it must not be that one (ADVISE-1.1).
    bool name_registration(ULONG token) {
        Registration& registration = registrations_.at(last_registration_);
        registration.token = token;
        return token != 0 && objects_.at(registration.object).tokens.insert(token).second;
    }
    void unadvise(ObjectId object, ULONG token) {
        const auto has_it = [&](const auto& each) {
            return each.second.object == object && each.second.token == token;
        };
        const auto registration = std::find_if(registrations_.begin(), registrations_.end(), has_it);
        if (registration != registrations_.end()) { // UNADVISE-1.1
            registrations_.erase(registration);
        }
    }

    /// Host::send_other_notification.
    HRESULT send(ObjectId object, MAPIOFFLINE_NOTIFY_TYPE type, ULONG mask) {
        if (type >= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START && type <= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
            mask == MAPIOFFLINE_STATE_OFFLINE_MASK) { // HOST-3
            return E_INVALIDARG;
        }
        MAPIOFFLINE_NOTIFY notification{sizeof notification, type, 0, {}};
        notification.Info.StateChange = {mask, 0, 0};
        queue_.push_back({0, notification, audience({object})});
        return S_OK;
    }

    /// A delivery: begin_phase, next until there is none, end_phase. begin_phase is false when nothing is queued.
    bool begin_phase() {
        if (delivering_ || queue_.empty()) {
            return false;
        }
        delivering_ = true;
        received_ = 0;
        const Queued& oldest = queue_.front();
        for (auto& [id, object] : objects_) {
            if (oldest.change == 0 || object.change != oldest.change) {
                continue;
            }
            if (oldest.notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) { // NOTIFY-3
                object.state = oldest.notification.Info.StateChange.ulStateNew;
            } else if (oldest.notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) { // SET-6
                object.change = 0;
            }
        }
        return true;
    }
    std::optional<Expected> next() {
        if (!delivering_) {
            return {};
        }
        const Queued& oldest = queue_.front();
        while (received_ < oldest.audience.size()) { // NOTIFY-2
            const RegistrationId id = oldest.audience[received_++];
            const auto registration = registrations_.find(id);
            if (registration != registrations_.end()) { // UNADVISE-3
                Expected expected{id, registration->second.client, oldest.notification};
                expected.notification.ulClientToken = registration->second.client_token;
                return expected;
            }
        }
        return {};
    }
    void end_phase() {
        delivering_ = false;
        Queued& oldest = queue_.front();
        if (oldest.change != 0 &&
            oldest.notification.NotifyType != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) { // NOTIFY-1.1
            oldest.notification.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(oldest.notification.NotifyType + 1);
            return;
        }
        incomplete_.erase(oldest.change); // SET-3.1
        queue_.pop_front();
    }
    bool is_delivering() const { return delivering_; }
    bool is_anything_queued() const { return !queue_.empty(); }
    /// The type of the notification that is being delivered, 0 when none is.
    int phase() const { return delivering_ ? static_cast<int>(queue_.front().notification.NotifyType) : 0; }

    const std::map<RegistrationId, Registration>& registrations() const { return registrations_; }
    ULONG registrations_of(ClientId client) const {
        return static_cast<ULONG>(std::count_if(registrations_.begin(), registrations_.end(),
                                                [&](const auto& each) { return each.second.client == client; }));
    }

private:
    enum class Kind { global, provider, store };

    struct Object {
        Kind kind;
        int profile;
        GUID guid;
        GUID instance;
        ObjectId parent;
        ULONG capabilities;
        ULONG state;
        ULONG held;             // by clients; for a store's object: its outer object is held
        ChangeId change;        // what is under way here, 0 for nothing
        std::set<ULONG> tokens; // given so far
    };

    struct Queued {
        ChangeId change; // 0: a notification that is no change
        MAPIOFFLINE_NOTIFY notification;
        std::vector<RegistrationId> audience; // in the order of registration
    };

    const Object& at(ObjectId object) const { return objects_.at(object); }
    bool is_at_or_below(ObjectId object, ObjectId other) const {
        while (object != 0 && object != other) {
            object = at(object).parent;
        }
        return object != 0;
    }
    ObjectId find(Kind kind, int profile, const GUID& guid, const GUID& instance) const {
        for (const auto& [id, object] : objects_) {
            if (object.kind == kind && object.profile == profile && object.guid == guid &&
                object.instance == instance) {
                return id;
            }
        }
        return 0;
    }
    ObjectId add(Kind kind, int profile, ULONG capabilities, ObjectId parent, const GUID& guid, const GUID& instance) {
        // CREATE-6, CREATE-6.1; and what is under way for the parent is so for all below it (SET-4.2).
        const ULONG state = parent != 0 ? at(parent).state : MAPIOFFLINE_STATE_ONLINE;
        const ChangeId change = parent != 0 ? at(parent).change : 0;
        objects_[++last_object_] = {kind, profile, guid, instance, parent, capabilities, state, 1, change, {}};
        return last_object_;
    }
    /// Who is registered now: a registration made later is notified from the next change on (NOTIFY-4).
    std::vector<RegistrationId> audience(const std::set<ObjectId>& objects) const {
        std::vector<RegistrationId> all;
        for (const auto& [id, registration] : registrations_) {
            if (objects.count(registration.object) != 0) {
                all.push_back(id);
            }
        }
        return all;
    }

    std::map<ObjectId, Object> objects_;
    std::map<RegistrationId, Registration> registrations_;
    std::deque<Queued> queue_;
    std::set<ChangeId> incomplete_;
    bool delivering_ = false;
    std::size_t received_ = 0; // of the audience, in this phase
    ObjectId last_object_ = 0;
    RegistrationId last_registration_ = 0;
    ChangeId last_change_ = 0;
};

} // namespace offline_state_model
