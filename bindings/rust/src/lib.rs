// SPDX-License-Identifier: MIT
//! Outlook's Offline State API for Rust 1.63 and later. Copy this one file: it needs no other crate.
//!
//! Names that begin with MAPIOFFLINE, IMAPI, GUID, IID or ul are Microsoft's; the other types are this reference's.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

use std::ffi::{c_void, CStr, CString};
use std::fmt;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut, NonNull};
use std::sync::atomic::{fence, AtomicBool, AtomicU32, Ordering};

// [declarations]
pub type HRESULT = i32;
pub type ULONG = u32; // 4 bytes, on Linux too
#[cfg(windows)]
pub type WCHAR = u16;
#[cfg(not(windows))]
pub type WCHAR = u32;

pub const MAPIOFFLINE_ADVISE_DEFAULT: ULONG = 0;
pub const MAPIOFFLINE_UNADVISE_DEFAULT: ULONG = 0;
pub const MAPIOFFLINE_ADVISE_TYPE_STATECHANGE: ULONG = 1;
pub const MAPIOFFLINE_CAPABILITY_OFFLINE: ULONG = 0x1;
pub const MAPIOFFLINE_CAPABILITY_ONLINE: ULONG = 0x2;
pub const MAPIOFFLINE_FLAG_BLOCK: ULONG = 0x0000_2000;
pub const MAPIOFFLINE_FLAG_DEFAULT: ULONG = 0x0000_0000;
pub const MAPIOFFLINE_STATE_ALL: ULONG = 0x003f_037f;
pub const MAPIOFFLINE_STATE_OFFLINE_MASK: ULONG = 0x0000_0003;
pub const MAPIOFFLINE_STATE_OFFLINE: ULONG = 0x0000_0001;
pub const MAPIOFFLINE_STATE_ONLINE: ULONG = 0x0000_0002;
// Numbers, no Rust enumerations: Outlook may send values that are not listed.
pub const MAPIOFFLINE_CALLBACK_TYPE_NOTIFY: i32 = 0;
pub const MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START: i32 = 1;
pub const MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE: i32 = 2;
pub const MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE: i32 = 3;

pub const S_OK: HRESULT = 0;
pub const E_NOINTERFACE: HRESULT = 0x8000_4002_u32 as HRESULT;
pub const E_POINTER: HRESULT = 0x8000_4003_u32 as HRESULT;
pub const E_PENDING: HRESULT = 0x8000_000A_u32 as HRESULT;
pub const MAPI_E_NOT_FOUND: HRESULT = 0x8004_010F_u32 as HRESULT;

#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GUID(pub u32, pub u16, pub u16, pub [u8; 8]);

