// Plays inputs of random bytes through a fuzz target: random_inputs NUMBER. The same ones each time.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    const int inputs = argc == 2 ? static_cast<int>(std::strtol(argv[1], nullptr, 10)) : 0;
    if (inputs <= 0) {
        std::fputs("Usage: random_inputs NUMBER\n", stderr);
        return 2;
    }
    for (int input = 0; input < inputs; ++input) {
        std::mt19937 random(static_cast<unsigned>(input));
        std::vector<std::uint8_t> bytes(100 + random() % 1500);
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        // The first byte says whether objects may be kept, after which no input is free of them.
        bytes[0] = input < inputs * 3 / 4 ? 0 : 255;
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%d inputs\n", inputs);
    return 0;
}
