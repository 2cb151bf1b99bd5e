#include "player.h"

#include "model.h"
#include "support/counted.h"
#include "threads.h"

#include <mapioffline.h>
#include <mapioffline_host.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace offline_state_fuzz {
namespace {

using namespace offline_state_model;
using offline_state::TraceEvent;
using offline_state_tests::Counted;

std::atomic<std::uint64_t> calls{0};
bool prints_each_call = false;

// The fuzzer is rewarded for new code, and here for a call that gives a result for the first time in a phase.
enum : std::size_t { what_count = 20, result_count = 4, phase_count = 4, kind_count = 2, thread_count = 2 };
#ifdef __linux__
__attribute__((used, section("__libfuzzer_extra_counters")))
#endif
std::uint8_t features[what_count * result_count * phase_count * kind_count * thread_count];

// What the bytes choose from.

constexpr ULONG poison = 0xDEADBEEF;
alignas(16) char nowhere[16]; // an address at which nothing can be called
template <class T>
T* no_object() {
    return reinterpret_cast<T*>(nowhere);
}

struct Name {
    LPCWSTR text;
    Profile profile;
};

constexpr std::size_t valid_names = 8;
const std::array<Name, 11> names{{{L"Anna", 0},
                                  {L"ANNA", 0},
                                  {L"B\u00fcro", 1},
                                  {L"b\u00dcRO", 1},
                                  {L"Anna", 0},
                                  {L"Anna ", 2},
                                  {L"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 3},
                                  {L"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", 3},
                                  {nullptr, {}},
                                  {L"", {}},
                                  {L"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX", {}}}};

const std::array<GUID, 3> guids{{{0xFBEFFD93, 0xB11F, 0x4094, {0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1}},
                                 {0x7A6E2B10, 0x51C4, 0x4D0B, {0x9C, 0x3A, 0x10, 0x5E, 0x44, 0xD2, 0x71, 0x08}},
                                 {0x1C93F5AE, 0x0B7D, 0x4E62, {0xA8, 0x15, 0x6F, 0x20, 0xBD, 0x39, 0xE7, 0x54}}}};

constexpr std::size_t max_handles = 8;
constexpr ClientId max_clients = 4;
constexpr int max_depth = 4; // calls inside calls

class Bytes {
public:
    Bytes(const std::uint8_t* bytes, std::size_t size) : next_(bytes), end_(bytes + size) {}
    bool left() const { return next_ != end_; }
    /// 0 at the end.
    unsigned take() { return left() ? *next_++ : 0; }

private:
    const std::uint8_t* next_;
    const std::uint8_t* end_;
};

/// A call that was made, to be printed when there is a difference.
struct Note {
    int depth;
    int thread;
    const char* format; // of numbers only, as many as it likes
    std::array<long long, 6> numbers;

    void print() const {
        const char* const threads[] = {"main", "thread 1", "thread 2"};
        std::fprintf(stderr, "  %-8s %*s", threads[thread], 2 * depth, "");
        std::fprintf(stderr, format, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
        std::fputc('\n', stderr);
    }
};

/// The last event that this thread has traced.
struct Traced {
    TraceEvent::Kind kind{};
    std::string_view function; // empty for none; a literal of the implementation
    HRESULT result = 0;
    bool has_reason = false;
};
thread_local Traced last_traced;
std::atomic<int> exceptions_traced{0};

// The threads are there for all plays.
CallingThread& calling_thread(int thread) {
    static std::array<CallingThread, 2> threads;
    return threads.at(static_cast<std::size_t>(thread) - 1);
}

class Player;

/// A callback. The bytes say what it does when it is called.
class Client final : public Counted<Client, IMAPIOfflineNotify> {
public:
    enum class Answer { notify, no_interface, null_pointer };

    Client(Player& player, ClientId id, Answer answer) : player_(player), id_(id), answer_(answer) {}
    ~Client();

    bool is_notify() const { return answer_ == Answer::notify; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (riid == IID_IUnknown || is_notify()) {
            return Counted::QueryInterface(riid, ppvObject);
        }
        *ppvObject = nullptr;
        return answer_ == Answer::no_interface ? E_NOINTERFACE : S_OK;
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    Player& player_;
    const ClientId id_;
    const Answer answer_;
};

/// A client's store, into which an object is aggregated.
class Outer final : public Counted<Outer, IUnknown> {
public:
    explicit Outer(Player& player) : player_(player) {}
    ~Outer();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        return riid == IID_IUnknown ? Counted::QueryInterface(riid, ppvObject)
                                    : own_face->QueryInterface(riid, ppvObject);
    }

    IMAPIOfflineMgr* own_face = nullptr; // of the object inside

private:
    Player& player_;
};

/// A reference that a client holds.
struct Handle {
    ObjectId object = 0;
    IMAPIOfflineMgr* pointer = nullptr; // for a store's object: the second face
    Outer* outer = nullptr;             // for a store's object
};

/// What the bytes say of a call.
struct Call {
    int thread;
    std::size_t index; // of the handle
    Handle handle;
    unsigned a;
    unsigned b;
};

class Player {
public:
    Player(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes, size) {}

    void play() {
        const unsigned options = bytes_.take();
        dispatcher_ = std::make_unique<offline_state::ManualDispatcher>();
        if ((options & 1) != 0) {
            trace({0, 0, {}, bytes_.take(), 0});
        }
        while (bytes_.left()) {
            choose_step();
        }
        if ((options & 2) != 0) { // the dispatcher delivers what is left when it ends
            note(0, "~ManualDispatcher");
            draining_ = true;
            delivering_thread_ = 0;
            model_.begin_phase();
            dispatcher_.reset();
            expect_no_more();
        }
        deliver_all();
        must(waiting_.empty(), "no call is left waiting");
        if (host_) {
            end_host(0);
        }
        while (!handles_.empty()) {
            const Handle handle = handles_.back();
            handles_.pop_back();
            release(handle, 0);
        }
        deliver_all(); // what the ends of callbacks have started
        for (ClientSlot& slot : clients_) {
            if (slot.held) {
                slot.held = false;
                slot.client->Release();
            }
            must(slot.client == nullptr, "a callback is gone when nobody holds it");
        }
        offline_state::set_trace_sink(nullptr);
        for (const Name& name : names) {
            IMAPIOfflineMgr* object = nullptr;
            same("the result", MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, name.text, guids.data(), nullptr, &object));
        }
    }

    void notified(Client& client, ClientId id, const MAPIOFFLINE_NOTIFY& notification) {
        const auto& got = notification.Info.StateChange;
        note(thread_, "Notify: client %lld gets type %lld, token %lld, mask %lld, old %lld, new %lld", id,
             notification.NotifyType, notification.ulClientToken, got.ulMask, got.ulStateOld, got.ulStateNew);
        const Traced traced = last_traced;
        must(model_.is_delivering(), "a notification comes only in a delivery");
        std::optional<Expected> expected = model_.next();
        while (!expected && draining_) { // one phase after the other
            model_.end_phase();
            if (!model_.begin_phase()) {
                break;
            }
            expected = model_.next();
        }
        must(expected.has_value(), "nobody is to be notified any more");
        const Expected next = expected.value_or(Expected{});
        same("whose turn it is: client", next.client, id);
        const auto& wanted = next.notification.Info.StateChange;
        same("ulSize", sizeof notification, notification.ulSize);
        same("NotifyType", next.notification.NotifyType, notification.NotifyType);
        same("ulClientToken", next.notification.ulClientToken, notification.ulClientToken);
        same("ulMask", wanted.ulMask, got.ulMask);
        same("ulStateOld", wanted.ulStateOld, got.ulStateOld);
        same("ulStateNew", wanted.ulStateNew, got.ulStateNew);
        must(!tracing_ ||
                 (traced.kind == TraceEvent::Kind::notification && traced.function == "IMAPIOfflineNotify::Notify"),
             "the notification is traced before it is sent");
        const auto& registration = model_.registrations().at(next.registration);
        running_ = id;
        running_object_ = registration.object;
        running_token_ = registration.token;
        finish_waiting(true);
        inside_notify_ = true;
        must(client.references() != 0, "the callback is held while it runs");
        check_everything();
        const bool throws = bytes_.take() % 16 == 15;
        notify_depth_ = depth_ + 1;
        nested_steps();
        inside_notify_ = false; // a call that waits for the end of this Notify may return now
        if (throws) {
            note(thread_, "the Notify throws");
            ++thrown_;
            throw std::runtime_error("thrown by a client");
        }
    }

    /// A callback is being destroyed. Its owner may call the API from there.
    void gone(ClientId id) {
        same("a callback is destroyed while it is registered", 0, model_.registrations_of(id));
        must(!slot(id).held, "a callback is destroyed while it is held");
        slot(id).client = nullptr;
        note(thread_, "client %lld is destroyed", id);
        nested_steps();
    }

    void same(const char* what, long long expected, long long got) {
        if (expected == got) {
            return;
        }
        std::fprintf(stderr, "\nDIFFERENCE between model and implementation: %s\n", what);
        std::fprintf(stderr, "  expected: %lld (0x%llx)\n  got:      %lld (0x%llx)\n", expected,
                     static_cast<unsigned long long>(expected) & 0xFFFFFFFFu, got,
                     static_cast<unsigned long long>(got) & 0xFFFFFFFFu);
        std::fprintf(stderr,
                     "in the last of these %zu calls (those that are indented were made inside a Notify or a "
                     "destructor):\n",
                     notes_.size());
        for (const Note& each : notes_) {
            each.print();
        }
        std::abort(); // an exception would not leave a Notify
    }
    void must(bool holds, const char* what) { same(what, 1, holds ? 1 : 0); }

private:
    struct ClientSlot {
        Client* client = nullptr; // while there is one
        bool held = false;        // by us; else only registrations keep it
    };
    /// A call that another thread is inside: SetCurrentState with BLOCK, or an Unadvise that waits for a Notify.
    struct Waiting {
        int thread;
        Handle handle;   // its reference is this call's
        ChangeId change; // 0: an Unadvise
        std::atomic<bool> begun{false};
        std::atomic<HRESULT> result{E_FAIL};
        std::atomic<bool> returned{false};
    };

    template <class... Numbers>
    void note(int thread, const char* format, Numbers... numbers) {
        notes_.push_back({depth_, thread, format, {static_cast<long long>(numbers)...}});
        if (prints_each_call) {
            notes_.back().print();
        }
    }

    /// A call on this thread has returned: its result, and its trace (TRACE-1) unless it was a call of the outer
    /// object.
    void returned(std::size_t what, const char* function, long long expected, long long got, bool is_traced = true) {
        same("the result", expected, got);
        if (tracing_ && is_traced) {
            must(last_traced.kind == TraceEvent::Kind::call && last_traced.function == function,
                 "the call is traced, as the last event on its thread");
            same("the result that is traced", static_cast<HRESULT>(expected), last_traced.result);
            same("a reason is traced", FAILED(static_cast<HRESULT>(expected)), last_traced.has_reason);
        }
        count(what, static_cast<HRESULT>(got));
    }

    void count(std::size_t what, HRESULT result) {
        calls.fetch_add(1, std::memory_order_relaxed);
        const std::size_t outcome = result == S_OK ? 0 : result == E_PENDING ? 1 : result == E_INVALIDARG ? 2 : 3;
        const auto phase = static_cast<std::size_t>(std::clamp(model_.phase(), 0, 3));
        const std::size_t inside = depth_ > 0 ? 1 : 0;
        const std::size_t here = is_on_notification_thread(thread_) ? 1 : 0;
        features[(((what * result_count + outcome) * phase_count + phase) * kind_count + inside) * thread_count +
                 here] = 1;
    }

    /// Everything that can be seen from outside, against the model.
    void check_everything() {
        if (ending_ != 0 || ends_notify_) { // the implementation is between two states
            return;
        }
        for (const Handle& each : handles_) {
            const ULONG references = model_.references(each.object);
            same("the references on an object, after AddRef", references + 1, each.pointer->AddRef());
            same("the references on an object, after Release", references, each.pointer->Release());
            ULONG value = poison;
            same("the result", S_OK, each.pointer->GetCurrentState(&value));
            same("the state of an object", model_.state(each.object), value);
            same("the result", S_OK, each.pointer->GetCapabilities(&value));
            same("the capabilities of an object", model_.capabilities(each.object), value);
            if (each.outer != nullptr) { // the own face is held by the outer object alone
                each.outer->own_face->AddRef();
                same("the references on the own face of a store's object", 1, each.outer->own_face->Release());
            }
        }
        for (ClientId id = 1; id <= max_clients; ++id) {
            const ULONG at_least = model_.registrations_of(id) + (slot(id).held ? 1 : 0);
            const ULONG references = slot(id).client != nullptr ? slot(id).client->references() : 0;
            if (running_ != id || references != at_least + 1) { // the host may keep one while its Notify is running
                same("the references on a callback", at_least, references);
            }
        }
        for (const auto& each : waiting_) {
            must(each->change == 0 || model_.is_complete(each->change) || !each->returned,
                 "SetCurrentState with BLOCK waits for the end of the change");
        }
    }

    // Threads.

    int free_thread() const { return !busy_[1] ? 1 : !busy_[2] ? 2 : 0; }
    bool is_on_notification_thread(int thread) const { return model_.is_delivering() && thread == delivering_thread_; }

    /// Makes the call on that thread and waits for it; on this one if that one is busy.
    template <class Function>
    auto on_thread(int thread, Function call) -> decltype(call()) {
        bool& busy = busy_.at(static_cast<std::size_t>(thread));
        if (busy) {
            last_traced = {};
            return call();
        }
        decltype(call()) result{};
        Traced traced;
        const int caller = std::exchange(thread_, thread);
        busy = true;
        calling_thread(thread).start([&] {
            last_traced = {};
            result = call();
            traced = last_traced;
        });
        must(calling_thread(thread).wait(), "a call on another thread returns");
        busy = false;
        thread_ = caller;
        last_traced = traced;
        return result;
    }

    void start_waiting(int thread, const Handle& handle, ChangeId change, std::function<HRESULT()> call) {
        handle.pointer->AddRef();
        model_.add_reference(handle.object);
        Waiting& waiting = *waiting_.emplace_back(std::make_unique<Waiting>());
        waiting.thread = thread;
        waiting.handle = handle;
        waiting.change = change;
        busy_.at(static_cast<std::size_t>(thread)) = true;
        calling_thread(thread).start([this, &waiting, call = std::move(call)] {
            waiting.begun = true;
            const HRESULT result = call();
            must(waiting.change != 0 || !inside_notify_, "Unadvise waits for the Notify that is running"); // UNADVISE-3
            waiting.result = result;
            waiting.returned = true;
        });
        // Time for a call that should wait to return too early; one that waits is not missed if it comes late.
        for (int i = 0; i < 20 || !waiting.begun; ++i) {
            std::this_thread::yield();
        }
    }

    /// Ends the calls that need not wait any more.
    void finish_waiting(bool at_the_end_of_a_notify) {
        for (std::size_t i = 0; i < waiting_.size();) {
            const ChangeId change = waiting_[i]->change;
            if (change == 0 ? !at_the_end_of_a_notify : !model_.is_complete(change)) {
                ++i;
                continue;
            }
            const std::unique_ptr<Waiting> waiting = std::move(waiting_[i]);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
            must(calling_thread(waiting->thread).wait(), "a call that waited returns when it need not wait any more");
            same("the result", S_OK, waiting->result);
            busy_.at(static_cast<std::size_t>(waiting->thread)) = false;
            ends_notify_ = false;
            int thread = thread_;
            if (may_release(waiting->handle.object, thread)) {
                release(waiting->handle, thread);
            } else {
                handles_.push_back(waiting->handle); // released later
            }
            i = 0; // the release may have changed the list
        }
    }

    // The schedule.

    /// One call, now and then on another thread.
    void choose_step() {
        const unsigned byte = bytes_.take();
        const int other = free_thread();
        step(byte & 31, (byte >> 5) == 7 && other != 0 ? other : thread_);
        check_everything();
    }

    void step(unsigned what, int thread) {
        static constexpr struct {
            unsigned last; // of the numbers that stand for it
            bool on_object;
            int bytes; // taken beside the one for the object
            void (Player::*make)(const Call&);
        } steps[] = {{0, false, 2, &Player::open},
                     {2, false, 1, &Player::create},
                     {3, true, 0, &Player::create_store},
                     {4, true, 0, &Player::add_reference},
                     {6, true, 0, &Player::choose_release},
                     {7, true, 0, &Player::get_state},
                     {11, true, 1, &Player::set_state},
                     {12, true, 0, &Player::get_capabilities},
                     {13, true, 0, &Player::get_state},
                     {17, true, 2, &Player::advise},
                     {20, false, 2, &Player::unadvise},
                     {21, true, 0, &Player::get_capabilities},
                     {23, false, 1, &Player::client_comes_or_goes},
                     {25, false, 2, &Player::host},
                     {26, false, 1, &Player::trace},
                     {31, false, 0, &Player::deliver}};
        if (ending_ != 0) { // an object is half gone: what can be seen of its parents depends on the moment
            constexpr unsigned possible[] = {20, 17, 13, 12};
            what = possible[what % 4];
            thread = thread_;
        }
        const auto& chosen =
            *std::find_if(std::begin(steps), std::end(steps), [&](auto& each) { return what <= each.last; });
        Call call{thread, chosen.on_object ? bytes_.take() : 0, {}, 0, 0};
        call.a = chosen.bytes > 0 ? bytes_.take() : 0;
        call.b = chosen.bytes > 1 ? bytes_.take() : 0;
        if (chosen.on_object && handles_.empty()) {
            return;
        }
        if (chosen.on_object) {
            call.index %= handles_.size();
            call.handle = handles_[call.index];
        }
        (this->*chosen.make)(call);
    }

    /// What a client does inside a call of ours.
    void nested_steps() {
        if (depth_ >= max_depth) {
            return;
        }
        ++depth_;
        const unsigned byte = bytes_.take();
        for (unsigned i = byte < 128 ? 0 : byte & 3; i > 0 && bytes_.left() && !ends_notify_; --i) {
            choose_step();
        }
        --depth_;
    }

    void deliver(const Call& call) {
        if (!dispatcher_) {
            return;
        }
        if (model_.is_delivering()) {
            if (is_on_notification_thread(thread_)) {
                note(thread_, "deliver_phase, inside a delivery");
                must(!dispatcher_->deliver_phase(), "nothing is delivered inside a delivery");
            }
            return;
        }
        note(call.thread, "deliver_phase");
        delivering_thread_ = call.thread;
        const bool expected = model_.begin_phase();
        same("there is a phase to deliver", expected,
             on_thread(call.thread, [&] { return dispatcher_->deliver_phase(); }));
        if (expected) {
            expect_no_more();
        }
    }

    void deliver_all() {
        while (dispatcher_ && model_.is_anything_queued()) {
            deliver({});
        }
    }

    /// Everybody has been notified.
    void expect_no_more() {
        running_ = 0;
        finish_waiting(true);
        do {
            if (model_.is_delivering()) {
                const std::optional<Expected> missing = model_.next();
                same("a registration has not been notified, of client", 0, missing ? missing->client : 0);
                model_.end_phase();
            }
        } while (draining_ && model_.begin_phase());
        draining_ = false;
        must(!tracing_ || thrown_ == exceptions_traced, "each exception is traced");
        finish_waiting(true);
    }

    // Calls.

    ClientSlot& slot(ClientId id) { return clients_.at(static_cast<std::size_t>(id)); }

    /// Most often the first or the last of this profile's.
    const Name& choose_name(int profile) {
        const unsigned byte = bytes_.take();
        if (byte < 32) {
            return names.at(byte % names.size());
        }
        const Name* chosen = nullptr; // not by rbegin(), at which clang 19 -O2 with UBSan stops though nothing is wrong
        for (const Name& each : names) {
            if (each.profile == Profile(profile) && (chosen == nullptr || byte % 2 != 0)) {
                chosen = &each;
            }
        }
        return *chosen;
    }

    const Handle* find_handle(ObjectId object) const {
        const auto is_it = [&](const Handle& each) { return each.object == object; };
        const auto found = std::find_if(handles_.begin(), handles_.end(), is_it);
        return found != handles_.end() ? &*found : nullptr;
    }

    /// Takes over the reference, unless there are many.
    void keep(const Handle& handle) {
        handles_.push_back(handle);
        int thread = thread_;
        if (handles_.size() > max_handles && may_release(handle.object, thread)) {
            handles_.pop_back();
            release(handle, thread);
        }
    }

    /// A client does not release the last reference inside a call on the object, nor waits for a Notify that it is
    /// inside. A release that would wait moves to the notification thread.
    bool may_release(ObjectId object, int& thread) const {
        for (const ObjectId each : model_.ends_with_release(object)) {
            if (std::find(in_call_.begin(), in_call_.end(), each) != in_call_.end()) {
                return false;
            }
            if (running_ != 0 && running_object_ == each && model_.is_delivering() &&
                !is_on_notification_thread(thread)) {
                if (!is_on_notification_thread(thread_)) {
                    return false;
                }
                thread = thread_;
            }
        }
        return true;
    }

    /// Makes a call that releases a reference. Gives the references that should be left.
    template <class Function>
    ULONG releasing(ObjectId object, int thread, Function call) {
        const bool ends = !model_.ends_with_release(object).empty();
        const ULONG expected = model_.release(object);
        ending_ += ends ? 1 : 0;
        on_thread(thread, call);
        ending_ -= ends ? 1 : 0;
        return expected;
    }

    void release(const Handle& handle, int thread) {
        note(thread, "Release of object %lld", handle.object);
        ULONG left = 0;
        const ULONG expected = releasing(handle.object, thread, [&] { return left = handle.pointer->Release(); });
        if (ending_ == 0) {
            returned(0, "IUnknown::Release", expected, left, handle.outer == nullptr);
        } else {
            count(0, E_FAIL);
        }
    }

    void choose_release(const Call& call) {
        int thread = call.thread;
        if (may_release(call.handle.object, thread)) {
            handles_.erase(handles_.begin() + static_cast<std::ptrdiff_t>(call.index));
            release(call.handle, thread);
        }
    }

    void add_reference(const Call& call) {
        if (handles_.size() >= max_handles) {
            return;
        }
        note(call.thread, "AddRef of object %lld", call.handle.object);
        const ULONG expected = model_.add_reference(call.handle.object);
        const ULONG got = on_thread(call.thread, [&] { return call.handle.pointer->AddRef(); });
        returned(1, "IUnknown::AddRef", expected, got, call.handle.outer == nullptr);
        keep(call.handle);
    }

    /// HrOpenOfflineObj or HrCreateOfflineObj has returned.
    void got_object(std::size_t what, const char* function, const Model::Opened& expected, HRESULT result, bool out,
                    IMAPIOfflineMgr* object) {
        returned(what, function, expected.result, result);
        must((object == nullptr) == (out && FAILED(result)), "the object is null on failure");
        if (SUCCEEDED(result)) {
            const Handle* const other = find_handle(expected.object); // OPEN-7, CREATE-8
            must(other == nullptr || other->pointer == object, "the same object as before");
            keep({expected.object, object, nullptr});
        }
    }

    void open(const Call& call) {
        const Name& name = names.at(call.a % names.size());
        const unsigned fault = call.b / 8; // most often none
        const ULONG reserved = fault == 1 ? 1 : 0;
        const GUID* const guid = fault == 2 ? nullptr : &guids[fault == 3 ? 1 : 0];
        const GUID* const reserved_guid = fault == 4 ? guids.data() : nullptr;
        const bool out = fault != 5;
        note(call.thread, "HrOpenOfflineObj(name %lld, fault %lld)", &name - names.data(), fault);
        const Model::Opened expected = model_.open(reserved, name.profile, guid, reserved_guid, out);
        auto* object = no_object<IMAPIOfflineMgr>();
        const HRESULT result = on_thread(call.thread, [&] {
            return HrOpenOfflineObj(reserved, name.text, guid, reserved_guid, out ? &object : nullptr);
        });
        got_object(2, "HrOpenOfflineObj", expected, result, out, object);
    }

    void create(const Call& call) {
        const unsigned kind = call.a;
        const bool is_global = kind % 2 == 0; // else a provider's
        Handle parent;
        if (!is_global) {
            const std::size_t index = bytes_.take();
            parent = handles_.empty() ? Handle{} : handles_[index % handles_.size()];
        }
        const Name& name = is_global            ? names.at(bytes_.take() % (kind < 192 ? valid_names : names.size()))
                           : parent.object != 0 ? choose_name(model_.profile(parent.object))
                                                : names.front();
        const unsigned fault = bytes_.take() / 8;
        auto* const anything = no_object<IMAPIOfflineMgr>(); // only compared
        MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, nullptr, nullptr};
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.ulSize += fault == 3 ? 8 : 0;
        info.ulSize -= fault == 2 ? 1 : 0;
        info.ulCreateFlags = fault == 4 ? 1 : 0;
        info.pwszProfileName = name.text;
        info.ulCapabilities = (kind >> 1) & 3;
        info.pGUID = fault == 11 ? nullptr : &guids.at(is_global ? 0 : 1 + ((kind >> 3) & 1));
        // A global object has neither an instance nor a parent, a provider's has both; faults 6 and 7 do it the wrong
        // way.
        info.pInstance = is_global != (fault == 6) ? nullptr : &guids.at(is_global ? 0 : (kind >> 4) & 1);
        info.pParent = is_global != (fault == 7) ? nullptr : parent.object != 0 ? parent.pointer : anything;
        info.pMAPISupport = fault == 12 ? no_object<IUnknown>() : nullptr; // not used (CREATE-9)
        info.pAggregateInfo = fault == 8 ? &aggregate : nullptr;
        info.pConnectInfo = fault == 5 ? no_object<MAPIOFFLINE_CONNECTINFO>() : nullptr;
        MAPIOFFLINE_CREATEINFO* const pointer = fault == 10 ? nullptr : &info;
        const ULONG flags = fault == 1 ? 1 : 0;
        const bool out = fault != 9;
        const ObjectId parent_object = info.pParent != nullptr ? parent.object : 0;
        note(call.thread, "HrCreateOfflineObj(name %lld, kind %lld, fault %lld, parent: object %lld)",
             &name - names.data(), kind, fault, parent_object);
        const Model::Opened expected = model_.create(flags, pointer, name.profile, parent_object, out);
        auto* object = no_object<IMAPIOfflineMgr>();
        const HRESULT result =
            on_thread(call.thread, [&] { return HrCreateOfflineObj(flags, pointer, out ? &object : nullptr); });
        got_object(is_global ? 3 : 4, "HrCreateOfflineObj", expected, result, out, object);
    }

    void create_store(const Call& call) {
        const Handle& parent = call.handle;
        const Name& name = choose_name(model_.profile(parent.object));
        const unsigned fault = bytes_.take() / 8;
        auto outer = Outer::create(*this);
        MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
        aggregate.ulSize += fault == 1 ? 8 : 0;
        aggregate.pRefTrackRoot = fault == 2 ? outer.Get() : nullptr;
        aggregate.pOuterObj = fault == 3 ? nullptr : outer.Get();
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pwszProfileName = name.text;
        info.ulCapabilities = fault % 4;
        info.pGUID = fault == 7 ? &guids[1] : nullptr;
        info.pInstance = fault == 4 ? guids.data() : nullptr;
        info.pParent = fault == 5                              ? nullptr
                       : fault == 6 && parent.outer != nullptr ? parent.outer->own_face
                                                               : parent.pointer;
        info.pAggregateInfo = &aggregate;
        note(call.thread, "HrCreateOfflineObj(a store's; name %lld, fault %lld, parent: object %lld)",
             &name - names.data(), fault, parent.object);
        const Model::Opened expected =
            model_.create(0, &info, name.profile, info.pParent != nullptr ? parent.object : 0, true);
        const HRESULT result = on_thread(call.thread, [&] { return HrCreateOfflineObj(0, &info, &outer->own_face); });
        returned(5, "HrCreateOfflineObj", expected.result, result);
        must((outer->own_face == nullptr) == FAILED(result), "the object is null on failure");
        same("the outer object is not held by the one inside (CREATE-11)", 1, outer->references());
        if (SUCCEEDED(result)) {
            void* face = nullptr;
            same("the result", S_OK, outer->QueryInterface(IID_IMAPIOfflineMgr, &face));
            must(face != outer->own_face, "the second face is another one (CREATE-4.1)");
            Handle handle{expected.object, static_cast<IMAPIOfflineMgr*>(face), outer.Get()};
            outer.Reset(); // the face holds it now
            keep(handle);
        }
    }

    void set_state(const Call& call) {
        const unsigned fault = call.a >> 2;
        const ULONG state = fault == 3          ? MAPIOFFLINE_STATE_OFFLINE_MASK
                            : fault == 5        ? 0
                            : (call.a & 1) != 0 ? MAPIOFFLINE_STATE_OFFLINE
                                                : MAPIOFFLINE_STATE_ONLINE;
        ULONG flags = fault == 1 ? 1 : (call.a & 2) != 0 ? MAPIOFFLINE_FLAG_BLOCK : MAPIOFFLINE_FLAG_DEFAULT;
        const ULONG mask = fault == 2 ? MAPIOFFLINE_STATE_ALL : MAPIOFFLINE_STATE_OFFLINE_MASK;
        void* const reserved = fault == 4 ? &bytes_ : nullptr;
        // Neither the thread that delivers nor the one that decides what comes next may wait for the end of a change.
        int thread = call.thread;
        if (flags == MAPIOFFLINE_FLAG_BLOCK && !is_on_notification_thread(thread)) {
            thread = free_thread();
            if (thread == 0) {
                flags = MAPIOFFLINE_FLAG_DEFAULT;
                thread = thread_;
            }
        }
        const ObjectId object = call.handle.object;
        note(thread, "SetCurrentState(object %lld, flags %lld, mask %lld, state %lld, reserved %lld)", object, flags,
             mask, state, reserved != nullptr);
        const ULONG old_state = model_.state(object);
        const Model::Set expected = model_.set_current_state(object, flags, mask, state, reserved != nullptr,
                                                             is_on_notification_thread(thread));
        const auto set = [=, pointer = call.handle.pointer] {
            return pointer->SetCurrentState(flags, mask, state, reserved);
        };
        if (expected.waits_for == 0) {
            const HRESULT result = on_thread(thread, set);
            returned(7, "IMAPIOffline::SetCurrentState", expected.result, result);
            return;
        }
        count(7, S_OK);
        start_waiting(thread, call.handle, expected.waits_for, set);
        // The change is there when asking for the state that the object has says so (SET-4).
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (call.handle.pointer->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, old_state,
                                                    nullptr) != E_PENDING) {
            must(std::chrono::steady_clock::now() < deadline, "SetCurrentState with BLOCK starts its change");
            std::this_thread::yield();
        }
    }

