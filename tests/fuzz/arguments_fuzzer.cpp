// The target "arguments": pointers and one string cross the API. The string and the structures lie at the end of memory
// that can only be read: a read beyond them, or a write, ends the process.
#include "guarded_memory.h"
#include "player.h"
#include "support/counted.h"

#include <mapioffline.h>
#include <mapioffline_host.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

namespace {

using offline_state_fuzz::GuardedMemory;

constexpr std::size_t longest_name = 64;
constexpr ULONG poison = 0xDEADBEEF;

void check(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "\nDIFFERENCE: %s\n", what);
        std::abort();
    }
}

struct Callback final : offline_state_tests::Counted<Callback, IMAPIOfflineNotify> {
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override {}
};

/// Characters of any value, surrogates without their other half too; on Linux one has four bytes. The first says how
/// many there are; a name with a null is terminated, where that null is. A very long name has no terminator.
std::wstring characters(const std::uint8_t* data, std::size_t size) {
    std::wstring name;
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        const unsigned value = data[i] | static_cast<unsigned>(data[i + 1]) << 8;
        // Mostly as they are; some beyond what a wchar_t of two bytes can hold, and some ordinary letters.
        name += static_cast<wchar_t>(value < 0x4000 ? value % 0x80 : value == 0x4001 ? 0x7FFFFFFF : value);
    }
    return name;
}

/// The name alone, in each place that takes one.
void try_name(const std::wstring& name) {
    const auto ends_it = [](std::uint32_t unit) { return unit == 0 || unit > 0x10FFFF; };
    const auto end = std::find_if(name.begin(), name.end(), ends_it);
    const auto length = static_cast<std::size_t>(end - name.begin());
    if (end == name.end() && length <= longest_name) {
        return; // without a terminator and short: not a string, whatever reads it reads beyond its end
    }
    const bool valid = length >= 1 && length <= longest_name && *end == L'\0';
    // Nothing may be read behind the unit that is no character, or the one that makes it too long.
    const std::size_t readable = std::min(length + 1, longest_name + 1);
    const GuardedMemory memory(name.data(), readable * sizeof(wchar_t), alignof(wchar_t));
    const auto* const text = memory.as<const wchar_t>();

    IMAPIOfflineMgr* opened = nullptr;
    check(HrOpenOfflineObj(0, text, &GUID_GlobalState, nullptr, &opened) == MAPI_E_NOT_FOUND,
          "an unknown name is opened");
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = text;
    info.pGUID = &GUID_GlobalState;
    const GuardedMemory guarded_info(&info, sizeof info, alignof(MAPIOFFLINE_CREATEINFO));
    IMAPIOfflineMgr* created = nullptr;
    const HRESULT result = HrCreateOfflineObj(0, guarded_info.as<MAPIOFFLINE_CREATEINFO>(), &created);
    check(result == (valid ? S_OK : E_INVALIDARG),
          "HrCreateOfflineObj takes names of 1 to 64 characters, and no others");
    check((created != nullptr) == valid, "an object comes with S_OK alone");
    if (created == nullptr) {
        return;
    }
    // It is found again by the same characters, and by no longer or shorter ones.
    check(HrOpenOfflineObj(0, text, &GUID_GlobalState, nullptr, &opened) == S_OK && opened == created,
          "it is found again");
    opened->Release();
    const std::wstring shorter(text, length - 1);
    const std::wstring longer = std::wstring(text, length) + L'x';
    for (const std::wstring* const other : {&shorter, &longer}) {
        check(HrOpenOfflineObj(0, other->c_str(), &GUID_GlobalState, nullptr, &opened) == MAPI_E_NOT_FOUND,
              "another name is not found");
    }
    check(created->Release() == 0, "it ends with its last reference");
    check(HrOpenOfflineObj(0, text, &GUID_GlobalState, nullptr, &opened) == MAPI_E_NOT_FOUND, "it is gone");
}

