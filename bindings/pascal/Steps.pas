// The five steps in Free Pascal: Steps LIBRARY 12345. The other words are for tests/bindings_test.py.
program Steps;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}{$APPTYPE CONSOLE}

uses
  {$IFDEF UNIX}cthreads,{$ENDIF} Classes, SysUtils, MapiOffline;

const
  Online = MAPIOFFLINE_STATE_ONLINE;
  Offline = MAPIOFFLINE_STATE_OFFLINE;
  First = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
  Done = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
  YesOrNo: array[Boolean] of string = ('no', 'yes');
  PhaseNames: array[First..Done] of string = ('START', 'STATECHANGE', 'DONE');

type
  ENoOutlook = class(Exception);

// Each thread has a buffer of its own.
procedure Say(const Text: string);
begin
  WriteLn(Text);
  Flush(Output);
end;

function StateName(State: ULONG): string;
begin
  case State of
    Online: Result := 'online';
    Offline: Result := 'offline';
  else
    Result := 'unknown';
  end;
end;

// A click on "Work Offline". Returns when the change is complete.
procedure WorkOffline(const Outlook: IMAPIOfflineMgr; GoOffline: Boolean);
var
  State: ULONG;
begin
  State := Online;
  if GoOffline then
    State := Offline;
  while Outlook.SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK, State, nil) = E_PENDING do
    TThread.Yield;
end;

// Outlook with one profile. Inside Outlook there is nothing like it.
function OutlookStandIn(Lib: TOfflineLibrary; const ProfileName: UnicodeString = 'Outlook';
  Capabilities: ULONG = 3): IMAPIOfflineMgr;
begin
  try
    Result := Lib.CreateObject(ProfileName, Capabilities);
  except
    on Problem: EOfflineState do
      raise ENoOutlook.Create('There is no Outlook to be played: ' + Problem.Message);
  end;
  WorkOffline(Result, False);
end;

// [run1]
type
  TPrintChange = class(TOfflineNotify)
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TPrintChange.OnChange(const Change: TStateChange);
begin
  Say(Format('%-11s  %s -> %s', [PhaseNames[Change.Phase], StateName(Change.StateOld), StateName(Change.StateNew)]));
end;

procedure Notify(const Callback: IMAPIOfflineNotify; NotifyType: Integer; Mask: ULONG);
var
  Notification: MAPIOFFLINE_NOTIFY;
begin
  FillChar(Notification, SizeOf(Notification), 0);
  Notification.ulSize := SizeOf(Notification);
  Notification.NotifyType := NotifyType;
  Notification.Info.StateChange.ulMask := Mask;
  Notification.Info.StateChange.ulStateOld := Online;
  Notification.Info.StateChange.ulStateNew := Offline;
  Callback.Notify(@Notification);
end;

procedure Step1;
var
  Callback: IMAPIOfflineNotify;
  Phase: Integer;
begin
  Callback := TPrintChange.Create;
  for Phase := First to Done do
    Notify(Callback, Phase, MAPIOFFLINE_STATE_OFFLINE_MASK);
  Say('another type of notification, and another part of the state:');
  Notify(Callback, 4, MAPIOFFLINE_STATE_OFFLINE_MASK);
  Notify(Callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, $00010000);
  Say('ignored');
end;
// [/run1]

// [run2]
procedure Step2(Lib: TOfflineLibrary);
begin
  Lib.Open('Outlook');
  Say('opened the offline object of the profile "Outlook"');
  try
    Lib.Open('Nobody');
  except
    on Problem: EOfflineState do
      if Problem.ResultCode = MAPI_E_NOT_FOUND then
        Say('the profile "Nobody": MAPI_E_NOT_FOUND')
      else
        Say('the profile "Nobody": an undocumented result');
  end;
end;
// [/run2]

// [run3]
procedure Describe(Lib: TOfflineLibrary; const ProfileName: UnicodeString);
var
  Opened: IMAPIOfflineMgr;
  CanOffline, CanOnline: Boolean;
