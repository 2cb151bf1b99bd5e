// The one source file of a program that defines the identifiers.
#define INITGUID
#include <mapioffline.h>

extern const GUID* const identifiers[];
const GUID* const identifiers[] = {&GUID_GlobalState, &IID_IMAPIOffline, &IID_IMAPIOfflineMgr, &IID_IMAPIOfflineNotify};
