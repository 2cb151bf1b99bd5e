// The five steps in C#: Steps LIBRARY 12345. The other words are for tests/bindings_test.py.
using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using OfflineState;

static class Steps
{
    const uint Online = Mapi.MAPIOFFLINE_STATE_ONLINE;
    const uint Offline = Mapi.MAPIOFFLINE_STATE_OFFLINE;
    const int Start = Mapi.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    const int Done = Mapi.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;

    static string StateName(uint state)
    {
        return state == Online ? "online" : state == Offline ? "offline" : "unknown";
    }

    static string PhaseName(int phase)
    {
        return new[] { "START", "STATECHANGE", "DONE" }[phase - Start];
    }

    sealed class NoOutlook : Exception
    {
        public NoOutlook(string text) : base(text) { }
    }

    /// <summary>Outlook with one profile. Inside Outlook there is nothing like it.</summary>
    sealed class OutlookStandIn : IDisposable
    {
        private readonly OfflineObject outlook;

        public OutlookStandIn(Library library, string profileName = "Outlook", uint capabilities = 3)
        {
            try
            {
                outlook = library.Create(profileName, capabilities);
            }
            catch (OfflineStateException problem)
            {
                throw new NoOutlook("There is no Outlook to be played: " + problem.Message);
            }
            WorkOffline(false);
        }

        /// <summary>A click on "Work Offline". Returns when the change is complete.</summary>
        public void WorkOffline(bool offline)
        {
            while (!outlook.SetState(offline ? Offline : Online, Mapi.MAPIOFFLINE_FLAG_BLOCK))
            {
                Thread.Yield();
            }
        }

        public void Dispose()
        {
            outlook.Dispose();
        }
    }

    static void Step1()
    {
        // [run1]
        var callback = new OfflineNotify(change => Console.WriteLine(
            "{0,-11}  {1} -> {2}", PhaseName(change.Phase), StateName(change.StateOld), StateName(change.StateNew)));
        for (int phase = Start; phase <= Done; ++phase)
        {
            Notify(callback, phase, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK);
        }
        Console.WriteLine("another type of notification, and another part of the state:");
        Notify(callback, 4, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK);
        Notify(callback, Mapi.MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000);
        Console.WriteLine("ignored");
        // [/run1]
    }

    static void Notify(IMAPIOfflineNotify callback, int type, uint mask)
    {
        var notification = new MAPIOFFLINE_NOTIFY {
            ulSize = (uint)Marshal.SizeOf(typeof(MAPIOFFLINE_NOTIFY)), NotifyType = type
        };
        notification.Info.StateChange = new NotifyStateChange { ulMask = mask, ulStateOld = Online, ulStateNew = Offline };
        GCHandle memory = GCHandle.Alloc(notification, GCHandleType.Pinned);
        callback.Notify(memory.AddrOfPinnedObject());
        memory.Free();
    }

    static void Step2(Library library)
    {
        // [run2]
        using (library.Open("Outlook"))
        {
            Console.WriteLine("opened the offline object of the profile \"Outlook\"");
        }
        try
        {
            library.Open("Nobody");
        }
        catch (OfflineStateException problem)
        {
            Console.WriteLine("the profile \"Nobody\": {0}", problem.ErrorCode == Mapi.MAPI_E_NOT_FOUND
                                                                 ? "MAPI_E_NOT_FOUND" : "an undocumented result");
        }
        // [/run2]
    }

    static void Step3(Library library)
    {
        using (new OutlookStandIn(library, "Online only", Mapi.MAPIOFFLINE_CAPABILITY_ONLINE)) // not needed in Outlook
        {
            // [run3]
            foreach (string profileName in new[] { "Outlook", "Online only" })
            {
                using (OfflineObject outlook = library.Open(profileName))
                {
                    outlook.AskCapabilities(out bool offline, out bool online);
                    Console.WriteLine("offline notifications: {0}, online notifications: {1}, state: {2}",
                                      offline ? "yes" : "no", online ? "yes" : "no", StateName(outlook.State));
                }
            }
            // [/run3]
        }
    }

    static void Step4(Library library, OutlookStandIn outlook)
    {
        // [run4]
        using (OfflineObject opened = library.Open("Outlook"))
        using (opened.Advise(change => Console.WriteLine("client {0}: {1,-11}  {2} -> {3}", change.ClientToken,
                                                         PhaseName(change.Phase), StateName(change.StateOld),
                                                         StateName(change.StateNew)), clientToken: 7))
        {
            Console.WriteLine("registered");
            // What a user does in Outlook, twice.
            outlook.WorkOffline(true);
            outlook.WorkOffline(false);
        }
        // [/run4]
        Console.WriteLine("registration taken back");
    }

    static void Step5(Library library, OutlookStandIn outlook)
    {
        // [run5]
        using (OfflineObject opened = library.Open("Outlook"))
        {
            Action<StateChange> onChange = change => {
                if (change.Phase == Done)
                {
                    Console.WriteLine("now {0}", StateName(change.StateNew));
                }
            };
            try
            {
                using (opened.Advise(onChange))
                {
                    outlook.WorkOffline(true); // what a user does in Outlook
                    throw new InvalidOperationException("something else went wrong");
                }
            }
            catch (InvalidOperationException problem)
            {
                Console.WriteLine("left by an exception: {0}", problem.Message);
            }
            outlook.WorkOffline(false); // nobody is told any more
        }
        // [/run5]
    }

