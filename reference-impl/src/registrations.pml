/* The protocol of registrations.{h,cpp}, dispatcher.cpp and connection_state.cpp between the notification thread,
 * Advise, Unadvise and SetCurrentState, for spin (spinroot.com). scripts/check_model.py runs it, and the broken
 * variants below, each of which has to be found.
 *
 * Each statement is one step, and steps of different threads come in any order: what the C++ says with sequentially
 * consistent atomics. Three places for registrations, behind the head of the list, in place 0:
 *
 *   1   is unadvised by two threads, and perhaps by itself inside its Notify
 *   2   stays, and has to hear of each phase of each change once
 *   3   comes while all this goes on, in the place of 1 when that is free
 *
 * One thread sets the state with BLOCK; with SETTERS, another one without it, and 2 inside its Notify, while fewer
 * threads unadvise. (All at once is more than a small machine's memory holds.)
 *
 * Broken variants: NO_WAIT (Unadvise does not wait), READ_FIRST (the dispatcher looks whether a registration has ended,
 * then says that it calls it), NO_WAKE (it does not wake who waits), REUSE_AT_ONCE (a place is used again in the phase
 * in which it was given up), RELEASE_INSIDE (a registration that ends inside its Notify is released there),
 * BLOCK_INSIDE (a BLOCK call inside Notify waits), NO_COMPLETED (nobody is told that a change is complete).
 */

#ifdef SETTERS
#define CHANGES 3 /* at most */
#else
#define CHANGES 1
#endif
#define PLACES 4

byte next[PLACES], before[PLACES], order[PLACES], registration[PLACES], given_up_in[PLACES];
byte last, unused, newest;
byte running;      /* the place whose Notify runs or is about to run; 0: none */
byte phase;        /* odd while one is being delivered */
byte ended_inside; /* the registration whose release is left to the dispatcher */
bit mutex;
bool waits_for_return[4], waits_for_completion; /* asleep on a condition variable */

byte posted, delivered; /* changes */
byte newest_of[CHANGES];
bool complete[CHANGES], under_way, state;

/* What is checked */
byte inside;        /* the registration whose Notify is running */
bool unadvised[4];  /* an Unadvise on another thread has returned */
bool released[4];   /* the reference on the callback is gone */
byte last_phase[4]; /* that the registration has heard of */
byte heard;         /* how often 2 has heard of this phase */
bool has_set_inside;

inline lock(m) {
    atomic{!m->m = 1}
}
inline unlock(m){m = 0}

inline wait_for_return(me) {
    atomic {
        waits_for_return[me] = true;
        mutex = 0
    }
    atomic{!waits_for_return[me]&& !mutex->mutex = 1}
}

/* Registrations::remove. `here`: on the notification thread. */
inline remove(which, place, me, here) {
    lock(mutex);
    if
        ::registration[place] != which
                                     ->unlock(mutex) /* the place has been used again: its token is another one */
                                 ::else->ends = (order[place] != 0);
    if
        ::ends->next[before[place]] = next[place];
    atomic { /* guarded by the mutex */
        if
            ::next[place] != 0->before[next[place]] = before[place] ::else->last = before[place] fi
    }
    order[place] = 0 ::else fi;
#ifndef NO_WAIT
    do
        ::!here && running == place && registration[place] == which->wait_for_return(me)::else->break od;
#endif
    atomic { /* only `running` is anyone else's, and that is read once */
        if
            ::ends->given_up_in[place] = phase;
        unused = place;
#ifndef RELEASE_INSIDE
        if
            ::here&& running == place->ended_inside = which;
        ends = false ::else fi
#endif
            ::else fi;
        unlock(mutex)
    }
    atomic {
        if
            ::ends->released[which] = true ::else fi;
        ends = false
    }
    fi
}

/* ConnectionState::set; `result`: the change it has started, or CHANGES. What the tree's mutex guards is touched by
 * nobody else, so one step stands for all that is done with it. */
inline set(to, block, here, result) {
    atomic {
        result = CHANGES;
        if
#ifndef BLOCK_INSIDE
            ::block && here->skip /* E_PENDING */
#endif
                       ::under_way ||
                state == to->skip /* E_PENDING, or the state is that already */
                         ::else->assert(posted < CHANGES);
        result = posted;
        newest_of[posted] = newest;
        under_way = true;
        posted++ fi
    }
    if
        ::block&& result != CHANGES->do ::atomic {
            !complete[result]->waits_for_completion = true
        }
    !waits_for_completion::complete[result]->break od::else fi
}