/// The first `size` bytes of what the caller says is a structure of `said` bytes.
void try_advise(const std::uint8_t* data, std::size_t size) {
    MAPIOFFLINE_CREATEINFO create{};
    create.ulSize = sizeof create;
    create.pwszProfileName = L"Profile";
    create.pGUID = &GUID_GlobalState;
    IMAPIOfflineMgr* object = nullptr;
    check(HrCreateOfflineObj(0, &create, &object) == S_OK, "the object for Advise");

    const auto callback = Callback::create();
    MAPIOFFLINE_ADVISEINFO info{sizeof info,    0, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
                                callback.Get(), 1, MAPIOFFLINE_STATE_ALL};
    // Fuzzed but for the pointer, which a caller answers for; a structure of the right size may be right otherwise.
    std::uint8_t bytes[sizeof info];
    std::memcpy(bytes, &info, sizeof info);
    for (std::size_t i = 0; i < std::min(size, sizeof info); ++i) {
        if (i < offsetof(MAPIOFFLINE_ADVISEINFO, pCallback) || i >= offsetof(MAPIOFFLINE_ADVISEINFO, ulAdviseTypes)) {
            bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ data[i]);
        }
    }
    std::memcpy(&info, bytes, sizeof info);
    const bool right_size = info.ulSize == sizeof info;
    // Of another size nothing but ulSize is there to be read.
    const GuardedMemory memory(bytes, right_size ? sizeof info : sizeof info.ulSize, alignof(MAPIOFFLINE_ADVISEINFO));
    const bool valid = right_size && info.CallbackType == MAPIOFFLINE_CALLBACK_TYPE_NOTIFY &&
                       info.ulAdviseTypes == MAPIOFFLINE_ADVISE_TYPE_STATECHANGE &&
                       info.ulStateMask == MAPIOFFLINE_STATE_ALL;
    ULONG token = poison;
    const HRESULT result = object->Advise(0, memory.as<MAPIOFFLINE_ADVISEINFO>(), &token);
    check(result == (valid ? S_OK : E_INVALIDARG), "Advise takes a structure that is right, and no other");
    check((token != 0) == valid, "a token comes with S_OK alone");
    check(callback->references() == (valid ? 2 : 1), "a refused callback is not held");
    object->Release();
    check(callback->references() == 1, "the callback is released");
}

void try_create(const std::uint8_t* data, std::size_t size) {
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, nullptr, nullptr};
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    // Sizes and flags are fuzzed; pointers are null or good, for a caller answers for them.
    const auto number = [&](std::size_t at) {
        ULONG value = 0;
        if (at + sizeof value <= size) {
            std::memcpy(&value, data + at, sizeof value);
        }
        return value;
    };
    info.ulSize ^= number(0);
    info.ulCreateFlags = number(4);
    info.ulCapabilities = number(8);
    aggregate.ulSize ^= number(12);
    const ULONG choice = number(16);
    const std::wstring name = L"Profile";
    const GuardedMemory text(name.c_str(), (name.size() + 1) * sizeof(wchar_t), alignof(wchar_t));
    const GuardedMemory guid(&GUID_GlobalState, sizeof(GUID), alignof(GUID));
    // An aggregate of another size is one ULONG.
    const GuardedMemory guarded_aggregate(
        &aggregate, aggregate.ulSize == sizeof aggregate ? sizeof aggregate : sizeof aggregate.ulSize,
        alignof(MAPIOFFLINE_AGGREGATEINFO));
    const GuardedMemory nowhere(nullptr, 0, 1);
    info.pwszProfileName = (choice & 1) != 0 ? nullptr : text.as<const wchar_t>();
    info.pGUID = (choice & 2) != 0 ? nullptr : guid.as<const GUID>();
    info.pInstance = (choice & 4) != 0 ? guid.as<const GUID>() : nullptr;
    // A parent is looked for by its address, so any address will do; so will the support object, which is not used.
    info.pParent = (choice & 8) != 0 ? nowhere.as<IMAPIOfflineMgr>() : nullptr;
    info.pMAPISupport = (choice & 16) != 0 ? nowhere.as<IUnknown>() : nullptr;
    info.pAggregateInfo = (choice & 32) != 0 ? guarded_aggregate.as<MAPIOFFLINE_AGGREGATEINFO>() : nullptr;
    info.pConnectInfo = (choice & 64) != 0 ? nowhere.as<MAPIOFFLINE_CONNECTINFO>() : nullptr;
    const bool right_size = info.ulSize == sizeof info;
    const GuardedMemory memory(&info, right_size ? sizeof info : sizeof info.ulSize, alignof(MAPIOFFLINE_CREATEINFO));
    IMAPIOfflineMgr* object = nullptr;
    const HRESULT result = HrCreateOfflineObj(0, memory.as<MAPIOFFLINE_CREATEINFO>(), &object);
    const bool valid = right_size && info.ulCreateFlags == 0 && (choice & (1 | 2 | 4 | 8 | 32 | 64)) == 0;
    check(result == (valid ? S_OK : E_INVALIDARG), "HrCreateOfflineObj takes a structure that is right, and no other");
    check((object != nullptr) == valid, "an object comes with S_OK alone");
    if (object != nullptr) {
        check(object->Release() == 0, "it ends with its last reference");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const unsigned what = data[0];
    ++data;
    --size;
    if ((what & 4) != 0) { // the trace puts what it is given into words
        offline_state::set_trace_sink(
            [](const offline_state::TraceEvent& event) { check(event.function != nullptr, ""); });
    }
    switch (what % 4) {
    case 0:
        try_name(characters(data, size) + L'\0');
        break;
    case 1: { // up to 1 MB, without a terminator
        std::wstring name = characters(data, size);
        name.resize((what & 8) != 0 ? (1 << 20) / sizeof(wchar_t) : longest_name + 1, L'A');
        try_name(name);
        break;
    }
    case 2:
        try_advise(data, size);
        break;
    default:
        try_create(data, size);
        break;
    }
    offline_state::set_trace_sink(nullptr);
    return 0;
}
