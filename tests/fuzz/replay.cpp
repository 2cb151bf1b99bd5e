// Plays files through a fuzz target without a fuzzer: the corpus as an ordinary test, with any compiler.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "player.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr const char* usage = R"(Usage: replay [--words] FILE-OR-FOLDER...

Plays each file as an input of the fuzzer. A difference or a crash ends it at once.

  --words  prints each call before it is made: the last one is the one that crashes
  --help   prints this text
)";

void play(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        throw std::filesystem::filesystem_error("cannot be read", file, std::make_error_code(std::errc::io_error));
    }
    // A copy on the heap of just that size, so that AddressSanitizer sees who reads beyond it.
    std::printf("%s\n", file.filename().string().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

int replay(const std::vector<const char*>& arguments) {
    std::vector<std::filesystem::path> files;
    for (const char* const argument : arguments) {
        if (std::strcmp(argument, "--help") == 0) {
            std::fputs(usage, stdout);
            return 0;
        }
        if (std::strcmp(argument, "--words") == 0) {
            offline_state_fuzz::print_each_call();
        } else if (argument[0] == '-') {
            std::fprintf(stderr, "replay: unknown option %s\n\n%s", argument, usage);
            return 2;
        } else if (std::filesystem::is_directory(argument)) {
            for (const auto& entry : std::filesystem::directory_iterator(argument)) {
                files.push_back(entry.path());
            }
        } else {
            files.emplace_back(argument);
        }
    }
    if (files.empty()) {
        std::fprintf(stderr, "replay: there is no file to play\n\n%s", usage);
        return 2;
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
        play(file);
    }
    std::printf("%zu files played, without a difference\n", files.size());
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    try {
        return replay({arguments + 1, arguments + count});
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "replay: %s\n", fault.what());
        return 1;
    }
}
