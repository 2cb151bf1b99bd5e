// SPDX-License-Identifier: MIT
// The group on the ribbon and the callbacks that it names.
#pragma once

#include <oaidl.h>

namespace offline_state_addin {

enum CallbackId : DISPID {
    on_ribbon_load = 101, // not from 1 on: these are the interfaces' own
    on_get_state_label,
    on_init_monitor,
    on_deinit_monitor,
    on_get_current_state,
    on_set_current_state
};

/// The callback of this name, whatever its case, or DISPID_UNKNOWN.
DISPID callback_id(const wchar_t* name);

constexpr const wchar_t* state_label_id = L"OfflineStateLabel";

// [ribbon]
constexpr const wchar_t* ribbon_xml = LR"(<?xml version="1.0" encoding="utf-8"?>
<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui" onLoad="OnRibbonLoad">
  <ribbon>
    <tabs>
      <tab idMso="TabMail">
        <group id="OfflineStateGroup" label="Offline State">
          <button id="InitMonitor" label="Init Monitor" onAction="OnInitMonitor"/>
          <button id="DeinitMonitor" label="Deinit Monitor" onAction="OnDeinitMonitor"/>
          <button id="GetCurrentState" label="Get Current State" onAction="OnGetCurrentState"/>
          <button id="SetCurrentState" label="Set Current State" onAction="OnSetCurrentState"
                  screentip="Goes offline when online, and online when offline"/>
          <labelControl id="OfflineStateLabel" getLabel="OnGetStateLabel"/>
        </group>
      </tab>
    </tabs>
  </ribbon>
</customUI>
)";
// [/ribbon]

} // namespace offline_state_addin