begin
  Opened := Lib.Open(ProfileName);
  AskCapabilities(Opened, CanOffline, CanOnline);
  Say('offline notifications: ' + YesOrNo[CanOffline] + ', online notifications: ' + YesOrNo[CanOnline] +
    ', state: ' + StateName(CurrentState(Opened)));
end;
// [/run3]

procedure Step3(Lib: TOfflineLibrary);
var
  Other: IMAPIOfflineMgr;
begin
  Other := OutlookStandIn(Lib, 'Online only', MAPIOFFLINE_CAPABILITY_ONLINE); // not needed in Outlook
  Describe(Lib, 'Outlook');
  Describe(Lib, 'Online only');
end;

// [run4]
type
  TPrintClientAndChange = class(TOfflineNotify)
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TPrintClientAndChange.OnChange(const Change: TStateChange);
begin
  Say(Format('client %d: %-11s  %s -> %s', [Change.ClientToken, PhaseNames[Change.Phase], StateName(Change.StateOld),
    StateName(Change.StateNew)]));
end;

procedure Step4(Lib: TOfflineLibrary; const Outlook: IMAPIOfflineMgr);
var
  Registration: TRegistration;
begin
  Registration := TRegistration.Create(Lib.Open('Outlook'), TPrintClientAndChange.Create, 7);
  try
    Say('registered');
    // What a user does in Outlook, twice.
    WorkOffline(Outlook, True);
    WorkOffline(Outlook, False);
  finally
    Registration.Free;
  end;
  Say('registration taken back');
end;
// [/run4]

// [run5]
type
  TPrintStateAtDone = class(TOfflineNotify)
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TPrintStateAtDone.OnChange(const Change: TStateChange);
begin
  if Change.Phase = Done then
    Say('now ' + StateName(Change.StateNew));
end;

procedure Step5(Lib: TOfflineLibrary; const Outlook: IMAPIOfflineMgr);
var
  Registration: TRegistration;
begin
  try
    Registration := TRegistration.Create(Lib.Open('Outlook'), TPrintStateAtDone.Create);
    try
      WorkOffline(Outlook, True); // what a user does in Outlook
      raise Exception.Create('something else went wrong');
    finally
      Registration.Free;
    end;
  except
    on Problem: EOfflineState do
      raise;
    on Problem: Exception do
      Say('left by an exception: ' + Problem.Message);
  end;
  WorkOffline(Outlook, False); // nobody is told any more
end;
// [/run5]

procedure RunSteps(Lib: TOfflineLibrary; const Which: string);
var
  Outlook: IMAPIOfflineMgr;
  Step: Char;
begin
  for Step in Which do
  begin
    if Step <> '1' then
      Outlook := OutlookStandIn(Lib); // not needed in Outlook
    case Step of
      '1': Step1;
      '2': Step2(Lib);
      '3': Step3(Lib);
      '4': Step4(Lib, Outlook);
    else
      Step5(Lib, Outlook);
    end;
    Outlook := nil;
  end;
end;

type
  TThrows = class(TOfflineNotify)
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TThrows.OnChange(const Change: TStateChange);
begin
  if Change.Phase = First then
    raise EInvalidOp.Create('thrown in a callback');
  Say('after it: ' + PhaseNames[Change.Phase]);
end;

type
  TCounts = class(TOfflineNotify)
  public
    Calls: Integer;
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TCounts.OnChange(const Change: TStateChange);
begin
  Inc(Calls);
end;

procedure EndedCallback;
var
  Counts: TCounts;
  Callback: IMAPIOfflineNotify;
begin
  Counts := TCounts.Create;
  Callback := Counts;
  Notify(Callback, First, MAPIOFFLINE_STATE_OFFLINE_MASK);
  Callback.Notify(nil);
  Counts.EndIt;
  Notify(Callback, First, MAPIOFFLINE_STATE_OFFLINE_MASK);
  Say(IntToStr(Counts.Calls) + ' call');