    void get(const Call& call, std::size_t what, const char* function, ULONG expected,
             HRESULT (STDMETHODCALLTYPE IMAPIOffline::*method)(ULONG*)) {
        const bool out = bytes_.take() >= 16;
        note(call.thread,
             what == 8 ? "GetCapabilities(object %lld, out %lld)" : "GetCurrentState(object %lld, out %lld)",
             call.handle.object, out);
        ULONG value = poison;
        const HRESULT result =
            on_thread(call.thread, [&] { return (call.handle.pointer->*method)(out ? &value : nullptr); });
        returned(what, function, out ? S_OK : E_INVALIDARG, result);
        same("the value", out ? expected : poison, value);
    }
    void get_capabilities(const Call& call) {
        get(call, 8, "IMAPIOffline::GetCapabilities", model_.capabilities(call.handle.object),
            &IMAPIOffline::GetCapabilities);
    }
    void get_state(const Call& call) {
        get(call, 9, "IMAPIOffline::GetCurrentState", model_.state(call.handle.object), &IMAPIOffline::GetCurrentState);
    }

    void advise(const Call& call) {
        const unsigned fault = call.b;
        const ClientId id = 1 + static_cast<ClientId>(call.a % max_clients);
        if (slot(id).client == nullptr) {
            const Client::Answer answer = call.a < 240   ? Client::Answer::notify
                                          : call.a < 248 ? Client::Answer::no_interface
                                                         : Client::Answer::null_pointer;
            slot(id) = {Client::create(*this, id, answer).Detach(), true};
        }
        Client* const client = fault == 5 ? nullptr : slot(id).client;
        MAPIOFFLINE_ADVISEINFO info{};
        info.ulSize = sizeof info;
        info.ulSize += fault == 3 ? 4 : 0;
        info.ulSize -= fault == 2 ? 4 : 0;
        info.ulClientToken = call.a * 0x01010101u;
        info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(fault == 4 ? 1 : 0);
        info.pCallback = client;
        info.ulAdviseTypes = fault == 6 ? 2 : MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
        info.ulStateMask = fault == 7 ? MAPIOFFLINE_STATE_OFFLINE_MASK : MAPIOFFLINE_STATE_ALL;
        MAPIOFFLINE_ADVISEINFO* const pointer = fault == 8 ? nullptr : &info;
        const ULONG flags = fault == 1 ? 1 : MAPIOFFLINE_ADVISE_DEFAULT;
        const bool out = fault != 9;
        note(call.thread, "Advise(object %lld, client %lld, client token %lld, fault %lld)", call.handle.object,
             client != nullptr ? id : 0, info.ulClientToken, fault < 10 ? fault : 0);
        const HRESULT expected = model_.advise(call.handle.object, flags, pointer, out, client != nullptr ? id : 0,
                                               slot(id).client->is_notify());
        ULONG token = poison;
        const HRESULT result =
            on_thread(call.thread, [&] { return call.handle.pointer->Advise(flags, pointer, out ? &token : nullptr); });
        returned(10, "IMAPIOfflineMgr::Advise", expected, result);
        if (FAILED(result)) {
            same("the token on failure", out ? 0 : poison, token);
        } else {
            must(model_.name_registration(token), "a token that is not 0 and has not been given before");
        }
    }