pub const IID_IUnknown: GUID = GUID(0, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
pub const GUID_GlobalState: GUID =
    GUID(0xFBEFFD93, 0xB11F, 0x4094, [0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1]);
pub const IID_IMAPIOffline: GUID = GUID(0x000672B5, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
pub const IID_IMAPIOfflineNotify: GUID =
    GUID(0x0317BDE5, 0xFC29, 0x44CD, [0x8D, 0xCD, 0x36, 0x12, 0x5A, 0x3B, 0xE9, 0xEC]);
pub const IID_IMAPIOfflineMgr: GUID =
    GUID(0x42175607, 0xFF3E, 0x4790, [0xBC, 0x18, 0x66, 0xC8, 0x64, 0x3E, 0x64, 0x24]);

#[repr(C)]
pub struct MAPIOFFLINE_ADVISEINFO {
    pub ulSize: ULONG,
    pub ulClientToken: ULONG,
    pub CallbackType: i32,
    pub pCallback: *mut c_void,
    pub ulAdviseTypes: ULONG,
    pub ulStateMask: ULONG,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct StateChangeInfo {
    pub ulMask: ULONG,
    pub ulStateOld: ULONG,
    pub ulStateNew: ULONG,
}

#[repr(C)]
pub union NotifyInfo {
    pub StateChange: StateChangeInfo,
}

#[repr(C)]
pub struct MAPIOFFLINE_NOTIFY {
    pub ulSize: ULONG,
    pub NotifyType: i32,
    pub ulClientToken: ULONG,
    pub Info: NotifyInfo,
}

#[repr(C)]
pub struct MAPIOFFLINE_CREATEINFO {
    pub ulSize: ULONG,
    pub ulCreateFlags: ULONG,
    pub pwszProfileName: *const WCHAR,
    pub ulCapabilities: ULONG,
    pub pGUID: *const GUID,
    pub pInstance: *const GUID,
    pub pParent: *mut c_void,
    pub pMAPISupport: *mut c_void,
    pub pAggregateInfo: *mut c_void,
    pub pConnectInfo: *mut c_void,
}

/// Slots 0 to 2.
#[repr(C)]
pub struct IUnknownVtbl {
    pub QueryInterface: unsafe extern "system" fn(*mut c_void, *const GUID, *mut *mut c_void) -> HRESULT,
    pub AddRef: unsafe extern "system" fn(*mut c_void) -> ULONG,
    pub Release: unsafe extern "system" fn(*mut c_void) -> ULONG,
}

/// Slots 0 to 8 of 16; those behind them are not supported.
#[repr(C)]
pub struct IMAPIOfflineMgrVtbl {
    pub IUnknown: IUnknownVtbl,
    pub SetCurrentState: unsafe extern "system" fn(*mut c_void, ULONG, ULONG, ULONG, *mut c_void) -> HRESULT,
    pub GetCapabilities: unsafe extern "system" fn(*mut c_void, *mut ULONG) -> HRESULT,
    pub GetCurrentState: unsafe extern "system" fn(*mut c_void, *mut ULONG) -> HRESULT,
    pub Placeholder6: *const c_void,
    pub Advise: unsafe extern "system" fn(*mut c_void, ULONG, *mut MAPIOFFLINE_ADVISEINFO, *mut ULONG) -> HRESULT,
    pub Unadvise: unsafe extern "system" fn(*mut c_void, ULONG, ULONG) -> HRESULT,
}

/// Slots 0 to 3. Notify returns nothing.
#[repr(C)]
pub struct IMAPIOfflineNotifyVtbl {
    pub IUnknown: IUnknownVtbl,
    pub Notify: unsafe extern "system" fn(*mut c_void, *const MAPIOFFLINE_NOTIFY),
}

pub type HROPENOFFLINEOBJ =
    unsafe extern "system" fn(ULONG, *const WCHAR, *const GUID, *const GUID, *mut *mut c_void) -> HRESULT;
pub type HRCREATEOFFLINEOBJ =
    unsafe extern "system" fn(ULONG, *mut MAPIOFFLINE_CREATEINFO, *mut *mut c_void) -> HRESULT;
// [/declarations]

/// A call failed, or the library has not been found.
#[derive(Debug)]
pub struct Error {
    /// What the call returned.
    pub hresult: Option<HRESULT>,
    text: String,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

fn check(hresult: HRESULT, function: &str, why: &str) -> Result<(), Error> {
    if hresult >= 0 {
        return Ok(());
    }
    Err(Error { hresult: Some(hresult), text: format!("{} failed: 0x{:08x}{}", function, hresult, why) })
}

// [step1]
/// One phase of one change, without what is not part of the API.
#[derive(Clone, Copy, Debug)]
pub struct StateChange {
    /// MAPIOFFLINE_NOTIFY_TYPE_…
    pub phase: i32,
    pub client_token: ULONG,
    pub state_old: ULONG,
    pub state_new: ULONG,
}

/// Called on any thread, yours included, perhaps on two at once: so it owns what it uses. It must not wait for a thread
/// that ends the registration.
pub type OnChange = Box<dyn Fn(StateChange) + Send + Sync>;

/// What COM sees: first the pointer to the methods.
#[repr(C)]
struct Sink {
    methods: &'static IMAPIOfflineNotifyVtbl,
    references: AtomicU32,
    has_ended: AtomicBool,
    on_change: OnChange,
}

static METHODS: IMAPIOfflineNotifyVtbl = IMAPIOfflineNotifyVtbl {
    IUnknown: IUnknownVtbl { QueryInterface: query_interface, AddRef: add_ref, Release: release },
    Notify: notify,
};

unsafe extern "system" fn query_interface(this: *mut c_void, id: *const GUID, given: *mut *mut c_void) -> HRESULT {
    if given.is_null() {
        return E_POINTER;
    }
    if *id == IID_IUnknown || *id == IID_IMAPIOfflineNotify {
        add_ref(this);
        *given = this;
        return S_OK;
    }
    *given = null_mut();
    E_NOINTERFACE
}

unsafe extern "system" fn add_ref(this: *mut c_void) -> ULONG {
    (*(this as *const Sink)).references.fetch_add(1, Ordering::Relaxed) + 1
}

unsafe extern "system" fn release(this: *mut c_void) -> ULONG {
    let left = (*(this as *const Sink)).references.fetch_sub(1, Ordering::Release) - 1;
    if left == 0 {
        fence(Ordering::Acquire);
        caught(|| drop(Box::from_raw(this as *mut Sink)));
    }
    left
}

unsafe extern "system" fn notify(this: *mut c_void, notification: *const MAPIOFFLINE_NOTIFY) {
    let sink = &*(this as *const Sink);
    let is_ours = |it: &MAPIOFFLINE_NOTIFY| {
        (MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START..=MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE).contains(&it.NotifyType)
            && it.Info.StateChange.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK
    };
    // Outlook also sends what is not part of this API.
    if let (false, Some(it)) = (sink.has_ended.load(Ordering::Acquire), notification.as_ref().filter(|it| is_ours(it))) {
        let change = StateChange {
            phase: it.NotifyType,
            client_token: it.ulClientToken,
            state_old: it.Info.StateChange.ulStateOld & MAPIOFFLINE_STATE_OFFLINE_MASK,
            state_new: it.Info.StateChange.ulStateNew & MAPIOFFLINE_STATE_OFFLINE_MASK,
        };
        caught(|| (sink.on_change)(change));
    }
}

/// A panic ends here, after its hook has reported it: nothing is thrown across COM.
fn caught(function: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(function)) {
        std::mem::forget(payload); // it may panic when it is dropped
    }
}

/// The callback object: one reference on an IMAPIOfflineNotify.
pub struct OfflineNotify(NonNull<Sink>);

unsafe impl Send for OfflineNotify {}
unsafe impl Sync for OfflineNotify {}

impl OfflineNotify {
    pub fn new(on_change: impl Fn(StateChange) + Send + Sync + 'static) -> Self {
        let sink = Sink {
            methods: &METHODS,
            references: AtomicU32::new(1),
            has_ended: AtomicBool::new(false),
            on_change: Box::new(on_change),
        };
        OfflineNotify(NonNull::from(Box::leak(Box::new(sink))))
    }

    pub fn as_raw(&self) -> *mut c_void {
        self.0.as_ptr() as *mut c_void
    }

    /// From now on a Notify does nothing. One that is running on another thread is not waited for.
    pub fn end(&self) {
        unsafe { self.0.as_ref() }.has_ended.store(true, Ordering::Release);
    }

    /// As COM calls it, through its slot.
    pub fn notify(&self, notification: &MAPIOFFLINE_NOTIFY) {
        unsafe { (self.0.as_ref().methods.Notify)(self.as_raw(), notification) }
    }
}

impl Drop for OfflineNotify {
    fn drop(&mut self) {
        unsafe { release(self.as_raw()) };
    }
}
// [/step1]

// [step2]
/// The library with the API. It stays loaded.
#[derive(Clone, Copy)]
pub struct Library {
    open: HROPENOFFLINEOBJ,
    create: Option<HRCREATEOFFLINEOBJ>,
}

impl Library {
    /// The library at a path, for a test.
    pub fn load(path: &str) -> Result<Library, Error> {
        let handle = system::load(path)
            .map_err(|why| Error { hresult: None, text: format!("{} cannot be loaded: {}", path, why) })?;
        Self::in_module(handle)
            .ok_or_else(|| Error { hresult: None, text: format!("{} does not export HrOpenOfflineObj", path) })
    }

    /// What Outlook has loaded in this process.
    #[cfg(windows)]
    pub fn inside_outlook() -> Result<Library, Error> {
        let modules = ["olmapi32.dll", "msmapi32.dll"]; // in which of them it is, is not certain
        modules.iter().find_map(|name| Self::in_module(system::loaded(name)?)).ok_or_else(|| Error {
            hresult: None,
            text: format!("this process has loaded none of {} with HrOpenOfflineObj", modules.join(" and ")),
        })
    }

    /// By its name, or by the decorated one: which of them Outlook exports is not certain.
    fn in_module(module: NonNull<c_void>) -> Option<Library> {
        let find = |plain, decorated| system::function(module, plain).or_else(|| system::function(module, decorated));
        unsafe {
            Some(Library {
                open: std::mem::transmute(find("HrOpenOfflineObj", "HrOpenOfflineObj@20")?),
                create: std::mem::transmute(find("HrCreateOfflineObj", "HrCreateOfflineObj@12")),
            })
        }
    }

    /// The profile's object. An error with MAPI_E_NOT_FOUND: no such profile, or not inside Outlook's process.
    pub fn open(&self, profile_name: &str) -> Result<OfflineObject, Error> {
        let name = units(profile_name);
        let mut object = null_mut();
        let hresult = unsafe { (self.open)(0, name.as_ptr(), &GUID_GlobalState, null(), &mut object) };
        let mut why = format!(": there is no offline object for the profile \"{}\" in this process", profile_name);
        if !(2..=65).contains(&name.len()) {
            why += &format!(" (a name has 1 to 64 characters, this one {})", name.len() - 1);
        }
        check(hresult, "HrOpenOfflineObj", &why)?;
        OfflineObject::owned(object)
    }
    // [/step2]

    /// For a test, which plays Outlook: creates the profile's object, or gives the one that there is.
    pub fn create(&self, profile_name: &str, capabilities: ULONG) -> Result<OfflineObject, Error> {
        let name = units(profile_name);
        let mut info = MAPIOFFLINE_CREATEINFO {
            ulSize: std::mem::size_of::<MAPIOFFLINE_CREATEINFO>() as ULONG,
            ulCreateFlags: 0,
            pwszProfileName: name.as_ptr(),
            ulCapabilities: capabilities,
            pGUID: &GUID_GlobalState,
            pInstance: null(),
            pParent: null_mut(),
            pMAPISupport: null_mut(),
            pAggregateInfo: null_mut(),
            pConnectInfo: null_mut(),
        };
        let mut object = null_mut();
        let missing = || Error { hresult: None, text: "this library does not export HrCreateOfflineObj".into() };
        let hresult = unsafe { (self.create.ok_or_else(missing)?)(0, &mut info, &mut object) };
        check(hresult, "HrCreateOfflineObj", "")?;
        OfflineObject::owned(object)
    }
}

#[cfg(windows)]
fn units(text: &str) -> Vec<WCHAR> {
    text.encode_utf16().chain([0]).collect()
}

#[cfg(not(windows))]
fn units(text: &str) -> Vec<WCHAR> {
    text.chars().map(WCHAR::from).chain([0]).collect()
}

// [step3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// It can notify going offline.
    pub offline: bool,
    /// It can notify coming online.
    pub online: bool,
}

/// One reference on an IMAPIOfflineMgr.
pub struct OfflineObject(NonNull<*const IMAPIOfflineMgrVtbl>);

unsafe impl Send for OfflineObject {}
unsafe impl Sync for OfflineObject {}

impl OfflineObject {
    fn owned(pointer: *mut c_void) -> Result<Self, Error> {
        let missing = || Error { hresult: None, text: "the call succeeded, and gave no object".into() };
        NonNull::new(pointer as *mut _).map(OfflineObject).ok_or_else(missing)
    }

    fn methods(&self) -> &IMAPIOfflineMgrVtbl {
        unsafe { &**self.0.as_ptr() }
    }

    fn this(&self) -> *mut c_void {
        self.0.as_ptr() as *mut c_void
    }

    pub fn capabilities(&self) -> Result<Capabilities, Error> {
        let mut bits = 0;
        check(unsafe { (self.methods().GetCapabilities)(self.this(), &mut bits) }, "GetCapabilities", "")?;
        Ok(Capabilities {
            offline: bits & MAPIOFFLINE_CAPABILITY_OFFLINE != 0,
            online: bits & MAPIOFFLINE_CAPABILITY_ONLINE != 0,
        })
    }

    /// MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE; other bits may be set, and are masked out.
    pub fn state(&self) -> Result<ULONG, Error> {
        let mut bits = 0;
        check(unsafe { (self.methods().GetCurrentState)(self.this(), &mut bits) }, "GetCurrentState", "")?;
        Ok(bits & MAPIOFFLINE_STATE_OFFLINE_MASK)
    }
    // [/step3]

    /// False: a change is under way, try again (E_PENDING).
    pub fn set_state(&self, state: ULONG, flags: ULONG) -> Result<bool, Error> {
        let mask = MAPIOFFLINE_STATE_OFFLINE_MASK;
        let hresult = unsafe { (self.methods().SetCurrentState)(self.this(), flags, mask, state, null_mut()) };
        if hresult == E_PENDING {
            return Ok(false);
        }
        check(hresult, "SetCurrentState", "").map(|()| true)
    }

    // [step4]
    /// Registers a callback; client_token comes back in each notification.
    pub fn advise(
        &self,
        client_token: ULONG,
        on_change: impl Fn(StateChange) + Send + Sync + 'static,
    ) -> Result<Registration, Error> {
        let callback = OfflineNotify::new(on_change);
        let mut info = MAPIOFFLINE_ADVISEINFO {
            ulSize: std::mem::size_of::<MAPIOFFLINE_ADVISEINFO>() as ULONG,
            ulClientToken: client_token,
            CallbackType: MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
            pCallback: callback.as_raw(), // the object takes a reference of its own
            ulAdviseTypes: MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
            ulStateMask: MAPIOFFLINE_STATE_ALL,
        };
        let mut advise_token = 0;
        let flags = MAPIOFFLINE_ADVISE_DEFAULT;
        let hresult = unsafe { (self.methods().Advise)(self.this(), flags, &mut info, &mut advise_token) };
        check(hresult, "Advise", "").map_err(|error| {
            callback.end();
            error
        })?;
        Ok(Registration { object: self.clone(), callback, advise_token })
    }
    // [/step4]
}

impl Clone for OfflineObject {
    fn clone(&self) -> Self {
        unsafe { (self.methods().IUnknown.AddRef)(self.this()) };
        OfflineObject(self.0)
    }
}

impl Drop for OfflineObject {
    fn drop(&mut self) {
        unsafe { (self.methods().IUnknown.Release)(self.this()) };
    }
}

// [step5]
/// Owns a registration. When it is dropped it unadvises, and from then on the callback does nothing. Do not drop it
/// inside the callback, nor while you hold a lock that the callback takes.
#[must_use = "the registration ends when this is dropped"]
pub struct Registration {
    object: OfflineObject,
    callback: OfflineNotify,
    advise_token: ULONG,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.callback.end();
        let flags = MAPIOFFLINE_UNADVISE_DEFAULT;
        unsafe { (self.object.methods().Unadvise)(self.object.this(), flags, self.advise_token) };
    }
}
// [/step5]

#[cfg(windows)]
mod system {
    use super::*;

    extern "system" {
        fn LoadLibraryA(name: *const c_char) -> *mut c_void;
        fn GetModuleHandleA(name: *const c_char) -> *mut c_void;
        fn GetProcAddress(module: *mut c_void, name: *const c_char) -> *mut c_void;
        fn GetLastError() -> u32;
    }

    pub fn load(path: &str) -> Result<NonNull<c_void>, String> {
        let name = CString::new(path).map_err(|error| error.to_string())?;
        NonNull::new(unsafe { LoadLibraryA(name.as_ptr()) })
            .ok_or_else(|| format!("error {}", unsafe { GetLastError() }))
    }

    /// Loads nothing: another library of this name is not Outlook's.
    pub fn loaded(name: &str) -> Option<NonNull<c_void>> {
        NonNull::new(unsafe { GetModuleHandleA(CString::new(name).ok()?.as_ptr()) })
    }

    pub fn function(module: NonNull<c_void>, name: &str) -> Option<NonNull<c_void>> {
        NonNull::new(unsafe { GetProcAddress(module.as_ptr(), CString::new(name).ok()?.as_ptr()) })
    }
}

#[cfg(not(windows))]
mod system {
    use super::*;

    extern "C" {
        fn dlopen(name: *const c_char, flags: i32) -> *mut c_void;
        fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
        fn dlerror() -> *const c_char;
    }

    pub fn load(path: &str) -> Result<NonNull<c_void>, String> {
        const RTLD_NOW: i32 = 2;
        let name = CString::new(path).map_err(|error| error.to_string())?;
        let why = || unsafe { CStr::from_ptr(dlerror()).to_string_lossy().into_owned() };
        NonNull::new(unsafe { dlopen(name.as_ptr(), RTLD_NOW) }).ok_or_else(why)
    }

    pub fn function(library: NonNull<c_void>, name: &str) -> Option<NonNull<c_void>> {
        NonNull::new(unsafe { dlsym(library.as_ptr(), CString::new(name).ok()?.as_ptr()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn notification(kind: i32, mask: ULONG) -> MAPIOFFLINE_NOTIFY {
        let change = StateChangeInfo { ulMask: mask, ulStateOld: 0xF2, ulStateNew: 0xF1 };
        let size = std::mem::size_of::<MAPIOFFLINE_NOTIFY>() as ULONG;
        MAPIOFFLINE_NOTIFY { ulSize: size, NotifyType: kind, ulClientToken: 7, Info: NotifyInfo { StateChange: change } }
    }

    #[test]
    fn what_is_not_part_of_the_api_is_ignored_and_other_bits_are_masked_out() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let callback = OfflineNotify::new({
            let seen = seen.clone();
            move |change| seen.lock().unwrap().push((change.phase, change.client_token, change.state_old, change.state_new))
        });
        for (kind, mask) in [(0, 3), (1, 3), (2, 0x10000), (2, 7), (3, 3), (4, 3)] {
            callback.notify(&notification(kind, mask));
        }
        unsafe { notify(callback.as_raw(), null()) };
        callback.end();
        callback.notify(&notification(1, 3));
        assert_eq!(*seen.lock().unwrap(), [(1, 7, 2, 1), (3, 7, 2, 1)]);
    }

    #[test]
    fn a_panic_does_not_leave_notify_nor_release() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("expected by this test");
            }
        }
        let owned = Panics;
        let callback = OfflineNotify::new(move |_| {
            let _ = &owned;
            panic!("expected by this test")
        });
        callback.notify(&notification(1, 3));
        drop(callback);
    }

    #[test]
    fn a_callback_lives_until_its_last_reference() {
        let owned = Arc::new(());
        let callback = OfflineNotify::new({
            let owned = owned.clone();
            move |_| drop(owned.clone())
        });
        let mut given = null_mut();
        let raw = callback.as_raw();
        unsafe {
            assert_eq!(query_interface(raw, &IID_IMAPIOfflineMgr, &mut given), E_NOINTERFACE);
            assert!(given.is_null());
            assert_eq!(query_interface(raw, &IID_IMAPIOfflineNotify, null_mut()), E_POINTER);
            assert_eq!(query_interface(raw, &IID_IMAPIOfflineNotify, &mut given), S_OK);
            drop(callback);
            assert_eq!(Arc::strong_count(&owned), 2);
            assert_eq!(release(given), 0);
        }
        assert_eq!(Arc::strong_count(&owned), 1);
    }

    #[test]
    fn a_library_that_is_missing_or_another_is_an_error_in_words() {
        let error = Library::load("no such library").err().unwrap();
        assert!(error.to_string().starts_with("no such library cannot be loaded: "), "{}", error);
        assert_eq!(error.hresult, None);
    }
}
