// What a record says about the machine, and nothing about a person.
#pragma once

#include "record.h"

#include <oaidl.h>

#include <string>

namespace offline_state_recorder {

struct ProfileHash {
    std::string salt; // random
    std::string hash; // SHA-256 of the salt and the name
};
ProfileHash hash_of(const std::wstring& profile);
ProfileHash hash_of(const std::wstring& profile, const std::string& salt);

/// The record's first line.
/// @thread Outlook's main thread, as for its whole object model.
Json about_the_machine(IDispatch* application, const std::wstring& profile, const std::string& mode);

/// A module: where it is, without a user's folder, its version, and which of the two names it exports.
Json about_module(const wchar_t* name, HMODULE module);

} // namespace offline_state_recorder
