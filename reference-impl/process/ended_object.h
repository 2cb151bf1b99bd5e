// In debug builds: what stands in the place of an object whose last reference is gone.
#pragma once

// AddressSanitizer finds the same, and says more about it.
#if defined(__SANITIZE_ADDRESS__)
#define OFFLINE_STATE_KEEPS_ENDED_OBJECTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OFFLINE_STATE_KEEPS_ENDED_OBJECTS 0
#endif
#endif
#ifndef OFFLINE_STATE_KEEPS_ENDED_OBJECTS
#ifdef NDEBUG
#define OFFLINE_STATE_KEEPS_ENDED_OBJECTS 0
#else
#define OFFLINE_STATE_KEEPS_ENDED_OBJECTS 1
#endif
#endif

#if OFFLINE_STATE_KEEPS_ENDED_OBJECTS

#include <mapioffline.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

namespace offline_state {

/// Whoever calls it has released the object too often, or lets someone else pay for it. It ends the process and says
/// so.
class EndedObject final : public IMAPIOfflineMgr {
public:
    /// Puts one into the memory of an object that has been destroyed. The last 64 are kept; from a call to one that
    /// ended before these nothing can be told.
    static void keep(void* memory) noexcept {
        // Never destroyed, and not allocated: the end of an object must not fail.
        alignas(Kept) static std::array<std::byte, sizeof(Kept)> storage;
        static Kept& kept = *new (storage.data()) Kept;
        const std::lock_guard lock(kept.mutex);
        void*& place = kept.memory[kept.next++ % kept.memory.size()];
        ::operator delete(place);
        place = new (memory) EndedObject;
    }

    [[noreturn]] static void called(const char* method) noexcept {
        std::fprintf(
            stderr,
            "mapioffline: %s of an offline object whose last reference is gone: it has been released too often, "
            "here or elsewhere\n",
            method);
        std::abort();
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void**) override { called("QueryInterface"); }
    ULONG STDMETHODCALLTYPE AddRef() override { called("AddRef"); }
    ULONG STDMETHODCALLTYPE Release() override { called("Release"); }
    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG, ULONG, ULONG, void*) override { called("SetCurrentState"); }
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG*) override { called("GetCapabilities"); }
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG*) override { called("GetCurrentState"); }
    HRESULT STDMETHODCALLTYPE Placeholder6() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Advise(ULONG, MAPIOFFLINE_ADVISEINFO*, ULONG*) override { called("Advise"); }
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG, ULONG) override { called("Unadvise"); }
    HRESULT STDMETHODCALLTYPE Placeholder9() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { called("a placeholder"); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { called("a placeholder"); }

private:
    struct Kept {
        std::mutex mutex;
        std::array<void*, 64> memory{};
        std::size_t next = 0;
    };
};

} // namespace offline_state

#endif
