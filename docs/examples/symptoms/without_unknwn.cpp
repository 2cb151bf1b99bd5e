// The folder with <unknwn.h> is not in the include path. Page: "By symptom".
#include <mapioffline.h>

int main() {
    return 0;
}
