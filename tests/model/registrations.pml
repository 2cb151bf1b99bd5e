/* The protocol of registrations.{h,cpp}, dispatcher.cpp and connection_state.cpp between the notification thread, Advise,
 * Unadvise and SetCurrentState, for spin (spinroot.com). tools/model.py runs it, and the broken variants below,
 * and must find each of them.
 *
 * Each statement is one step, and steps of different threads come in any order, as with the C++'s sequentially
 * consistent atomics. There are three registrations:
 *
 *   1   in slot 1: two threads unadvise it, and perhaps its own Notify
 *   2   in slot 2: stays, and must be notified of each phase of each change once
 *   3   registers while all this goes on, in slot 1 if that is free, else in slot 3
 *
 * A registration's number stands for its token. One thread sets the state with BLOCK. With SETTERS, a second thread sets
 * it without BLOCK, and so does the Notify of 2, while fewer threads unadvise. (All at once needs more memory than a small
 * machine has.) With LEAVING, a thread unadvises 2 but not 1; 1 may unadvise itself inside its Notify, and its release
 * may wait for the Unadvise of 2, as the destructor of a client's callback may.
 *
 * Broken variants: NO_WAIT (Unadvise does not wait), READ_FIRST (the dispatcher first checks whether a registration
 * has ended, then names it as running), NO_WAKE (it wakes no waiting thread), MOVE_IN_PHASE (entries move while it walks),
 * NO_LOOK (it begins a phase while they move), NEWEST_FIRST (Advise counts an entry before it is written), REUSE_RUNNING (a slot is
 * used again while its Notify runs), RELEASE_INSIDE (a registration that ends inside its Notify is released there),
 * ASK_AGAIN (Unadvise waits a second time, for a dispatcher that came to the slot later), NAME_NEXT (the
 * dispatcher releases a callback while `running` names the next slot already), COUNT_LATE (Unadvise counts the gap after
 * it has waited), BLOCK_INSIDE (a BLOCK call inside Notify waits), NO_COMPLETED (nobody is woken when a change is
 * complete).
 */

#ifdef SETTERS
#define CHANGES 3 /* at most */
#else
#define CHANGES 1
#endif
#define NOBODY 4 /* instead of a slot: a phase begins */
#define ENDED 4 /* added to the token of a slot when its registration ends */

byte token[4];          /* of the slots */
byte slot_of[4];        /* where a registration is */
byte order_of[4];
byte entries[4];        /* registrations, in their order; a gap if the slot has another token */
byte end, newest;
byte registered;        /* the number of entries without the gaps */
byte sweep_from, sweep_to;
bool moving, untidy;
byte unused;            /* a slot */
byte running;           /* the slot whose Notify runs or is about to run; 0: no phase is under way */
byte ended_inside;      /* the registration that the dispatcher must release */
bit mutex;
bool waits_for_return[4], waits_for_completion; /* asleep on a condition variable */

byte posted, delivered; /* changes */
byte newest_of[CHANGES];
bool complete[CHANGES], under_way, state;

/* For the assertions */
byte inside;           /* the registration whose Notify is running */
bool unadvised[4];     /* an Unadvise on another thread has returned */
bool released[4];      /* the reference on the callback is gone */
byte last_phase[4];    /* the last one that the registration was notified of */
byte heard;            /* how often 2 was notified of this phase */
bool has_set_inside;

#define is_gap(registration) (token[slot_of[registration]] != registration)
#define has_many_gaps (sweep_from != 0 || end != registered) /* one gap counts as many here */

inline lock(m) { atomic { !m -> m = 1 } }
inline unlock(m) { m = 0 }

inline wait_for_return(me) {
    atomic { waits_for_return[me] = true; mutex = 0 }
    atomic { !waits_for_return[me] && !mutex -> mutex = 1 }
}

