// SPDX-License-Identifier: MIT
// The one source file that defines the identifiers: Outlook's library exports functions only.
// If another file of your program defines them, leave this one out.
#define INITGUID
#include <mapioffline.h>
