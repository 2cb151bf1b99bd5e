// An executable model of docs/statements.toml: what each call must come to, said by the statements alone. It knows
// nothing of the implementation: no locks, no threads, no pointers to objects, lists that are searched from the front.
#pragma once

#include <mapioffline.h>

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

/// What a client must be told next.
struct Expected {
    RegistrationId registration;
    ClientId client;
    MAPIOFFLINE_NOTIFY notification;
};

class Model {
public:
    struct Opened {
        HRESULT result;
        ObjectId object; // 0 on failure
    };

    /// HrOpenOfflineObj. `out` is whether there is an out-pointer.
    Opened open(ULONG reserved, Profile profile, const GUID* guid, const GUID* reserved_guid, bool out);

    /// HrCreateOfflineObj. `parent` is the object that pParent points to, 0 when it points to none that there is.
    Opened create(ULONG flags, const MAPIOFFLINE_CREATEINFO* info, Profile profile, ObjectId parent, bool out);

    /// The count that AddRef and Release give. For a store's object: of its second face, hence of its outer object.
    ULONG references(ObjectId object) const;
    ULONG add_reference(ObjectId object);
    ULONG release(ObjectId object);
    /// The objects that would end if a reference were released.
    std::vector<ObjectId> ends_with_release(ObjectId object) const;

    ULONG capabilities(ObjectId object) const { return at(object).capabilities; }
    ULONG state(ObjectId object) const { return at(object).state; }
    bool is_store(ObjectId object) const { return at(object).kind == Kind::store; }
    int profile(ObjectId object) const { return at(object).profile; }
    bool exists(ObjectId object) const { return objects_.count(object) != 0; }

    struct Set {
        HRESULT result;
        ChangeId waits_for; // with BLOCK, the change that must be complete before the call returns; else 0
    };
    Set set_current_state(ObjectId object, ULONG flags, ULONG mask, ULONG state, bool reserved,
                          bool on_notification_thread);
    bool is_complete(ChangeId change) const { return incomplete_.count(change) == 0; }

    /// `client` is 0 for a null pCallback; `is_notify`: whether it gives IMAPIOfflineNotify.
    HRESULT advise(ObjectId object, ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, bool out, ClientId client,
                   bool is_notify);
    /// The token that the last Advise gave. False when it must not be that one (ADVISE-1.1).
    bool name_registration(ULONG token);
    void unadvise(ObjectId object, ULONG token);

    /// Host::send_other_notification.
    HRESULT send(ObjectId object, MAPIOFFLINE_NOTIFY_TYPE type, ULONG mask);

    /// A delivery: begin_phase, next until there is none, end_phase. begin_phase is false when nothing is queued.
    bool begin_phase();
    std::optional<Expected> next();
    void end_phase();
    bool is_delivering() const { return delivering_; }
    bool is_anything_queued() const { return !queue_.empty(); }
    /// The type of the notification that is being delivered, 0 when none is.
    int phase() const { return delivering_ ? static_cast<int>(queue_.front().notification.NotifyType) : 0; }

    const std::map<RegistrationId, Registration>& registrations() const { return registrations_; }
    ULONG registrations_of(ClientId client) const;

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
    bool is_at_or_below(ObjectId object, ObjectId other) const;
    ObjectId find(Kind kind, int profile, const GUID& guid, const GUID& instance) const;
    ObjectId add(Kind kind, int profile, ULONG capabilities, ObjectId parent, const GUID& guid, const GUID& instance);
    std::vector<RegistrationId> audience(const std::set<ObjectId>& objects) const;

    std::map<ObjectId, Object> objects_;
    std::map<RegistrationId, Registration> registrations_;
    std::deque<Queued> queue_;
    std::set<ChangeId> incomplete_;
    bool delivering_ = false;
    std::size_t told_ = 0; // of the audience, in this phase
    ObjectId last_object_ = 0;
    RegistrationId last_registration_ = 0;
    ChangeId last_change_ = 0;
};

} // namespace offline_state_model
