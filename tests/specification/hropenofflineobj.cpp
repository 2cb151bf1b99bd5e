// The page "HrOpenOfflineObj".
#include "specification.h"

#include "fuzz/guarded_memory.h"

#include <string_view>

namespace offline_state_specification {
namespace {

using HrOpenOfflineObjPage = Specification;
using offline_state_fuzz::GuardedMemory;

struct BadCall {
    const char* with;
    ULONG reserved;
    LPCWSTR profile;
    const GUID* guid;
    const GUID* reserved_guid;
};

/// Each breaks the contract in one place.
std::vector<BadCall> bad_calls() {
    return {
        {"with an ulReserved that is not 0", 1, profile(), &GUID_GlobalState, nullptr},
        {"with a null profile name", 0, nullptr, &GUID_GlobalState, nullptr},
        {"with an empty profile name", 0, L"", &GUID_GlobalState, nullptr},
        {"with a null pGUID", 0, profile(), nullptr, nullptr},
        {"with an unknown GUID", 0, profile(), &other_guid, nullptr},
        {"with a pReserved that is not null", 0, profile(), &GUID_GlobalState, &GUID_GlobalState},
    };
}

HRESULT open_with(const BadCall& call, IMAPIOfflineMgr** object) {
    return library().open(call.reserved, call.profile, call.guid, call.reserved_guid, object);
}

PROMISE(HrOpenOfflineObjPage, GivesTheObjectThatExistsAndAReferenceOnIt, "OPEN-1@1025") {
    Object created = any_object();
    Object opened;
    ASSERT_RESULT(S_OK, open_patiently(profile(), opened));
    const ULONG to = other(state_of(opened));
    change(created, to);
    EXPECT_EQ(to, state_of(opened)) << "it gives another object";
    created.Reset();
    state_of(opened);
}

PROMISE(HrOpenOfflineObjPage, TakesANameInUnicode, "OPEN-2@c60e") {
    const Object created = new_object(profile(L" \u00E4\u03A9\u4E2D").c_str());
    Object opened;
    EXPECT_RESULT(S_OK, open_patiently(profile(L" \u00E4\u03A9\u4E2D").c_str(), opened));
    EXPECT_FALSE(exists(profile(L" \u00E4\u03A9\u4E2E").c_str())) << "a name that differs beyond ASCII is found";
}

PROMISE_THAT(reads, HrOpenOfflineObjPage, TakesTheGUIDAtAnyAddress, "OPEN-2@c60e") {
    const Object created = any_object();
    const GUID copy = GUID_GlobalState;
    Object opened;
    ASSERT_RESULT(S_OK, open_patiently(profile(), opened));
    EXPECT_RESULT(S_OK, library().open(0, profile(), &copy, nullptr, &opened));
}

PROMISE_THAT(breaks_the_contract, HrOpenOfflineObjPage, ReturnsOkOrNotFoundWhateverTheCall, "OPEN-3@86a6") {
    const Object created = any_object();
    for (const BadCall& call : bad_calls()) {
        Object object;
        const HRESULT result = open_with(call, object.GetAddressOf());
        EXPECT_TRUE(result == S_OK || result == MAPI_E_NOT_FOUND)
            << "HrOpenOfflineObj gives " << name_of(result) << ' ' << call.with;
    }
}

PROMISE_THAT(breaks_the_contract, HrOpenOfflineObjPage, AnswersEachBreachOfTheContractWithNotFoundAndANullPointer,
             "OPEN-3.1@1989") {
    const Object created = any_object();
    for (const BadCall& call : bad_calls()) {
        IMAPIOfflineMgr* object = poisoned_pointer();
        EXPECT_RESULT(MAPI_E_NOT_FOUND, open_with(call, &object)) << call.with;
        EXPECT_EQ(nullptr, object) << call.with;
    }
    EXPECT_RESULT(MAPI_E_NOT_FOUND, library().open(0, profile(), &GUID_GlobalState, nullptr, nullptr));
}

PROMISE_THAT(reads, HrOpenOfflineObjPage, DoesNotFindAProfileThatOutlookDoesNotHave, "OPEN-4@4b6a") {
    Object object;
    EXPECT_RESULT(MAPI_E_NOT_FOUND, open(profile(L" of nobody").c_str(), object));
    EXPECT_RESULT(MAPI_E_NOT_FOUND, open(profile(L" of nobody").c_str(), object)); // nor does it create one
}

PROMISE(HrOpenOfflineObjPage, FindsAProfileWhenAnObjectHasBeenCreatedForIt, "OPEN-4.1@9ddc") {
    const std::wstring second = profile(L" 2");
    const Object another = new_object();
    Object object;
    EXPECT_RESULT(MAPI_E_NOT_FOUND, open(second.c_str(), object));
    const Object created = new_object(second.c_str());
    EXPECT_RESULT(S_OK, open(second.c_str(), object));
}

PROMISE(HrOpenOfflineObjPage, ComparesNamesWithoutRegardToCase, "OPEN-6@ddef") {
    const Object created = new_object(profile(L" B\u00FCcher \u0416\u0443\u043A").c_str());
    EXPECT_TRUE(exists(profile(L" B\u00FCcher \u0416\u0443\u043A").c_str()));
    EXPECT_TRUE(exists(profile(L" B\u00DCCHER \u0416\u0423\u041A").c_str())) << "the case of a letter matters";
    EXPECT_TRUE(exists(profile(L" b\u00FCcher \u0436\u0443\u043A").c_str())) << "the case of a letter matters";
    EXPECT_FALSE(exists(profile(L" Bucher \u0416\u0443\u043A").c_str())) << "an accent does not matter";
    EXPECT_FALSE(exists(profile(L" B\u00FCcher \u0416\u0443\u043A ").c_str())) << "a space at the end does not matter";
}

PROMISE(HrOpenOfflineObjPage, MapsEachCharacterToOne, "OPEN-6@ddef") {
    const Object created = new_object(profile(L" stra\u00DFe").c_str());
    EXPECT_TRUE(exists(profile(L" STRA\u00DFE").c_str()));
    EXPECT_FALSE(exists(profile(L" STRASSE").c_str())) << "a name with SS for sharp s is found";
}

PROMISE(HrOpenOfflineObjPage, TakesNamesOf1To64Characters, "OPEN-6@ddef") {
    const std::wstring longest = (profile(L" ") + std::wstring(64, L'x')).substr(0, 64);
    const Object shortest = new_object(L"\u042F");
    const Object named_long = new_object(longest.c_str());
    EXPECT_TRUE(exists(L"\u044F"));
    EXPECT_TRUE(exists(longest.c_str())) << "a name of 64 characters is not found again";
    EXPECT_FALSE(exists(longest.substr(0, 63).c_str()));
    EXPECT_FALSE(exists((longest + L'x').c_str()));
    EXPECT_FALSE(exists(std::wstring(10'000, L'x').c_str()));
    EXPECT_FALSE(exists(L""));
    const std::wstring characters(65, L'x');
    const GuardedMemory unterminated(characters.data(), 65 * sizeof(wchar_t), alignof(wchar_t)); // no 66th can be read
    EXPECT_FALSE(exists(unterminated.as<const wchar_t>()));
}

PROMISE(HrOpenOfflineObjPage, CountsACharacterAboveTheFirstPlaneTwice, "OPEN-6@ddef") {
    const std::wstring character = L"\U0001F600"; // on Windows that is two wchar_t
    std::wstring name;
    for (int i = 0; i < 32; ++i) {
        name += character;
    }
    const Object created = new_object(name.c_str());
    EXPECT_TRUE(exists(name.c_str()));
    Object too_long;
    EXPECT_RESULT(E_INVALIDARG, create(global_info((name + L'x').c_str()), too_long));
}

PROMISE(HrOpenOfflineObjPage, TellsLettersApartThatShareAnUpperCase, "OPEN-6@ddef") {
    const struct {
        LPCWSTR letter;
        LPCWSTR other;
    } pairs[] = {{L"\u0131", L"I"},
                 {L"\u017F", L"S"},
                 {L"\u00B5", L"\u039C"},
                 {L"\u03C2", L"\u03A3"},          // ı ſ µ ς
                 {L"\U00010428", L"\U00010400"}}; // above U+FFFF: two units of UTF-16, or one wchar_t of four bytes
    for (const auto& pair : pairs) {
        const Object created = new_object(pair.letter);
        EXPECT_TRUE(exists(pair.letter));
        EXPECT_FALSE(exists(pair.other));
    }
}

#ifndef _WIN32 // where each wchar_t is a character, or half of one

PROMISE(HrOpenOfflineObjPage, StopsAtAUnitThatIsNoCharacter, "OPEN-6@ddef") {
    using namespace std::string_view_literals;
    const Object created = new_object(L"\U0010FFFF"); // the last character
    EXPECT_TRUE(exists(L"\U0010FFFF"));
    // Units of two bytes, with the null and without; behind the last is nothing that can be read.
    for (const std::u16string_view name : {u"Ou"sv, u"Ab\0"sv, u"abc\0"sv, u"\0\x11"sv, u"Outlook\0"sv}) {
        const GuardedMemory memory(name.data(), name.size() * sizeof(char16_t), alignof(wchar_t));
        EXPECT_FALSE(exists(memory.as<const wchar_t>()));
        Object object;
        EXPECT_RESULT(E_INVALIDARG, create(global_info(memory.as<const wchar_t>()), object));
    }
    for (const wchar_t unit : {static_cast<wchar_t>(0x110000), static_cast<wchar_t>(-1)}) {
        const wchar_t name[] = {L'x', unit};
        const GuardedMemory memory(name, sizeof name, alignof(wchar_t));
        EXPECT_FALSE(exists(memory.as<const wchar_t>()));
    }
}

#endif

PROMISE_THAT(breaks_the_contract, HrOpenOfflineObjPage, SurvivesNamesThatAreNoText, "OPEN-6@ddef") {
    for (const wchar_t odd : {static_cast<wchar_t>(0xD800), static_cast<wchar_t>(0xDC00), static_cast<wchar_t>(0xFFFF),
                              static_cast<wchar_t>(-1)}) {
        for (const std::size_t length : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{10'000}}) {
            EXPECT_FALSE(exists(std::wstring(length, odd).c_str()));
        }
    }
    const std::wstring surrogates(3, static_cast<wchar_t>(0xD800)); // half a pair is a unit like any other
    const Object created = new_object(surrogates.c_str());
    EXPECT_TRUE(exists(surrogates.c_str()));
}

PROMISE_THAT(reads, HrOpenOfflineObjPage, GivesTheSameObjectEachTime, "OPEN-7@1fff") {
    const Object created = any_object();
    Object first;
    Object second;
    ASSERT_RESULT(S_OK, open(profile(), first));
    ASSERT_RESULT(S_OK, open(profile(), second));
    EXPECT_TRUE(is_same(first.Get(), second.Get())) << "two calls give two objects";
}

} // namespace
} // namespace offline_state_specification
