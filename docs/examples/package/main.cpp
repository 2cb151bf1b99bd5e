// The smallest program that uses the package: plays Outlook and opens the object as a client
// does.
//
// [main]
#include <mapioffline_host.h>

#include <cstdio>

int main() {
    const offline_state::Host outlook(L"Outlook");

    IMAPIOfflineMgr* object = nullptr;
    const HRESULT result = HrOpenOfflineObj(0, L"Outlook", &GUID_GlobalState, nullptr, &object);
    if (FAILED(result)) {
        std::fprintf(stderr, "HrOpenOfflineObj failed: 0x%08X\n",
                     static_cast<unsigned>(result));
        return 1;
    }
    std::puts("the offline object is open");
    object->Release();
    return 0;
}
// [/main]