/* Registrations::sweep, with the mutex held. `all`: the whole list, else perhaps a part. */
inline sweep(all) {
    moving = true;
    if
#ifdef MOVE_IN_PHASE
    :: true ->
#else
    :: running == 0 ->
#endif
        do
        :: sweep_from == end -> break
        :: sweep_from != end && !all -> break
        :: sweep_from != end ->
            stays = !is_gap(entries[sweep_from]);
            moved = entries[sweep_to];
            entries[sweep_to] = entries[sweep_from];
            entries[sweep_from] = moved;
            atomic { sweep_to = sweep_to + stays; stays = false; moved = 0; sweep_from++ }
        od;
        if
        :: sweep_from == end -> end = sweep_to; atomic { sweep_from = 0; sweep_to = 0 }
        :: else
        fi
#ifndef MOVE_IN_PHASE
    :: else
#endif
    fi;
    moving = false;
    untidy = has_many_gaps
}

/* Registrations::remove. `here`: on the notification thread. */
inline remove(which, slot, me, here) {
    lock(mutex);
    if
    :: token[slot] == which ->
        atomic { ends = true; has_ended_it = true };
        token[slot] = which + ENDED;
#ifndef COUNT_LATE
        registered--
#endif
    :: else
    fi;
#ifndef NO_WAIT
    do
    :: !here && running == slot && token[slot] == which + ENDED -> wait_for_return(me)
    :: else -> break
    od;
#endif
    if
    :: ends ->
        atomic { /* guarded by the mutex, but for `running`, which is read once */
            if
#ifdef ASK_AGAIN
            :: running == slot ->
#else
            :: here && running == slot ->
#endif
                ended_inside = which;
#ifdef REUSE_RUNNING
                unused = slot;
#endif
#ifdef RELEASE_INSIDE
                ended_inside = 0; released[which] = true;
#endif
                ends = false
            :: else -> unused = slot
            fi
        }
#ifdef COUNT_LATE
        registered--;
#endif
        if
        :: has_many_gaps -> sweep(false)
        :: else
        fi
    :: else
    fi;
    unlock(mutex);
    atomic {
        if
        :: ends -> released[which] = true
        :: else
        fi;
        ends = false
    }
}

/* ConnectionState::set; `result`: the change it has started, or CHANGES. One step stands for all that is
 * done under the tree's mutex, since nothing else touches it. */
inline set(to, block, here, result) {
    atomic {
        result = CHANGES;
        if
#ifndef BLOCK_INSIDE
        :: block && here -> skip /* E_PENDING */
#endif
        :: under_way || state == to -> skip /* E_PENDING, or the object has that state already */
        :: else ->
            assert(posted < CHANGES);
            result = posted;
            newest_of[posted] = newest;
            under_way = true;
            posted++
        fi
    }
    if
    :: block && result != CHANGES ->
        do
        :: atomic { !complete[result] -> waits_for_completion = true }
           !waits_for_completion
        :: complete[result] -> break
        od
    :: else
    fi
}

/* A client's Notify */
inline notify(which) {
    atomic {
        assert(inside == 0);           /* NOTIFY-5 */
        assert(!unadvised[which]);     /* UNADVISE-3 */
        assert(!released[which]);      /* ADVISE-4 */
        assert(part == last_phase[which] % 3 + 1); /* NOTIFY-4: whole changes */
        last_phase[which] = part;
        inside = which
    }
    if
    :: which == 2 -> heard++
#ifdef SETTERS
    :: which == 2 && part == 3 && !has_set_inside -> /* SET-6 */
        heard++; has_set_inside = true;
        set(!state, false, true, started)
    :: which == 2 && !has_set_inside -> /* SET-7.1 */
        heard++; has_set_inside = true;
        set(!state, true, true, started)
#endif
    :: which == 1 -> remove(1, 1, 0, true); has_ended_it = false
    :: which != 2 -> skip
    fi;
    assert(!released[which]); /* not released while it runs */
    inside = 0
}