end;

procedure BadInput(Lib: TOfflineLibrary; const Other: string);
var
  Outlook: IMAPIOfflineMgr;
  I: Integer;
const
  What: array[0..3] of string = ('an unknown profile', 'a name of 65 characters', 'a library that is missing',
    'a library without the exports');
begin
  Outlook := OutlookStandIn(Lib);
  for I := 0 to 3 do
    try
      case I of
        0: Lib.Open('Nobody');
        1: Lib.Open(UnicodeString(StringOfChar('x', 65)));
        2: TOfflineLibrary.Create('/no/such/library.so').Free;
        3: TOfflineLibrary.Create(Other).Free;
      end;
    except
      on Problem: EOfflineState do
        Say(What[I] + ': ' + Problem.ClassName + ': ' + Problem.Message);
    end;
  with TRegistration.Create(Lib.Open('Outlook'), TThrows.Create) do
    try
      WorkOffline(Outlook, True);
    finally
      Free;
    end;
end;

type
  TChangeAgain = class(TOfflineNotify)
  public
    Opened: IMAPIOfflineMgr;
    Begun: Integer;
  protected
    procedure OnChange(const Change: TStateChange); override;
  end;

procedure TChangeAgain.OnChange(const Change: TStateChange);
begin
  InterlockedIncrement(Begun);
  if Change.Phase = Done then
    Opened.SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, Change.StateOld, nil);
end;

// Ends with a change under way, always, and a registration outstanding.
procedure Leave(Lib: TOfflineLibrary);
var
  Again: TChangeAgain;
begin
  Again := TChangeAgain.Create;
  Again.Opened := Lib.CreateObject('Outlook');
  TRegistration.Create(Again.Opened, Again);
  Again.Opened.SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, Offline, nil);
  while InterlockedCompareExchange(Again.Begun, 0, 0) = 0 do
    TThread.Yield;
end;

procedure Fact(const Name: string; Value: Cardinal);
begin
  Say(Name + ' ' + IntToStr(Value));
end;

procedure Layout(const Name: string; Size: Cardinal; const Members: array of string; const Places: array of Pointer);
var
  I: Integer;
begin
  Fact('sizeof ' + Name, Size);
  for I := 0 to High(Members) do
    Fact(Name + '.' + Members[I], NativeUInt(Places[I])); // of a structure at nil
end;

procedure Identifier(const Name: string; const Value: TGUID);
begin
  Say(Name + ' ' + Copy(GUIDToString(Value), 2, 36));
end;

