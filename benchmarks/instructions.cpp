// Repeats one operation, so that valgrind can count its instructions. tools/instructions.py takes the difference of two
// runs, so that start and end of the program do not count.
#include "peers.h"

#include <cstdlib>
#include <cstring>

int main(int count, char** arguments) {
    if (count != 3) {
        return 2;
    }
    const Callbacks callbacks(1000);
    Reference reference(callbacks);
    std::uint32_t random = 1;
    for (int i = std::atoi(arguments[2]); i > 0; --i) {
        if (std::strcmp(arguments[1], "delivery") == 0) {
            reference.deliver();
        } else if (std::strcmp(arguments[1], "call") == 0) {
            require(reference.state() == MAPIOFFLINE_STATE_ONLINE);
        } else {
            reference.replace(next_random(random) % callbacks.size());
        }
    }
}
