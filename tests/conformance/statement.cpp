#include "statement.h"

#include <cstring>

namespace conformance {

namespace {

struct Reason {
    const char* ids; // separated by spaces; ADDIN stands for all of that area
    const char* text;
};

// clang-format off
constexpr Reason reasons[] = {
    {"CONST-1 CONST-2 CONST-3 TYPE-1 TYPE-8",
     "about a header: who compiles with it has checked it"},
    {"ABOUT-6",
     "about what Outlook supports, not about what a call does"},
    {"ABOUT-1.1 ABOUT-5 GET-1.1 IFACE-5.1 NOTIFY-8 OPEN-5.1 OPEN-5.2 OPEN-5.3",
     "about what a client does"},
    {"OPEN-5.4",
     "about this project's DLLs"},
    {"SET-7",
     "about Outlook: a deadlock is no promise"},
    {"NOTIFY-10",
     "about a thread that ends inside Notify: only some systems tell anybody"},
    {"CREATE-10 SET-9",
     "no memory: that cannot be brought about from outside"},
    {"TRACE HOST",
     "about this project's own additions to the API"},
    {"ADDIN",
     "about the sample add-in"},
};
// clang-format on

bool is_named_in(const char* ids, const char* id) {
    const std::size_t area = std::strcspn(id, "-");
    for (const char* each = ids; *each != '\0';) {
        const std::size_t length = std::strcspn(each, " ");
        if ((length == std::strlen(id) || length == area) && std::strncmp(each, id, length) == 0) {
            return true;
        }
        each += length + (each[length] == ' ' ? 1 : 0);
    }
    return false;
}

} // namespace

const std::vector<Statement>& statements() {
    static const std::vector<Statement> all{
#include "statements.inc"
    };
    return all;
}

const char* name_of(Kind kind) {
    return kind == Kind::documented ? "documented" : kind == Kind::observed ? "observed" : "decided here";
}

const char* why_there_is_no_test(const char* id) {
    for (const Reason& reason : reasons) {
        if (is_named_in(reason.ids, id)) {
            return reason.text;
        }
    }
    return nullptr;
}

} // namespace conformance
