// Advise, Unadvise, and the calls of Notify.
#include "platform.h"
#include "world.h"

#include <algorithm>
#include <cstdio>
#include <new>

namespace offline_state_worst {

namespace {

thread_local int notifies_here = 0; // that run on this thread, one inside the other

/// Gives the references on a callback back when the registration has ended and no Notify of it is running.
void release_if_over(Lock& lock, Object& object, const RegistrationPtr& registration) {
    if (!registration->gone || !registration->inside.empty() || registration->released) {
        return;
    }
    registration->released = true;
    auto& all = object.registrations;
    all.erase(std::remove(all.begin(), all.end(), registration), all.end());
    lock.unlock();
    const auto release = [registration] {
        for (ULONG i = 0; i < registration->references; ++i) {
            call([&] { registration->callback->Release(); });
        }
    };
    const bool is_late =
        on(Behaviour::late_release) && answer([&] { return world().later.post(much_later, release), S_OK; }) == S_OK;
    if (!is_late) { // also when there is no memory or no thread for it
        release();
    }
    lock.lock();
}

/// What a client gets. The published structure comes first.
struct BiggerNotification {
    MAPIOFFLINE_NOTIFY published;
    ULONG more[10];
};

void send_exactly(const BiggerNotification& notification, IMAPIOfflineNotify* callback) {
    void* const page = on(Behaviour::unreadable_info) ? readable_page() : nullptr;
    const auto heap = std::make_unique<BiggerNotification>(notification); // freed at once, which AddressSanitizer sees
    const MAPIOFFLINE_NOTIFY* sent = &heap->published;
    if (page != nullptr) {
        sent = &(new (page) BiggerNotification(notification))->published;
    }
    const AtEnd forget{[page] {
        if (page != nullptr) {
            make_unreadable(page);
        }
    }};
    call([&] { callback->Notify(sent); });
}

void touch(IMAPIOfflineNotify* callback) {
    constexpr IID nobodys{0xD2E1C0BF, 0x1234, 0x4321, {0x81, 0x18, 0x27, 0x72, 0x36, 0x63, 0x45, 0x54}};
    for (const IID& iid : {nobodys, IID_IUnknown, IID_IMAPIOfflineMgr, IID_IMAPIOfflineNotify}) {
        IUnknown* face = nullptr;
        call([&] {
            callback->AddRef();
            if (callback->QueryInterface(iid, reinterpret_cast<void**>(&face)) == S_OK && face != nullptr) {
                face->Release();
            }
            callback->Release();
        });
    }
}

} // namespace

bool is_inside_notify() {
    return notifies_here != 0;
}

void send(const Target& target, MAPIOFFLINE_NOTIFY_TYPE type, ULONG to) {
    Object& object = *target.object;
    const RegistrationPtr registration = target.registration;
    {
        const Lock lock(world().mutex);
        if (registration->gone || registration->silent || world().ending) {
            return;
        }
        registration->inside.push_back(std::this_thread::get_id());
        ++object.running;
    }
    ++notifies_here;
    bool has_returned = false;
    const AtEnd leave{[&] {
        --notifies_here;
        Lock lock(world().mutex);
        auto& inside = registration->inside;
        inside.erase(std::find(inside.begin(), inside.end(), std::this_thread::get_id()));
        --object.running;
        registration->silent = registration->silent || !has_returned;
        release_if_over(lock, object, registration);
        world().changed.notify_all();
    }};
    BiggerNotification notification{};
    notification.published.ulSize =
        static_cast<ULONG>(on(Behaviour::bigger_structure) ? sizeof notification : sizeof notification.published);
    notification.published.NotifyType = type;
    notification.published.ulClientToken = registration->client_token;
    notification.published.Info.StateChange = {offline_mask, target.from | extra_bits(), to | extra_bits()};
    IMAPIOfflineNotify* const callback = registration->callback;
    if (on(Behaviour::callback_calls)) {
        Together(world().crew).run([callback] { touch(callback); });
    }
    const bool is_phase = type >= start && type <= done;
    if (on(Behaviour::other_notifications) || !is_phase) {
        for (const int unknown : {0, 4, -1, static_cast<int>(done)}) {
            BiggerNotification foreign = notification;
            foreign.published.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(unknown);
            foreign.published.Info.StateChange = {0x100, 0xDDDDDDDD, 0xDDDDDDDD};
            send_exactly(foreign, callback);
        }
    }
    if (is_phase) {
        send_exactly(notification, callback);
    }
    has_returned = true;
}

namespace {

void wait_until_it_ends(Lock& lock, Object& object, const Registration& registration) {
    const bool waits_for_all = on(Behaviour::unadvise_waits_for_all);
    if (on(Behaviour::unadvise_never_waits) && (!waits_for_all || turn())) {
        return;
    }
    if (waits_for_all && object.running > 0 && is_inside_notify()) {
        lock.unlock();
        hang("Unadvise inside Notify never returns (unadvise-waits-for-all)");
    }
    const auto is_elsewhere = [](std::thread::id thread) { return thread != std::this_thread::get_id(); };
    world().changed.wait(lock, [&] {
        const auto& inside = registration.inside;
        return waits_for_all ? object.running == 0 : std::none_of(inside.begin(), inside.end(), is_elsewhere);
    });
}

void end_registration(Lock& lock, const ObjectPtr& object, const RegistrationPtr& registration) {
    registration->gone = true;
    wait_until_it_ends(lock, *object, *registration);
    release_if_over(lock, *object, registration);
}

/// The last registration of the object that fits; null if there is none.
template <class Fits>
RegistrationPtr last_registration(const Object& object, Fits fits) {
    const auto found = std::find_if(object.registrations.rbegin(), object.registrations.rend(), fits);
    return found == object.registrations.rend() ? nullptr : *found;
}

/// A token that no registration of the object has.
ULONG new_token(const Object& object) {
    const auto is_used = [&](ULONG token) {
        return last_registration(object, [&](const auto& each) { return each->token == token && !each->gone; }) !=
               nullptr;
    };
    if (on(Behaviour::zero_token) && !is_used(0)) {
        return 0;
    }
    ULONG token = 1;
    while (on(Behaviour::same_token) && is_used(token)) {
        ++token;
    }
    return on(Behaviour::same_token) ? token : ++world().last_token;
}

HRESULT interface_of(IUnknown* client, IMAPIOfflineNotify*& callback) {
    const HRESULT result = call(E_NOINTERFACE, [&] {
        return client->QueryInterface(IID_IMAPIOfflineNotify, reinterpret_cast<void**>(&callback));
    });
    if (result == S_OK && callback != nullptr) {
        return S_OK;
    }
    return !on(Behaviour::other_results) ? E_NOINTERFACE : result == S_OK ? E_POINTER : result;
}

} // namespace

HRESULT advise(const ObjectPtr& object, ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, ULONG* token) {
    if (token != nullptr && !on(Behaviour::leaves_out_parameters)) {
        *token = 0;
    }
    if (info == nullptr || token == nullptr || info->ulSize < sizeof *info ||
        info->CallbackType != MAPIOFFLINE_CALLBACK_TYPE_NOTIFY || info->pCallback == nullptr) {
        return E_INVALIDARG;
    }
    const bool is_exact = info->ulSize == sizeof *info && flags == MAPIOFFLINE_ADVISE_DEFAULT &&
                          info->ulAdviseTypes == MAPIOFFLINE_ADVISE_TYPE_STATECHANGE &&
                          info->ulStateMask == MAPIOFFLINE_STATE_ALL;
    if (!is_exact && !on(Behaviour::lenient)) {
        return E_INVALIDARG;
    }
    const auto registration = std::make_shared<Registration>();
    registration->client_token = info->ulClientToken;
    registration->references = on(Behaviour::callback_calls) ? 3 : 1;
    IMAPIOfflineNotify*& callback = registration->callback;
    const HRESULT result = interface_of(info->pCallback, callback);
    if (result != S_OK) {
        return result;
    }
    Target target{object, 0, registration};
    auto phase = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(0);
    ULONG to = 0;
    {
        Lock lock(world().mutex);
        const auto is_same = [&](const auto& each) {
            return each->callback == callback && !each->gone && !each->leaving;
        };
        if (const auto same = on(Behaviour::one_registration) ? last_registration(*object, is_same) : nullptr) {
            *token = same->token;
            lock.unlock();
            call([&] { callback->Release(); });
            return S_OK;
        }
        registration->token = new_token(*object);
        registration->number = ++world().registrations;
        object->registrations.push_back(registration);
        to = target.from = object->state;
        if (object->change != nullptr) {
            phase = object->change->phase;
            to = object->change->to;
            target.from = other(to);
        }
    }
    for (ULONG i = 1; i < registration->references; ++i) {
        call([&] { callback->AddRef(); });
    }
    if (on(Behaviour::early_notify)) {
        send(target, phase, to);
    }
    *token = registration->token;
    return S_OK;
}

HRESULT unadvise(ObjectPtr object, ULONG token) {
    const auto has_token = [token](const RegistrationPtr& each) { return each->token == token; };
    Lock lock(world().mutex);
    RegistrationPtr registration = last_registration(*object, has_token);
    if (registration == nullptr && on(Behaviour::foreign_token)) {
        for (const ObjectPtr& each : world().objects) {
            if (RegistrationPtr found = last_registration(*each, has_token)) {
                registration = std::move(found);
                object = each;
                break;
            }
        }
    }
    if (registration == nullptr) {
        return on(Behaviour::other_results) ? E_INVALIDARG : S_OK;
    }
    if (registration->leaving) {
        return S_OK;
    }
    const bool has_alternative = on(Behaviour::unadvise_never_waits) || on(Behaviour::unadvise_waits_for_all);
    if (!on(Behaviour::late_notify) || (has_alternative && !turn())) {
        end_registration(lock, object, registration);
        return S_OK;
    }
    registration->leaving = true;
    world().later.post(soon, [object, registration] {
        Lock inner(world().mutex);
        const ULONG state = object->state;
        inner.unlock();
        send({object, other(state), registration}, done, state); // as if the last change had just come to its end
        inner.lock();
        registration->gone = true;
        release_if_over(inner, *object, registration);
    });
    return S_OK;
}

void end_registrations(const ObjectPtr& object) {
    Lock lock(world().mutex);
    while (!object->registrations.empty()) {
        const RegistrationPtr registration = object->registrations.back();
        if (registration->gone && !registration->inside.empty()) {
            object->registrations.pop_back(); // its own Notify releases it
        } else {
            end_registration(lock, object, registration);
        }
    }
}

} // namespace offline_state_worst
