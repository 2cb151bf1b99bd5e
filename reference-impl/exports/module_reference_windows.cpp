#include "module_reference.h"

#include <windows.h>

namespace offline_state {
namespace {

const char inside_this_library = 0;

void CALLBACK release(PTP_CALLBACK_INSTANCE instance, PVOID module, PTP_TIMER timer) {
    CloseThreadpoolTimer(timer);
    FreeLibraryWhenCallbackReturns(instance, static_cast<HMODULE>(module)); // it runs in this library, too
}

} // namespace

ModuleReference::ModuleReference() noexcept {
    HMODULE module = nullptr;
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, reinterpret_cast<LPCWSTR>(&inside_this_library),
                           &module) != FALSE) {
        module_ = module;
    }
}

ModuleReference::~ModuleReference() {
    if (module_ == nullptr) {
        return;
    }
    // Without memory for a timer the library stays loaded, which does no harm.
    if (const PTP_TIMER timer = CreateThreadpoolTimer(release, module_, nullptr)) {
        ULARGE_INTEGER in_a_second;
        in_a_second.QuadPart = static_cast<ULONGLONG>(-10'000'000LL); // relative, in 100 ns
        FILETIME due{in_a_second.LowPart, in_a_second.HighPart};
        SetThreadpoolTimer(timer, &due, 0, 0);
    }
}

} // namespace offline_state
