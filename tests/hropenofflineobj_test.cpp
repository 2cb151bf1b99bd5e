// The page "HrOpenOfflineObj".
#include "fuzz/guarded_memory.h"
#include "support/offline_state_test.h"

#include <stdexcept>
#include <string>
#include <string_view>

namespace offline_state_tests {
namespace {

using namespace std::string_view_literals;
using HrOpenOfflineObjTest = OfflineStateTest;

TEST_F(HrOpenOfflineObjTest, OpensTheExistingObject) {
    PROVES("OPEN-1@1025 ABOUT-2@6a58");
    const offline_state::Host host(profile);
    IMAPIOfflineMgr* opened = nullptr;
    ASSERT_EQ(S_OK, HrOpenOfflineObj(0, profile, &GUID_GlobalState, nullptr, &opened));
    EXPECT_EQ(host.object(), opened);
    EXPECT_EQ(2u, references_of(opened));
    EXPECT_EQ(1u, opened->Release()); // the caller's own
}

TEST_F(HrOpenOfflineObjTest, DoesNotCreate) {
    PROVES("OPEN-1@1025 OPEN-4@4b6a OPEN-4.1@9ddc");
    ComPtr<IMAPIOfflineMgr> opened;
    EXPECT_EQ(MAPI_E_NOT_FOUND, open(profile, opened));
    EXPECT_EQ(MAPI_E_NOT_FOUND, open(profile, opened));
}

TEST_F(HrOpenOfflineObjTest, GivesTheSameObjectEachTime) {
    PROVES("OPEN-7@1fff ABOUT-2@6a58");
    const offline_state::Host host(profile);
    const offline_state::Host other(L"Other");
    ComPtr<IMAPIOfflineMgr> first;
    ComPtr<IMAPIOfflineMgr> second;
    ComPtr<IMAPIOfflineMgr> third;
    ASSERT_EQ(S_OK, open(profile, first));
    ASSERT_EQ(S_OK, open(profile, second));
    ASSERT_EQ(S_OK, open(L"Other", third));
    EXPECT_EQ(first.Get(), second.Get());
    EXPECT_NE(first.Get(), third.Get());
}

TEST_F(HrOpenOfflineObjTest, AnswersEachBreachOfTheContractWithNotFoundAndANullPointer) {
    PROVES("OPEN-2@c60e OPEN-3@86a6");
    offline_state::Host host(profile);
    const GUID other_guid = IID_IMAPIOffline;
    IMAPIOfflineMgr* const poisoned = host.object();

    IMAPIOfflineMgr* opened = poisoned;
    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(1, profile, &GUID_GlobalState, nullptr, &opened));
    EXPECT_EQ(nullptr, opened);

    opened = poisoned;
    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, nullptr, &GUID_GlobalState, nullptr, &opened));
    EXPECT_EQ(nullptr, opened);

    opened = poisoned;
    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, profile, nullptr, nullptr, &opened));
    EXPECT_EQ(nullptr, opened);

    opened = poisoned;
    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, profile, &other_guid, nullptr, &opened));
    EXPECT_EQ(nullptr, opened);

    opened = poisoned;
    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, profile, &GUID_GlobalState, &other_guid, &opened));
    EXPECT_EQ(nullptr, opened);

    EXPECT_EQ(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, profile, &GUID_GlobalState, nullptr, nullptr));
    EXPECT_EQ(1u, references_of(host.object()));
}

TEST_F(HrOpenOfflineObjTest, TakesAGuidOfTheSameValueAtAnyAddress) {
    PROVES("OPEN-2@c60e");
    const offline_state::Host host(profile);
    const GUID copy = GUID_GlobalState;
    ComPtr<IMAPIOfflineMgr> opened;
    EXPECT_EQ(S_OK, HrOpenOfflineObj(0, profile, &copy, nullptr, &opened));
}

TEST_F(HrOpenOfflineObjTest, ComparesNamesWithoutRegardToCase) {
    PROVES("OPEN-6@10c3");
    const offline_state::Host host(L"Bücher Жук Ólafur");
    EXPECT_TRUE(profile_exists(L"Bücher Жук Ólafur"));
    EXPECT_TRUE(profile_exists(L"BÜCHER ЖУК ÓLAFUR"));
    EXPECT_TRUE(profile_exists(L"bücher жук ólafur"));
    EXPECT_FALSE(profile_exists(L"Bucher Жук Ólafur"));
    EXPECT_FALSE(profile_exists(L"Bücher Жук Ólafur "));
}

TEST_F(HrOpenOfflineObjTest, MapsEachCharacterToOne) {
    PROVES("OPEN-6@10c3");
    const offline_state::Host host(L"straße");
    EXPECT_TRUE(profile_exists(L"STRAßE"));
    EXPECT_FALSE(profile_exists(L"STRASSE"));
}

