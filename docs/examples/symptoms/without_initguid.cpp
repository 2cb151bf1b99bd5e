// No file of this program says #define INITGUID. Page: "By symptom".
#include <mapioffline.h>

// [without-initguid]
int main() {
    return GUID_GlobalState.Data1 == 0 ? 1 : 0;
}
// [/without-initguid]