    void unadvise(const Call& call) {
        const unsigned which = call.a;
        int thread = call.thread;
        Handle handle;
        ULONG token = 0;
        const auto& registrations = model_.registrations();
        const Handle* const running = running_ != 0 ? find_handle(running_object_) : nullptr;
        if (which >= 224 && running != nullptr && free_thread() != 0) { // of the Notify that runs, on another thread
            token = running_token_;
            handle = *running;
            thread = free_thread();
        } else if (which < 192 && !registrations.empty()) {
            const auto& registration =
                std::next(registrations.begin(), static_cast<std::ptrdiff_t>(which % registrations.size()))->second;
            const Handle* const found = find_handle(registration.object);
            token = registration.token;
            handle = found != nullptr ? *found : Handle{};
        } else if (which < 240 && !used_tokens_.empty()) {
            token = used_tokens_[which % used_tokens_.size()];
        } else {
            token = which % 2 == 0 ? 0 : 0xFFFFFFFF;
        }
        if (handle.object == 0 || call.b >= 240) { // a token of another object
            if (handles_.empty()) {
                return;
            }
            handle = handles_[call.b % handles_.size()];
        }
        const ULONG flags = call.b == 1 ? 0xFFFFFFFF : MAPIOFFLINE_UNADVISE_DEFAULT;

        bool waits = running_ != 0 && running_object_ == handle.object && running_token_ == token &&
                     model_.is_delivering() && !is_on_notification_thread(thread);
        if (waits && !is_on_notification_thread(thread_)) {
            return; // it would wait for the Notify that it is called from
        }
        if (waits && (depth_ != notify_depth_ || ending_ != 0 || !slot(running_).held || !inside_notify_)) {
            thread = thread_;
            waits = false;
        }
        note(thread,
             waits ? "Unadvise(object %lld, token %lld, flags %lld), which waits for this Notify to return"
                   : "Unadvise(object %lld, token %lld, flags %lld)",
             handle.object, token, flags);
        model_.unadvise(handle.object, token);
        used_tokens_.push_back(token);
        const auto unadvise = [=] { return handle.pointer->Unadvise(flags, token); };
        if (waits) {
            count(12, S_OK);
            start_waiting(thread, handle, 0, unadvise);
            ends_notify_ = true;
            return;
        }
        in_call_.push_back(handle.object);
        const HRESULT result = on_thread(thread, unadvise);
        in_call_.pop_back();
        returned(11, "IMAPIOfflineMgr::Unadvise", S_OK, result);
    }

