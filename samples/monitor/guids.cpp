// SPDX-License-Identifier: MIT
// The one source file that defines the identifiers: Outlook's DLL does not bring them.
#define INITGUID
#include <mapioffline.h>
