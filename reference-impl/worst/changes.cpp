// SetCurrentState, and the phases of a change.
#include "world.h"

#include <algorithm>

namespace offline_state_worst {

namespace {

bool is_below(const Object& object, const Object& root) {
    const Object* each = &object;
    while (each != nullptr && each != &root) {
        each = each->parent.get();
    }
    return each != nullptr;
}

bool is_pending(const Object& object) {
    const auto& all = world().objects;
    return object.change != nullptr ||
           (!on(Behaviour::loose_tree) && std::any_of(all.begin(), all.end(), [&](const ObjectPtr& each) {
               return each->change != nullptr && (is_below(object, *each) || is_below(*each, object));
           }));
}

void find_targets(Change& change) {
    const ULONG needed =
        change.to == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
    change.targets.clear();
    for (const auto& [object, from] : change.objects) {
        for (const RegistrationPtr& each : object->registrations) {
            if (!each->gone && ((object->capabilities & needed) != 0 || on(Behaviour::all_notified))) {
                change.targets.push_back({object, from, each});
            }
        }
    }
    std::sort(change.targets.begin(), change.targets.end(), [](const Target& left, const Target& right) {
        return left.registration->number < right.registration->number;
    });
    if (on(Behaviour::reverse_order)) {
        std::reverse(change.targets.begin(), change.targets.end());
    }
}

void begin(const ChangePtr& change) {
    for (const ObjectPtr& each : world().objects) {
        const bool itself = each == change->root;
        if (is_below(*each, *change->root) && (itself || each->state != change->to || on(Behaviour::all_notified))) {
            change->objects.emplace_back(each, each->state);
        }
    }
    find_targets(*change);
    const bool early = on(Behaviour::state_early) && (!on(Behaviour::state_late) || turn());
    change->new_state_from = early ? start : on(Behaviour::state_late) ? done : statechange;
    using Phases = std::vector<MAPIOFFLINE_NOTIFY_TYPE>;
    change->steps = on(Behaviour::concurrent)    ? std::vector<Phases>{{start, statechange}, {done}}
                    : on(Behaviour::phase_order) ? std::vector<Phases>{{statechange}, {start}, {done}}
                                                 : std::vector<Phases>{{start}, {statechange}, {done}};
    change->begun = true;
    change->root->change = change;
}

void complete(Change& change) {
    change.completed = true;
    world().changed.notify_all();
}

void prepare_step(Change& change) {
    const auto& phases = change.steps[change.prepared++];
    change.phase = phases.back();
    for (const ObjectPtr& each : world().objects) {
        if (change.phase >= change.new_state_from && is_below(*each, *change.root)) {
            each->state = change.to;
        }
    }
    if (on(Behaviour::mid_change)) {
        find_targets(change);
    }
    for (const MAPIOFFLINE_NOTIFY_TYPE phase : phases) {
        for (const Target& target : change.targets) {
            change.left.insert(change.left.end(), on(Behaviour::repeat_phase) ? 2 : 1, {phase, target});
        }
    }
}

/// What is left of a step: in turn on this thread, or more phases on threads of their own.
void send_step(Change& change) {
    const bool at_the_same_time = change.steps[change.sent].size() > 1;
    Together together(world().crew);
    while (!change.left.empty()) {
        const auto [phase, target] = change.left.front();
        change.left.pop_front();
        if (at_the_same_time) {
            together.run([target = target, phase = phase, to = change.to] { send(target, phase, to); });
            continue;
        }
        send(target, phase, change.to);
        if (phase == done && on(Behaviour::overlapping)) { // a change that was asked for goes first
            Lock lock(world().mutex);
            world().changed.wait_for(lock, milliseconds(1000), [&] {
                const ChangePtr& next = change.root->change;
                return next == nullptr || next->announced;
            });
        }
    }
}

void deliver(const ChangePtr& change);

void deliver_steps(const ChangePtr& change) {
    Lock lock(world().mutex);
    if (!change->begun) { // late-start
        if (is_pending(*change->root)) {
            world().changes.post(soon, [change] { deliver(change); });
            return;
        }
        if (change->root->state == change->to && !on(Behaviour::same_state)) {
            return;
        }
        begin(change);
    }
    for (; change->sent < change->steps.size(); ++change->sent) {
        if (change->prepared == change->sent) {
            prepare_step(*change);
            if (change->phase == done) {
                if (on(Behaviour::block_early)) {
                    complete(*change);
                }
                change->root->change = nullptr; // from now on another one may be asked for
                if (on(Behaviour::overlapping)) {
                    world().later.post(at_once, [change] { deliver(change); });
                    return;
                }
            }
        }
        lock.unlock();
        send_step(*change);
        lock.lock();
        change->announced = true;
        world().changed.notify_all();
    }
    complete(*change);
}

void deliver(const ChangePtr& change) {
    bool is_over = false;
    const AtEnd continue_it{[&] {
        if (!is_over) { // this thread ends inside a client's function
            answer([&] { return world().changes.post(at_once, [change] { deliver(change); }), S_OK; });
        }
    }};
    deliver_steps(change);
    is_over = true;
}

} // namespace

HRESULT set_state(const ObjectPtr& object, ULONG flags, ULONG mask, ULONG state, const void* reserved) {
    const bool is_state = state == MAPIOFFLINE_STATE_ONLINE || state == MAPIOFFLINE_STATE_OFFLINE;
    const bool is_exact = mask == offline_mask && reserved == nullptr &&
                          (flags == MAPIOFFLINE_FLAG_DEFAULT || flags == MAPIOFFLINE_FLAG_BLOCK);
    if (!is_state || (!is_exact && !on(Behaviour::lenient))) {
        return E_INVALIDARG;
    }
    const bool blocks = (flags & MAPIOFFLINE_FLAG_BLOCK) != 0;
    Lock lock(world().mutex);
    if (blocks && is_inside_notify()) {
        if (on(Behaviour::block_hangs)) {
            lock.unlock();
            hang("SetCurrentState with BLOCK inside Notify never returns (block-hangs)");
        }
        return E_PENDING;
    }
    if (is_pending(*object)) {
        return E_PENDING;
    }
    if (on(Behaviour::pending_early) && !is_inside_notify()) {
        object->was_refused = !object->was_refused;
        if (object->was_refused) {
            return E_PENDING;
        }
    }
    if (object->state == state && !on(Behaviour::same_state)) {
        return S_OK;
    }
    const auto change = std::make_shared<Change>();
    change->root = object;
    change->to = state;
    const bool starts_late = on(Behaviour::late_start) && !blocks;
    if (!starts_late) {
        begin(change);
    }
    if (blocks && on(Behaviour::on_caller)) {
        lock.unlock();
        deliver(change);
        lock.lock();
    } else {
        try {
            world().changes.post(starts_late ? soon : at_once, [change] { deliver(change); });
        } catch (...) {
            object->change = nullptr;
            throw;
        }
    }
    world().changed.wait(lock, [&] { return !blocks || change->completed; });
    return S_OK;
}

} // namespace offline_state_worst
