#include "platform.h"

#include <atomic>
#include <cstddef>
#include <string_view>

#ifdef _WIN32
#include <windows.h>
#else
#include <link.h>
#include <sys/mman.h>
#endif

namespace offline_state_worst {

namespace {

constexpr std::size_t page_size = 65'536; // a multiple of every system's
constexpr std::size_t pages = 64;

std::atomic<bool> in_use[pages];
std::atomic<std::size_t> next_page{0}; // the pages go round: one that has been used stays unreadable for long

#ifdef _WIN32

const char inside_this_library = 0;

char* reserve() noexcept {
    return static_cast<char*>(VirtualAlloc(nullptr, page_size * pages, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS));
}

bool protect(void* page, bool readable) noexcept {
    DWORD before = 0;
    return VirtualProtect(page, page_size, readable ? PAGE_READWRITE : PAGE_NOACCESS, &before) != FALSE;
}

#else

char* reserve() noexcept {
    void* const all = mmap(nullptr, page_size * pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return all == MAP_FAILED ? nullptr : static_cast<char*>(all);
}

bool protect(void* page, bool readable) noexcept {
    return mprotect(page, page_size, readable ? PROT_READ | PROT_WRITE : PROT_NONE) == 0;
}

#endif

char* all_pages() noexcept {
    static char* const all = reserve();
    return all;
}

} // namespace

void* readable_page() noexcept {
    for (std::size_t tries = 0; all_pages() != nullptr && tries < pages; ++tries) {
        const std::size_t index = next_page++ % pages;
        if (in_use[index].exchange(true)) {
            continue;
        }
        void* const page = all_pages() + index * page_size;
        if (protect(page, true)) {
            return page;
        }
        in_use[index] = false;
    }
    return nullptr;
}

void make_unreadable(void* page) noexcept {
    protect(page, false);
    in_use[static_cast<std::size_t>(static_cast<char*>(page) - all_pages()) / page_size] = false;
}

#ifdef _WIN32

bool reference_is_loaded() noexcept {
    for (const wchar_t* const name : {L"olmapi32.dll", L"msmapi32.dll"}) {
        HMODULE const module = GetModuleHandleW(name);
        if (module != nullptr && GetProcAddress(module, "HrCreateOfflineObj") != nullptr &&
            GetProcAddress(module, "offline_state_worst_set") == nullptr) {
            return true;
        }
    }
    return false;
}

void keep_this_library_loaded() noexcept {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       reinterpret_cast<LPCWSTR>(&inside_this_library), &module);
}

#else

bool reference_is_loaded() noexcept {
    const auto is_reference = [](dl_phdr_info* library, std::size_t, void*) {
        const std::string_view path = library->dlpi_name;
        const std::string_view name = "libmapioffline.so";
        return path.substr(path.rfind('/') + 1).substr(0, name.size()) == name ? 1 : 0;
    };
    return dl_iterate_phdr(is_reference, nullptr) != 0;
}

void keep_this_library_loaded() noexcept {
    // It is linked with -z nodelete.
}

#endif

} // namespace offline_state_worst
