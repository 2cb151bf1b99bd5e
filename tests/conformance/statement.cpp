#include "statement.h"

#include <algorithm>

namespace conformance {

namespace {

struct Reason {
    std::vector<std::string> names; // IDs, or an area for all of it
    const char* text;
};

// clang-format off
const Reason reasons[] = {
    {{"CONST-1", "CONST-2", "CONST-3", "TYPE-1", "TYPE-8"},
     "about a header: who compiles with it has checked it"},
    {{"ABOUT-6"},
     "about what Outlook supports, not about what a call does"},
    {{"ABOUT-1.1", "ABOUT-5", "GET-1.1", "IFACE-5.1", "NOTIFY-8", "OPEN-5.1", "OPEN-5.2", "OPEN-5.3"},
     "about what a client does"},
    {{"OPEN-5.4"},
     "about this project's DLLs"},
    {{"SET-7"},
     "about Outlook: a deadlock is no promise"},
    {{"NOTIFY-10"},
     "about a thread that ends inside Notify: only some systems let the function notice"},
    {{"CREATE-10", "SET-9"},
     "no memory: that cannot be brought about from outside"},
    {{"TRACE", "HOST"},
     "about this project's own additions to the API"},
    {{"ADDIN"},
     "about the sample add-in"},
};
// clang-format on

} // namespace

const std::vector<Statement>& statements() {
    static const std::vector<Statement> all{
#include "statements.inc"
    };
    return all;
}

std::string area_of(const std::string& id) {
    return id.substr(0, id.find('-'));
}

std::string why_there_is_no_test(const std::string& id) {
    for (const Reason& reason : reasons) {
        const auto names_it = [&](const std::string& name) { return name == id || name == area_of(id); };
        if (std::any_of(reason.names.begin(), reason.names.end(), names_it)) {
            return reason.text;
        }
    }
    return "";
}

} // namespace conformance
