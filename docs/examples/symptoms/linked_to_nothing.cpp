// The function is called as if a library had it. Page: "By symptom".
#define INITGUID
#include <mapioffline.h>

// [linked-to-nothing]
int main() {
    IMAPIOfflineMgr* object = nullptr;
    return HrOpenOfflineObj(0, L"Outlook", &GUID_GlobalState, nullptr, &object) == S_OK ? 0 : 1;
}
// [/linked-to-nothing]