inline go_on(to) {
    running = to;
#ifndef NO_WAKE
    if
    :: last != 0 && is_gap(last) ->
#ifndef NAME_NEXT
        if
        :: to != 0 -> running = NOBODY
        :: else
        fi;
#endif
        atomic { /* wake_those_who_wait */
            !mutex ->
            waits_for_return[0] = false; waits_for_return[1] = false;
            waits_for_return[2] = false; waits_for_return[3] = false
        }
        if
        :: ended_inside != 0 ->
#ifdef LEAVING
            if /* the callback's destructor may wait for the other thread */
            :: true -> unadvised[2]
            :: true
            fi;
#endif
            atomic { !mutex -> released[ended_inside] = true; unused = slot_of[ended_inside]; ended_inside = 0 }
        :: else
        fi;
        running = to
    :: else
    fi
#endif
}

active proctype Dispatcher() {
    byte i, left, each, last, part, started, moved;
    bool ends, has_ended_it, stays;
end_idle:
    do
    :: delivered < posted ->
        part = 1;
        do
        :: part <= 3 -> /* ConnectionState::Change::deliver_phase */
            atomic {
                if
                :: part == 2 -> state = !state
                :: part == 3 -> under_way = false
                :: else
                fi;
                heard = 0
            }
            /* Registrations::notify */
            running = NOBODY;
#ifndef NO_LOOK
            if
            :: moving -> lock(mutex); unlock(mutex)
            :: else
            fi;
#endif
            left = end;
            i = 0;
            do
            :: i == left || order_of[entries[i]] > newest_of[delivered] -> break
            :: else ->
                each = entries[i];
                if
                :: is_gap(each)
                :: else ->
                    go_on(slot_of[each]);
                    last = each;
                    if
#ifdef READ_FIRST
                    :: true -> notify(each)
#else
                    :: !is_gap(each) -> notify(each)
                    :: else
#endif
                    fi
                fi;
                i++
            od;
            go_on(0);
            atomic { last = 0; each = 0; i = 0; left = 0 }
            do
            :: untidy -> lock(mutex); sweep(true); unlock(mutex)
            :: else -> break
            od;
            assert(heard == 1 || heard == 0 && token[2] != 2); /* NOTIFY-1.1, NOTIFY-2 */
            part++
        :: else -> break
        od;
        atomic {
            complete[delivered] = true;
#ifndef NO_COMPLETED
            waits_for_completion = false;
#endif
            delivered++
        }
    od
}

proctype Unadvise(byte its, me) {
    byte moved;
    bool ends, has_ended_it, stays;
    remove(its, its, me, false);
    atomic {
        unadvised[its] = true;
        assert(inside != its);                  /* UNADVISE-3 */
        assert(!has_ended_it || released[its]); /* UNADVISE-2 */
        has_ended_it = false
    }
}

proctype Advise() {
    lock(mutex); /* Registrations::add */
    atomic {
        slot_of[3] = (unused != 0 -> unused : 3);
        unused = 0;
        order_of[3] = newest + 1;
        registered++
    }
#ifdef NEWEST_FIRST
    newest++;
#endif
    token[slot_of[3]] = 3;
    entries[end] = 3;
    end++;
#ifndef NEWEST_FIRST
    newest++;
#endif
    unlock(mutex)
}

proctype SetAndBlock() {
    byte mine;
    set(true, true, false, mine);
    assert(mine == CHANGES || (complete[mine] && delivered >= mine)) /* SET-3.1 */
}

proctype Set() {
    byte mine;
    set(true, false, false, mine)
}

init {
    atomic {
        slot_of[1] = 1; slot_of[2] = 2;
        token[1] = 1; token[2] = 2;
        order_of[1] = 1; order_of[2] = 2;
        entries[0] = 1; entries[1] = 2; end = 2; newest = 2; registered = 2;
        run SetAndBlock();
#ifdef LEAVING
        run Unadvise(2, 1)
#else
        run Unadvise(1, 1);
#ifdef SETTERS
        run Set()
#else
        run Unadvise(1, 2);
        run Advise()
#endif
#endif
    }
    /* All calls return, and at the end the references are exact. */
    _nr_pr == 2 && delivered == posted && running == 0 ->
    assert(released[1] != (token[1] == 1) && released[2] != (token[2] == 2) && !released[3]) /* UNADVISE-2 */
}
