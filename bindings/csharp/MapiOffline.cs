// SPDX-License-Identifier: MIT
// Outlook's Offline State API for C# 7: .NET Framework 4.8, .NET 8 on Windows, and mono. Copy this one file.
//
// Names that begin with MAPIOFFLINE, IMAPI, GUID, IID or ul are Microsoft's; the other types are this reference's.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace OfflineState
{
    // [declarations]
    public static class Mapi
    {
        public const uint MAPIOFFLINE_ADVISE_DEFAULT = 0;
        public const uint MAPIOFFLINE_UNADVISE_DEFAULT = 0;
        public const uint MAPIOFFLINE_ADVISE_TYPE_STATECHANGE = 1;
        public const uint MAPIOFFLINE_CAPABILITY_OFFLINE = 0x1;
        public const uint MAPIOFFLINE_CAPABILITY_ONLINE = 0x2;
        public const uint MAPIOFFLINE_FLAG_BLOCK = 0x00002000;
        public const uint MAPIOFFLINE_FLAG_DEFAULT = 0x00000000;
        public const uint MAPIOFFLINE_STATE_ALL = 0x003f037f;
        public const uint MAPIOFFLINE_STATE_OFFLINE_MASK = 0x00000003;
        public const uint MAPIOFFLINE_STATE_OFFLINE = 0x00000001;
        public const uint MAPIOFFLINE_STATE_ONLINE = 0x00000002;
        public const int MAPIOFFLINE_CALLBACK_TYPE_NOTIFY = 0;
        public const int MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START = 1;
        public const int MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE = 2;
        public const int MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE = 3;

        public const int E_PENDING = unchecked((int)0x8000000A);
        public const int MAPI_E_NOT_FOUND = unchecked((int)0x8004010F);

        public static readonly Guid GUID_GlobalState = new Guid("FBEFFD93-B11F-4094-842B-96DCD31E63D1");
        public static readonly Guid IID_IMAPIOffline = typeof(IMAPIOffline).GUID;
        public static readonly Guid IID_IMAPIOfflineMgr = typeof(IMAPIOfflineMgr).GUID;
        public static readonly Guid IID_IMAPIOfflineNotify = typeof(IMAPIOfflineNotify).GUID;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MAPIOFFLINE_ADVISEINFO
    {
        public uint ulSize;
        public uint ulClientToken;
        public int CallbackType;
        public IntPtr pCallback;
        public uint ulAdviseTypes;
        public uint ulStateMask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NotifyStateChange
    {
        public uint ulMask;
        public uint ulStateOld;
        public uint ulStateNew;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NotifyInfo // a union with one member
    {
        public NotifyStateChange StateChange;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MAPIOFFLINE_NOTIFY
    {
        public uint ulSize;
        public int NotifyType;
        public uint ulClientToken;
        public NotifyInfo Info;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MAPIOFFLINE_CREATEINFO
    {
        public uint ulSize;
        public uint ulCreateFlags;
        public IntPtr pwszProfileName;
        public uint ulCapabilities;
        public IntPtr pGUID;
        public IntPtr pInstance;
        public IntPtr pParent;
        public IntPtr pMAPISupport;
        public IntPtr pAggregateInfo;
        public IntPtr pConnectInfo;
    }

    [ComImport, Guid("000672B5-0000-0000-C000-000000000046"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    public interface IMAPIOffline
    {
        [PreserveSig] int SetCurrentState(uint ulFlags, uint ulMask, uint ulState, IntPtr pReserved);
        [PreserveSig] int GetCapabilities(out uint pulCapabilities);
        [PreserveSig] int GetCurrentState(out uint pulState);
        [PreserveSig] int Placeholder6();
    }

    // It repeats the slots of IMAPIOffline: C# gives an interface for COM none of its base's.
    [ComImport, Guid("42175607-FF3E-4790-BC18-66C8643E6424"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    public interface IMAPIOfflineMgr
    {
        [PreserveSig] int SetCurrentState(uint ulFlags, uint ulMask, uint ulState, IntPtr pReserved);
        [PreserveSig] int GetCapabilities(out uint pulCapabilities);
        [PreserveSig] int GetCurrentState(out uint pulState);
        [PreserveSig] int Placeholder6();
        [PreserveSig] int Advise(uint ulFlags, ref MAPIOFFLINE_ADVISEINFO pAdviseInfo, out uint pulAdviseToken);
        [PreserveSig] int Unadvise(uint ulFlags, uint ulAdviseToken);
    }

    [ComImport, Guid("0317BDE5-FC29-44CD-8DCD-36125A3BE9EC"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    public interface IMAPIOfflineNotify
    {
        [PreserveSig] void Notify(IntPtr pNotifyInfo); // a MAPIOFFLINE_NOTIFY, or null
    }

    [UnmanagedFunctionPointer(CallingConvention.StdCall)]
    public delegate int HROPENOFFLINEOBJ(uint ulReserved, IntPtr pwszProfileNameIn, ref Guid pGUID, IntPtr pReserved,
                                         out IntPtr ppOfflineObj);

    [UnmanagedFunctionPointer(CallingConvention.StdCall)]
    public delegate int HRCREATEOFFLINEOBJ(uint ulFlags, ref MAPIOFFLINE_CREATEINFO pCreateInfo, out IntPtr ppOffline);
    // [/declarations]

    /// <summary>A call failed; its HRESULT is in ErrorCode.</summary>
    public sealed class OfflineStateException : COMException
    {
        public OfflineStateException(string text, int hresult) : base(text, hresult) { }

        internal static void Check(int hresult, string function, string why = "")
        {
            if (hresult < 0)
            {
                throw new OfflineStateException(function + " failed: 0x" + hresult.ToString("x8") + why, hresult);
            }
        }
    }

    // [step1]
    /// <summary>One phase of one change, without what is not part of the API.</summary>
    public struct StateChange
    {
        public int Phase; // Mapi.MAPIOFFLINE_NOTIFY_TYPE_…
        public uint ClientToken;
        public uint StateOld;
        public uint StateNew;
    }

    /// <summary>The callback object.</summary>
    [ComVisible(true), ClassInterface(ClassInterfaceType.None)]
    public sealed class OfflineNotify : IMAPIOfflineNotify
    {
        private readonly Action<StateChange> onChange;
        private volatile bool hasEnded;

        /// <param name="onChange">Called on any thread, yours included, perhaps on two at once. It must not wait for a
        /// thread that disposes of the registration, so not for the thread with the window either.</param>
        public OfflineNotify(Action<StateChange> onChange)
        {
            this.onChange = onChange;
        }

        /// <summary>Receives what a callback throws. Without a handler it is written to the standard error.</summary>
        public static event Action<Exception> CallbackFailed;

        /// <summary>From now on a Notify does nothing. One that is running on another thread is not waited for.</summary>
        public void End()
        {
            hasEnded = true;
        }

        void IMAPIOfflineNotify.Notify(IntPtr pNotifyInfo)
        {
            try
            {
                if (hasEnded || pNotifyInfo == IntPtr.Zero)
                {
                    return;
                }
                // NotifyType first: what is not part of this API may have something else behind it.
                int type = Marshal.ReadInt32(pNotifyInfo, 4);
                if (type < Mapi.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START ||
                    type > Mapi.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE)
                {
                    return;
                }
                var notification = (MAPIOFFLINE_NOTIFY)Marshal.PtrToStructure(pNotifyInfo, typeof(MAPIOFFLINE_NOTIFY));
                var change = notification.Info.StateChange;
                if (change.ulMask == Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK)
                {
                    onChange(new StateChange {
                        Phase = type,
                        ClientToken = notification.ulClientToken,
                        StateOld = change.ulStateOld & Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK,
                        StateNew = change.ulStateNew & Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK
                    });
                }
            }
            catch (Exception problem) // nothing is thrown across COM
            {
                Report(problem);
            }
        }

        private static void Report(Exception problem)
        {
            try
            {
                var handler = CallbackFailed;
                if (handler != null)
                {
                    handler(problem);
                }
                else
                {
                    Console.Error.WriteLine(problem);
                }
            }
            catch (Exception)
            {
                // A handler that throws has nobody left to tell.
            }
        }
    }
    // [/step1]

    // [step2]
    /// <summary>The library with the API. It stays loaded.</summary>
    public sealed class Library
    {
        private static readonly bool onWindows = Environment.OSVersion.Platform == PlatformID.Win32NT;
        private readonly HROPENOFFLINEOBJ open;
        private readonly HRCREATEOFFLINEOBJ create;

        /// <param name="path">For a test. Null: what Outlook has loaded in this process.</param>
        /// <exception cref="DllNotFoundException">The library cannot be loaded, or is not there.</exception>
        /// <exception cref="EntryPointNotFoundException">It does not export the API.</exception>
        public Library(string path = null)
        {
            foreach (IntPtr module in path == null ? InsideOutlook() : new[] { Load(path) })
            {
                open = open ?? Function<HROPENOFFLINEOBJ>(module, "HrOpenOfflineObj", "@20");
                create = create ?? Function<HRCREATEOFFLINEOBJ>(module, "HrCreateOfflineObj", "@12");
            }
            if (open == null)
            {
                throw new EntryPointNotFoundException((path ?? "what Outlook has loaded") +
                                                      " does not export HrOpenOfflineObj");
            }
        }

        /// <summary>The profile's object; dispose of it.</summary>
        /// <exception cref="OfflineStateException">MAPI_E_NOT_FOUND: no such profile, or not inside Outlook.</exception>
        public OfflineObject Open(string profileName)
        {
            IntPtr name = Units(profileName);
            Guid globalState = Mapi.GUID_GlobalState;
            int hresult = open(0, name, ref globalState, IntPtr.Zero, out IntPtr opened);
            Marshal.FreeHGlobal(name);
            string why = ": there is no offline object for the profile \"" + profileName + "\" in this process";
            if (profileName.Length < 1 || profileName.Length > 64)
            {
                why += " (a name has 1 to 64 characters, this one " + profileName.Length + ")";
            }
            OfflineStateException.Check(hresult, "HrOpenOfflineObj", why);
            return new OfflineObject(opened);
        }

        /// <summary>wchar_t has 2 bytes on Windows, and 4 on Linux. To be freed by FreeHGlobal.</summary>
        private static IntPtr Units(string text)
        {
            byte[] bytes = (onWindows ? Encoding.Unicode : Encoding.UTF32).GetBytes(text + "\0");
            IntPtr units = Marshal.AllocHGlobal(bytes.Length);
            Marshal.Copy(bytes, 0, units, bytes.Length);
            return units;
        }

        private static IEnumerable<IntPtr> InsideOutlook()
        {
            // Which of them Outlook exports it from is not certain. Nothing is loaded here: another library of that
            // name is not Outlook's.
            foreach (string name in new[] { "olmapi32.dll", "msmapi32.dll" })
            {
                IntPtr module = onWindows ? GetModuleHandle(name) : IntPtr.Zero;
                if (module != IntPtr.Zero)
                {
                    yield return module;
                }
            }
        }

        private static T Function<T>(IntPtr module, string name, string decoration) where T : class
        {
            IntPtr found = Address(module, name);
            found = found != IntPtr.Zero ? found : Address(module, name + decoration); // which one is not certain
            return found == IntPtr.Zero ? null : (T)(object)Marshal.GetDelegateForFunctionPointer(found, typeof(T));
        }
        // [/step2]

        /// <summary>For a test, which plays Outlook: creates the profile's object, or gives the one there is.</summary>
        public OfflineObject Create(string profileName, uint capabilities)
        {
            if (create == null)
            {
                throw new EntryPointNotFoundException("this library does not export HrCreateOfflineObj");
            }
            Guid globalState = Mapi.GUID_GlobalState;
            GCHandle id = GCHandle.Alloc(globalState, GCHandleType.Pinned);
            var info = new MAPIOFFLINE_CREATEINFO {
                ulSize = (uint)Marshal.SizeOf(typeof(MAPIOFFLINE_CREATEINFO)),
                pwszProfileName = Units(profileName),
                ulCapabilities = capabilities,
                pGUID = id.AddrOfPinnedObject()
            };
            int hresult = create(0, ref info, out IntPtr created);
            id.Free();
            Marshal.FreeHGlobal(info.pwszProfileName);
            OfflineStateException.Check(hresult, "HrCreateOfflineObj");
            return new OfflineObject(created);
        }

        private static IntPtr Load(string path)
        {
            const int RTLD_NOW = 2;
            IntPtr module = onWindows ? LoadLibrary(path) : dlopen(path, RTLD_NOW);
            if (module == IntPtr.Zero)
            {
                string why = onWindows ? new Win32Exception().Message : Marshal.PtrToStringAnsi(dlerror());
                throw new DllNotFoundException(path + " cannot be loaded: " + why);
            }
            return module;
        }

        private static IntPtr Address(IntPtr module, string name)
        {
            return onWindows ? GetProcAddress(module, name) : dlsym(module, name);
        }

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr LoadLibrary(string name);
        [DllImport("kernel32", CharSet = CharSet.Unicode)]
        private static extern IntPtr GetModuleHandle(string name);
        [DllImport("kernel32", CharSet = CharSet.Ansi)]
        private static extern IntPtr GetProcAddress(IntPtr module, string name);
        [DllImport("libdl.so.2")]
        private static extern IntPtr dlopen(string name, int flags);
        [DllImport("libdl.so.2")]
        private static extern IntPtr dlsym(IntPtr module, string name);
        [DllImport("libdl.so.2")]
        private static extern IntPtr dlerror();
    }

    // [step3]
    /// <summary>A profile's offline object. Use it on the thread that opened it: this interface has no proxy.</summary>
    public sealed class OfflineObject : IDisposable
    {
        private IMAPIOfflineMgr com;

        internal OfflineObject(IntPtr pointer) // takes over its reference
        {
            com = (IMAPIOfflineMgr)Marshal.GetObjectForIUnknown(pointer);
            Marshal.Release(pointer);
        }

        /// <summary>Which notifications it can give; one may be there without the other.</summary>
        public void AskCapabilities(out bool offline, out bool online)
        {
            OfflineStateException.Check(com.GetCapabilities(out uint bits), "GetCapabilities");
            offline = (bits & Mapi.MAPIOFFLINE_CAPABILITY_OFFLINE) != 0;
            online = (bits & Mapi.MAPIOFFLINE_CAPABILITY_ONLINE) != 0;
        }

        /// <summary>MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE; other bits are masked out.</summary>
        public uint State
        {
            get
            {
                OfflineStateException.Check(com.GetCurrentState(out uint bits), "GetCurrentState");
                return bits & Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK;
            }
        }
        // [/step3]

        /// <summary>False: a change is under way, try again (E_PENDING).</summary>
        public bool SetState(uint state, uint flags)
        {
            int hresult = com.SetCurrentState(flags, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK, state, IntPtr.Zero);
            if (hresult != Mapi.E_PENDING)
            {
                OfflineStateException.Check(hresult, "SetCurrentState");
            }
            return hresult != Mapi.E_PENDING;
        }

        // [step4]
        /// <summary>Registers a callback; clientToken comes back in each notification.</summary>
        public Registration Advise(Action<StateChange> onChange, uint clientToken = 0)
        {
            var callback = new OfflineNotify(onChange);
            // This reference keeps the callback alive, until the registration has ended.
            IntPtr pointer = Marshal.GetComInterfaceForObject(callback, typeof(IMAPIOfflineNotify));
            var info = new MAPIOFFLINE_ADVISEINFO {
                ulSize = (uint)Marshal.SizeOf(typeof(MAPIOFFLINE_ADVISEINFO)),
                ulClientToken = clientToken,
                CallbackType = Mapi.MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
                pCallback = pointer,
                ulAdviseTypes = Mapi.MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
                ulStateMask = Mapi.MAPIOFFLINE_STATE_ALL
            };
            int hresult = com.Advise(Mapi.MAPIOFFLINE_ADVISE_DEFAULT, ref info, out uint adviseToken);
            if (hresult < 0)
            {
                callback.End();
                Marshal.Release(pointer);
                OfflineStateException.Check(hresult, "Advise");
            }
            return new Registration(com, callback, pointer, adviseToken);
        }
        // [/step4]

        /// <summary>Releases the object; a registration has a reference of its own.</summary>
        public void Dispose()
        {
            if (com != null)
            {
                Marshal.ReleaseComObject(com);
                com = null;
            }
        }
    }

    // [step5]
    /// <summary>Ends when it is disposed of, or when the process ends; not when it has been lost.</summary>
    public sealed class Registration : IDisposable
    {
        private static readonly HashSet<Registration> all = new HashSet<Registration>();
        private static readonly List<IntPtr> callbacks = new List<IntPtr>(); // whose registration has ended
        private readonly IMAPIOfflineMgr com;
        private readonly OfflineNotify callback;
        private readonly IntPtr pointer;
        private readonly uint adviseToken;

        static Registration()
        {
            AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => EndAll();
        }

        internal Registration(IMAPIOfflineMgr com, OfflineNotify callback, IntPtr pointer, uint adviseToken)
        {
            IntPtr unknown = Marshal.GetIUnknownForObject(com);
            this.com = (IMAPIOfflineMgr)Marshal.GetObjectForIUnknown(unknown); // counted by itself
            Marshal.Release(unknown);
            this.callback = callback;
            this.pointer = pointer;
            this.adviseToken = adviseToken;
            lock (all)
            {
                all.Add(this);
            }
        }

        /// <summary>Unadvises, once; after that the callback does nothing. Not inside the callback, and not with a lock
        /// that the callback takes.</summary>
        public void Dispose()
        {
            lock (all)
            {
                if (!all.Remove(this))
                {
                    return;
                }
            }
            callback.End();
            com.Unadvise(Mapi.MAPIOFFLINE_UNADVISE_DEFAULT, adviseToken);
            Marshal.ReleaseComObject(com);
            ReleaseCallbacks(pointer);
        }

        /// <summary>Ends all registrations, and waits until nobody calls a callback any more: 5 seconds at most. It happens
        /// by itself when the process ends.</summary>
        public static void EndAll()
        {
            Registration[] left;
            lock (all)
            {
                left = new List<Registration>(all).ToArray();
            }
            foreach (Registration each in left)
            {
                each.Dispose();
            }
            for (int i = 0; i < 5000 && !ReleaseCallbacks(); ++i)
            {
                Thread.Sleep(1);
            }
        }

        /// <summary>Releases those on which nobody else has a reference. True: there is none left.</summary>
        private static bool ReleaseCallbacks(params IntPtr[] more)
        {
            lock (all)
            {
                callbacks.AddRange(more);
                callbacks.RemoveAll(each => {
                    Marshal.AddRef(each);
                    return Marshal.Release(each) == 1 && Marshal.Release(each) == 0;
                });
                return callbacks.Count == 0;
            }
        }
    }
    // [/step5]
}