    /// A client gives up its own reference on its callback, or takes one again.
    void client_comes_or_goes(const Call& call) {
        const ClientId id = 1 + static_cast<ClientId>(call.a % max_clients);
        if (slot(id).client == nullptr) {
            return;
        }
        note(thread_, slot(id).held ? "client %lld lets its callback go" : "client %lld holds its callback again", id);
        slot(id).held = !slot(id).held;
        slot(id).held ? slot(id).client->AddRef() : slot(id).client->Release();
    }

    void host(const Call& call) {
        const unsigned what = call.a;
        int thread = call.thread;
        if (!host_) {
            const std::size_t index = call.b % valid_names;
            note(thread, "Host(name %lld, capabilities %lld)", index, what & 3);
            MAPIOFFLINE_CREATEINFO info{};
            info.ulSize = sizeof info;
            info.pGUID = guids.data();
            info.ulCapabilities = what & 3;
            hosted_ = model_.create(0, &info, names.at(index).profile, 0, true).object;
            host_ = on_thread(thread, [&] {
                return std::make_unique<offline_state::Host>(names.at(index).text, info.ulCapabilities);
            });
            const Handle* const other = find_handle(hosted_);
            must(other == nullptr || other->pointer == host_->object(), "the same object as before");
            count(14, S_OK);
        } else if (in_drain_) {
            // It is not ended while it drains.
        } else if (what < 64) {
            if (may_release(hosted_, thread)) {
                end_host(thread);
            }
        } else if (what < 96) {
            const bool offline = call.b % 2 == 0;
            note(thread, "Host::work_offline(%lld)", offline);
            const ULONG state = offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE;
            const HRESULT expected = model_
                                         .set_current_state(hosted_, MAPIOFFLINE_FLAG_DEFAULT,
                                                            MAPIOFFLINE_STATE_OFFLINE_MASK, state, false, false)
                                         .result;
            const HRESULT result =
                on_thread(thread, [&] { return host_->work_offline(offline, MAPIOFFLINE_FLAG_DEFAULT); });
            returned(16, "IMAPIOffline::SetCurrentState", expected, result);
        } else if (what < 160 || !dispatcher_) {
            const auto type = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(call.b % 8);
            const ULONG mask = call.b < 128 ? 0x10 : MAPIOFFLINE_STATE_OFFLINE_MASK;
            note(thread, "Host::send_other_notification(type %lld, mask %lld)", type, mask);
            const HRESULT expected = model_.send(hosted_, type, mask);
            const HRESULT result = on_thread(thread, [&] { return host_->send_other_notification(type, mask); });
            returned(17, "Host::send_other_notification", expected, result);
        } else {
            drain(thread);
        }
    }

