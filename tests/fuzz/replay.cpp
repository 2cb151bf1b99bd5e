// Plays files through a fuzz target without a fuzzer: the corpus as an ordinary test, with any compiler.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
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
    // A copy on the heap of just that size, so that AddressSanitizer sees who reads beyond it.
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        throw std::filesystem::filesystem_error("cannot be read", file, std::make_error_code(std::errc::io_error));
    }
    std::printf("%s\n", file.filename().string().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

int wrong(const std::string& sentence) {
    std::fprintf(stderr, "replay: %s\n\n%s", sentence.c_str(), usage);
    return 2;
}

int replay(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> files;
    for (const std::string& argument : arguments) {
        if (argument == "--help") {
            std::fputs(usage, stdout);
            return 0;
        }
        if (argument == "--words") {
            offline_state_fuzz::print_each_call();
        } else if (argument[0] == '-') {
            return wrong("unknown option " + argument);
        } else if (std::filesystem::is_directory(argument)) {
            for (const auto& entry : std::filesystem::directory_iterator(argument)) {
                files.push_back(entry.path());
            }
        } else {
            files.emplace_back(argument);
        }
    }
    if (files.empty()) {
        return wrong("there is no file to play");
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
