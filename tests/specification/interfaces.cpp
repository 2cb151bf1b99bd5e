// The pages of the interfaces: what they derive from, COM's rules, and the order of the vtables.
#include "specification.h"

#include <cstring>

namespace offline_state_specification {
namespace {

using IMAPIOfflineMgrIMAPIOffline = Specification;

ComPtr<IUnknown> query(IUnknown* object, REFIID riid) {
    ComPtr<IUnknown> result;
    EXPECT_RESULT(S_OK, object->QueryInterface(riid, reinterpret_cast<void**>(result.GetAddressOf())));
    if (!result) {
        fail("QueryInterface gives a null pointer");
    }
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
        if (is_of_a_change(*notification) && is_done(*notification)) {
            self->notified.set();
        }
    }
};

PROMISE_THAT(reads, IMAPIOfflineMgrIMAPIOffline, TheObjectGivesBothInterfaces, "IFACE-1@b230") {
    const Object object = any_object();
    const ComPtr<IUnknown> base = query(object.Get(), IID_IMAPIOffline);
    ULONG state = poison;
    EXPECT_RESULT(S_OK, static_cast<IMAPIOffline*>(base.Get())->GetCurrentState(&state));
    query(base.Get(), IID_IMAPIOfflineMgr);
}

PROMISE_THAT(reads, IMAPIOfflineMgrIMAPIOffline, TheOpenedPointerHasGetCurrentStateInSlot5, "IFACE-2@3b1d") {
    const Object created = any_object();
    Object object;
    ASSERT_RESULT(S_OK, open_patiently(profile(), object));
    ULONG state = 0;
    ASSERT_RESULT(S_OK, slot<GetULong>(object.Get(), 5)(object.Get(), &state));
    state &= MAPIOFFLINE_STATE_OFFLINE_MASK;
    EXPECT_TRUE(state == online || state == offline) << "the function in slot 5 gives no state";
}

PROMISE(IMAPIOfflineMgrIMAPIOffline, QueryInterfaceGivesAReference, "IFACE-3@dda6") {
    if (!objects_end()) {
        not_testable("the library keeps objects that nobody holds");
    }
    Object created = new_object();
    Object opened; // so that the next call is not the first
    open(profile(), opened);
    opened.Reset();
    void* reference = nullptr; // only a pointer here: if it is no reference, it dangles
    ASSERT_RESULT(S_OK, created->QueryInterface(IID_IUnknown, &reference));
    created.Reset();
    ASSERT_TRUE(exists(profile())) << "QueryInterface gives a pointer without a reference";
    static_cast<IUnknown*>(reference)->Release();
    EXPECT_FALSE(exists(profile())) << "QueryInterface gives a pointer with more than one reference";
}

PROMISE_THAT(reads, IMAPIOfflineMgrIMAPIOffline, QueryInterfaceIsReflexiveSymmetricAndTransitive, "IFACE-3@dda6") {
    const Object object = any_object();
    const IID ids[] = {IID_IUnknown, IID_IMAPIOffline, IID_IMAPIOfflineMgr};
    for (const IID& from : ids) {
        const ComPtr<IUnknown> face = query(object.Get(), from);
        for (const IID& to : ids) {
            EXPECT_TRUE(is_same(query(face.Get(), to).Get(), object.Get())) << "there are two identities";
        }
    }
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrIMAPIOffline, QueryInterfaceRefusesWhatIsNotThere, "IFACE-3@dda6") {
    const Object object = any_object();
    for (const GUID& iid : {other_guid, IID_IMAPIOfflineNotify, GUID_GlobalState}) {
        void* pointer = poisoned_pointer();
        EXPECT_RESULT(E_NOINTERFACE, object->QueryInterface(iid, &pointer));
        EXPECT_EQ(nullptr, pointer);
        EXPECT_RESULT(E_POINTER, object->QueryInterface(iid, nullptr));
    }
    EXPECT_RESULT(E_POINTER, object->QueryInterface(IID_IUnknown, nullptr));
}

PROMISE_THAT(ends_the_process, IMAPIOfflineMgrIMAPIOffline, APlaceholderReturnsNotImplementedAndDoesNothing,
             "IFACE-4@2ad2") {
    const Object object = any_object();
    const ULONG state = state_of(object);
    for (const auto placeholder : placeholders) {
        EXPECT_RESULT(E_NOTIMPL, (object.Get()->*placeholder)());
    }
    EXPECT_EQ(state, state_of(object)) << "a placeholder changes the state";
}

PROMISE(IMAPIOfflineMgrIMAPIOffline, EachMethodIsInItsSlotOfTheVtable, "IFACE-5@4051") {
#ifdef OFFLINE_STATE_UNDEFINED_SANITIZER
    GTEST_SKIP() << "UndefinedBehaviorSanitizer takes tables made by hand for broken objects";
#endif
    const Object created = any_object();
    void* const object = created.Get();
    static void* table[16] = {};
    const auto put = [](std::size_t number, auto function) {
        std::memcpy(static_cast<void*>(table + number), &function, sizeof function);
    };
    put(0, &CallbackByHand::query_interface);
    put(1, &CallbackByHand::add_ref);
    put(2, &CallbackByHand::release);
    put(3, &CallbackByHand::notify);
    static CallbackByHand& callback = *new CallbackByHand{table, {}}; // a Notify may come late (UNADVISE-3)
    ULONG value = poison;
    ASSERT_RESULT(S_OK, slot<GetULong>(object, 4)(object, &value));
    EXPECT_NE(0u, value & both_capabilities) << "slot 4 (GetCapabilities) gives no capability";
    ASSERT_RESULT(S_OK, slot<GetULong>(object, 5)(object, &value));
    value &= MAPIOFFLINE_STATE_OFFLINE_MASK;
    ASSERT_TRUE(value == online || value == offline) << "slot 5 (GetCurrentState) gives no state";
    MAPIOFFLINE_ADVISEINFO info = advise_info(reinterpret_cast<IUnknown*>(&callback));
    ULONG token = 0;
    ASSERT_RESULT(S_OK, slot<AdviseInSlot>(object, 7)(object, 0, &info, &token));
    HRESULT result = E_PENDING;
    until([&] {
        result = slot<Set>(object, 3)(object, 0, MAPIOFFLINE_STATE_OFFLINE_MASK, other(value), nullptr);
        return result != E_PENDING;
    });
    EXPECT_RESULT(S_OK, result);
    EXPECT_TRUE(callback.notified.wait()) << "slot 3 of the callback (Notify) is not called";
    EXPECT_RESULT(S_OK, slot<UnadviseInSlot>(object, 8)(object, 0, token));
}

} // namespace
} // namespace offline_state_specification
