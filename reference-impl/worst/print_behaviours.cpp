// Prints the table of behaviours as JSON, for tests and for the guide.
#include "behaviours.h"

#include <cstdio>

int main() {
    using namespace offline_state_worst;
    return configured() && std::fputs(behaviours_as_json().c_str(), stdout) >= 0 ? 0 : 2;
}
