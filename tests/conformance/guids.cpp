// The one source file that turns the declarations of the identifiers into definitions.
#define INITGUID
#include <mapioffline.h>
