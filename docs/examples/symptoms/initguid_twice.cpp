// Beside samples/client/guids.cpp, which defines the identifiers too. Page: "By symptom".
// [initguid-twice]
#define INITGUID
#include <mapioffline.h>
// [/initguid-twice]

int main() {
    return 0;
}
