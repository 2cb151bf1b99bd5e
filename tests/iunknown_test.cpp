// IUnknown of the offline object: COM's rules.
#include "support/offline_state_test.h"

namespace offline_state_tests {
namespace {

class OfflineObjectIUnknown : public OfflineStateTest {
protected:
    const offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

constexpr GUID unknown_iid{0x12345678, 0x1234, 0x1234, {1, 2, 3, 4, 5, 6, 7, 8}};

template <class From, class To>
ComPtr<To> query(From* from) {
    ComPtr<To> to;
    EXPECT_EQ(S_OK, from->QueryInterface(__uuidof(To), reinterpret_cast<void**>(to.GetAddressOf())));
    return to;
}

TEST_F(OfflineObjectIUnknown, GivesIMAPIOfflineFromIMAPIOfflineMgr) {
    PROVES("IFACE-3@dda6 IFACE-1@b230");
    const auto offline = query<IMAPIOfflineMgr, IMAPIOffline>(object_);
    ULONG capabilities = poison;
    EXPECT_EQ(S_OK, offline->GetCapabilities(&capabilities));
    EXPECT_EQ(both_capabilities, capabilities);
}

TEST_F(OfflineObjectIUnknown, IsReflexiveSymmetricAndTransitive) {
    PROVES("IFACE-3@dda6");
    EXPECT_EQ(object_, (query<IMAPIOfflineMgr, IMAPIOfflineMgr>(object_).Get()));
    const auto offline = query<IMAPIOfflineMgr, IMAPIOffline>(object_);
    EXPECT_EQ(object_, (query<IMAPIOffline, IMAPIOfflineMgr>(offline.Get()).Get()));
    const auto unknown = query<IMAPIOffline, IUnknown>(offline.Get());
    EXPECT_EQ(object_, (query<IUnknown, IMAPIOfflineMgr>(unknown.Get()).Get()));
}

TEST_F(OfflineObjectIUnknown, HasOneIdentity) {
    PROVES("IFACE-3@dda6");
    const auto offline = query<IMAPIOfflineMgr, IMAPIOffline>(object_);
    EXPECT_EQ((query<IMAPIOfflineMgr, IUnknown>(object_).Get()), (query<IMAPIOffline, IUnknown>(offline.Get()).Get()));
}

TEST_F(OfflineObjectIUnknown, RefusesAnUnknownInterface) {
    PROVES("IFACE-3@dda6");
    const ULONG references = references_of(object_);
    for (const GUID& iid : {unknown_iid, IID_IMAPIOfflineNotify, GUID_GlobalState}) {
        void* interface_pointer = &interface_pointer; // poisoned
        EXPECT_EQ(E_NOINTERFACE, object_->QueryInterface(iid, &interface_pointer));
        EXPECT_EQ(nullptr, interface_pointer);
    }
    EXPECT_EQ(references, references_of(object_));
}

TEST_F(OfflineObjectIUnknown, RefusesANullOutPointer) {
    PROVES("IFACE-3@dda6");
    EXPECT_EQ(E_POINTER, object_->QueryInterface(IID_IMAPIOffline, nullptr));
    EXPECT_EQ(E_POINTER, object_->QueryInterface(unknown_iid, nullptr));
    EXPECT_EQ(1u, references_of(object_));
}

TEST_F(OfflineObjectIUnknown, CountsEachReference) {
    PROVES("IFACE-3@dda6");
    EXPECT_EQ(1u, references_of(object_));
    {
        const auto offline = query<IMAPIOfflineMgr, IMAPIOffline>(object_);
        EXPECT_EQ(2u, references_of(object_));
    }
    EXPECT_EQ(1u, references_of(object_));
}

} // namespace
} // namespace offline_state_tests
