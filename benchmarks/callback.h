// A client that does as little as possible, and helpers that the benchmarks share.
#pragma once

#include <mapioffline.h>
#include <mapioffline_host.h>

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// Counts its references as every client does. Its methods are compiled in another file, so that the compiler cannot
/// replace the virtual calls by direct ones.
class Callback final : public IMAPIOfflineNotify {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    std::atomic<ULONG> references_{1}; // never 0: it outlives its registrations
    ULONG sum_ = 0;
};

/// N clients, and a bare loop over them: the least that notifying them can cost.
class Callbacks {
public:
    explicit Callbacks(std::size_t n);
    explicit Callbacks(std::vector<IMAPIOfflineNotify*> pointers) : pointers_(std::move(pointers)) {}

    IMAPIOfflineNotify* operator[](std::size_t i) const { return pointers_[i]; }
    std::size_t size() const { return pointers_.size(); }

    void call_all(const MAPIOFFLINE_NOTIFY& notification) const {
        for (IMAPIOfflineNotify* const callback : pointers_) {
            callback->Notify(&notification);
        }
    }

private:
    std::vector<Callback> callbacks_;
    std::vector<IMAPIOfflineNotify*> pointers_;
};

/// Registers it and returns the token.
ULONG advise(IMAPIOfflineMgr& object, IMAPIOfflineNotify* callback);

/// Ends the program: a benchmark of something that failed means nothing.
void require(bool condition);

/// The next number of a cheap random sequence.
std::uint32_t next_random(std::uint32_t& state);

/// Bytes of the heap in use.
std::size_t heap_in_use();

/// Confines this thread, and those that it starts, to one processor.
void pin_to(int processor);

/// Lets this thread use all processors again.
void unpin();

/// Divides the time of an iteration by `count`.
void each(benchmark::State& state, const char* name, std::size_t count);
