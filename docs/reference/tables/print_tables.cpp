// Prints what the compiled header says, one fact a line, for the guide's tables. names.inc, which tools/tables.py
// makes from Doxygen's XML, has the names; no value is typed.
#define INITGUID
#include <mapioffline.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

// By the Itanium C++ ABI a pointer to a virtual method holds the method's offset in the vtable, with a mark in bit 0.
template <class Method>
unsigned slot_of(Method method) {
    std::uintptr_t word = 0;
    std::memcpy(&word, &method, sizeof word);
    return static_cast<unsigned>((word & ~std::uintptr_t{1}) / sizeof(void*));
}

void print(const char* kind, const char* name, unsigned value) {
    std::printf("%s\t%s\t%u\n", kind, name, value);
}

void print(const char* name, const GUID& id) {
    std::printf("identifier\t%s\t%08X-%04X-%04X-%02X%02X-", name, static_cast<unsigned>(id.Data1), id.Data2, id.Data3,
                id.Data4[0], id.Data4[1]);
    for (int i = 2; i < 8; ++i) {
        std::printf("%02X", id.Data4[i]);
    }
    std::printf("\n");
}

} // namespace

#define CONSTANT(name) print("constant", #name, static_cast<unsigned>(name));
#define RESULT(name) print("result", #name, static_cast<unsigned>(name));
#define IDENTIFIER(name) print(#name, name);
#define SLOT(type, method) print("slot", #type "::" #method, slot_of(&type::method));
#define STRUCT(type)
#define MEMBER(type, member)

int main() {
    print("slot", "IUnknown::QueryInterface",
          slot_of<HRESULT (STDMETHODCALLTYPE IUnknown::*)(REFIID, void**)>(&IUnknown::QueryInterface));
    SLOT(IUnknown, AddRef)
    SLOT(IUnknown, Release)
#include "names.inc"
}
