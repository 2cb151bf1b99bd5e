// A reference on a COM object that may be a client's: what its functions do must harm nobody else (NOTIFY-7,
// NOTIFY-10).
#pragma once

#include "trace.h"

#include <utility>

namespace offline_state {

/// Holds one reference. Unlike ComPtr it lets a thread end inside the last Release, and nothing else leave it.
template <class Interface>
class Held {
public:
    Held() = default;
    explicit Held(Interface* taken_over) noexcept : object_(taken_over) {}
    Held(Held&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Held& operator=(const Held&) = delete;

    ~Held() noexcept(false) {
        if (object_ != nullptr) {
            call_client("IUnknown::Release", [this] { object_->Release(); });
        }
    }

    void swap(Held& other) noexcept { std::swap(object_, other.object_); }

    Interface* get() const noexcept { return object_; }
    Interface* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    Interface* object_ = nullptr;
};

} // namespace offline_state
