// samples/client/load_outlook_mapi against our DLLs, against one that lacks the export, and without any.
#include "client/load_outlook_mapi.h"
#include "client/step2_open_offline_object.h"
#include "support/proves.h"
#include "windows/loaded_library.h"

#include <gtest/gtest.h>

namespace {

using namespace offline_state_samples;
using offline_state_tests::is_gone;
using offline_state_tests::LoadedLibrary;

HROPENOFFLINEOBJ* open_of(const LoadedLibrary& library) {
    return offline_state_tests::find<HROPENOFFLINEOBJ>(library.get(), "HrOpenOfflineObj");
}

TEST(LoadOutlookMapi, SaysThatThereIsNone) {
    const OutlookMapi mapi = load_outlook_mapi();
    EXPECT_EQ(nullptr, mapi.open_offline_object);
    EXPECT_EQ(nullptr, mapi.module);
    EXPECT_EQ(L"", mapi.found);
    EXPECT_EQ(0u, mapi.problem.find(L"No other module of Outlook's is loaded in this process")) << mapi.problem.size();
}

TEST(LoadOutlookMapi, LoadsNoneFromTheSearchPath) {
    // Beside this program there is one that LoadLibrary would find.
    load_outlook_mapi();
    EXPECT_EQ(nullptr, GetModuleHandleW(L"olmapi32.dll"));
    EXPECT_EQ(nullptr, GetModuleHandleW(L"msmapi32.dll"));
}

TEST(LoadOutlookMapi, FindsEitherModuleAndSaysWhich) {
    PROVES("OPEN-5@9df8");
    for (const wchar_t* const name : {L"olmapi32.dll", L"msmapi32.dll"}) {
        {
            const LoadedLibrary library(name);
            ASSERT_NE(nullptr, library.get());
            const OutlookMapi mapi = load_outlook_mapi();
            EXPECT_EQ(open_of(library), mapi.open_offline_object);
            EXPECT_EQ(std::wstring(L"HrOpenOfflineObj in ") + name, mapi.found);
            EXPECT_EQ(L"", mapi.problem);
            ComPtr<IMAPIOfflineMgr> object;
            EXPECT_EQ(MAPI_E_NOT_FOUND, open_offline_object(mapi.open_offline_object, L"Profile", object));
        }
        EXPECT_TRUE(is_gone(name));
    }
}

TEST(LoadOutlookMapi, FindsTheDecoratedNameOnEachArchitecture) {
    PROVES("OPEN-5@9df8");
    const LoadedLibrary library(L"decorated\\olmapi32.dll");
    ASSERT_NE(nullptr, library.get());
    ASSERT_EQ(nullptr, open_of(library));
    const OutlookMapi mapi = load_outlook_mapi();
    EXPECT_EQ(offline_state_tests::find<HROPENOFFLINEOBJ>(library.get(), "HrOpenOfflineObj@20"),
              mapi.open_offline_object);
    EXPECT_EQ(L"HrOpenOfflineObj@20 in olmapi32.dll", mapi.found);
}

TEST(LoadOutlookMapi, PrefersOlmapi32) {
    const LoadedLibrary older(L"msmapi32.dll");
    const LoadedLibrary newer(L"olmapi32.dll");
    EXPECT_EQ(open_of(newer), load_outlook_mapi().open_offline_object);
}

TEST(LoadOutlookMapi, KeepsTheLibraryLoaded) {
    OutlookMapi mapi;
    {
        const LoadedLibrary library(L"olmapi32.dll");
        mapi = load_outlook_mapi();
    }
    ComPtr<IMAPIOfflineMgr> object;
    EXPECT_EQ(MAPI_E_NOT_FOUND, open_offline_object(mapi.open_offline_object, L"Profile", object));
    mapi = {};
    EXPECT_TRUE(is_gone(L"olmapi32.dll"));
}

TEST(LoadOutlookMapi, NamesTheLibraryThatLacksTheFunction) {
    const LoadedLibrary other(L"no_export\\olmapi32.dll");
    ASSERT_NE(nullptr, other.get());
    const OutlookMapi mapi = load_outlook_mapi();
    EXPECT_EQ(nullptr, mapi.open_offline_object);
    EXPECT_NE(std::wstring::npos, mapi.problem.find(L"no_export\\olmapi32.dll is loaded, but exports neither"));
    {
        const LoadedLibrary older(L"msmapi32.dll"); // which has it
        const OutlookMapi found = load_outlook_mapi();
        EXPECT_EQ(open_of(older), found.open_offline_object);
        EXPECT_EQ(L"HrOpenOfflineObj in msmapi32.dll", found.found);
        EXPECT_EQ(L"", found.problem);
    }
}

} // namespace