procedure Facts;
begin
  Fact('MAPIOFFLINE_ADVISE_DEFAULT', MAPIOFFLINE_ADVISE_DEFAULT);
  Fact('MAPIOFFLINE_UNADVISE_DEFAULT', MAPIOFFLINE_UNADVISE_DEFAULT);
  Fact('MAPIOFFLINE_ADVISE_TYPE_STATECHANGE', MAPIOFFLINE_ADVISE_TYPE_STATECHANGE);
  Fact('MAPIOFFLINE_CAPABILITY_OFFLINE', MAPIOFFLINE_CAPABILITY_OFFLINE);
  Fact('MAPIOFFLINE_CAPABILITY_ONLINE', MAPIOFFLINE_CAPABILITY_ONLINE);
  Fact('MAPIOFFLINE_FLAG_BLOCK', MAPIOFFLINE_FLAG_BLOCK);
  Fact('MAPIOFFLINE_FLAG_DEFAULT', MAPIOFFLINE_FLAG_DEFAULT);
  Fact('MAPIOFFLINE_STATE_ALL', MAPIOFFLINE_STATE_ALL);
  Fact('MAPIOFFLINE_STATE_OFFLINE_MASK', MAPIOFFLINE_STATE_OFFLINE_MASK);
  Fact('MAPIOFFLINE_STATE_OFFLINE', MAPIOFFLINE_STATE_OFFLINE);
  Fact('MAPIOFFLINE_STATE_ONLINE', MAPIOFFLINE_STATE_ONLINE);
  Fact('MAPIOFFLINE_CALLBACK_TYPE_NOTIFY', MAPIOFFLINE_CALLBACK_TYPE_NOTIFY);
  Fact('MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START', MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START);
  Fact('MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE', MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE);
  Fact('MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE', MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE);
  Fact('E_PENDING', Cardinal(E_PENDING));
  Fact('MAPI_E_NOT_FOUND', Cardinal(MAPI_E_NOT_FOUND));
  Identifier('GUID_GlobalState', GUID_GlobalState);
  Identifier('IID_IMAPIOffline', IMAPIOffline);
  Identifier('IID_IMAPIOffline', IID_IMAPIOffline);
  Identifier('IID_IMAPIOfflineNotify', IMAPIOfflineNotify);
  Identifier('IID_IMAPIOfflineNotify', IID_IMAPIOfflineNotify);
  Identifier('IID_IMAPIOfflineMgr', IMAPIOfflineMgr);
  Identifier('IID_IMAPIOfflineMgr', IID_IMAPIOfflineMgr);
  with PMAPIOFFLINE_ADVISEINFO(nil)^ do
    Layout('MAPIOFFLINE_ADVISEINFO', SizeOf(MAPIOFFLINE_ADVISEINFO),
      ['ulSize', 'ulClientToken', 'CallbackType', 'pCallback', 'ulAdviseTypes', 'ulStateMask'],
      [@ulSize, @ulClientToken, @CallbackType, @pCallback, @ulAdviseTypes, @ulStateMask]);
  with PMAPIOFFLINE_NOTIFY(nil)^ do
    Layout('MAPIOFFLINE_NOTIFY', SizeOf(MAPIOFFLINE_NOTIFY),
      ['ulSize', 'NotifyType', 'ulClientToken',
       'Info.StateChange.ulMask', 'Info.StateChange.ulStateOld', 'Info.StateChange.ulStateNew'],
      [@ulSize, @NotifyType, @ulClientToken,
       @Info.StateChange.ulMask, @Info.StateChange.ulStateOld, @Info.StateChange.ulStateNew]);
  with PMAPIOFFLINE_CREATEINFO(nil)^ do
    Layout('MAPIOFFLINE_CREATEINFO', SizeOf(MAPIOFFLINE_CREATEINFO),
      ['ulSize', 'ulCreateFlags', 'pwszProfileName', 'ulCapabilities', 'pGUID', 'pInstance', 'pParent',
       'pMAPISupport', 'pAggregateInfo', 'pConnectInfo'],
      [@ulSize, @ulCreateFlags, @pwszProfileName, @ulCapabilities, @pGUID, @pInstance, @pParent,
       @pMAPISupport, @pAggregateInfo, @pConnectInfo]);
end;

var
  Lib: TOfflineLibrary;

begin
  try
    if ParamCount < 2 then
    begin
      WriteLn(ErrOutput, 'Usage: Steps LIBRARY 12345');
      Halt(2);
    end;
    if ParamStr(2) = 'facts' then
    begin
      Facts;
      Halt(0);
    end;
    Lib := TOfflineLibrary.Create(ParamStr(1));
    if ParamStr(2) = 'ended' then
      EndedCallback
    else if ParamStr(2) = 'leave' then
      Leave(Lib)
    else if ParamStr(2) = 'bad' then
      BadInput(Lib, ParamStr(3))
    else
      RunSteps(Lib, ParamStr(2));
  except
    on Problem: Exception do
    begin
      WriteLn(ErrOutput, Problem.Message);
      if Problem is ENoOutlook then
        Halt(2);
      Halt(1);
    end;
  end;
end.