    static void Run(Library library, string which)
    {
        foreach (char step in which)
        {
            if (step == '1')
            {
                Step1();
                continue;
            }
            using (var outlook = new OutlookStandIn(library)) // not needed in Outlook
            {
                switch (step)
                {
                case '2': Step2(library); break;
                case '3': Step3(library); break;
                case '4': Step4(library, outlook); break;
                default: Step5(library, outlook); break;
                }
            }
        }
    }

    static void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception problem)
        {
            Console.WriteLine("{0}: {1}: {2}", what, problem.GetType().Name, problem.Message);
        }
    }

    static void Ended()
    {
        int calls = 0;
        var ended = new OfflineNotify(change => ++calls);
        Notify(ended, Start, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK);
        ((IMAPIOfflineNotify)ended).Notify(IntPtr.Zero);
        ended.End();
        Notify(ended, Start, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK);
        Console.WriteLine("{0} call", calls);
    }

    static void BadInput(Library library, string other)
    {
        using (var outlook = new OutlookStandIn(library))
        {
            Attempt("an unknown profile", () => library.Open("Nobody"));
            Attempt("a name of 65 characters", () => library.Open(new string('x', 65)));
            Attempt("a library that is missing", () => new Library("/no/such/library.so"));
            Attempt("a library without the exports", () => new Library(other));
            Action<StateChange> throws = change => {
                if (change.Phase == Start)
                {
                    throw new ArgumentException("thrown in a callback");
                }
                Console.WriteLine("after it: {0}", PhaseName(change.Phase));
            };
            // Also directly: mono lets no exception out of a call that comes from COM.
            Notify(new OfflineNotify(throws), Start, Mapi.MAPIOFFLINE_STATE_OFFLINE_MASK);
            using (OfflineObject opened = library.Open("Outlook"))
            using (opened.Advise(throws))
            {
                outlook.WorkOffline(true);
            }
        }
    }

    /// <summary>Ends with a change under way, always, and a registration outstanding.</summary>
    static void Leave(Library library)
    {
        OfflineObject outlook = library.Create("Outlook", 3);
        var begun = new ManualResetEventSlim();
        outlook.Advise(change => {
            begun.Set();
            if (change.Phase == Done)
            {
                outlook.SetState(change.StateOld, Mapi.MAPIOFFLINE_FLAG_DEFAULT);
            }
        });
        outlook.SetState(Offline, Mapi.MAPIOFFLINE_FLAG_DEFAULT);
        begun.Wait();
    }

    static void PrintLayout(string name, Type type, int at)
    {
        foreach (FieldInfo field in type.GetFields())
        {
            string member = name + "." + field.Name;
            int offset = at + (int)Marshal.OffsetOf(type, field.Name);
            if (field.FieldType.Namespace == "OfflineState")
            {
                PrintLayout(member, field.FieldType, offset);
            }
            else
            {
                Console.WriteLine("{0} {1}", member, offset);
            }
        }
    }

    static void Facts()
    {
        foreach (FieldInfo field in typeof(Mapi).GetFields())
        {
            object value = field.GetValue(null);
            Console.WriteLine("{0} {1}", field.Name, value is int ? (uint)(int)value
                                                     : value is Guid ? value.ToString().ToUpperInvariant() : value);
        }
        foreach (Type type in new[] { typeof(MAPIOFFLINE_ADVISEINFO), typeof(MAPIOFFLINE_NOTIFY),
                                      typeof(MAPIOFFLINE_CREATEINFO) })
        {
            Console.WriteLine("sizeof {0} {1}", type.Name, Marshal.SizeOf(type));
            PrintLayout(type.Name, type, 0);
        }
        foreach (Type type in new[] { typeof(IMAPIOffline), typeof(IMAPIOfflineMgr), typeof(IMAPIOfflineNotify) })
        {
            foreach (MethodInfo method in type.GetMethods())
            {
                bool repeated = typeof(IMAPIOffline).GetMethod(method.Name) != null;
                Console.WriteLine("{0}::{1} {2}", repeated ? "IMAPIOffline" : type.Name, method.Name,
                                  Marshal.GetComSlotForMethodInfo(method));
            }
        }
    }

    static int Run(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine("Usage: Steps LIBRARY 12345");
            return 2;
        }
        try
        {
            switch (arguments[1])
            {
            case "facts": Facts(); break;
            case "ended": Ended(); break;
            case "leave": Leave(new Library(arguments[0])); break;
            case "bad": BadInput(new Library(arguments[0]), arguments[2]); break;
            default: Run(new Library(arguments[0]), arguments[1]); break;
            }
            return 0;
        }
        catch (Exception problem)
        {
            Console.Error.WriteLine(problem.Message);
            return problem is NoOutlook ? 2 : 1;
        }
    }

    // [mono]
    static int Main(string[] arguments)
    {
        int code = Run(arguments);
        if (Type.GetType("Mono.Runtime") != null)
        {
            // After ProcessExit mono waits for each thread that has called into it:
            // Outlook's does not end.
            AppDomain.CurrentDomain.ProcessExit += (sender, none) => _exit(code);
            Environment.Exit(code);
        }
        return code;
    }

    [DllImport("libc")]
    static extern void _exit(int code);
    // [/mono]
}
