//! The five steps in Rust: steps LIBRARY 12345. The other words are for tests/bindings_test.py.

use mapioffline::*;
use std::process::exit;
use std::sync::mpsc;

fn state_name(state: ULONG) -> &'static str {
    match state {
        MAPIOFFLINE_STATE_ONLINE => "online",
        MAPIOFFLINE_STATE_OFFLINE => "offline",
        _ => "unknown",
    }
}

fn phase_name(phase: i32) -> &'static str {
    ["START", "STATECHANGE", "DONE"][(phase - MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) as usize]
}

/// Outlook with one profile. Inside Outlook there is nothing like it.
struct OutlookStandIn(OfflineObject);

impl OutlookStandIn {
    fn new(library: &Library, profile_name: &str, capabilities: ULONG) -> Self {
        let object = library.create(profile_name, capabilities).unwrap_or_else(|error| {
            eprintln!("There is no Outlook to be played: {}", error);
            exit(2)
        });
        let outlook = OutlookStandIn(object);
        outlook.work_offline(false);
        outlook
    }

    /// A click on "Work Offline". Returns when the change is complete.
    fn work_offline(&self, offline: bool) {
        let state = if offline { MAPIOFFLINE_STATE_OFFLINE } else { MAPIOFFLINE_STATE_ONLINE };
        while !self.0.set_state(state, MAPIOFFLINE_FLAG_BLOCK).expect("a documented state") {
            std::thread::yield_now();
        }
    }
}

fn step1() {
    // [run1]
    let callback = OfflineNotify::new(|change| {
        let (old, new) = (state_name(change.state_old), state_name(change.state_new));
        println!("{:<11}  {} -> {}", phase_name(change.phase), old, new);
    });
    let notify = |kind, mask| {
        callback.notify(&MAPIOFFLINE_NOTIFY {
            ulSize: std::mem::size_of::<MAPIOFFLINE_NOTIFY>() as ULONG,
            NotifyType: kind,
            ulClientToken: 0,
            Info: NotifyInfo {
                StateChange: StateChangeInfo {
                    ulMask: mask,
                    ulStateOld: MAPIOFFLINE_STATE_ONLINE,
                    ulStateNew: MAPIOFFLINE_STATE_OFFLINE,
                },
            },
        })
    };
    for phase in MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START..=MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE {
        notify(phase, MAPIOFFLINE_STATE_OFFLINE_MASK);
    }
    println!("another type of notification, and another part of the state:");
    notify(4, MAPIOFFLINE_STATE_OFFLINE_MASK);
    notify(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000);
    println!("ignored");
    // [/run1]
}

// [run2]
fn step2(library: &Library) -> Result<(), Error> {
    library.open("Outlook")?;
    println!("opened the offline object of the profile \"Outlook\"");
    match library.open("Nobody") {
        Err(error) if error.hresult == Some(MAPI_E_NOT_FOUND) => println!("the profile \"Nobody\": MAPI_E_NOT_FOUND"),
        _ => println!("the profile \"Nobody\": an undocumented result"),
    }
    Ok(())
}
// [/run2]

fn step3(library: &Library) -> Result<(), Error> {
    let _other = OutlookStandIn::new(library, "Online only", MAPIOFFLINE_CAPABILITY_ONLINE); // not needed in Outlook
    // [run3]
    let yes_or_no = |can| if can { "yes" } else { "no" };
    for profile_name in ["Outlook", "Online only"] {
        let object = library.open(profile_name)?;
        let can = object.capabilities()?;
        let (offline, online, state) = (yes_or_no(can.offline), yes_or_no(can.online), state_name(object.state()?));
        println!("offline notifications: {}, online notifications: {}, state: {}", offline, online, state);
    }
    // [/run3]
    Ok(())
}

fn step4(library: &Library, outlook: &OutlookStandIn) -> Result<(), Error> {
    // [run4]
    let object = library.open("Outlook")?;
    let client_token = 7;
    let registration = object.advise(client_token, |change| {
        let (old, new) = (state_name(change.state_old), state_name(change.state_new));
        println!("client {}: {:<11}  {} -> {}", change.client_token, phase_name(change.phase), old, new);
    })?;
    println!("registered");
    // What a user does in Outlook, twice.
    outlook.work_offline(true);
    outlook.work_offline(false);
    drop(registration);
    // [/run4]
    println!("registration taken back");
    Ok(())
}

// [run5]
fn step5(library: &Library, outlook: &OutlookStandIn) -> Result<(), Error> {
    let object = library.open("Outlook")?;
    let registered = || -> Result<(), Box<dyn std::error::Error>> {
        let _registration = object.advise(0, |change| {
            if change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE {
                println!("now {}", state_name(change.state_new));
            }
        })?;
        outlook.work_offline(true); // what a user does in Outlook
        Err("something else went wrong".into())
    };
    if let Err(problem) = registered() {
        println!("left by an exception: {}", problem); // or by a panic: the registration is dropped
    }
    outlook.work_offline(false); // nobody is told any more
    Ok(())
}
// [/run5]

