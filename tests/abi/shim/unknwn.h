// What mapioffline.h needs of the Windows SDK, for clang in MSVC mode where there is no SDK.
#pragma once

typedef long HRESULT;
typedef unsigned long ULONG;
typedef const wchar_t* LPCWSTR;
typedef struct _GUID {
    unsigned long Data1;
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
} GUID;

#define REFIID const GUID&
#define STDMETHODCALLTYPE __stdcall
#define STDAPI extern "C" HRESULT STDMETHODCALLTYPE
#define MIDL_INTERFACE(id) struct __declspec(uuid(id)) __declspec(novtable)
#ifdef INITGUID
#define DEFINE_GUID(name, a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                                     \
    extern "C" const GUID name = {a, b, c, {d0, d1, d2, d3, d4, d5, d6, d7}}
#else
#define DEFINE_GUID(name, a, b, c, d0, d1, d2, d3, d4, d5, d6, d7) extern "C" const GUID name
#endif

MIDL_INTERFACE("00000000-0000-0000-C000-000000000046") IUnknown {
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) = 0;
    virtual ULONG STDMETHODCALLTYPE AddRef() = 0;
    virtual ULONG STDMETHODCALLTYPE Release() = 0;
};
