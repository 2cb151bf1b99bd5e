// After the MAPI headers, whose definitions it must not repeat.
#include <windows.h>

#include <mapicode.h>
#include <mapidefs.h>
#include <mapix.h>

#include <mapioffline.h>

static_assert(MAPI_E_NOT_FOUND == static_cast<HRESULT>(0x8004010FL), "");
static_assert(MAPI_E_INVALID_PARAMETER == E_INVALIDARG, "");
static_assert(MAPI_E_INTERFACE_NOT_SUPPORTED == E_NOINTERFACE, "");
static_assert(E_PENDING == static_cast<HRESULT>(0x8000000AL), "");
