// SPDX-License-Identifier: MIT
// Outlook's Offline State API for Free Pascal 3.2. Copy this one file. It is written for Delphi too, where nobody has
// tried it. On Unix a program uses cthreads first.
//
// Names that begin with MAPIOFFLINE, IMAPI, GUID, IID or ul are Microsoft's; the classes are this reference's.
unit MapiOffline;

{$IFDEF FPC}{$MODE DELPHI}{$PACKRECORDS C}{$ELSE}{$ALIGN 8}{$ENDIF}

interface

uses
  {$IFDEF MSWINDOWS}Windows,{$ELSE}DynLibs,{$ENDIF} Classes, SysUtils;

// [declarations]
const
  MAPIOFFLINE_ADVISE_DEFAULT = 0;
  MAPIOFFLINE_UNADVISE_DEFAULT = 0;
  MAPIOFFLINE_ADVISE_TYPE_STATECHANGE = 1;
  MAPIOFFLINE_CAPABILITY_OFFLINE = $1;
  MAPIOFFLINE_CAPABILITY_ONLINE = $2;
  MAPIOFFLINE_FLAG_BLOCK = $00002000;
  MAPIOFFLINE_FLAG_DEFAULT = $00000000;
  MAPIOFFLINE_STATE_ALL = $003f037f;
  MAPIOFFLINE_STATE_OFFLINE_MASK = $00000003;
  MAPIOFFLINE_STATE_OFFLINE = $00000001;
  MAPIOFFLINE_STATE_ONLINE = $00000002;
  MAPIOFFLINE_CALLBACK_TYPE_NOTIFY = 0;
  MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START = 1;
  MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE = 2;
  MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE = 3;

  E_PENDING = HRESULT($8000000A);
  MAPI_E_NOT_FOUND = HRESULT($8004010F);

  GUID_GlobalState: TGUID = '{FBEFFD93-B11F-4094-842B-96DCD31E63D1}';
  IID_IMAPIOffline: TGUID = '{000672B5-0000-0000-C000-000000000046}';
  IID_IMAPIOfflineNotify: TGUID = '{0317BDE5-FC29-44CD-8DCD-36125A3BE9EC}';
  IID_IMAPIOfflineMgr: TGUID = '{42175607-FF3E-4790-BC18-66C8643E6424}';

