#include "client_calls.h"

namespace offline_state {
namespace {

/// Stands in the list while the call runs that it is made around.
class Listed {
public:
    Listed(ULONG token, const MAPIOFFLINE_NOTIFY& notification) noexcept
        : call_{token, notification, std::chrono::steady_clock::now()} {
        RunningNotifies& all = running_notifies();
        const std::lock_guard lock(all.mutex);
        call_.next = all.newest;
        all.newest = &call_;
        all.changed.notify_all();
    }
    ~Listed() {
        RunningNotifies& all = running_notifies();
        const std::lock_guard lock(all.mutex);
        RunningNotify** link = &all.newest;
        while (*link != &call_) { // NOLINT(clang-analyzer-core.NullDereference): it is in the list
            link = &(*link)->next;
        }
        *link = call_.next;
    }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

private:
    RunningNotify call_;
};

} // namespace

Callback callback_of(IUnknown& client) {
    void* given = nullptr;
    HRESULT result = E_NOINTERFACE;
    call_client("IUnknown::QueryInterface",
                [&] { result = client.QueryInterface(__uuidof(IMAPIOfflineNotify), &given); });
    return Callback(SUCCEEDED(result) ? static_cast<IMAPIOfflineNotify*>(given) : nullptr);
}

void call_listed_notify(IMAPIOfflineNotify& callback, ULONG token, const MAPIOFFLINE_NOTIFY& notification) {
    const Listed listed(token, notification);
    call_notify(callback, notification);
}

// Never destroyed: a notification may come while the process ends.
RunningNotifies& running_notifies() {
    static auto& all = *new RunningNotifies;
    return all;
}

} // namespace offline_state
