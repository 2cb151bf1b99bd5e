// The host kit: plays the part of Outlook, with the API and the parts inside it.
#include "offline_object.h"
#include "trace.h"

#include <mapioffline_host.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace offline_state {

struct Host::Impl {
    // Made by this library's HrCreateOfflineObj, so the class behind the interface is known.
    Microsoft::WRL::ComPtr<OfflineObject> object;
};

Host::Host(LPCWSTR profile_name, ULONG capabilities) : impl_(std::make_unique<Impl>()) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    IMAPIOfflineMgr* object = nullptr;
    const HRESULT result = HrCreateOfflineObj(0, &info, &object);
    if (FAILED(result)) {
        throw std::runtime_error("HrCreateOfflineObj failed: " +
                                 argument("result", static_cast<std::uint32_t>(result)));
    }
    *impl_->object.GetAddressOf() = static_cast<OfflineObject*>(object);
}

Host::~Host() = default;

IMAPIOfflineMgr* Host::object() const {
    return impl_->object.Get();
}

HRESULT Host::work_offline(bool offline, ULONG flags) {
    const Dispatcher& dispatcher = impl_->object->state().dispatcher();
    if (flags == MAPIOFFLINE_FLAG_BLOCK && dispatcher.is_to_deliver_here() && !dispatcher.is_delivering_here()) {
        throw std::logic_error(std::string("Host::work_offline: ") + block_waits_for_itself + ", then deliver_all()");
    }
    return object()->SetCurrentState(flags, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                     offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE, nullptr);
}

HRESULT Host::send_other_notification(MAPIOFFLINE_NOTIFY_TYPE type, ULONG mask) {
    const bool is_change = type >= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START &&
                           type <= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE && mask == MAPIOFFLINE_STATE_OFFLINE_MASK;
    const char* const fault = is_change ? "type and mask are those of a change of state" : nullptr;
    const Outcome outcome = checked_call(fault, [&] {
        MAPIOFFLINE_NOTIFY notification{};
        notification.ulSize = sizeof notification;
        notification.NotifyType = type;
        notification.Info.StateChange.ulMask = mask;
        impl_->object->state().send(notification);
    });
    return traced("Host::send_other_notification", outcome, {"type", "mask"}, type, mask);
}

void Host::drain() {
    Dispatcher& dispatcher = impl_->object->state().dispatcher();
    if (dispatcher.is_delivering_here()) {
        return;
    }
    if (dispatcher.is_manual()) {
        while (dispatcher.deliver_phase()) {
        }
        return;
    }
    struct Marker {
        std::mutex mutex;
        std::condition_variable reached;
        bool is_reached = false;
    };
    const auto marker = std::make_shared<Marker>();
    dispatcher.post([marker] {
        const std::lock_guard lock(marker->mutex);
        marker->is_reached = true;
        marker->reached.notify_all();
        return false;
    });
    std::unique_lock lock(marker->mutex);
    marker->reached.wait(lock, [&marker] { return marker->is_reached; });
}

struct ManualDispatcher::Impl {
    std::weak_ptr<Dispatcher> of_earlier_objects = current_dispatcher(); // while there are any
    const std::shared_ptr<Dispatcher> dispatcher = std::make_shared<Dispatcher>(std::this_thread::get_id());
};

ManualDispatcher::ManualDispatcher() : impl_(std::make_unique<Impl>()) {
    if (!use_dispatcher(impl_->dispatcher)) {
        throw std::logic_error("another ManualDispatcher is alive");
    }
}

ManualDispatcher::~ManualDispatcher() {
    while (impl_->dispatcher->deliver_phase()) {
    }
}

bool ManualDispatcher::deliver_phase() {
    const bool has_delivered = impl_->dispatcher->deliver_phase();
    if (has_delivered || impl_->dispatcher.use_count() > 1) { // there are later objects, which hold it
        impl_->of_earlier_objects.reset();
    } else if (!impl_->of_earlier_objects.expired()) {
        throw std::logic_error("this ManualDispatcher delivers nothing: each object was created before it; create it "
                               "first, then the Host");
    }
    return has_delivered;
}

std::size_t ManualDispatcher::deliver_all() {
    std::size_t phases = 0;
    while (deliver_phase()) {
        ++phases;
    }
    return phases;
}

} // namespace offline_state