fn steps(library: &Library, which: &str) -> Result<(), Error> {
    for step in which.chars() {
        if step == '1' {
            step1();
            continue;
        }
        let both = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
        let outlook = OutlookStandIn::new(library, "Outlook", both); // not needed in Outlook
        match step {
            '2' => step2(library)?,
            '3' => step3(library)?,
            '4' => step4(library, &outlook)?,
            _ => step5(library, &outlook)?,
        }
    }
    Ok(())
}

fn bad_input(library: &Library, other: &str) -> Result<(), Error> {
    let outlook = OutlookStandIn::new(library, "Outlook", 3);
    let say = |what, error: Option<Error>| println!("{}: {}", what, error.expect("an error"));
    say("an unknown profile", library.open("Nobody").err());
    say("a name of 65 characters", library.open(&"x".repeat(65)).err());
    say("a library that is missing", Library::load("/no/such/library.so").err());
    say("a library without the exports", Library::load(other).err());
    let _registration = library.open("Outlook")?.advise(0, |change| {
        assert!(change.phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, "thrown in a callback");
        println!("after it: {}", phase_name(change.phase));
    })?;
    outlook.work_offline(true);
    Ok(())
}

/// Ends with a change under way, always, and a registration outstanding.
fn leave(library: &Library) -> Result<(), Error> {
    let object = library.create("Outlook", 3)?;
    let (begun, begins) = mpsc::sync_channel(1);
    let registration = object.advise(0, {
        let object = object.clone();
        move |change| {
            let _ = begun.try_send(());
            if change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE {
                let _ = object.set_state(change.state_old, MAPIOFFLINE_FLAG_DEFAULT);
            }
        }
    })?;
    std::mem::forget(registration);
    object.set_state(MAPIOFFLINE_STATE_OFFLINE, MAPIOFFLINE_FLAG_DEFAULT)?;
    begins.recv().expect("a notification");
    Ok(())
}

macro_rules! constants {
    ($($name:ident)*) => { $( println!("{} {}", stringify!($name), $name as u32); )* };
}

macro_rules! identifiers {
    ($($name:ident)*) => { $(
        let GUID(first, second, third, rest) = $name;
        let rest: Vec<String> = rest.iter().map(|each| format!("{:02X}", each)).collect();
        println!("{} {:08X}-{:04X}-{:04X}-{}-{}", stringify!($name), first, second, third, rest[..2].concat(), rest[2..].concat());
    )* };
}

macro_rules! layout {
    ($type:ident: $($($member:ident).+)*) => {
        println!("sizeof {} {}", stringify!($type), std::mem::size_of::<$type>());
        let memory = std::mem::MaybeUninit::<$type>::uninit();
        $( println!("{}.{} {}", stringify!($type), [$(stringify!($member)),+].join("."), unsafe {
            std::ptr::addr_of!((*memory.as_ptr()).$($member).+) as usize - memory.as_ptr() as usize
        }); )*
    };
}

fn facts() {
    constants!(MAPIOFFLINE_ADVISE_DEFAULT MAPIOFFLINE_UNADVISE_DEFAULT MAPIOFFLINE_ADVISE_TYPE_STATECHANGE
        MAPIOFFLINE_CAPABILITY_OFFLINE MAPIOFFLINE_CAPABILITY_ONLINE MAPIOFFLINE_FLAG_BLOCK MAPIOFFLINE_FLAG_DEFAULT
        MAPIOFFLINE_STATE_ALL MAPIOFFLINE_STATE_OFFLINE_MASK MAPIOFFLINE_STATE_OFFLINE MAPIOFFLINE_STATE_ONLINE
        MAPIOFFLINE_CALLBACK_TYPE_NOTIFY MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE
        MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE S_OK E_NOINTERFACE E_POINTER E_PENDING MAPI_E_NOT_FOUND);
    identifiers!(GUID_GlobalState IID_IMAPIOffline IID_IMAPIOfflineNotify IID_IMAPIOfflineMgr);
    layout!(MAPIOFFLINE_ADVISEINFO: ulSize ulClientToken CallbackType pCallback ulAdviseTypes ulStateMask);
    layout!(MAPIOFFLINE_NOTIFY: ulSize NotifyType ulClientToken Info.StateChange.ulMask Info.StateChange.ulStateOld
        Info.StateChange.ulStateNew);
    layout!(MAPIOFFLINE_CREATEINFO: ulSize ulCreateFlags pwszProfileName ulCapabilities pGUID pInstance pParent
        pMAPISupport pAggregateInfo pConnectInfo);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [_, "facts"] => {
            facts();
            Ok(())
        }
        [path, "bad", other] => Library::load(path).and_then(|library| bad_input(&library, other)),
        [path, "leave"] => Library::load(path).and_then(|library| leave(&library)),
        [path, which] => Library::load(path).and_then(|library| steps(&library, which)),
        _ => {
            eprintln!("Usage: steps LIBRARY 12345");
            exit(2)
        }
    };
    if let Err(error) = done {
        eprintln!("{}", error);
        exit(1);
    }
}
