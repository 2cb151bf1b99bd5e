// The DLLs as a client meets them: loaded by their path, used by the exported names, unloaded.
#include "client/step1_implement_notify.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"
#include "support/event.h"
#include "support/proves.h"
#include "windows/loaded_library.h"

#include <mapioffline.h>

#include <windows.h>

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace {

using namespace offline_state_samples;
using namespace offline_state_tests;

constexpr LPCWSTR profile = L"Profile";

class Dll : public ::testing::TestWithParam<const wchar_t*> {
protected:
    void SetUp() override {
        module_ = LoadLibraryW(from_this_program(GetParam()).c_str());
        ASSERT_NE(nullptr, module_);
    }

    ~Dll() override {
        if (module_ != nullptr) {
            unload();
        }
        EXPECT_TRUE(is_gone(GetParam())) << "something keeps it loaded";
    }

    void unload() {
        EXPECT_NE(FALSE, FreeLibrary(module_));
        module_ = nullptr;
    }

    ComPtr<IMAPIOfflineMgr> create() { return create_object(module_, profile); }

    static HRESULT set_state(const ComPtr<IMAPIOfflineMgr>& object, ULONG state) {
        return object->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
    }

    HMODULE module_ = nullptr;
};

TEST_P(Dll, HasBothNamesOfEachFunction) {
    PROVES("OPEN-5.4@f9c9");
    for (const char* const name : {"HrOpenOfflineObj", "HrOpenOfflineObj@20"}) {
        auto* const open = find<HROPENOFFLINEOBJ>(module_, name);
        ASSERT_NE(nullptr, open) << name;
        ComPtr<IMAPIOfflineMgr> object;
        EXPECT_EQ(MAPI_E_NOT_FOUND, open(0, profile, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf()));
        const ComPtr<IMAPIOfflineMgr> created = create();
        EXPECT_EQ(S_OK, open(0, profile, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf()));
        EXPECT_EQ(created.Get(), object.Get());
    }
    EXPECT_EQ(GetProcAddress(module_, "HrCreateOfflineObj"), GetProcAddress(module_, "HrCreateOfflineObj@12"));
}

TEST_P(Dll, LeavesNoThreadBehind) {
    DWORD thread_id = 0;
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([&](const StateChange&) { thread_id = GetCurrentThreadId(); });
    HANDLE thread = nullptr;
    {
        const ComPtr<IMAPIOfflineMgr> object = create();
        ULONG token = 0;
        ASSERT_EQ(S_OK, advise(object.Get(), callback.Get(), 0, token));
        const Registration registration(object, callback, token);
        ASSERT_EQ(S_OK, set_state(object, MAPIOFFLINE_STATE_OFFLINE));
        ASSERT_NE(0u, thread_id);
        ASSERT_NE(GetCurrentThreadId(), thread_id);
        thread = OpenThread(SYNCHRONIZE, FALSE, thread_id);
        ASSERT_NE(nullptr, thread);
        EXPECT_EQ(static_cast<DWORD>(WAIT_TIMEOUT), WaitForSingleObject(thread, 0));
    }
    unload();
    EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, 60'000));
    CloseHandle(thread);
}

TEST_P(Dll, StaysWhileReferencesAreOutstanding) {
    int notified = 0;
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([&](const StateChange&) { ++notified; });
    ComPtr<IMAPIOfflineMgr> object = create();
    ULONG token = 0;
    ASSERT_EQ(S_OK, advise(object.Get(), callback.Get(), 0, token));
    unload();
    EXPECT_EQ(S_OK, set_state(object, MAPIOFFLINE_STATE_OFFLINE));
    EXPECT_EQ(3, notified);
    EXPECT_EQ(S_OK, object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token));
    EXPECT_NE(nullptr, GetModuleHandleW(GetParam()));
    object.Reset(); // the DLL goes after this, not during it
}

TEST_P(Dll, MayBeUnloadedWithItsThreadStillAtWork) {
    // The last reference goes inside Notify: nobody can wait there for the notification thread to end.
    std::atomic<IMAPIOfflineMgr*> last{nullptr};
    Event released;
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([&](const StateChange& change) {
        if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            last.load()->Release();
            released.set();
        }
    });
    ComPtr<IMAPIOfflineMgr> object = create();
    ULONG token = 0;
    ASSERT_EQ(S_OK, advise(object.Get(), callback.Get(), 0, token));
    last = object.Detach();
    ASSERT_EQ(S_OK, last.load()->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                                 MAPIOFFLINE_STATE_OFFLINE, nullptr));
    unload();
    EXPECT_TRUE(released.wait());
    EXPECT_TRUE(is_gone(GetParam()));
}

TEST_P(Dll, TellsItsVersion) {
    const std::wstring path = from_this_program(GetParam());
    DWORD ignored = 0;
    std::vector<char> data(GetFileVersionInfoSizeW(path.c_str(), &ignored));
    ASSERT_NE(FALSE, GetFileVersionInfoW(path.c_str(), 0, static_cast<DWORD>(data.size()), data.data()));
    void* text = nullptr;
    UINT length = 0;
    ASSERT_NE(FALSE, VerQueryValueW(data.data(), L"\\StringFileInfo\\040904B0\\ProductVersion", &text, &length));
    const std::string version = OFFLINE_STATE_VERSION;
    EXPECT_EQ(std::wstring(version.begin(), version.end()), static_cast<const wchar_t*>(text));
}

INSTANTIATE_TEST_SUITE_P(Names, Dll, ::testing::Values(L"olmapi32.dll", L"msmapi32.dll"),
                         [](const auto& each) { return each.param[0] == L'o' ? "olmapi32" : "msmapi32"; });

} // namespace