/* A client's Notify */
inline notify(which, place) {
    atomic {
        assert(inside == 0);                       /* NOTIFY-5 */
        assert(!unadvised[which]);                 /* UNADVISE-3 */
        assert(!released[which]);                  /* ADVISE-4 */
        assert(part == last_phase[which] % 3 + 1); /* NOTIFY-4: whole changes */
        last_phase[which] = part;
        inside = which
    }
    if
        ::which ==
                2->heard++
#ifdef SETTERS
                ::which == 2 &&
            part == 3 &&
            !has_set_inside->/* SET-6 */
             heard++;
    has_set_inside = true;
    set(!state, false, true, started)::which == 2 && !has_set_inside->/* SET-7.1 */
                                                      heard++;
    has_set_inside = true;
    set(!state, true, true, started)
#endif
            ::which == 1->remove(1, place, 0, true)::which != 2->skip fi;
    assert(!released[which]); /* it is not gone while it runs */
    inside = 0
}

active proctype Dispatcher() {
    byte place, to, seen, part, started;
    bool ends;
end_idle:
    do
        ::delivered < posted->part = 1;
    do
        ::part <= 3->/* ConnectionState::Tree::deliver_phase */
                  atomic {
            if
                ::part == 2->state = !state::part == 3->under_way = false ::else fi;
            heard = 0
        }
    /* Registrations::notify */
    phase++;
    place = next[0];
    running = place;
    do
        ::place == 0->break ::else->
#ifdef READ_FIRST
                   running = 0;
    seen = order[place];
    running = place;
#else
                   seen = order[place];
#endif
    if
        ::seen != 0 && seen <= newest_of[delivered]->notify(registration[place], place)::else fi;
    if
        ::seen > newest_of[delivered]->to = 0 ::else->to = next[place] fi;
    running = to; /* Registrations::go_on */
#ifndef NO_WAKE
    if
        ::seen == 0 || order[place] != seen->atomic {
            !mutex->if ::ended_inside != 0->released[ended_inside] = true;
            ended_inside = 0 ::else fi;
            waits_for_return[0] = false;
            waits_for_return[1] = false;
            waits_for_return[2] = false;
            waits_for_return[3] = false
        }
    ::else fi;
#endif
    place = to od;
    phase++;
    assert(heard == 1); /* NOTIFY-1.1, NOTIFY-2 */
    part++ ::else->break od;
    atomic {
        complete[delivered] = true;
#ifndef NO_COMPLETED
        waits_for_completion = false;
#endif
        delivered++
    }
    od
}

proctype Unadvise(byte me) {
    bool ends;
    remove(1, 1, me, false);
    atomic {
        unadvised[1] = true;
        assert(inside != 1)
    } /* UNADVISE-3 */
}

proctype Advise() {
    byte place;
    lock(mutex); /* Registrations::add */
    if
#ifdef REUSE_AT_ONCE
        ::unused != 0->place = unused
#else
        ::unused != 0 && (phase % 2 == 0 || given_up_in[unused] != phase)->place = unused
#endif
                               ::else->place = 3 fi;
    atomic {
        registration[place] = 3;
        next[place] = 0;
        order[place] = newest + 1;
        before[place] = last
    }
    next[last] = place;
    atomic {
        last = place;
        newest++;
        unlock(mutex)
    }
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
        next[0] = 1;
        next[1] = 2;
        before[2] = 1;
        last = 2;
        order[1] = 1;
        order[2] = 2;
        newest = 2;
        registration[1] = 1;
        registration[2] = 2;
        run Unadvise(1);
        run SetAndBlock();
#ifdef SETTERS
        run Set()
#else
        run Unadvise(2);
        run Advise()
#endif
    }
    /* All calls return, and at the end the references are exact. */
    _nr_pr == 2 && delivered == posted&& phase % 2 == 0 &&
        running == 0->assert(released[1] && !released[2] && !released[3]) /* UNADVISE-2 */
}
