// Prints the table of behaviours as JSON, for tests and for the guide.
#include <mapioffline_worst.h>

#include <cstdio>

int main() {
    return std::fputs(offline_state_worst_behaviours(), stdout) < 0 ? 1 : 0;
}
