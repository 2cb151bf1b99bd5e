// Memory that ends where the address space does: reading one byte beyond it, or writing to it, ends the process.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#if defined(__has_include)
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)
#endif

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace offline_state_fuzz {

class GuardedMemory {
public:
    /// A copy that can only be read; the page behind its last byte cannot even be read. Where the alignment leaves a
    /// gap between the two, AddressSanitizer guards it.
    GuardedMemory(const void* bytes, std::size_t size, std::size_t alignment) {
        const std::size_t page = page_size();
        const std::size_t aligned = (size + alignment - 1) / alignment * alignment;
        const std::size_t whole = (aligned + page - 1) / page * page;
        size_ = whole + page;
#ifdef _WIN32
        DWORD before = 0;
        memory_ = static_cast<char*>(VirtualAlloc(nullptr, size_, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE));
        if (memory_ == nullptr) {
            throw std::bad_alloc();
        }
#else
        void* const mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) {
            throw std::bad_alloc();
        }
        memory_ = static_cast<char*>(mapped);
#endif
        begin_ = memory_ + whole - aligned;
        if (size != 0) {
            std::memcpy(begin_, bytes, size);
        }
#ifdef _WIN32
        VirtualProtect(memory_, whole + page, PAGE_READONLY, &before);
        VirtualProtect(memory_ + whole, page, PAGE_NOACCESS, &before);
#else
        mprotect(memory_, whole + page, PROT_READ);
        mprotect(memory_ + whole, page, PROT_NONE);
#endif
        ASAN_POISON_MEMORY_REGION(begin_ + size, aligned - size);
    }

    ~GuardedMemory() {
        ASAN_UNPOISON_MEMORY_REGION(memory_, size_);
#ifdef _WIN32
        VirtualFree(memory_, 0, MEM_RELEASE);
#else
        munmap(memory_, size_);
#endif
    }

    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;

    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(begin_);
    }

private:
    static std::size_t page_size() {
#ifdef _WIN32
        SYSTEM_INFO info;
        GetSystemInfo(&info);
        return info.dwPageSize;
#else
        return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
#endif
    }

    char* memory_ = nullptr;
    char* begin_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace offline_state_fuzz
