// The pages of the interfaces: what they derive from, COM's rules, and the order of the vtables.
#include "../client.h"

#include <cstring>

namespace conformance {

namespace {

ComPtr<IUnknown> query(IUnknown* object, REFIID riid) {
    ComPtr<IUnknown> result;
    expect_result("QueryInterface for an interface that the object has", S_OK,
                  object->QueryInterface(riid, reinterpret_cast<void**>(result.GetAddressOf())));
    expect(result, "QueryInterface gives S_OK and a null pointer");
    return result;
}

/// What is in a slot of the object's vtable.
template <class Function>
Function slot(void* object, std::size_t number) {
    void** table = nullptr;
    std::memcpy(static_cast<void*>(&table), object, sizeof table);
    Function function = nullptr;
    std::memcpy(&function, static_cast<void*>(table + number), sizeof function);
    return function;
}

using GetULong = HRESULT(STDMETHODCALLTYPE*)(void*, ULONG*);
using Set = HRESULT(STDMETHODCALLTYPE*)(void*, ULONG, ULONG, ULONG, void*);
using AdviseInSlot = HRESULT(STDMETHODCALLTYPE*)(void*, ULONG, MAPIOFFLINE_ADVISEINFO*, ULONG*);
using UnadviseInSlot = HRESULT(STDMETHODCALLTYPE*)(void*, ULONG, ULONG);

/// A callback whose vtable is an array, so that nobody but us has decided what is in slot 3.
struct CallbackByHand {
    void* const* table;
    Signal notified;

    static HRESULT STDMETHODCALLTYPE query_interface(CallbackByHand* self, REFIID, void** object) {
        *object = self;
        return S_OK;
    }
    static ULONG STDMETHODCALLTYPE add_ref(CallbackByHand*) { return 2; } // it is on the stack
    static ULONG STDMETHODCALLTYPE release(CallbackByHand*) { return 1; }
    static void STDMETHODCALLTYPE notify(CallbackByHand* self, const MAPIOFFLINE_NOTIFY* notification) {
        if (notification->NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            self->notified.set();
        }
    }
};

} // namespace

std::vector<Check> interface_checks() {
    return {
        {"IFACE-1", "the object gives IMAPIOffline and IMAPIOfflineMgr",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<IUnknown> base = query(object.Get(), IID_IMAPIOffline);
             ULONG state = poison;
             expect_result("GetCurrentState of IMAPIOffline", S_OK,
                           static_cast<IMAPIOffline*>(base.Get())->GetCurrentState(&state));
             query(base.Get(), IID_IMAPIOfflineMgr);
         }},
        {"IFACE-2", "the pointer that HrOpenOfflineObj gives has GetCurrentState in slot 5",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.object();
             ComPtr<IMAPIOfflineMgr> object;
             expect_result("HrOpenOfflineObj", S_OK, subject.open(subject.profile(), object));
             ULONG state = 0;
             expect_result("the function in slot 5", S_OK, slot<GetULong>(object.Get(), 5)(object.Get(), &state));
             state &= MAPIOFFLINE_STATE_OFFLINE_MASK;
             expect(state == online || state == offline, "the function in slot 5 gives no state");
         }},
        {"IFACE-3", "QueryInterface keeps COM's rules",
         [](const Subject& subject) {
             // Each pointer is a reference of its own. It is only a pointer here: if it is no reference, it dangles.
             const std::wstring profile = subject.profile(L" 2");
             ComPtr<IMAPIOfflineMgr> created = subject.create_global(profile.c_str());
             void* reference = nullptr;
             expect_result("QueryInterface for IUnknown", S_OK, created->QueryInterface(IID_IUnknown, &reference));
             created.Reset();
             expect(subject.exists(profile.c_str()), "QueryInterface gives a pointer without a reference");
             static_cast<IUnknown*>(reference)->Release();

             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const IID ids[] = {IID_IUnknown, IID_IMAPIOffline, IID_IMAPIOfflineMgr};
             for (const IID& from : ids) {
                 const ComPtr<IUnknown> face = query(object.Get(), from);
                 for (const IID& to : ids) {
                     expect(is_same(query(face.Get(), to).Get(), object.Get()),
                            "QueryInterface for IUnknown gives two identities");
                 }
             }
             void* pointer = poisoned_pointer();
             expect_result("QueryInterface for an unknown interface", E_NOINTERFACE,
                           object->QueryInterface(other_guid, &pointer));
             expect(pointer == nullptr, "QueryInterface for an unknown interface does not set the pointer to null");
             expect_result("QueryInterface with a null pointer", E_POINTER,
                           object->QueryInterface(IID_IUnknown, nullptr));
         }},
        {"IFACE-4", "a placeholder returns E_NOTIMPL and does nothing",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG state = state_of(object.Get());
             const HRESULT results[] = {object->Placeholder6(),  object->Placeholder9(),  object->Placeholder10(),
                                        object->Placeholder11(), object->Placeholder12(), object->Placeholder13(),
                                        object->Placeholder14(), object->Placeholder15()};
             for (const HRESULT result : results) {
                 expect_result("a placeholder", E_NOTIMPL, result);
             }
             expect(state_of(object.Get()) == state, "a placeholder changes the state");
         }},
        {"IFACE-5", "each method is in its slot of the vtable",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> created = subject.object();
             void* const object = created.Get();
             void* table[16] = {};
             const auto put = [&table](std::size_t number, auto function) {
                 std::memcpy(static_cast<void*>(table + number), &function, sizeof function);
             };
             put(0, &CallbackByHand::query_interface);
             put(1, &CallbackByHand::add_ref);
             put(2, &CallbackByHand::release);
             put(3, &CallbackByHand::notify);
             CallbackByHand callback{table, {}};
             ULONG value = poison;
             expect_result("slot 4 (GetCapabilities)", S_OK, slot<GetULong>(object, 4)(object, &value));
             expect((value & both_capabilities) != 0, "slot 4 (GetCapabilities) gives no capability");
             expect_result("slot 5 (GetCurrentState)", S_OK, slot<GetULong>(object, 5)(object, &value));
             value &= MAPIOFFLINE_STATE_OFFLINE_MASK;
             expect(value == online || value == offline, "slot 5 (GetCurrentState) gives no state");
             MAPIOFFLINE_ADVISEINFO info = advise_info(reinterpret_cast<IUnknown*>(&callback));
             ULONG token = 0;
             expect_result("slot 7 (Advise)", S_OK, slot<AdviseInSlot>(object, 7)(object, 0, &info, &token));
             expect_result("slot 3 (SetCurrentState)", S_OK,
                           slot<Set>(object, 3)(object, 0, MAPIOFFLINE_STATE_OFFLINE_MASK, other(value), nullptr));
             expect(callback.notified.wait(), "slot 3 of the callback (Notify) is not called");
             expect_result("slot 8 (Unadvise)", S_OK, slot<UnadviseInSlot>(object, 8)(object, 0, token));
         }},
    };
}

} // namespace conformance
