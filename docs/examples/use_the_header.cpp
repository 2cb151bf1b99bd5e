// The header alone: a client that is linked to no library and is handed HrOpenOfflineObj as a
// pointer.
//
// Expect the identifier that INITGUID has defined here, and the object of a profile not found,
// since the stand-in for Outlook's function at the end knows none. Page: "Use the header".

// [header]
#define INITGUID // in exactly one source file of the program, before its first #include
#include <mapioffline.h>

/// What a client does with the function that it has looked up in the module which Outlook has
/// loaded.
HRESULT open_with(HROPENOFFLINEOBJ* open, LPCWSTR profile_name, IMAPIOfflineMgr** object) {
    if (open == nullptr) { // the module has no such export
        *object = nullptr;
        return MAPI_E_NOT_FOUND;
    }
    return open(0, profile_name, &GUID_GlobalState, nullptr, object);
}
// [/header]

#include <cstdio>

static HRESULT STDMETHODCALLTYPE stand_in(ULONG, LPCWSTR, const GUID*, const GUID*,
                                          IMAPIOfflineMgr** object) {
    *object = nullptr;
    return MAPI_E_NOT_FOUND;
}

int main() {
    std::printf("GUID_GlobalState begins with %08X\n",
                static_cast<unsigned>(GUID_GlobalState.Data1));
    IMAPIOfflineMgr* object = nullptr;
    const HRESULT result = open_with(stand_in, L"Outlook", &object);
    std::printf("opening: 0x%08X\n", static_cast<unsigned>(result));
    return result == MAPI_E_NOT_FOUND && object == nullptr ? 0 : 1;
}
