// The page "HrOpenOfflineObj".
#include "support/offline_state_test.h"

#include <string>

namespace offline_state_tests {
namespace {

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
    PROVES("OPEN-6@5fac");
    const offline_state::Host host(L"Bücher Жук Ólafur");
    EXPECT_TRUE(profile_exists(L"Bücher Жук Ólafur"));
    EXPECT_TRUE(profile_exists(L"BÜCHER ЖУК ÓLAFUR"));
    EXPECT_TRUE(profile_exists(L"bücher жук ólafur"));
    EXPECT_FALSE(profile_exists(L"Bucher Жук Ólafur"));
    EXPECT_FALSE(profile_exists(L"Bücher Жук Ólafur "));
}

TEST_F(HrOpenOfflineObjTest, MapsEachCharacterToOne) {
    PROVES("OPEN-6@5fac");
    const offline_state::Host host(L"straße");
    EXPECT_TRUE(profile_exists(L"STRAßE"));
    EXPECT_FALSE(profile_exists(L"STRASSE"));
}

TEST_F(HrOpenOfflineObjTest, TakesNamesOf1To64Characters) {
    PROVES("OPEN-6@5fac");
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

TEST_F(HrOpenOfflineObjTest, SurvivesNamesThatAreNoText) {
    PROVES("OPEN-3@86a6 OPEN-6@5fac");
    const wchar_t surrogate = static_cast<wchar_t>(0xD800);
    const wchar_t low_surrogate = static_cast<wchar_t>(0xDC00);
    for (const std::size_t length : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{10'000}}) {
        EXPECT_FALSE(profile_exists(std::wstring(length, surrogate).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, low_surrogate).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, static_cast<wchar_t>(0xFFFF)).c_str()));
        EXPECT_FALSE(profile_exists(std::wstring(length, static_cast<wchar_t>(-1)).c_str()));
    }
    const std::wstring odd(3, surrogate);
    const offline_state::Host host(odd.c_str());
    EXPECT_TRUE(profile_exists(odd.c_str()));
}

TEST_F(HrOpenOfflineObjTest, ReadsNoFurtherThanItMust) {
    PROVES("OPEN-6@5fac");
    // 65 characters and no null: AddressSanitizer reports a read of a 66th.
    const std::vector<wchar_t> unterminated(65, L'x');
    EXPECT_FALSE(profile_exists(unterminated.data()));
}

} // namespace
} // namespace offline_state_tests
