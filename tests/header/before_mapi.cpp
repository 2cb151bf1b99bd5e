// Before the MAPI headers: not what we recommend, but it compiles.
#include <mapioffline.h>

#include <mapix.h>

#include <mapicode.h>

static_assert(MAPI_E_NOT_FOUND == static_cast<HRESULT>(0x8004010FL), "");
