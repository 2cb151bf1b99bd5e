// Plays a list of calls on this machine: play TITLE LIST.
#include "player.h"

#include <cstdio>
#include <exception>

int main(int argc, char* argv[]) {
    if (argc != 3) {
        std::fputs("Usage: play TITLE LIST, where LIST is \"outlook.start,a.open\" or the like.\n", stderr);
        return 2;
    }
    try {
        std::puts(playground::play(argv[2], argv[1]).c_str());
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "play: %s\n", problem.what());
        return 1;
    }
    return 0;
}
