// The pages of the structures: that the library reads and fills their members, where they are.
#include "../client.h"

#include <cstring>
#include <set>

namespace conformance {

namespace {

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

/// Stands for a provider's MAPI support object.
class Support final : public IUnknown {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        *ppvObject = riid == IID_IUnknown ? this : nullptr;
        return riid == IID_IUnknown ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; } // it is on the stack
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
};

} // namespace

std::vector<Check> type_checks() {
    return {
        {"TYPE-2", "NotifyType is 1, 2 or 3, and each of them comes",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done();
             std::set<int> types;
             for (const Recorder::Told& each : client->told()) {
                 types.insert(each.notification.NotifyType);
             }
             expect(types == std::set<int>{1, 2, 3}, "a change gives: " + joined(client->texts()));
         }},
        {"TYPE-3", "ulClientToken of MAPIOFFLINE_ADVISEINFO comes back in each notification",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             for (const ULONG client_token : {ULONG{0}, ULONG{7}, ULONG{0xFFFFFFFF}}) {
                 const ComPtr<Recorder> client = Recorder::create();
                 const ULONG token = advise(object.Get(), client.Get(), client_token);
                 start_change(object.Get(), other(state_of(object.Get())));
                 client->wait_for_done();
                 for (const Recorder::Told& each : client->told()) {
                     expect(each.notification.ulClientToken == client_token,
                            "the client's token is " + std::to_string(client_token) + ", and comes back as " +
                                std::to_string(each.notification.ulClientToken));
                 }
                 unadvise(object.Get(), token);
             }
         }},
        {"TYPE-4", "ulSize of MAPIOFFLINE_NOTIFY is its size",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done();
             for (const Recorder::Told& each : client->told()) {
                 expect(each.notification.ulSize == sizeof(MAPIOFFLINE_NOTIFY),
                        "ulSize is " + std::to_string(each.notification.ulSize) + ", not 24");
             }
         }},
        {"TYPE-5", "the members are at the bytes where the Windows ABI has them",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG from = state_of(object.Get());
             const ComPtr<Recorder> client = Recorder::create();
             Bytes<is_64_bits ? 32 : 24> info;
             info.put(0, static_cast<ULONG>(sizeof info));
             info.put(4, ULONG{42});
             info.put(8, ULONG{MAPIOFFLINE_CALLBACK_TYPE_NOTIFY});
             info.put(is_64_bits ? 16 : 12, static_cast<IUnknown*>(client.Get()));
             info.put(is_64_bits ? 24 : 16, ULONG{MAPIOFFLINE_ADVISE_TYPE_STATECHANGE});
             info.put(is_64_bits ? 28 : 20, ULONG{MAPIOFFLINE_STATE_ALL});
             ULONG token = 0;
             expect_result("Advise with members at these bytes", S_OK,
                           object->Advise(MAPIOFFLINE_ADVISE_DEFAULT,
                                          reinterpret_cast<MAPIOFFLINE_ADVISEINFO*>(info.bytes), &token));
             start_change(object.Get(), other(from));
             client->wait_for_done();
             for (const Recorder::Told& each : client->told()) {
                 const MAPIOFFLINE_NOTIFY& told = each.notification;
                 const ULONG type = ulong_at(told, 4);
                 expect(type >= 1 && type <= 3 && ulong_at(told, 8) == 42 && ulong_at(told, 12) == 3 &&
                            ulong_at(told, 16) == from && ulong_at(told, 20) == other(from),
                        "the members of MAPIOFFLINE_NOTIFY are at other bytes");
             }
         }},
        {"TYPE-6", "each member of MAPIOFFLINE_CREATEINFO counts",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             Support support;
             MAPIOFFLINE_CREATEINFO info =
                 subject.provider_info(global.Get(), instance_guid, MAPIOFFLINE_CAPABILITY_ONLINE);
             info.pMAPISupport = &support;
             ComPtr<IMAPIOfflineMgr> object;
             expect_result("HrCreateOfflineObj with a support object", S_OK, subject.create(info, object));
             ULONG capabilities = 0;
             expect_result("GetCapabilities", S_OK, object->GetCapabilities(&capabilities));
             expect((capabilities & both_capabilities) == MAPIOFFLINE_CAPABILITY_ONLINE,
                    "ulCapabilities is not heeded");
             ComPtr<IMAPIOfflineMgr> another;
             info.pInstance = &other_guid;
             expect_result("HrCreateOfflineObj with another instance", S_OK, subject.create(info, another));
             expect(!is_same(object.Get(), another.Get()), "pInstance is not heeded");
             info.pGUID = &other_guid;
             ComPtr<IMAPIOfflineMgr> third;
             expect_result("HrCreateOfflineObj with another GUID", S_OK, subject.create(info, third));
             expect(!is_same(another.Get(), third.Get()), "pGUID is not heeded");
         }},
    };
}

} // namespace conformance
