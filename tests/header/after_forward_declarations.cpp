// After the forward declarations that Microsoft's MAPIStubLibrary has at global scope (TYPE-8).
struct IMAPIOfflineMgr;
struct MAPIOFFLINE_CREATEINFO;

#include <mapioffline.h>

ULONG size_of(const MAPIOFFLINE_CREATEINFO& info) {
    return info.ulSize;
}
