// Each method is in its slot, asserted at compile time: an optimiser calls the method through a table of our own, sees
// which entry that is, and drops the call of wrong_slot(); where it is left, it is an error.
#include <mapioffline.h>

__attribute__((error("a method is not in its slot"))) void wrong_slot();

namespace {

/// An object of another make, whose methods only say where they are in its vtable.
template <class Result, class Interface, class... Arguments>
struct Stranger {
    template <int slot>
    static Result STDMETHODCALLTYPE method(Interface* called, Arguments...) {
        reinterpret_cast<Stranger*>(called)->called_slot = slot;
        return Result();
    }
    using Method = Result(STDMETHODCALLTYPE*)(Interface*, Arguments...);
    static constexpr Method methods[] = {method<0>,  method<1>,  method<2>,  method<3>, method<4>,  method<5>,
                                         method<6>,  method<7>,  method<8>,  method<9>, method<10>, method<11>,
                                         method<12>, method<13>, method<14>, method<15>};

    const Method* vtable = methods;
    int called_slot; // without a value, or clang copies the two as one, and sees less
};

template <class Interface, class Result, class... Arguments, class Call>
void expect_slot(int slot, Result (STDMETHODCALLTYPE Interface::*)(Arguments...), Call call) {
    Stranger<Result, Interface, Arguments...> stranger;
    stranger.called_slot = -1;
    call(reinterpret_cast<Interface*>(&stranger), Arguments()...);
    if (stranger.called_slot != slot) {
        wrong_slot();
    }
}

/// A reference is no argument that one can make up, so QueryInterface is taken by name.
void expect_query_interface_in_slot_0() {
    static const GUID any_id{};
    using QueryInterface = Stranger<HRESULT, IUnknown, REFIID, void**>;
    QueryInterface stranger;
    stranger.called_slot = -1;
    reinterpret_cast<IUnknown*>(&stranger)->QueryInterface(any_id, nullptr);
    if (stranger.called_slot != 0) {
        wrong_slot();
    }
}

} // namespace

#define SLOT(number, type, method)                                                                                     \
    expect_slot(number, &type::method, [](type* object, auto... arguments) { object->method(arguments...); });

void slots();
void slots() {
    expect_query_interface_in_slot_0();
    SLOT(1, IUnknown, AddRef)
    SLOT(2, IUnknown, Release)

    SLOT(3, IMAPIOffline, SetCurrentState)
    SLOT(4, IMAPIOffline, GetCapabilities)
    SLOT(5, IMAPIOffline, GetCurrentState)
    SLOT(6, IMAPIOffline, Placeholder6)

    SLOT(7, IMAPIOfflineMgr, Advise)
    SLOT(8, IMAPIOfflineMgr, Unadvise)
    SLOT(9, IMAPIOfflineMgr, Placeholder9)
    SLOT(10, IMAPIOfflineMgr, Placeholder10)
    SLOT(11, IMAPIOfflineMgr, Placeholder11)
    SLOT(12, IMAPIOfflineMgr, Placeholder12)
    SLOT(13, IMAPIOfflineMgr, Placeholder13)
    SLOT(14, IMAPIOfflineMgr, Placeholder14)
    SLOT(15, IMAPIOfflineMgr, Placeholder15)

    SLOT(3, IMAPIOfflineNotify, Notify)
}
