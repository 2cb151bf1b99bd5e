// The page "HrOpenOfflineObj".
#include "../client.h"

namespace conformance {

namespace {

struct BadCall {
    const char* what;
    ULONG reserved;
    LPCWSTR profile;
    const GUID* guid;
    const GUID* reserved_guid;
};

/// Each breaks the contract in one place.
std::vector<BadCall> bad_calls(LPCWSTR profile) {
    return {
        {"an ulReserved that is not 0", 1, profile, &GUID_GlobalState, nullptr},
        {"a null profile name", 0, nullptr, &GUID_GlobalState, nullptr},
        {"an empty profile name", 0, L"", &GUID_GlobalState, nullptr},
        {"a null pGUID", 0, profile, nullptr, nullptr},
        {"an unknown GUID", 0, profile, &other_guid, nullptr},
        {"a pReserved that is not null", 0, profile, &GUID_GlobalState, &GUID_GlobalState},
    };
}

HRESULT open(const Subject& subject, const BadCall& call, IMAPIOfflineMgr** object) {
    return subject.open_function()(call.reserved, call.profile, call.guid, call.reserved_guid, object);
}

void expect_not_found(const Subject& subject, const std::wstring& profile, const std::string& what) {
    ComPtr<IMAPIOfflineMgr> object;
    expect_result("HrOpenOfflineObj for " + what, MAPI_E_NOT_FOUND, subject.open(profile.c_str(), object));
}

} // namespace

std::vector<Check> open_checks() {
    return {
        {"OPEN-1", "it gives the object that exists; the caller's reference keeps it alive",
         [](const Subject& subject) {
             ComPtr<IMAPIOfflineMgr> created = subject.object();
             ComPtr<IMAPIOfflineMgr> opened;
             expect_result("HrOpenOfflineObj for a profile that has an object", S_OK,
                           subject.open(subject.profile(), opened));
             created.Reset();
             state_of(opened.Get());
         }},
        {"OPEN-2", "the profile's name is Unicode",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created =
                 subject.create_global(subject.profile(L" \u00E4\u03A9\u4E2D").c_str());
             expect(subject.exists(subject.profile(L" \u00E4\u03A9\u4E2D").c_str()),
                    "a name beyond ASCII is not found again");
             expect_not_found(subject, subject.profile(L" \u00E4\u03A9\u4E2E"), "a name that differs beyond ASCII");
         }},
        {"OPEN-3", "the result is S_OK or MAPI_E_NOT_FOUND, whatever the call",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.object();
             for (const BadCall& call : bad_calls(subject.profile())) {
                 ComPtr<IMAPIOfflineMgr> object;
                 const HRESULT result = open(subject, call, object.GetAddressOf());
                 expect(result == S_OK || result == MAPI_E_NOT_FOUND,
                        std::string("HrOpenOfflineObj with ") + call.what + " gives " + name_of(result));
             }
         }},
        {"OPEN-3.1", "each argument that breaks the contract gives MAPI_E_NOT_FOUND and a null pointer",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.object();
             for (const BadCall& call : bad_calls(subject.profile())) {
                 IMAPIOfflineMgr* object = poisoned_pointer();
                 expect_result(std::string("HrOpenOfflineObj with ") + call.what, MAPI_E_NOT_FOUND,
                               open(subject, call, &object));
                 expect(object == nullptr,
                        std::string("HrOpenOfflineObj with ") + call.what + " does not set the pointer to null");
             }
             expect_result("HrOpenOfflineObj with a null ppOfflineObj", MAPI_E_NOT_FOUND,
                           subject.open_function()(0, subject.profile(), &GUID_GlobalState, nullptr, nullptr));
         }},
        {"OPEN-4", "a profile that is not Outlook's gives MAPI_E_NOT_FOUND",
         [](const Subject& subject) { expect_not_found(subject, subject.profile(L" of nobody"), "nobody's profile"); }},
        {"OPEN-4.1", "a profile is found when an object has been created for it, and only then",
         [](const Subject& subject) {
             const std::wstring profile = subject.profile(L" 2");
             const ComPtr<IMAPIOfflineMgr> another = subject.create_global(subject.profile());
             expect_not_found(subject, profile, "a profile without an object");
             const ComPtr<IMAPIOfflineMgr> created = subject.create_global(profile.c_str());
             expect(subject.exists(profile.c_str()), "a profile that has an object is not found");
         }},
        {"OPEN-5", "the export has one of the two names that clients ask for",
         [](const Subject& subject) {
#ifdef _WIN32
             expect(subject.library().find("HrOpenOfflineObj") != nullptr ||
                        subject.library().find("HrOpenOfflineObj@20") != nullptr,
                    "there is no export HrOpenOfflineObj and no HrOpenOfflineObj@20");
#else
             static_cast<void>(subject);
             not_testable("about the exports of a DLL, and this is not Windows");
#endif
         }},
        {"OPEN-6", "names compare without case; up to 64 characters, not empty",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.create_global(subject.profile(L" a\u00E9\u00DF").c_str());
             expect(subject.exists(subject.profile(L" A\u00C9\u00DF").c_str()), "the case of a letter matters");
             expect_not_found(subject, subject.profile(L" a\u00E9ss"), "a name with ss for sharp s");
             std::wstring longest = subject.profile(L" ");
             longest.resize(64, L'x');
             const ComPtr<IMAPIOfflineMgr> named_long = subject.create_global(longest.c_str());
             expect(subject.exists(longest.c_str()), "a name of 64 characters is not found again");
             expect_not_found(subject, longest + L'x', "a name of 65 characters");
             expect_not_found(subject, L"", "an empty name");
         }},
        {"OPEN-7", "a second call gives the same object",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.object();
             ComPtr<IMAPIOfflineMgr> first;
             ComPtr<IMAPIOfflineMgr> second;
             expect_result("HrOpenOfflineObj", S_OK, subject.open(subject.profile(), first));
             expect_result("HrOpenOfflineObj", S_OK, subject.open(subject.profile(), second));
             expect(is_same(first.Get(), second.Get()), "two calls give two objects");
         }},
    };
}

} // namespace conformance