    void drain(int thread) {
        const bool delivers = !model_.is_delivering();
        note(thread, "Host::drain");
        if (delivers) {
            draining_ = true;
            delivering_thread_ = thread;
            model_.begin_phase();
        } else {
            thread = thread_; // on another one it returns as well: nothing is delivered inside a delivery
        }
        in_drain_ = true;
        on_thread(thread, [&] { return host_->drain(), 0; });
        in_drain_ = false;
        if (delivers) {
            expect_no_more();
        }
        count(18, S_OK);
    }

    void end_host(int thread) {
        note(thread, "~Host");
        std::unique_ptr<offline_state::Host> ended = std::move(host_);
        releasing(hosted_, thread, [&] { return ended.reset(), 0; });
        count(15, S_OK);
    }

    /// Installs a sink, which throws now and then, or takes it away.
    void trace(const Call& call) {
        if (tracing_ || call.a % 4 == 0) {
            note(thread_, "no trace");
            offline_state::set_trace_sink(nullptr);
            tracing_ = false;
            return;
        }
        const bool throws = call.a % 16 == 15;
        note(thread_, "a trace, whose sink throws: %lld", throws);
        offline_state::set_trace_sink([throws](const TraceEvent& event) {
            last_traced = {event.kind, event.function, event.result, !event.reason.empty()};
            exceptions_traced += event.kind == TraceEvent::Kind::exception ? 1 : 0;
            if (throws) {
                throw std::runtime_error("thrown by the sink");
            }
        });
        tracing_ = true;
        exceptions_traced = thrown_;
    }

