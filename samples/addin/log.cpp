// SPDX-License-Identifier: MIT
#include "log.h"

#include <mapioffline.h>

namespace offline_state_addin {

namespace {

std::string utf8(const std::wstring& text) {
    const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                         nullptr, 0, nullptr, nullptr);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), bytes.data(),
                        size, nullptr, nullptr);
    return bytes;
}

} // namespace

Log::Log() {
    wchar_t local[MAX_PATH];
    const DWORD length = GetEnvironmentVariableW(L"LOCALAPPDATA", local, MAX_PATH);
    if (length > 0 && length < MAX_PATH) {
        const std::wstring folder = std::wstring(local) + L"\\OfflineStateAddIn";
        CreateDirectoryW(folder.c_str(), nullptr); // it may be there already
        file_ = _wfopen((folder + L"\\log.txt").c_str(), L"w");
    }
}

Log::~Log() {
    if (file_ != nullptr) {
        std::fclose(file_);
    }
}

void Log::line(const std::wstring& text) {
    OutputDebugStringW((L"Offline State add-in: " + text + L"\n").c_str());
    if (file_ == nullptr) {
        return;
    }
    SYSTEMTIME now;
    GetLocalTime(&now);
    const std::string bytes = utf8(text);
    const std::lock_guard<std::mutex> lock(mutex_);
    std::fprintf(file_, "%04u-%02u-%02u %02u:%02u:%02u.%03u  %s\n", now.wYear, now.wMonth,
                 now.wDay, now.wHour, now.wMinute, now.wSecond, now.wMilliseconds,
                 bytes.c_str());
    std::fflush(file_); // whoever reads the log wants to see what was last
}

std::wstring result_text(HRESULT result) {
    const wchar_t* const name = result == MAPI_E_NOT_FOUND ? L"MAPI_E_NOT_FOUND"
                                : result == E_PENDING      ? L"E_PENDING"
                                : result == E_INVALIDARG   ? L"E_INVALIDARG"
                                : result == E_NOINTERFACE  ? L"E_NOINTERFACE"
                                : result == E_OUTOFMEMORY  ? L"E_OUTOFMEMORY"
                                                           : L"";
    wchar_t text[64];
    swprintf_s(text, *name != L'\0' ? L"%ls (0x%08lX)" : L"%ls0x%08lX", name,
               static_cast<unsigned long>(result));
    return text;
}

} // namespace offline_state_addin
