// In C++ with COM's declarations for C: the header refuses (tests/header/refused.cmake).
#define CINTERFACE
#include <mapioffline.h>
