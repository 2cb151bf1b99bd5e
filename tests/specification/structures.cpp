// The pages of the structures: that the library reads and fills their members, where they are.
#include "specification.h"

#include <cstring>
#include <set>

namespace offline_state_specification {
namespace {

using Structures = Specification;

constexpr bool is_64_bits = sizeof(void*) == 8;

/// A structure as bytes, all of them poisoned: what is padding to the library does not matter.
template <std::size_t size>
struct Bytes {
    alignas(void*) unsigned char bytes[size];

    Bytes() { std::memset(bytes, 0xDB, sizeof bytes); }
    template <class T>
    void put(std::size_t offset, T value) {
        std::memcpy(bytes + offset, &value, sizeof(T));
    }
};

ULONG ulong_at(const MAPIOFFLINE_NOTIFY& notification, std::size_t offset) {
    ULONG value = 0;
    std::memcpy(&value, reinterpret_cast<const unsigned char*>(&notification) + offset, sizeof value);
    return value;
}

PROMISE(Structures, EachTypeOfNotificationFrom1To3Comes, "TYPE-2@a70e") {
    const Object object = any_object();
    const Client client(object);
    client->await_change(object);
    std::set<int> types;
    for (const Recorder::Received& each : client->received()) {
        types.insert(each.notification.NotifyType);
    }
    EXPECT_EQ((std::set<int>{1, 2, 3}), types);
}

PROMISE(Structures, TheClientTokenComesBackInEachNotification, "TYPE-3@db98") {
    const Object object = any_object();
    for (const ULONG client_token : {ULONG{0}, ULONG{7}, ULONG{0xFFFFFFFF}}) {
        const Client client(object, {}, client_token);
        client->await_change(object);
        for (const Recorder::Received& each : client->received()) {
            EXPECT_EQ(client_token, each.notification.ulClientToken);
        }
    }
}

PROMISE(Structures, TheSizeOfANotificationIsThatOfTheStructureOrMore, "TYPE-4@def7") {
    const Object object = any_object();
    const Client client(object);
    client->await_change(object);
    for (const Recorder::Received& each : client->received()) {
        EXPECT_GE(each.notification.ulSize, sizeof(MAPIOFFLINE_NOTIFY)); // a later one may have more members
    }
}

PROMISE(Structures, TheMembersAreAtTheBytesOfTheWindowsABI, "TYPE-5@2813") {
    const Object object = any_object();
    const ComPtr<Recorder> recorder = Recorder::create();
    Bytes<is_64_bits ? 32 : 24> info;
    info.put(0, static_cast<ULONG>(sizeof info));
    info.put(4, ULONG{42});
    info.put(8, ULONG{MAPIOFFLINE_CALLBACK_TYPE_NOTIFY});
    info.put(is_64_bits ? 16 : 12, static_cast<IUnknown*>(recorder.Get()));
    info.put(is_64_bits ? 24 : 16, ULONG{MAPIOFFLINE_ADVISE_TYPE_STATECHANGE});
    info.put(is_64_bits ? 28 : 20, ULONG{MAPIOFFLINE_STATE_ALL});
    ULONG token = 0;
    ASSERT_RESULT(S_OK, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT,
                                       reinterpret_cast<MAPIOFFLINE_ADVISEINFO*>(info.bytes), &token));
    const ULONG to = recorder->await_change(object);
    for (const Recorder::Received& each : recorder->received()) {
        const MAPIOFFLINE_NOTIFY& received = each.notification;
        EXPECT_TRUE(ulong_at(received, 4) >= 1 && ulong_at(received, 4) <= 3);
        const ULONG mask = MAPIOFFLINE_STATE_OFFLINE_MASK;
        EXPECT_EQ((std::vector<ULONG>{42, mask, other(to), to}),
                  (std::vector<ULONG>{ulong_at(received, 8), ulong_at(received, 12), ulong_at(received, 16) & mask,
                                      ulong_at(received, 20) & mask}));
    }
    unadvise(object, token);
}

PROMISE(Structures, EachMemberOfTheStructureToCreateWithCounts, "TYPE-6@8595") {
    const Object global = new_object();
    const ComPtr<Recorder> support = Recorder::create(); // any object
    MAPIOFFLINE_CREATEINFO info = provider_info(global, instance_guid, MAPIOFFLINE_CAPABILITY_ONLINE);
    info.pMAPISupport = support.Get();
    Object object;
    ASSERT_RESULT(S_OK, create(info, object));
    EXPECT_EQ(ULONG{MAPIOFFLINE_CAPABILITY_ONLINE}, capabilities_of(object)) << "ulCapabilities is not heeded";
    Object another;
    info.pInstance = &other_guid;
    ASSERT_RESULT(S_OK, create(info, another));
    EXPECT_FALSE(is_same(object.Get(), another.Get())) << "pInstance is not heeded";
    Object third;
    info.pGUID = &other_guid;
    ASSERT_RESULT(S_OK, create(info, third));
    EXPECT_FALSE(is_same(another.Get(), third.Get())) << "pGUID is not heeded";
}

PROMISE(Structures, TheOuterObjectIsAskedForWhatTheInnerOneHasNot, "TYPE-7@895d") {
    const Object provider = new_provider(new_object());
    const ComPtr<Store> store = Store::below(provider);
    const Object face = store->face();
    const ULONG before = store->questions();
    ComPtr<IUnknown> answer;
    EXPECT_RESULT(S_OK, face->QueryInterface(other_guid, reinterpret_cast<void**>(answer.GetAddressOf())));
    EXPECT_NE(before, store->questions());
}

} // namespace
} // namespace offline_state_specification