type
  ULONG = Cardinal; // 4 bytes, on Linux too

  MAPIOFFLINE_ADVISEINFO = record
    ulSize: ULONG;
    ulClientToken: ULONG;
    CallbackType: Integer;
    pCallback: Pointer;
    ulAdviseTypes: ULONG;
    ulStateMask: ULONG;
  end;
  PMAPIOFFLINE_ADVISEINFO = ^MAPIOFFLINE_ADVISEINFO;

  TNotifyStateChange = record
    ulMask: ULONG;
    ulStateOld: ULONG;
    ulStateNew: ULONG;
  end;

  TNotifyInfo = record // a union with one member
    StateChange: TNotifyStateChange;
  end;

  MAPIOFFLINE_NOTIFY = record
    ulSize: ULONG;
    NotifyType: Integer;
    ulClientToken: ULONG;
    Info: TNotifyInfo;
  end;
  PMAPIOFFLINE_NOTIFY = ^MAPIOFFLINE_NOTIFY;

  MAPIOFFLINE_CREATEINFO = record
    ulSize: ULONG;
    ulCreateFlags: ULONG;
    pwszProfileName: Pointer;
    ulCapabilities: ULONG;
    pGUID: Pointer;
    pInstance: Pointer;
    pParent: Pointer;
    pMAPISupport: Pointer;
    pAggregateInfo: Pointer;
    pConnectInfo: Pointer;
  end;
  PMAPIOFFLINE_CREATEINFO = ^MAPIOFFLINE_CREATEINFO;

  IMAPIOffline = interface(IInterface)
    ['{000672B5-0000-0000-C000-000000000046}']
    function SetCurrentState(ulFlags, ulMask, ulState: ULONG; pReserved: Pointer): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
    function GetCapabilities(out pulCapabilities: ULONG): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
    function GetCurrentState(out pulState: ULONG): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
    function Placeholder6: HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
  end;

  IMAPIOfflineMgr = interface(IMAPIOffline)
    ['{42175607-FF3E-4790-BC18-66C8643E6424}']
    function Advise(ulFlags: ULONG; pAdviseInfo: PMAPIOFFLINE_ADVISEINFO; out pulAdviseToken: ULONG): HRESULT;
      {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
    function Unadvise(ulFlags, ulAdviseToken: ULONG): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
  end;

  IMAPIOfflineNotify = interface(IInterface)
    ['{0317BDE5-FC29-44CD-8DCD-36125A3BE9EC}']
    procedure Notify(pNotifyInfo: PMAPIOFFLINE_NOTIFY); {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
  end;

  HROPENOFFLINEOBJ = function(ulReserved: ULONG; pwszProfileNameIn: Pointer; pGUID, pReserved: Pointer;
    out ppOfflineObj: IMAPIOfflineMgr): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
  HRCREATEOFFLINEOBJ = function(ulFlags: ULONG; pCreateInfo: PMAPIOFFLINE_CREATEINFO;
    out ppOffline: IMAPIOfflineMgr): HRESULT; {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
// [/declarations]

type
  // A call failed, with its result; or the library has not been found: then it is 0.
  EOfflineState = class(Exception)
  public
    ResultCode: HRESULT;
    constructor Create(const Text: string; AResult: HRESULT = 0);
  end;

  // [step1]
  // One phase of one change, without what is not part of the API.
  TStateChange = record
    Phase: Integer; // MAPIOFFLINE_NOTIFY_TYPE_...
    ClientToken: ULONG;
    StateOld: ULONG;
    StateNew: ULONG;
  end;

  // The callback object: derive from it. It lives until its last reference is released.
  TOfflineNotify = class(TInterfacedObject, IMAPIOfflineNotify)
  private
    FHasEnded: Boolean;
  protected
    // Called on any thread, yours included, perhaps on two at once: use what belongs to this object. It must not wait
    // for a thread that ends the registration. What it raises goes to Failed.
    procedure OnChange(const Change: TStateChange); virtual; abstract;
    // Writes to the standard error. Nothing is thrown across COM.
    procedure Failed(Problem: TObject); virtual;
    procedure Notify(pNotifyInfo: PMAPIOFFLINE_NOTIFY); {$IFDEF MSWINDOWS}stdcall{$ELSE}cdecl{$ENDIF};
  public
    // From now on a Notify does nothing. One that is running on another thread is not waited for.
    procedure EndIt;
  end;
  // [/step1]

  // [step2]
  // The library with the API. It stays loaded.
  TOfflineLibrary = class
  private
    FOpen: HROPENOFFLINEOBJ;
    FCreate: HRCREATEOFFLINEOBJ;
    procedure Find(Module: THandle);
  public
    // A path, for a test. Empty: what Outlook has loaded in this process.
    constructor Create(const Path: string = '');
    // The profile's object. EOfflineState with MAPI_E_NOT_FOUND: no such profile, or not inside Outlook.
    function Open(const ProfileName: UnicodeString): IMAPIOfflineMgr;
    // For a test, which plays Outlook: creates the profile's object, or gives the one that there is.
    function CreateObject(const ProfileName: UnicodeString; Capabilities: ULONG = 3): IMAPIOfflineMgr;
  end;
  // [/step2]

  // [step5]
  // Owns a registration: Free ends it, or the end of the program. Not inside OnChange, and not while you hold a lock
  // that OnChange takes.
  TRegistration = class
  private
    FObject: IMAPIOfflineMgr;
    FNotify: TOfflineNotify;
    FCallback: IMAPIOfflineNotify;
    FAdviseToken: ULONG;
  public
    // Registers a callback; ClientToken comes back in each notification.
    constructor Create(const Opened: IMAPIOfflineMgr; Notify: TOfflineNotify; ClientToken: ULONG = 0);
    destructor Destroy; override;
  end;
  // [/step5]

// [step3]
procedure AskCapabilities(const Opened: IMAPIOffline; out Offline, Online: Boolean);
// MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE; other bits may be set, and are masked out.
function CurrentState(const Opened: IMAPIOffline): ULONG;
// [/step3]

// Raises an EOfflineState when a call has failed.
procedure Check(AResult: HRESULT; const What: string; const Why: string = '');

implementation

var
  Registrations: TThreadList; // of TRegistration
  Callbacks: TThreadList; // of TOfflineNotify, each with a reference: their registration has ended

constructor EOfflineState.Create(const Text: string; AResult: HRESULT);
begin
  inherited Create(Text);
  ResultCode := AResult;
end;

procedure Check(AResult: HRESULT; const What, Why: string);
begin
  if AResult < 0 then
    raise EOfflineState.Create(What + ' failed: 0x' + LowerCase(IntToHex(Cardinal(AResult), 8)) + Why, AResult);
end;

// [step1-code]
procedure TOfflineNotify.Notify(pNotifyInfo: PMAPIOFFLINE_NOTIFY);
var
  Change: TStateChange;
begin
  try
    if FHasEnded or (pNotifyInfo = nil) or (pNotifyInfo^.NotifyType < MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) or
      (pNotifyInfo^.NotifyType > MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) or
      (pNotifyInfo^.Info.StateChange.ulMask <> MAPIOFFLINE_STATE_OFFLINE_MASK) then
      Exit; // Outlook also sends what is not part of this API
    Change.Phase := pNotifyInfo^.NotifyType;
    Change.ClientToken := pNotifyInfo^.ulClientToken;
    Change.StateOld := pNotifyInfo^.Info.StateChange.ulStateOld and MAPIOFFLINE_STATE_OFFLINE_MASK;
    Change.StateNew := pNotifyInfo^.Info.StateChange.ulStateNew and MAPIOFFLINE_STATE_OFFLINE_MASK;
    OnChange(Change);
  except
    on Problem: TObject do
      try
        Failed(Problem);
      except
        // Nobody is left to tell.
      end;
  end;
end;
// [/step1-code]

procedure TOfflineNotify.Failed(Problem: TObject);
begin
  if Problem is Exception then
    WriteLn(ErrOutput, Problem.ClassName, ': ', Exception(Problem).Message)
  else
    WriteLn(ErrOutput, Problem.ClassName);
  Flush(ErrOutput);
end;

procedure TOfflineNotify.EndIt;
begin
  FHasEnded := True;
end;

// [step2-code]
constructor TOfflineLibrary.Create(const Path: string);
{$IFDEF MSWINDOWS}
const
  // In which of them it is, is not certain. Nothing is loaded here: another library of that name is not Outlook's.
  Modules: array[0..1] of string = ('olmapi32.dll', 'msmapi32.dll');
var
  I: Integer;
{$ENDIF}
var
  Module: THandle;
begin
  if Path <> '' then
  begin
    Module := LoadLibrary({$IFDEF MSWINDOWS}PChar(Path){$ELSE}Path{$ENDIF});
    if Module = 0 then
      raise EOfflineState.Create(Path + ' cannot be loaded: ' +
        {$IFDEF MSWINDOWS}SysErrorMessage(GetLastError){$ELSE}GetLoadErrorStr{$ENDIF});
    Find(Module);
  end;
  {$IFDEF MSWINDOWS}
  for I := 0 to 1 do
    if (Path = '') and (GetModuleHandle(PChar(Modules[I])) <> 0) then
      Find(GetModuleHandle(PChar(Modules[I])));
  {$ENDIF}
  if not Assigned(FOpen) then
    if Path <> '' then
      raise EOfflineState.Create(Path + ' does not export HrOpenOfflineObj')
    else
      raise EOfflineState.Create('this process has loaded no library of Outlook''s with HrOpenOfflineObj');
end;

procedure TOfflineLibrary.Find(Module: THandle);

  function Address(const Name, Decoration: string): Pointer; // which of the two names it has, is not certain
  begin
    Result := GetProcAddress(Module, {$IFDEF MSWINDOWS}PChar(Name){$ELSE}Name{$ENDIF});
    if Result = nil then
      Result := GetProcAddress(Module, {$IFDEF MSWINDOWS}PChar(Name + Decoration){$ELSE}Name + Decoration{$ENDIF});
  end;

begin
  if not Assigned(FOpen) then
    FOpen := HROPENOFFLINEOBJ(Address('HrOpenOfflineObj', '@20'));
  if not Assigned(FCreate) then
    FCreate := HRCREATEOFFLINEOBJ(Address('HrCreateOfflineObj', '@12'));
end;

function TOfflineLibrary.Open(const ProfileName: UnicodeString): IMAPIOfflineMgr;
var
  {$IFNDEF MSWINDOWS}Units: UCS4String;{$ENDIF}
  Name: Pointer;
  Why: string;
  Opened: HRESULT;
begin
  {$IFDEF MSWINDOWS}
  Name := PWideChar(ProfileName);
  {$ELSE}
  Units := UnicodeStringToUCS4String(ProfileName); // wchar_t has 4 bytes here
  Name := @Units[0];
  {$ENDIF}
  Opened := FOpen(0, Name, @GUID_GlobalState, nil, Result);
  Why := ': there is no offline object for the profile "' + string(ProfileName) + '" in this process';
  if (Length(ProfileName) < 1) or (Length(ProfileName) > 64) then
    Why := Why + ' (a name has 1 to 64 characters, this one ' + IntToStr(Length(ProfileName)) + ')';
  Check(Opened, 'HrOpenOfflineObj', Why);
end;
// [/step2-code]

function TOfflineLibrary.CreateObject(const ProfileName: UnicodeString; Capabilities: ULONG): IMAPIOfflineMgr;
var
  {$IFNDEF MSWINDOWS}Units: UCS4String;{$ENDIF}
  Info: MAPIOFFLINE_CREATEINFO;
begin
  if not Assigned(FCreate) then
    raise EOfflineState.Create('this library does not export HrCreateOfflineObj');
  FillChar(Info, SizeOf(Info), 0);
  Info.ulSize := SizeOf(Info);
  {$IFDEF MSWINDOWS}
  Info.pwszProfileName := PWideChar(ProfileName);
  {$ELSE}
  Units := UnicodeStringToUCS4String(ProfileName);
  Info.pwszProfileName := @Units[0];
  {$ENDIF}
  Info.ulCapabilities := Capabilities;
  Info.pGUID := @GUID_GlobalState;
  Check(FCreate(0, @Info, Result), 'HrCreateOfflineObj');
end;

// [step3-code]
procedure AskCapabilities(const Opened: IMAPIOffline; out Offline, Online: Boolean);
var
  Bits: ULONG;
begin
  Check(Opened.GetCapabilities(Bits), 'GetCapabilities');
  Offline := Bits and MAPIOFFLINE_CAPABILITY_OFFLINE <> 0; // other bits are not part of this API
  Online := Bits and MAPIOFFLINE_CAPABILITY_ONLINE <> 0;
end;

function CurrentState(const Opened: IMAPIOffline): ULONG;
var
  Bits: ULONG;
begin
  Check(Opened.GetCurrentState(Bits), 'GetCurrentState');
  Result := Bits and MAPIOFFLINE_STATE_OFFLINE_MASK;
end;
// [/step3-code]

// [step4]
constructor TRegistration.Create(const Opened: IMAPIOfflineMgr; Notify: TOfflineNotify; ClientToken: ULONG);
var
  Info: MAPIOFFLINE_ADVISEINFO;
  Advised: HRESULT;
begin
  FNotify := Notify;
  FCallback := Notify; // this reference keeps the callback alive
  FillChar(Info, SizeOf(Info), 0);
  Info.ulSize := SizeOf(Info);
  Info.ulClientToken := ClientToken;
  Info.CallbackType := MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
  Info.pCallback := Pointer(FCallback);
  Info.ulAdviseTypes := MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
  Info.ulStateMask := MAPIOFFLINE_STATE_ALL;
  Advised := Opened.Advise(MAPIOFFLINE_ADVISE_DEFAULT, @Info, FAdviseToken);
  if Advised < 0 then
    Notify.EndIt;
  Check(Advised, 'Advise');
  FObject := Opened;
  Registrations.Add(Self);
end;
// [/step4]

// Those on which nobody else has a reference. True: there is none left.
function ReleaseCallbacks: Boolean;
var
  List: TList;
  I: Integer;
begin
  List := Callbacks.LockList;
  try
    for I := List.Count - 1 downto 0 do
      if TOfflineNotify(List[I]).RefCount = 1 then
      begin
        TOfflineNotify(List[I])._Release;
        List.Delete(I);
      end;
    Result := List.Count = 0;
  finally
    Callbacks.UnlockList;
  end;
end;

// [step5-code]
destructor TRegistration.Destroy;
begin
  if FObject <> nil then // it has been registered
  begin
    Registrations.Remove(Self);
    FNotify.EndIt; // a Notify that comes late does nothing
    FObject.Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, FAdviseToken);
    FNotify._AddRef;
    Callbacks.Add(FNotify);
    FCallback := nil;
    ReleaseCallbacks;
  end;
  inherited Destroy;
end;

// At the end of the program: until nobody calls a callback any more, 5 seconds at most.
procedure EndAll;
var
  Next: TRegistration;
  I: Integer;
begin
  repeat
    Next := nil;
    with Registrations.LockList do
      if Count > 0 then
        Next := TRegistration(First);
    Registrations.UnlockList;
    Next.Free;
  until Next = nil;
  I := 0;
  while (I < 5000) and not ReleaseCallbacks do
  begin
    Sleep(1);
    Inc(I);
  end;
end;
// [/step5-code]

initialization
  Registrations := TThreadList.Create;
  Callbacks := TThreadList.Create;
finalization
  EndAll;
  // The lists stay: after 5 seconds somebody may still call.
end.