TEST_F(HrOpenOfflineObjTest, TellsLettersApartThatShareAnUpperCase) {
    PROVES("OPEN-6@10c3");
    const struct {
        LPCWSTR letter;
        LPCWSTR other;
    } pairs[] = {{L"\u0131", L"I"},
                 {L"\u017F", L"S"},
                 {L"\u00B5", L"\u039C"},
                 {L"\u03C2", L"\u03A3"},          // ı ſ µ ς
                 {L"\U00010428", L"\U00010400"}}; // above U+FFFF: two units of UTF-16, or one wchar_t of four bytes
    for (const auto& pair : pairs) {
        const offline_state::Host host(pair.letter);
        EXPECT_TRUE(profile_exists(pair.letter));
        EXPECT_FALSE(profile_exists(pair.other));
    }
}

TEST_F(HrOpenOfflineObjTest, TakesNamesOf1To64Characters) {
    PROVES("OPEN-6@10c3");
    const std::wstring longest(64, L'x');
    const offline_state::Host one(L"y");
    const offline_state::Host sixty_four(longest.c_str());
    EXPECT_TRUE(profile_exists(L"Y"));
    EXPECT_TRUE(profile_exists(longest.c_str()));
    EXPECT_FALSE(profile_exists(std::wstring(63, L'x').c_str()));
    EXPECT_FALSE(profile_exists(std::wstring(65, L'x').c_str()));
    EXPECT_FALSE(profile_exists(std::wstring(10'000, L'x').c_str()));
    EXPECT_FALSE(profile_exists(L""));
}

TEST_F(HrOpenOfflineObjTest, CountsACharacterAboveTheFirstPlaneTwice) {
    PROVES("OPEN-6@10c3");
    std::wstring name;
    for (int i = 0; i < 32; ++i) {
        name += L"\U0001F600"; // on Windows that is two wchar_t
    }
    const offline_state::Host host(name.c_str());
    EXPECT_TRUE(profile_exists(name.c_str()));
    EXPECT_THROW(offline_state::Host too_long((name + L'x').c_str()), std::runtime_error);
}

TEST_F(HrOpenOfflineObjTest, SurvivesNamesThatAreNoText) {
    PROVES("OPEN-3@86a6 OPEN-6@10c3");
    const wchar_t surrogate = static_cast<wchar_t>(0xD800);
    const wchar_t low_surrogate = static_cast<wchar_t>(0xDC00);
    for (const std::size_t length : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{10'000}}) {
        EXPECT_FALSE(profile_exists(std::wstring(length, surrogate).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, low_surrogate).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, static_cast<wchar_t>(0xFFFF)).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, static_cast<wchar_t>(-1)).c_str()));
    }
    // Half a pair is a unit like any other.
    const std::wstring odd(3, surrogate);
    const offline_state::Host host(odd.c_str());
    EXPECT_TRUE(profile_exists(odd.c_str()));
}

#ifndef _WIN32 // where each wchar_t is a character, or half of one

TEST_F(HrOpenOfflineObjTest, StopsAtAUnitThatIsNoCharacter) {
    PROVES("OPEN-6@10c3 CREATE-7@eaa3");
    // Units of two bytes, with the null and without; behind the last is nothing that can be read.
    for (const std::u16string_view name : {u"Ou"sv, u"Ab\0"sv, u"abc\0"sv, u"\0\x11"sv, u"Outlook\0"sv}) {
        const offline_state_fuzz::GuardedMemory memory(name.data(), name.size() * sizeof(char16_t), alignof(wchar_t));
        EXPECT_FALSE(profile_exists(memory.as<const wchar_t>()));
        EXPECT_THROW(offline_state::Host host(memory.as<const wchar_t>()), std::runtime_error);
    }
    for (const wchar_t unit : {wchar_t(0x110000), wchar_t(-1)}) {
        const wchar_t name[] = {L'x', unit};
        const offline_state_fuzz::GuardedMemory memory(name, sizeof name, alignof(wchar_t));
        EXPECT_FALSE(profile_exists(memory.as<const wchar_t>()));
    }
    const offline_state::Host host(L"\U0010FFFF"); // the last character
    EXPECT_TRUE(profile_exists(L"\U0010FFFF"));
}

#endif

TEST_F(HrOpenOfflineObjTest, ReadsNoFurtherThanItMust) {
    PROVES("OPEN-6@10c3");
    // 65 characters and no null: AddressSanitizer reports a read of a 66th.
    const std::vector<wchar_t> unterminated(65, L'x');
    EXPECT_FALSE(profile_exists(unterminated.data()));
}

} // namespace
} // namespace offline_state_tests
