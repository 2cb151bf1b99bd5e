#include "client_calls.h"

#include "lifetime.h"

namespace offline_state {

Callback callback_of(IUnknown& client) {
    void* given = nullptr;
    const HRESULT result = call_client("IUnknown::QueryInterface", E_NOINTERFACE,
                                       [&] { return client.QueryInterface(__uuidof(IMAPIOfflineNotify), &given); });
    return Callback(SUCCEEDED(result) ? static_cast<IMAPIOfflineNotify*>(given) : nullptr);
}

void call_listed_notify(IMAPIOfflineNotify& callback, ULONG token, const MAPIOFFLINE_NOTIFY& notification) {
    RunningNotifies& all = process_wide<RunningNotifies>();
    RunningNotify running{token, notification, std::chrono::steady_clock::now()};
    {
        const std::lock_guard lock(all.mutex);
        running.next = std::exchange(all.newest, &running);
        all.changed.notify_all();
    }
    const AtEnd leave_the_list{[&] {
        const std::lock_guard lock(all.mutex);
        RunningNotify** link = &all.newest;
        while (*link != &running) { // NOLINT(clang-analyzer-core.NullDereference): it is in the list
            link = &(*link)->next;
        }
        *link = running.next;
    }};
    call_notify(callback, notification);
}

} // namespace offline_state
