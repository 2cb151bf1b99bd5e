// Prints what the type library in a DLL says, one fact a line, for tests/type_library_test.py:
//
//     print_type_library DLL
#include <windows.h>

#include <oleauto.h>
#include <wrl/client.h>

#include <cstdio>
#include <string>

using Microsoft::WRL::ComPtr;

namespace {

std::string narrow(const wchar_t* text) {
    std::string all;
    for (; text != nullptr && *text != L'\0'; ++text) {
        all += static_cast<char>(*text); // the names of this API are ASCII
    }
    return all;
}

std::string name_of(ITypeInfo* type, MEMBERID member = MEMBERID_NIL) {
    BSTR name = nullptr;
    if (FAILED(type->GetDocumentation(member, &name, nullptr, nullptr, nullptr))) {
        return "?";
    }
    std::string text = narrow(name);
    SysFreeString(name);
    return text;
}

/// As the ABI's golden file writes it.
std::string name_of(ITypeInfo* type, const TYPEDESC& described) {
    switch (described.vt) {
    case VT_UI4:
        return "ULONG";
    case VT_HRESULT:
        return "HRESULT";
    case VT_VOID:
        return "void";
    case VT_UNKNOWN:
        return "IUnknown*";
    case VT_LPWSTR:
        return "LPCWSTR";
    case VT_PTR:
        return name_of(type, *described.lptdesc) + "*";
    case VT_USERDEFINED: {
        ComPtr<ITypeInfo> referred;
        if (SUCCEEDED(type->GetRefTypeInfo(described.hreftype, referred.GetAddressOf()))) {
            return name_of(referred.Get());
        }
        break;
    }
    default:
        break;
    }
    return "VARTYPE " + std::to_string(described.vt);
}

void print_id(const std::string& name, const GUID& id) {
    wchar_t text[64];
    StringFromGUID2(id, text, 64);
    std::printf("IID_%s %s\n", name.c_str(), narrow(text).substr(1, 36).c_str());
}

void print_methods(ITypeInfo* type, const std::string& name, const TYPEATTR& attributes) {
    print_id(name, attributes.guid);
    for (UINT i = 0; i < attributes.cFuncs; ++i) {
        FUNCDESC* function = nullptr;
        if (FAILED(type->GetFuncDesc(i, &function))) {
            continue;
        }
        const std::string method = name + "::" + name_of(type, function->memid);
        std::string parameters;
        for (SHORT parameter = 0; parameter < function->cParams; ++parameter) {
            parameters += parameter == 0 ? "" : ", ";
            parameters += name_of(type, function->lprgelemdescParam[parameter].tdesc);
        }
        const int slot = function->oVft / static_cast<int>(sizeof(void*));
        std::printf("%s %d\n", method.c_str(), slot);
        std::printf("signature %d %s %s(%s)\n", slot, name_of(type, function->elemdescFunc.tdesc).c_str(),
                    method.c_str(), parameters.c_str());
        type->ReleaseFuncDesc(function);
    }
}

void print_members(ITypeInfo* type, const std::string& name, const std::string& path, unsigned long at);

void print_member(ITypeInfo* type, const std::string& name, const std::string& path, unsigned long at,
                  const VARDESC& member) {
    const std::string member_name = name_of(type, member.memid);
    const unsigned long offset = at + member.oInst;
    const std::string type_name = name_of(type, member.elemdescVar.tdesc);
    const std::string whole = path.empty() ? member_name : path + "." + member_name;
    std::printf("%s.%s %lu\n", name.c_str(), whole.c_str(), offset);
    if (member.elemdescVar.tdesc.vt == VT_USERDEFINED && type_name.find("Info") != std::string::npos) {
        ComPtr<ITypeInfo> inner;
        if (SUCCEEDED(type->GetRefTypeInfo(member.elemdescVar.tdesc.hreftype, inner.GetAddressOf()))) {
            print_members(inner.Get(), name, whole, offset);
        }
    } else {
        std::printf("member %s %lu %s %s\n", name.c_str(), offset, type_name.c_str(), member_name.c_str());
    }
}

void print_members(ITypeInfo* type, const std::string& name, const std::string& path, unsigned long at) {
    TYPEATTR* attributes = nullptr;
    if (FAILED(type->GetTypeAttr(&attributes))) {
        return;
    }
    for (UINT i = 0; i < attributes->cVars; ++i) {
        VARDESC* member = nullptr;
        if (FAILED(type->GetVarDesc(i, &member))) {
            continue;
        }
        if (member->varkind == VAR_CONST) {
            std::printf("%s %ld\n", name_of(type, member->memid).c_str(), V_I4(member->lpvarValue));
        } else {
            print_member(type, name, path, at, *member);
        }
        type->ReleaseVarDesc(member);
    }
    type->ReleaseTypeAttr(attributes);
}

void print_type(ITypeInfo* type) {
    TYPEATTR* attributes = nullptr;
    if (FAILED(type->GetTypeAttr(&attributes))) {
        return;
    }
    const std::string name = name_of(type);
    const bool is_ours = name.find("MAPI") != std::string::npos;
    if (is_ours && attributes->typekind == TKIND_INTERFACE) {
        print_methods(type, name, *attributes);
    } else if (is_ours && (attributes->typekind == TKIND_ENUM || attributes->typekind == TKIND_RECORD)) {
        if (attributes->typekind == TKIND_RECORD) {
            std::printf("sizeof %s %lu\n", name.c_str(), attributes->cbSizeInstance);
        }
        print_members(type, name, "", 0);
    }
    type->ReleaseTypeAttr(attributes);
}

} // namespace

int wmain(int count, wchar_t* arguments[]) {
    if (count != 2) {
        std::fputs("Usage: print_type_library DLL\n", stderr);
        return 2;
    }
    ComPtr<ITypeLib> library;
    const HRESULT result = LoadTypeLib(arguments[1], library.GetAddressOf());
    if (FAILED(result)) {
        std::fprintf(stderr, "LoadTypeLib failed: 0x%08lx\n", static_cast<unsigned long>(result));
        return 1;
    }
    for (UINT i = 0; i < library->GetTypeInfoCount(); ++i) {
        ComPtr<ITypeInfo> type;
        if (SUCCEEDED(library->GetTypeInfo(i, type.GetAddressOf()))) {
            print_type(type.Get());
        }
    }
    return 0;
}
