// The one source file of this library that defines the identifiers of mapioffline.h (and, off Windows, IUnknown's).
#define INITGUID
#include <mapioffline.h>