    Bytes bytes_;
    Model model_;
    std::unique_ptr<offline_state::ManualDispatcher> dispatcher_;
    std::vector<Handle> handles_;
    std::array<ClientSlot, max_clients + 1> clients_; // 0 is none
    std::vector<ULONG> used_tokens_;
    std::unique_ptr<offline_state::Host> host_;
    ObjectId hosted_ = 0;
    std::vector<std::unique_ptr<Waiting>> waiting_;

    int thread_ = 0; // which one makes calls now
    std::array<bool, 3> busy_{true, false, false};
    int delivering_thread_ = 0;
    bool draining_ = false; // the next phase follows by itself
    ClientId running_ = 0;  // whose Notify is called, until the next one is
    ObjectId running_object_ = 0;
    ULONG running_token_ = 0;
    int notify_depth_ = 0; // of what it calls
    std::atomic<bool> inside_notify_{false};
    bool ends_notify_ = false; // a call waits for this Notify to return
    int depth_ = 0;
    int ending_ = 0;                // inside the last Release of an object
    std::vector<ObjectId> in_call_; // objects with a method on the stack
    bool in_drain_ = false;
    bool tracing_ = false;
    int thrown_ = 0;
    std::vector<Note> notes_;
};

void Client::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    player_.notified(*this, id_, *pNotifyInfo);
}

Client::~Client() {
    player_.gone(id_);
}

Outer::~Outer() {
    if (own_face != nullptr) {
        player_.same("the references left on an own face", 0, own_face->Release());
    }
}

} // namespace

void play(const std::uint8_t* bytes, std::size_t size) {
    Player(bytes, size).play();
}

std::uint64_t calls_played() {
    return calls;
}

void print_each_call() {
    prints_each_call = true;
}

} // namespace offline_state_fuzz
