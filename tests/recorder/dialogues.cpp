#include "dialogues.h"

#include "samples/addin/late_binding.h"

#include <windows.h>

#include <shellapi.h>
#include <wrl/client.h>

namespace offline_state_recorder {

namespace {

using offline_state_addin::Variant;

constexpr const wchar_t* title = L"Offline State Recorder";

class MessageBoxes final : public Dialogues {
public:
    bool ask(const std::wstring& question) override {
        return MessageBoxW(GetActiveWindow(), question.c_str(), title, MB_YESNO | MB_ICONQUESTION | MB_DEFBUTTON2) ==
               IDYES;
    }
    void tell(const std::wstring& text) override {
        MessageBoxW(nullptr, text.c_str(), title, MB_OK | MB_ICONINFORMATION | MB_SETFOREGROUND);
    }
    void open_folder(const std::wstring& path) override {
        ShellExecuteW(nullptr, L"open", path.c_str(), nullptr, nullptr, SW_SHOWNORMAL);
    }
    std::chrono::milliseconds limit() override { return std::chrono::seconds(20); }
};

class StandIn final : public Dialogues {
public:
    explicit StandIn(IDispatch* object) : object_(object) {}

    bool ask(const std::wstring& question) override { return call(L"Ask", question) == VARIANT_TRUE; }
    void tell(const std::wstring& text) override { call(L"Tell", text); }
    void open_folder(const std::wstring& path) override { call(L"OpenFolder", path); }
    std::chrono::milliseconds limit() override {
        Variant limit;
        offline_state_addin::get(object_.Get(), L"Limit", limit);
        return std::chrono::milliseconds(limit.lVal);
    }

private:
    VARIANT_BOOL call(const wchar_t* name, const std::wstring& text) {
        Variant argument;
        argument.vt = VT_BSTR;
        argument.bstrVal = SysAllocString(text.c_str());
        Variant answer;
        offline_state_addin::call(object_.Get(), name, argument, answer);
        return answer.vt == VT_BOOL ? answer.boolVal : VARIANT_FALSE;
    }

    const Microsoft::WRL::ComPtr<IDispatch> object_;
};

} // namespace

bool is_outlook() {
    wchar_t path[MAX_PATH] = L"";
    GetModuleFileNameW(nullptr, path, MAX_PATH);
    const wchar_t* const name = wcsrchr(path, L'\\');
    const bool is_wine = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
    return !is_wine && name != nullptr && _wcsicmp(name + 1, L"OUTLOOK.EXE") == 0;
}

std::shared_ptr<Dialogues> dialogues(IDispatch* application) {
    Variant stand_in;
    if (!is_outlook() && application != nullptr &&
        SUCCEEDED(offline_state_addin::get(application, L"StandIn", stand_in)) && stand_in.vt == VT_DISPATCH) {
        return std::make_shared<StandIn>(stand_in.pdispVal);
    }
    return std::make_shared<MessageBoxes>();
}

} // namespace offline_state_recorder
