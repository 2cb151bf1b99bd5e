// Our DLLs export functions only, so a program that looks them up defines the identifiers.
#define INITGUID
#define USES_IID_IMAPISession
#define USES_MUID_PROFILE_INSTANCE
#include <mapioffline.h>

#include <windows.h>

#include <mapiguid.h>
