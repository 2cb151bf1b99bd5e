#include "outlook.h"

#include <mapioffline_worst.h>

#include <wrl/client.h>

namespace playground {

const bool library_has_trace = false;

struct Outlook::Impl {
    Microsoft::WRL::ComPtr<IMAPIOfflineMgr> object;
};

Outlook::Outlook(const offline_state::TraceSink&) : impl_(std::make_unique<Impl>()) {
}

Outlook::~Outlook() {
    impl_->object.Reset();
    deliver();
}

bool Outlook::choose(const std::string& behaviours) {
    return !behaviours.empty() && offline_state_worst_set(behaviours.c_str()) == 0;
}

HRESULT Outlook::start() {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = L"Outlook";
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    return HrCreateOfflineObj(0, &info, impl_->object.ReleaseAndGetAddressOf());
}

void Outlook::quit() {
    impl_->object.Reset();
}

IMAPIOfflineMgr* Outlook::object() const {
    return impl_->object.Get();
}

HRESULT Outlook::work_offline(bool offline) {
    return impl_->object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                          offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE, nullptr);
}

HRESULT Outlook::send_other_notification() {
    return E_NOTIMPL;
}

bool Outlook::deliver() {
    offline_state_worst_settle();
    return false;
}

} // namespace playground
