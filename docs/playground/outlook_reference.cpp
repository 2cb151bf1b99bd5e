#include "outlook.h"

namespace playground {

const bool library_has_trace = true;

struct Outlook::Impl {
    offline_state::ManualDispatcher dispatcher; // before the host: its object then delivers on demand
    std::unique_ptr<offline_state::Host> host;
};

Outlook::Outlook(const offline_state::TraceSink& sink) : impl_(std::make_unique<Impl>()) {
    offline_state::set_trace_sink(sink);
}

Outlook::~Outlook() {
    offline_state::set_trace_sink({});
}

bool Outlook::choose(const std::string& behaviours) {
    return behaviours.empty();
}

HRESULT Outlook::start() {
    impl_->host = std::make_unique<offline_state::Host>(L"Outlook");
    return S_OK;
}

void Outlook::quit() {
    impl_->host.reset();
}

IMAPIOfflineMgr* Outlook::object() const {
    return impl_->host ? impl_->host->object() : nullptr;
}

HRESULT Outlook::work_offline(bool offline) {
    return impl_->host->work_offline(offline, MAPIOFFLINE_FLAG_DEFAULT);
}

HRESULT Outlook::send_other_notification() {
    constexpr auto unknown_type = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4);
    return impl_->host->send_other_notification(unknown_type, MAPIOFFLINE_STATE_OFFLINE_MASK);
}

bool Outlook::deliver() {
    return impl_->dispatcher.deliver_phase();
}

} // namespace playground
