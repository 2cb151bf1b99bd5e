// The recorder's add-in: three buttons. Nothing runs until one of them is pressed.
#include "dialogues.h"
#include "machine.h"
#include "run.h"

#include "samples/addin/late_binding.h"
#include "samples/addin/module.h"
#include "samples/addin/office_addin.h"
#include "samples/addin/profile_name.h"

#include <wrl/client.h>

#include <exception>
#include <memory>
#include <string>

namespace offline_state_recorder {

namespace {

using offline_state_addin::KeepsModule;
using offline_state_addin::OfficeAddIn;
using offline_state_addin::Variant;

constexpr const wchar_t* ribbon_xml = LR"xml(<?xml version="1.0" encoding="utf-8"?>
<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui">
  <ribbon>
    <tabs>
      <tab idMso="TabMail">
        <group id="OfflineStateRecorderGroup" label="Offline State Recorder">
          <button id="RecordReads" label="Record (reads only)" onAction="OnRecordReads"/>
          <button id="RecordOfflineAndBack" label="Record (goes offline and back)" onAction="OnRecordOfflineAndBack"/>
          <button id="OpenTheFolder" label="Open the folder" onAction="OnOpenTheFolder"/>
        </group>
      </tab>
    </tabs>
  </ribbon>
</customUI>
)xml";

enum CallbackId : DISPID { on_record_reads = 101, on_record_offline_and_back, on_open_the_folder };

constexpr struct {
    const wchar_t* name;
    CallbackId id;
} callbacks[] = {{L"OnRecordReads", on_record_reads},
                 {L"OnRecordOfflineAndBack", on_record_offline_and_back},
                 {L"OnOpenTheFolder", on_open_the_folder}};

constexpr const wchar_t* goes_offline =
    L"The recorder will switch Outlook to offline and back, many times, for up to some minutes. Mail may be delayed "
    L"for so long. When it is done, Outlook is in the state that it is in now.\n\nNothing is sent anywhere: the record "
    L"is a text file that you can read.\n\nGo offline and back?";
constexpr const wchar_t* may_deadlock =
    L"May it also try what Outlook may not survive? It may hang or crash; what it has learnt until then is kept. Save "
    L"your drafts first.\n\n\u201CNo\u201D records all the rest.";
constexpr const wchar_t* was_left =
    L"A recording has ended in the middle, and Outlook may still be in another state than it was in before.\n\nPut the "
    L"state back that it was in?";

class RecorderAddIn final : public OfficeAddIn {
public:
    RecorderAddIn() : OfficeAddIn(ribbon_xml) {}

    HRESULT STDMETHODCALLTYPE OnConnection(IDispatch* application, ext_ConnectMode mode, IDispatch*,
                                           SAFEARRAY**) override {
        return guarded([&] {
            application_ = application;
            dialogues_ = dialogues(application);
            if (mode == ext_cm_AfterStartup) {
                offer_to_put_back();
            }
        });
    }
    HRESULT STDMETHODCALLTYPE OnStartupComplete(SAFEARRAY**) override {
        return guarded([&] { offer_to_put_back(); });
    }
    HRESULT STDMETHODCALLTYPE OnBeginShutdown(SAFEARRAY**) override { return end(); }
    HRESULT STDMETHODCALLTYPE OnDisconnection(ext_DisconnectMode, SAFEARRAY**) override { return end(); }

private:
    DISPID id_of(const wchar_t* name) const override {
        for (const auto& callback : callbacks) {
            if (name != nullptr && _wcsicmp(name, callback.name) == 0) {
                return callback.id;
            }
        }
        return DISPID_UNKNOWN;
    }

    HRESULT on_callback(DISPID id, DISPPARAMS*, VARIANT*) override {
        if (id < on_record_reads || id > on_open_the_folder) {
            return DISP_E_MEMBERNOTFOUND;
        }
        return guarded([&] {
            if (!application_) { // Outlook closes
                return;
            }
            if (id == on_record_reads) {
                record(Mode::reads);
            } else if (id == on_open_the_folder) {
                dialogues_->open_folder(folder());
            } else if (dialogues_->ask(goes_offline)) {
                record(dialogues_->ask(may_deadlock) ? Mode::offline_and_back_may_deadlock : Mode::offline_and_back);
            }
        });
    }

    /// No exception may cross into Outlook.
    template <class Action>
    HRESULT guarded(Action action) noexcept {
        try {
            action();
            return S_OK;
        } catch (const std::exception& problem) {
            try {
                const std::string text = problem.what();
                if (dialogues_) {
                    dialogues_->tell(L"That has not worked: " + std::wstring(text.begin(), text.end()) + L".");
                }
            } catch (...) { // no memory
            }
        } catch (...) {
        }
        return E_FAIL;
    }

    HRESULT end() {
        return guarded([&] {
            Run::stop();
            application_.Reset();
        });
    }

    std::wstring profile() {
        Variant session;
        return SUCCEEDED(offline_state_addin::get(application_.Get(), L"Session", session)) && session.vt == VT_DISPATCH
                   ? offline_state_addin::profile_name(session.pdispVal)
                   : L"";
    }

    void record(Mode mode) {
        const std::wstring name = profile();
        const std::wstring problem =
            Run::begin(mode, name, about_the_machine(application_.Get(), name, name_of(mode)), dialogues_);
        if (!problem.empty()) {
            dialogues_->tell(problem);
        }
    }

    void offer_to_put_back() {
        const std::wstring name = Run::is_anything_left() ? profile() : L"";
        if (name.empty() || !Run::has_left_a_state(name)) {
            return;
        }
        if (dialogues_->ask(was_left)) {
            Run::put_back(name, dialogues_);
        } else {
            Run::leave_the_state(name);
        }
    }

    const KeepsModule keeps_module_;
    Microsoft::WRL::ComPtr<IDispatch> application_;
    std::shared_ptr<Dialogues> dialogues_;
};

} // namespace

} // namespace offline_state_recorder

namespace offline_state_addin {

const Identity& this_addin() {
    static constexpr Identity recorder{{0xB57D3E10, 0x6A4C, 0x4F0B, {0x9C, 0x1D, 0x83, 0x5E, 0x27, 0xF4, 0x60, 0xA9}},
                                       L"OfflineState.Recorder",
                                       L"Offline State Recorder",
                                       L"Records what Outlook's Offline State API does, when a button is pressed"};
    return recorder;
}

IDTExtensibility2* create_addin() {
    return new offline_state_recorder::RecorderAddIn;
}

} // namespace offline_state_addin
