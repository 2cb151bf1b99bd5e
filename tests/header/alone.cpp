// The header first and alone, and twice; it needs nothing of ours.
#include <mapioffline.h>

#include <mapioffline.h>

HROPENOFFLINEOBJ* open_offline_object = nullptr;
IMAPIOfflineMgr* object = nullptr;
