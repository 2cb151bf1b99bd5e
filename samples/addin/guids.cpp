// SPDX-License-Identifier: MIT
// The one source file that defines the identifiers: Outlook's library exports functions only.
// INITGUID comes first, because windows.h looks at it.
#define INITGUID
#define USES_IID_IMAPISession
#define USES_MUID_PROFILE_INSTANCE
#include <mapioffline.h>

#include <windows.h>

#include <mapiguid.h>
