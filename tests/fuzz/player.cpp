#include "player.h"

#include "model.h"
#include "threads.h"

#include <mapioffline.h>
#include <mapioffline_host.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace offline_state_fuzz {
namespace {

using offline_state_model::ChangeId;
using offline_state_model::ClientId;
using offline_state_model::Expected;
using offline_state_model::Model;
using offline_state_model::ObjectId;
using offline_state_model::Profile;
using offline_state_model::RegistrationId;

std::atomic<std::uint64_t> calls{0};
bool tells_each_call = false;

// What the fuzzer is rewarded for beside new code: a call that comes to something in a phase it had not been seen in.
enum : std::size_t { what_count = 20, result_count = 4, phase_count = 4, kind_count = 2, thread_count = 2 };
#ifdef __linux__
__attribute__((used, section("__libfuzzer_extra_counters")))
#endif
std::uint8_t features[what_count * result_count * phase_count * kind_count * thread_count];

// ---- What the bytes choose from ------------------------------------------------------------------------------------

constexpr ULONG poison = 0xDEADBEEF;
alignas(16) char no_object[16]; // an address, and nothing there that can be called

constexpr wchar_t longest_name[] = L"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr wchar_t too_long_name[] = L"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX";

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
                                  {longest_name, 3},
                                  {L"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", 3},
                                  {nullptr, {}},
                                  {L"", {}},
                                  {too_long_name, {}}}};

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
    /// One of `count`.
    std::size_t choose(std::size_t count) { return take() % count; }

private:
    const std::uint8_t* next_;
    const std::uint8_t* end_;
};

// ---- What is told when there is a difference -----------------------------------------------------------------------

/// A call, in a form that costs little until it is told.
struct Note {
    int depth;
    int thread;
    const char* format; // of numbers only
    std::array<long long, 6> numbers;

    void tell() const {
        const char* const threads[] = {"main", "thread 1", "thread 2"};
        std::fprintf(stderr, "  %-8s %*s", threads[thread], 2 * depth, "");
        // The formats are literals of this file; each uses as many numbers as it likes.
        std::fprintf(stderr, format, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
        std::fputc('\n', stderr);
    }
};

// ---- The trace -----------------------------------------------------------------------------------------------------

/// The last thing that this thread has traced.
struct Traced {
    bool is_set = false;
    offline_state::TraceEvent::Kind kind{};
    std::string function;
    HRESULT result = 0;
    bool has_reason = false;
};
thread_local Traced last_traced;
std::atomic<int> exceptions_traced{0};

class Player;

// ---- The clients' side ---------------------------------------------------------------------------------------------

/// A callback. What it does when it is called, the bytes say.
class Client final : public IMAPIOfflineNotify {
public:
    enum class Answer { notify, no_interface, null_pointer };

    Client(Player& player, ClientId id, Answer answer) : player_(player), id_(id), answer_(answer) {}

    ULONG references() const { return references_; }
    bool is_notify() const { return answer_ == Answer::notify; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        *ppvObject = nullptr;
        if (riid != IID_IUnknown && answer_ != Answer::notify) {
            return answer_ == Answer::no_interface ? E_NOINTERFACE : S_OK;
        }
        *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
        AddRef();
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    ~Client();

    std::atomic<ULONG> references_{1};
    Player& player_;
    const ClientId id_;
    const Answer answer_;
};

/// A client's store, into which an object is aggregated.
class Outer final : public IUnknown {
public:
    explicit Outer(Player& player) : player_(player) {}

    IMAPIOfflineMgr** inner() { return &inner_; }
    IMAPIOfflineMgr* own_face() const { return inner_; }
    ULONG references() const { return references_; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (riid == IID_IUnknown) {
            *ppvObject = static_cast<IUnknown*>(this);
            AddRef();
            return S_OK;
        }
        return inner_->QueryInterface(riid, ppvObject);
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }

private:
    ~Outer();

    std::atomic<ULONG> references_{1};
    Player& player_;
    IMAPIOfflineMgr* inner_ = nullptr;
};

/// A reference that a client holds.
struct Handle {
    ObjectId object = 0;
    IMAPIOfflineMgr* pointer = nullptr; // for a store's object: the second face
    Outer* outer = nullptr;             // for a store's object
};

// ---- The player ----------------------------------------------------------------------------------------------------

class Player {
public:
    Player(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes, size) {}
    void play();

    void notified(Client& client, ClientId id, const MAPIOFFLINE_NOTIFY& notification);
    void gone(ClientId id);
    void check(bool holds, const char* what, long long expected, long long got);

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
    struct Host {
        std::unique_ptr<offline_state::Host> host;
        ObjectId object = 0;
    };

    // Telling.
    template <class... Numbers>
    void note(const char* format, Numbers... numbers);
    [[noreturn]] void tell_difference(const char* what, long long expected, long long got);
    void check_result(HRESULT expected, HRESULT got) { check(expected == got, "the result", expected, got); }
    void check_trace(const char* function, HRESULT result, bool whole = true);
    void check_everything();
    void count(std::size_t what, HRESULT result);

    // Threads.
    template <class Call>
    auto on_thread(int thread, Call call) -> decltype(call());
    int free_thread() const;
    bool is_on_notification_thread(int thread) const { return model_.is_delivering() && thread == delivering_thread_; }
    void start_waiting(int thread, const Handle& handle, ChangeId change, std::function<HRESULT()> call);
    void finish_waiting(bool at_the_end_of_a_notify);

    // The schedule.
    void choose_step();
    void step(unsigned what, int thread);
    void nested_steps();
    void last_words();
    void deliver(int thread);
    void expect_no_more();

    // Calls.
    Handle* choose_handle();
    const Name& choose_name(int profile);
    Handle* choose_any(ObjectId object);
    void keep(const Handle& handle);
    bool may_release(ObjectId object, int& thread) const;
    void release(Handle handle, int thread);
    void open(int thread);
    void create(int thread);
    void create_store(int thread);
    void query(int thread);
    void set_state(int thread);
    void get(int thread, bool capabilities);
    void advise(int thread);
    void unadvise(int thread);
    void placeholder(int thread);
    void client_comes_or_goes();
    void host(int thread);
    void trace();
    void add_reference(int thread);
    void choose_release(int thread);

    Bytes bytes_;
    Model model_;
    std::unique_ptr<offline_state::ManualDispatcher> dispatcher_;
    std::vector<Handle> handles_;
    std::array<ClientSlot, max_clients + 1> clients_; // 0 is none
    std::vector<ULONG> used_tokens_;
    Host host_;
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
    bool in_host_ = false;
    bool tracing_ = false;
    int thrown_ = 0;
    std::vector<Note> notes_;
};

// The threads are there for all plays.
CallingThread& calling_thread(int thread) {
    static std::array<CallingThread, 2> threads;
    return threads.at(static_cast<std::size_t>(thread) - 1);
}

template <class... Numbers>
void Player::note(const char* format, Numbers... numbers) {
    notes_.push_back({depth_, thread_, format, {static_cast<long long>(numbers)...}});
    if (tells_each_call) {
        notes_.back().tell();
    }
}

void Player::tell_difference(const char* what, long long expected, long long got) {
    std::fprintf(stderr, "\nDIFFERENCE between model and implementation: %s\n", what);
    std::fprintf(stderr, "  expected: %lld (0x%llx)\n  got:      %lld (0x%llx)\n", expected,
                 static_cast<unsigned long long>(expected) & 0xFFFFFFFFu, got,
                 static_cast<unsigned long long>(got) & 0xFFFFFFFFu);
    std::fprintf(stderr,
                 "in the last of these %zu calls (what is indented was called inside a Notify or a destructor):\n",
                 notes_.size());
    for (const Note& each : notes_) {
        each.tell();
    }
    std::abort(); // an exception would not leave a Notify
}

void Player::check(bool holds, const char* what, long long expected, long long got) {
    if (!holds) {
        tell_difference(what, expected, got);
    }
}

/// What the call just made on this thread has traced (TRACE-1). `whole`: the call was not one of the outer object's.
void Player::check_trace(const char* function, HRESULT result, bool whole) {
    if (tracing_ && whole) {
        check(last_traced.is_set && last_traced.kind == offline_state::TraceEvent::Kind::call &&
                  last_traced.function == function,
              "the call is traced, as the last thing on its thread", 1, 0);
        check_result(result, last_traced.result);
        check(last_traced.has_reason == FAILED(result), "a reason is traced", FAILED(result), last_traced.has_reason);
    }
}

void Player::count(std::size_t what, HRESULT result) {
    calls.fetch_add(1, std::memory_order_relaxed);
    const std::size_t outcome = result == S_OK ? 0 : result == E_PENDING ? 1 : result == E_INVALIDARG ? 2 : 3;
    const auto phase = static_cast<std::size_t>(std::clamp(model_.phase(), 0, 3));
    const std::size_t inside = depth_ > 0 ? 1 : 0;
    const std::size_t here = is_on_notification_thread(thread_) ? 1 : 0;
    features[(((what * result_count + outcome) * phase_count + phase) * kind_count + inside) * thread_count + here] = 1;
}

/// Everything that can be seen from outside, against the model.
void Player::check_everything() {
    if (ending_ != 0 || ends_notify_) { // the implementation is between two states
        return;
    }
    for (const Handle& each : handles_) {
        const ULONG references = model_.references(each.object);
        const ULONG added = each.pointer->AddRef();
        check(added == references + 1, "the references on an object, after AddRef", references + 1, added);
        const ULONG left = each.pointer->Release();
        check(left == references, "the references on an object, after Release", references, left);
        ULONG value = poison;
        check_result(S_OK, each.pointer->GetCurrentState(&value));
        check(value == model_.state(each.object), "the state of an object", model_.state(each.object), value);
        check_result(S_OK, each.pointer->GetCapabilities(&value));
        check(value == model_.capabilities(each.object), "the capabilities of an object",
              model_.capabilities(each.object), value);
        if (each.outer != nullptr) { // the own face is held by the outer object alone
            each.outer->own_face()->AddRef();
            const ULONG own = each.outer->own_face()->Release();
            check(own == 1, "the references on the own face of a store's object", 1, own);
        }
    }
    for (ClientId id = 1; id <= max_clients; ++id) {
        const ClientSlot& slot = clients_.at(static_cast<std::size_t>(id));
        const ULONG registrations = model_.registrations_of(id);
        const ULONG at_least = registrations + (slot.held ? 1 : 0);
        const ULONG references = slot.client != nullptr ? slot.client->references() : 0;
        // While its Notify is running the host may keep one more.
        const bool is_running = running_ == id;
        check(references == at_least || (is_running && references == at_least + 1), "the references on a callback",
              at_least, references);
    }
    for (const auto& each : waiting_) {
        const bool must_wait = each->change != 0 && !model_.is_complete(each->change);
        check(!must_wait || !each->returned, "SetCurrentState with BLOCK waits for the end of the change", 1, 0);
    }
}

// ---- Threads -------------------------------------------------------------------------------------------------------

int Player::free_thread() const {
    return !busy_[1] ? 1 : !busy_[2] ? 2 : 0;
}

/// Makes the call on that thread and waits for it; on this one if that one is busy.
template <class Call>
auto Player::on_thread(int thread, Call call) -> decltype(call()) {
    const auto index = static_cast<std::size_t>(thread);
    if (busy_.at(index)) {
        last_traced = {};
        return call();
    }
    using Result = decltype(call());
    Result result{};
    Traced traced;
    const int caller = std::exchange(thread_, thread);
    busy_.at(index) = true;
    calling_thread(thread).start([&] {
        last_traced = {};
        result = call();
        traced = last_traced;
    });
    check(calling_thread(thread).wait(), "a call on another thread returns", 1, 0);
    busy_.at(index) = false;
    thread_ = caller;
    last_traced = std::move(traced);
    return result;
}

void Player::start_waiting(int thread, const Handle& handle, ChangeId change, std::function<HRESULT()> call) {
    handle.pointer->AddRef();
    model_.add_reference(handle.object);
    waiting_.push_back(std::make_unique<Waiting>());
    Waiting& waiting = *waiting_.back();
    waiting.thread = thread;
    waiting.handle = handle;
    waiting.change = change;
    busy_.at(static_cast<std::size_t>(thread)) = true;
    calling_thread(thread).start([this, &waiting, call = std::move(call)] {
        waiting.begun = true;
        const HRESULT result = call();
        if (waiting.change == 0) { // UNADVISE-3
            check(!inside_notify_, "Unadvise waits for the Notify that is running", 1, 0);
        }
        waiting.result = result;
        waiting.returned = true;
    });
    // Time for a call that should wait to return too early; one that waits is not missed if it comes late.
    for (int i = 0; i < 20 || !waiting.begun; ++i) {
        std::this_thread::yield();
    }
}

/// Takes back the calls that have what they waited for.
void Player::finish_waiting(bool at_the_end_of_a_notify) {
    for (std::size_t i = 0; i < waiting_.size();) {
        const bool is_over =
            waiting_[i]->change == 0 ? at_the_end_of_a_notify : model_.is_complete(waiting_[i]->change);
        if (!is_over) {
            ++i;
            continue;
        }
        const std::unique_ptr<Waiting> waiting = std::move(waiting_[i]);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        check(calling_thread(waiting->thread).wait(), "a call that waited returns when what it waited for is over", 1,
              0);
        check_result(S_OK, waiting->result);
        busy_.at(static_cast<std::size_t>(waiting->thread)) = false;
        ends_notify_ = false;
        int thread = thread_;
        if (may_release(waiting->handle.object, thread)) {
            release(waiting->handle, thread);
        } else {
            handles_.push_back(waiting->handle); // released later
        }
        i = 0; // what was called meanwhile may have changed the list
    }
}

// ---- The schedule --------------------------------------------------------------------------------------------------

void Player::play() {
    const unsigned options = bytes_.take();
    dispatcher_ = std::make_unique<offline_state::ManualDispatcher>();
    if ((options & 1) != 0) {
        trace();
    }
    while (bytes_.left()) {
        choose_step();
    }
    if ((options & 2) != 0) { // what is left is delivered at the dispatcher's end, or must be by us
        note("~ManualDispatcher");
        draining_ = true;
        delivering_thread_ = 0;
        model_.begin_phase();
        dispatcher_.reset();
        expect_no_more();
    } else {
        while (model_.is_anything_queued()) {
            deliver(0);
        }
    }
    check(waiting_.empty(), "no call is left waiting", 0, static_cast<long long>(waiting_.size()));
    if (host_.host) {
        note("~Host");
        const bool ends = !model_.ends_with_release(host_.object).empty();
        ending_ += ends ? 1 : 0;
        model_.release(host_.object);
        host_.host.reset();
        ending_ -= ends ? 1 : 0;
    }
    while (!handles_.empty()) {
        const Handle handle = handles_.back();
        handles_.pop_back();
        release(handle, 0);
    }
    while (model_.is_anything_queued() && dispatcher_) { // what last words have started
        deliver(0);
    }
    for (ClientId id = 1; id <= max_clients; ++id) {
        ClientSlot& slot = clients_.at(static_cast<std::size_t>(id));
        if (slot.held) {
            slot.held = false;
            slot.client->Release();
        }
        check(slot.client == nullptr, "a callback is gone when nobody holds it", 0, 1);
    }
    offline_state::set_trace_sink(nullptr);
    for (const Name& name : names) {
        IMAPIOfflineMgr* object = nullptr;
        check_result(MAPI_E_NOT_FOUND, HrOpenOfflineObj(0, name.text, guids.data(), nullptr, &object));
    }
    dispatcher_.reset();
}

/// One call, now and then on another thread.
void Player::choose_step() {
    const unsigned byte = bytes_.take();
    const int other = free_thread();
    step(byte & 31, (byte >> 5) == 7 && other != 0 ? other : thread_);
    check_everything();
}

void Player::step(unsigned what, int thread) {
    if (ending_ != 0) { // an object is half gone: what can be seen of its parents depends on the moment
        switch (what % 4) {
        case 0:
            return unadvise(thread_);
        case 1:
            return advise(thread_);
        case 2:
            return get(thread_, false);
        default:
            return get(thread_, true);
        }
    }
    switch (what) {
    case 0:
        return open(thread);
    case 1:
    case 2:
        return create(thread);
    case 3:
        return create_store(thread);
    case 4:
        return add_reference(thread);
    case 5:
    case 6:
        return choose_release(thread);
    case 7:
        return query(thread);
    case 8:
    case 9:
    case 10:
    case 11:
        return set_state(thread);
    case 12:
        return get(thread, true);
    case 13:
        return get(thread, false);
    case 14:
    case 15:
    case 16:
    case 17:
        return advise(thread);
    case 18:
    case 19:
    case 20:
        return unadvise(thread);
    case 21:
        return placeholder(thread);
    case 22:
    case 23:
        return client_comes_or_goes();
    case 24:
    case 25:
        return host(thread);
    case 26:
        return trace();
    default:
        return deliver(thread);
    }
}

/// What a client does inside a call of ours.
void Player::nested_steps() {
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

void Player::deliver(int thread) {
    if (model_.is_delivering() || !dispatcher_) {
        if (!dispatcher_ || !is_on_notification_thread(thread_)) {
            return;
        }
        note("deliver_phase, inside a delivery");
        const bool delivered = dispatcher_->deliver_phase();
        check(!delivered, "nothing is delivered inside a delivery", 0, delivered);
        return;
    }
    note("deliver_phase (on thread %lld)", thread);
    delivering_thread_ = thread;
    const bool expected = model_.begin_phase();
    const bool delivered = on_thread(thread, [&] { return dispatcher_->deliver_phase(); });
    check(expected == delivered, "there is a phase to deliver", expected, delivered);
    if (expected) {
        expect_no_more();
    }
}

/// Nobody is left who should have been told.
void Player::expect_no_more() {
    running_ = 0;
    finish_waiting(true);
    for (;;) {
        if (model_.is_delivering()) {
            const std::optional<Expected> missing = model_.next();
            check(!missing, "a registration has not been notified, of client", missing ? missing->client : 0, 0);
            model_.end_phase();
        }
        if (!draining_ || !model_.begin_phase()) {
            break;
        }
    }
    draining_ = false;
    check(!tracing_ || thrown_ == exceptions_traced, "exceptions traced", thrown_, exceptions_traced);
    finish_waiting(true);
}

void Player::notified(Client& client, ClientId id, const MAPIOFFLINE_NOTIFY& notification) {
    note("Notify: client %lld is told type %lld, token %lld, mask %lld, old %lld, new %lld", id,
         notification.NotifyType, notification.ulClientToken, notification.Info.StateChange.ulMask,
         notification.Info.StateChange.ulStateOld, notification.Info.StateChange.ulStateNew);
    const Traced traced = last_traced;
    check(model_.is_delivering(), "a notification comes only in a delivery", 1, 0);
    std::optional<Expected> expected = model_.next();
    while (!expected && draining_) { // one phase after the other
        model_.end_phase();
        if (!model_.begin_phase()) {
            break;
        }
        expected = model_.is_delivering() ? model_.next() : std::nullopt;
    }
    if (!expected) {
        tell_difference("nobody is to be told of this any more; told is client", 0, id);
    }
    check(expected->client == id, "whose turn it is: client", expected->client, id);
    const MAPIOFFLINE_NOTIFY& wanted = expected->notification;
    const auto& change = wanted.Info.StateChange;
    const auto& told = notification.Info.StateChange;
    check(notification.ulSize == sizeof notification, "ulSize", sizeof notification, notification.ulSize);
    check(notification.NotifyType == wanted.NotifyType, "NotifyType", wanted.NotifyType, notification.NotifyType);
    check(notification.ulClientToken == wanted.ulClientToken, "ulClientToken", wanted.ulClientToken,
          notification.ulClientToken);
    check(told.ulMask == change.ulMask, "ulMask", change.ulMask, told.ulMask);
    check(told.ulStateOld == change.ulStateOld, "ulStateOld", change.ulStateOld, told.ulStateOld);
    check(told.ulStateNew == change.ulStateNew, "ulStateNew", change.ulStateNew, told.ulStateNew);
    if (tracing_) {
        check(traced.kind == offline_state::TraceEvent::Kind::notification &&
                  traced.function == "IMAPIOfflineNotify::Notify",
              "the notification is traced before it is sent", 1, 0);
    }
    const auto& registration = model_.registrations().at(expected->registration);
    running_ = id;
    running_object_ = registration.object;
    running_token_ = registration.token;
    finish_waiting(true);
    inside_notify_ = true;
    if (client.references() == 0) {
        check(false, "the callback is held while it runs", 1, 0);
    }
    check_everything();
    const bool throws = bytes_.take() % 16 == 15;
    notify_depth_ = depth_ + 1;
    nested_steps();
    inside_notify_ = false; // what waits for the end of this Notify may return now
    if (throws) {
        note("the Notify throws");
        ++thrown_;
        throw std::runtime_error("thrown by a client");
    }
}

/// A callback is being destroyed. Its owner may call the API from there.
void Player::gone(ClientId id) {
    ClientSlot& slot = clients_.at(static_cast<std::size_t>(id));
    const ULONG registrations = model_.registrations_of(id);
    check(!slot.held && registrations == 0, "a callback is destroyed while it is registered", registrations, 0);
    slot.client = nullptr;
    note("client %lld is destroyed", id);
    nested_steps();
}

// ---- Calls ---------------------------------------------------------------------------------------------------------

Handle* Player::choose_handle() {
    const std::size_t index = bytes_.take();
    return handles_.empty() ? nullptr : &handles_[index % handles_.size()];
}

/// Most often the first or the last of this profile's.
const Name& Player::choose_name(int profile) {
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

Handle* Player::choose_any(ObjectId object) {
    const auto found =
        std::find_if(handles_.begin(), handles_.end(), [&](const Handle& each) { return each.object == object; });
    return found != handles_.end() ? &*found : nullptr;
}

/// Takes over the reference, unless there are many.
void Player::keep(const Handle& handle) {
    handles_.push_back(handle);
    int thread = thread_;
    if (handles_.size() > max_handles && may_release(handle.object, thread)) {
        handles_.pop_back();
        release(handle, thread);
    }
}

/// A client does not release the last reference inside a call on the object, nor waits for a Notify that it is inside.
/// Moves to the notification thread what would otherwise wait.
bool Player::may_release(ObjectId object, int& thread) const {
    for (const ObjectId each : model_.ends_with_release(object)) {
        if (std::find(in_call_.begin(), in_call_.end(), each) != in_call_.end()) {
            return false;
        }
        if (running_ != 0 && running_object_ == each && model_.is_delivering() && !is_on_notification_thread(thread)) {
            if (!is_on_notification_thread(thread_)) {
                return false;
            }
            thread = thread_;
        }
    }
    return true;
}

void Player::release(Handle handle, int thread) {
    const bool ends = !model_.ends_with_release(handle.object).empty();
    note("Release of object %lld (on thread %lld)", handle.object, thread);
    const ULONG expected = model_.release(handle.object);
    ending_ += ends ? 1 : 0;
    const ULONG left = on_thread(thread, [&] { return handle.pointer->Release(); });
    ending_ -= ends ? 1 : 0;
    if (ending_ == 0) {
        check(left == expected, "the references left", expected, left);
        check_trace("IUnknown::Release", static_cast<HRESULT>(expected), handle.outer == nullptr);
    }
    count(0, ends ? E_FAIL : S_OK);
}

void Player::choose_release(int thread) {
    const Handle* const chosen = choose_handle();
    if (chosen == nullptr || !may_release(chosen->object, thread)) {
        return;
    }
    const Handle handle = *chosen;
    handles_.erase(handles_.begin() + (chosen - handles_.data()));
    release(handle, thread);
}

void Player::add_reference(int thread) {
    const Handle* const chosen = choose_handle();
    if (chosen == nullptr || handles_.size() >= max_handles) {
        return;
    }
    const Handle handle = *chosen;
    note("AddRef of object %lld (on thread %lld)", handle.object, thread);
    const ULONG expected = model_.add_reference(handle.object);
    const ULONG got = on_thread(thread, [&] { return handle.pointer->AddRef(); });
    check(got == expected, "the references", expected, got);
    check_trace("IUnknown::AddRef", static_cast<HRESULT>(expected), handle.outer == nullptr);
    count(1, S_OK);
    keep(handle);
}

void Player::open(int thread) {
    const Name& name = names.at(bytes_.choose(names.size()));
    const unsigned fault = bytes_.take() / 8; // most often none
    const ULONG reserved = fault == 1 ? 1 : 0;
    const GUID* const guid = fault == 2 ? nullptr : fault == 3 ? &guids[1] : guids.data();
    const GUID* const reserved_guid = fault == 4 ? guids.data() : nullptr;
    const bool out = fault != 5;
    note("HrOpenOfflineObj(name %lld, fault %lld) (on thread %lld)", &name - names.data(), fault, thread);
    const Model::Opened expected = model_.open(reserved, name.profile, guid, reserved_guid, out);
    auto* const untouched = reinterpret_cast<IMAPIOfflineMgr*>(no_object);
    IMAPIOfflineMgr* object = untouched;
    const HRESULT result = on_thread(
        thread, [&] { return HrOpenOfflineObj(reserved, name.text, guid, reserved_guid, out ? &object : nullptr); });
    check_result(expected.result, result);
    check_trace("HrOpenOfflineObj", result);
    check((object == nullptr) == (out && FAILED(result)), "the object is null on failure", 1, 0);
    count(2, result);
    if (SUCCEEDED(result)) {
        const Handle* const same = choose_any(expected.object); // OPEN-7
        check(same == nullptr || same->pointer == object, "the same object as before", 1, 0);
        keep({expected.object, object, nullptr});
    }
}

void Player::create(int thread) {
    const unsigned kind = bytes_.take(); // a global object, or a provider's
    const bool is_global = kind % 2 == 0;
    Handle parent;
    if (!is_global) {
        if (const Handle* const chosen = choose_handle()) {
            parent = *chosen;
        }
    }
    const Name& name = is_global            ? names.at(bytes_.choose(kind < 192 ? valid_names : names.size()))
                       : parent.object != 0 ? choose_name(model_.profile(parent.object))
                                            : names.front();
    const unsigned fault = bytes_.take() / 8;
    auto* const anything = reinterpret_cast<IMAPIOfflineMgr*>(no_object); // never an object: it is only compared
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, nullptr, nullptr};
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = name.text;
    info.ulCapabilities = (kind >> 1) & 3;
    info.pGUID = is_global ? guids.data() : &guids.at(1 + ((kind >> 3) & 1));
    info.pInstance = is_global ? nullptr : &guids.at((kind >> 4) & 1);
    info.pParent = is_global ? nullptr : parent.object != 0 ? parent.pointer : anything;
    bool out = true;
    bool has_info = true;
    ULONG flags = 0;
    switch (fault) {
    case 1:
        flags = 1;
        break;
    case 2:
        info.ulSize -= 1;
        break;
    case 3:
        info.ulSize += 8;
        break;
    case 4:
        info.ulCreateFlags = 1;
        break;
    case 5:
        info.pConnectInfo = reinterpret_cast<MAPIOFFLINE_CONNECTINFO*>(&info);
        break;
    case 6:
        info.pInstance = is_global ? guids.data() : nullptr;
        break;
    case 7:
        info.pParent = is_global ? anything : nullptr;
        break;
    case 8:
        info.pAggregateInfo = &aggregate;
        break;
    case 9:
        out = false;
        break;
    case 10:
        has_info = false;
        break;
    case 11:
        info.pGUID = nullptr;
        break;
    case 12:
        info.pMAPISupport = reinterpret_cast<IUnknown*>(no_object);
        break; // not used (CREATE-9)
    default:
        break;
    }
    if (info.pParent == anything || info.pParent == nullptr) {
        parent = {};
    }
    note("HrCreateOfflineObj(%lld: 0 global, 1 provider's; name %lld, kind %lld, fault %lld, parent: object %lld) "
         "(on thread %lld)",
         is_global ? 0 : 1, &name - names.data(), kind, fault, parent.object, thread);
    const Model::Opened expected = model_.create(flags, has_info ? &info : nullptr, name.profile, parent.object, out);
    auto* const untouched = reinterpret_cast<IMAPIOfflineMgr*>(no_object);
    IMAPIOfflineMgr* object = untouched;
    const HRESULT result = on_thread(
        thread, [&] { return HrCreateOfflineObj(flags, has_info ? &info : nullptr, out ? &object : nullptr); });
    check_result(expected.result, result);
    check_trace("HrCreateOfflineObj", result);
    check((object == nullptr) == (out && FAILED(result)), "the object is null on failure", 1, 0);
    count(is_global ? 3 : 4, result);
    if (SUCCEEDED(result)) {
        const Handle* const same = choose_any(expected.object); // CREATE-8
        check(same == nullptr || same->pointer == object, "the object that there is", 1, 0);
        keep({expected.object, object, nullptr});
    }
}

void Player::create_store(int thread) {
    const Handle* const chosen = choose_handle();
    if (chosen == nullptr) {
        return;
    }
    const Handle parent = *chosen;
    const Name& name = choose_name(model_.profile(parent.object));
    const unsigned fault = bytes_.take() / 8;
    auto* const outer = new Outer(*this);
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer, nullptr};
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = name.text;
    info.ulCapabilities = fault % 4;
    info.pParent = fault == 5                              ? nullptr
                   : fault == 6 && parent.outer != nullptr ? parent.outer->own_face()
                                                           : parent.pointer;
    info.pAggregateInfo = &aggregate;
    switch (fault) {
    case 1:
        aggregate.ulSize += 8;
        break;
    case 2:
        aggregate.pRefTrackRoot = outer;
        break;
    case 3:
        aggregate.pOuterObj = nullptr;
        break;
    case 4:
        info.pInstance = guids.data();
        break;
    case 7:
        info.pGUID = &guids[1];
        break;
    default:
        break;
    }
    note("HrCreateOfflineObj(a store's; name %lld, fault %lld, parent: object %lld) (on thread %lld)",
         &name - names.data(), fault, parent.object, thread);
    const Model::Opened expected =
        model_.create(0, &info, name.profile, info.pParent != nullptr ? parent.object : 0, true);
    const HRESULT result = on_thread(thread, [&] { return HrCreateOfflineObj(0, &info, outer->inner()); });
    check_result(expected.result, result);
    check_trace("HrCreateOfflineObj", result);
    check((outer->own_face() == nullptr) == FAILED(result), "the object is null on failure", 1, 0);
    check(outer->references() == 1, "the outer object is not held by the one inside (CREATE-11)", 1,
          outer->references());
    count(5, result);
    void* face = nullptr;
    if (SUCCEEDED(result)) {
        check_result(S_OK, outer->QueryInterface(IID_IMAPIOfflineMgr, &face));
        check(face != outer->own_face(), "the second face is another one (CREATE-4.1)", 1, 0);
    }
    outer->Release();
    if (SUCCEEDED(result)) {
        keep({expected.object, static_cast<IMAPIOfflineMgr*>(face), outer});
    }
}

void Player::query(int thread) {
    const Handle* const chosen = choose_handle();
    if (chosen == nullptr) {
        return;
    }
    const Handle handle = *chosen;
    const std::size_t which = bytes_.choose(6);
    const std::array<const IID*, 6> iids{&IID_IUnknown,           &IID_IMAPIOffline, &IID_IMAPIOfflineMgr,
                                         &IID_IMAPIOfflineNotify, guids.data(),      &IID_IUnknown};
    const bool out = which != 5 || handle.outer != nullptr; // the outer object is ours, and does not check it
    void* got = &bytes_;
    note("QueryInterface(object %lld, interface %lld) (on thread %lld)", handle.object, which, thread);
    const HRESULT expected = !out ? E_POINTER : which == 3 || which == 4 ? E_NOINTERFACE : S_OK;
    const HRESULT result =
        on_thread(thread, [&] { return handle.pointer->QueryInterface(*iids.at(which), out ? &got : nullptr); });
    check_result(expected, result);
    check_trace("IUnknown::QueryInterface", result, handle.outer == nullptr);
    count(6, result);
    if (FAILED(result)) {
        check(!out || got == nullptr, "a null pointer beside E_NOINTERFACE", 1, 0);
        return;
    }
    // IFACE-2, IFACE-3, CREATE-4.1
    void* const identity = handle.outer != nullptr ? static_cast<void*>(handle.outer) : handle.pointer;
    void* const wanted = which == 0 || which == 5 ? identity : handle.pointer;
    check(got == wanted, "the pointer that QueryInterface gives", 1, 0);
    if (handle.outer != nullptr && (which == 0 || which == 5)) { // and the own face is itself under IUnknown
        void* own = nullptr;
        check_result(S_OK, handle.outer->own_face()->QueryInterface(IID_IUnknown, &own));
        check(own == handle.outer->own_face(), "the own face's identity", 1, 0);
        handle.outer->own_face()->Release();
    }
    static_cast<IUnknown*>(got)->Release();
}

void Player::set_state(int thread) {
    const Handle* const chosen = choose_handle();
    const unsigned byte = bytes_.take();
    if (chosen == nullptr) {
        return;
    }
    const Handle handle = *chosen;
    ULONG state = (byte & 1) != 0 ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE;
    ULONG flags = (byte & 2) != 0 ? MAPIOFFLINE_FLAG_BLOCK : MAPIOFFLINE_FLAG_DEFAULT;
    ULONG mask = MAPIOFFLINE_STATE_OFFLINE_MASK;
    void* reserved = nullptr;
    switch (byte >> 2) {
    case 1:
        flags = 1;
        break;
    case 2:
        mask = MAPIOFFLINE_STATE_ALL;
        break;
    case 3:
        state = MAPIOFFLINE_STATE_OFFLINE_MASK;
        break;
    case 4:
        reserved = &bytes_;
        break;
    case 5:
        state = 0;
        break;
    default:
        break;
    }
    // Who waits for the end of a change must be neither the thread that delivers nor the one that decides what comes
    // next.
    if (flags == MAPIOFFLINE_FLAG_BLOCK && !is_on_notification_thread(thread)) {
        thread = free_thread();
        if (thread == 0) {
            flags = MAPIOFFLINE_FLAG_DEFAULT;
            thread = thread_;
        }
    }
    note("SetCurrentState(object %lld, flags %lld, mask %lld, state %lld, reserved %lld) (on thread %lld)",
         handle.object, flags, mask, state, reserved != nullptr, thread);
    const ULONG old_state = model_.state(handle.object);
    const Model::Set expected = model_.set_current_state(handle.object, flags, mask, state, reserved != nullptr,
                                                         is_on_notification_thread(thread));
    count(7, expected.result);
    if (expected.waits_for == 0) {
        const HRESULT result =
            on_thread(thread, [&] { return handle.pointer->SetCurrentState(flags, mask, state, reserved); });
        check_result(expected.result, result);
        check_trace("IMAPIOffline::SetCurrentState", result);
        return;
    }
    start_waiting(thread, handle, expected.waits_for,
                  [=] { return handle.pointer->SetCurrentState(flags, mask, state, reserved); });
    // The change is there when asking for the state that the object has says so (SET-4).
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (handle.pointer->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, old_state,
                                           nullptr) != E_PENDING) {
        check(std::chrono::steady_clock::now() < deadline, "SetCurrentState with BLOCK starts its change", 1, 0);
        std::this_thread::yield();
    }
}

void Player::get(int thread, bool capabilities) {
    const Handle* const chosen = choose_handle();
    if (chosen == nullptr) {
        return;
    }
    const Handle handle = *chosen;
    const bool out = bytes_.take() >= 16;
    note(capabilities ? "GetCapabilities(object %lld, out %lld) (on thread %lld)"
                      : "GetCurrentState(object %lld, out %lld) (on thread %lld)",
         handle.object, out, thread);
    ULONG value = poison;
    ULONG* const pointer = out ? &value : nullptr;
    const HRESULT result = on_thread(thread, [&] {
        return capabilities ? handle.pointer->GetCapabilities(pointer) : handle.pointer->GetCurrentState(pointer);
    });
    check_result(out ? S_OK : E_INVALIDARG, result);
    check_trace(capabilities ? "IMAPIOffline::GetCapabilities" : "IMAPIOffline::GetCurrentState", result);
    const ULONG expected = !out           ? poison
                           : capabilities ? model_.capabilities(handle.object)
                                          : model_.state(handle.object);
    check(value == expected, "the value", expected, value);
    count(capabilities ? 8 : 9, result);
}

void Player::advise(int thread) {
    const Handle* const chosen = choose_handle();
    const unsigned byte = bytes_.take();
    const unsigned fault = bytes_.take();
    if (chosen == nullptr) {
        return;
    }
    const Handle handle = *chosen;
    ClientId id = 1 + static_cast<ClientId>(byte % max_clients);
    ClientSlot& slot = clients_.at(static_cast<std::size_t>(id));
    if (slot.client == nullptr) {
        const Client::Answer answer = byte < 240   ? Client::Answer::notify
                                      : byte < 248 ? Client::Answer::no_interface
                                                   : Client::Answer::null_pointer;
        slot = {new Client(*this, id, answer), true};
    }
    MAPIOFFLINE_ADVISEINFO info{sizeof info,
                                byte * 0x01010101u,
                                MAPIOFFLINE_CALLBACK_TYPE_NOTIFY,
                                slot.client,
                                MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
                                MAPIOFFLINE_STATE_ALL};
    ULONG flags = MAPIOFFLINE_ADVISE_DEFAULT;
    bool has_info = true;
    bool out = true;
    switch (fault) {
    case 1:
        flags = 1;
        break;
    case 2:
        info.ulSize -= 4;
        break;
    case 3:
        info.ulSize += 4;
        break;
    case 4:
        info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(1);
        break;
    case 5:
        info.pCallback = nullptr;
        id = 0;
        break;
    case 6:
        info.ulAdviseTypes = 2;
        break;
    case 7:
        info.ulStateMask = MAPIOFFLINE_STATE_OFFLINE_MASK;
        break;
    case 8:
        has_info = false;
        break;
    case 9:
        out = false;
        break;
    default:
        break;
    }
    note("Advise(object %lld, client %lld, client token %lld, fault %lld) (on thread %lld)", handle.object, id,
         info.ulClientToken, fault < 10 ? fault : 0, thread);
    const HRESULT expected =
        model_.advise(handle.object, flags, has_info ? &info : nullptr, out, id, slot.client->is_notify());
    ULONG token = poison;
    const HRESULT result = on_thread(
        thread, [&] { return handle.pointer->Advise(flags, has_info ? &info : nullptr, out ? &token : nullptr); });
    check_result(expected, result);
    check_trace("IMAPIOfflineMgr::Advise", result);
    count(10, result);
    if (FAILED(result)) {
        check(token == (out ? 0 : poison), "the token on failure", 0, token);
        return;
    }
    check(model_.name_registration(token), "a token that is not 0 and has not been given before", 1, token);
}

void Player::unadvise(int thread) {
    const unsigned which = bytes_.take();
    const unsigned byte = bytes_.take();
    const auto& registrations = model_.registrations();
    Handle handle;
    ULONG token = 0;
    const Handle* const running = running_ != 0 ? choose_any(running_object_) : nullptr;
    if (which >= 224 && running != nullptr && free_thread() != 0) { // of the Notify that is running, on another thread
        token = running_token_;
        handle = *running;
        thread = free_thread();
    } else if (which < 192 && !registrations.empty()) {
        const auto& chosen =
            *std::next(registrations.begin(), static_cast<std::ptrdiff_t>(which % registrations.size()));
        const Handle* const found = choose_any(chosen.second.object);
        token = chosen.second.token;
        if (found != nullptr) {
            handle = *found;
        }
    } else if (which < 240 && !used_tokens_.empty()) {
        token = used_tokens_[which % used_tokens_.size()];
    } else {
        token = which % 2 == 0 ? 0 : 0xFFFFFFFF;
    }
    if (handle.object == 0 || byte >= 240) { // a token of another object
        if (handles_.empty()) {
            return;
        }
        handle = handles_[byte % handles_.size()];
    }
    const ULONG flags = byte == 1 ? 0xFFFFFFFF : MAPIOFFLINE_UNADVISE_DEFAULT;

    bool waits = running_ != 0 && running_object_ == handle.object && running_token_ == token &&
                 model_.is_delivering() && !is_on_notification_thread(thread);
    if (waits && !is_on_notification_thread(thread_)) {
        return; // it would wait for the Notify that it is called from
    }
    const auto is_held = [&] { return clients_.at(static_cast<std::size_t>(running_)).held; };
    if (waits && (depth_ != notify_depth_ || ending_ != 0 || !is_held() || !inside_notify_)) {
        thread = thread_;
        waits = false;
    }
    note(waits ? "Unadvise(object %lld, token %lld, flags %lld) (on thread %lld, which waits for this Notify to return)"
               : "Unadvise(object %lld, token %lld, flags %lld) (on thread %lld)",
         handle.object, token, flags, thread);
    model_.unadvise(handle.object, token);
    used_tokens_.push_back(token);
    count(waits ? 12 : 11, S_OK);
    const auto call = [=] { return handle.pointer->Unadvise(flags, token); };
    if (waits) {
        start_waiting(thread, handle, 0, call);
        ends_notify_ = true;
        return;
    }
    in_call_.push_back(handle.object);
    const HRESULT result = on_thread(thread, call);
    in_call_.pop_back();
    check_result(S_OK, result);
    check_trace("IMAPIOfflineMgr::Unadvise", result);
}

void Player::placeholder(int thread) {
    const Handle* const chosen = choose_handle();
    const std::size_t which = bytes_.choose(8);
    if (chosen == nullptr) {
        return;
    }
    const Handle handle = *chosen;
    note("placeholder %lld of object %lld (on thread %lld)", which, handle.object, thread);
    using Placeholder = HRESULT (STDMETHODCALLTYPE IMAPIOfflineMgr::*)();
    const std::array<Placeholder, 8> placeholders{&IMAPIOfflineMgr::Placeholder6,  &IMAPIOfflineMgr::Placeholder9,
                                                  &IMAPIOfflineMgr::Placeholder10, &IMAPIOfflineMgr::Placeholder11,
                                                  &IMAPIOfflineMgr::Placeholder12, &IMAPIOfflineMgr::Placeholder13,
                                                  &IMAPIOfflineMgr::Placeholder14, &IMAPIOfflineMgr::Placeholder15};
    const HRESULT result = on_thread(thread, [&] { return (handle.pointer->*placeholders.at(which))(); });
    check_result(E_NOTIMPL, result);
    check_trace("placeholder", result);
    count(13, result);
}

/// A client gives up its own reference on its callback, or asks for one again.
void Player::client_comes_or_goes() {
    const ClientId id = 1 + static_cast<ClientId>(bytes_.choose(max_clients));
    ClientSlot& slot = clients_.at(static_cast<std::size_t>(id));
    if (slot.client == nullptr) {
        return;
    }
    note(slot.held ? "client %lld lets its callback go" : "client %lld holds its callback again", id);
    if (slot.held) {
        slot.held = false;
        slot.client->Release();
    } else {
        slot.held = true;
        slot.client->AddRef();
    }
}

void Player::host(int thread) {
    const unsigned what = bytes_.take();
    const unsigned byte = bytes_.take();
    if (!host_.host) {
        const Name& name = names.at(byte % valid_names);
        note("Host(name %lld, capabilities %lld) (on thread %lld)", byte % valid_names, what & 3, thread);
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pGUID = guids.data();
        info.ulCapabilities = what & 3;
        host_.object = model_.create(0, &info, name.profile, 0, true).object;
        host_.host =
            on_thread(thread, [&] { return std::make_unique<offline_state::Host>(name.text, what & ULONG{3}); });
        const Handle* const same = choose_any(host_.object);
        check(same == nullptr || same->pointer == host_.host->object(), "the object that there is", 1, 0);
        count(14, S_OK);
        return;
    }
    if (in_host_) {
        return;
    }
    if (what < 64) {
        int where = thread;
        if (!may_release(host_.object, where)) {
            return;
        }
        note("~Host (on thread %lld)", where);
        const bool ends = !model_.ends_with_release(host_.object).empty();
        model_.release(host_.object);
        host_.object = 0;
        ending_ += ends ? 1 : 0;
        std::unique_ptr<offline_state::Host> ended = std::move(host_.host);
        on_thread(where, [&] {
            ended.reset();
            return 0;
        });
        ending_ -= ends ? 1 : 0;
        count(15, S_OK);
    } else if (what < 96) {
        const bool offline = byte % 2 == 0;
        note("Host::work_offline(%lld) (on thread %lld)", offline, thread);
        const HRESULT expected =
            model_
                .set_current_state(host_.object, MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                   offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE, false, false)
                .result;
        const HRESULT result =
            on_thread(thread, [&] { return host_.host->work_offline(offline, MAPIOFFLINE_FLAG_DEFAULT); });
        check_result(expected, result);
        count(16, result);
    } else if (what < 160 || !dispatcher_) {
        const auto type = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(byte % 8);
        const ULONG mask = byte < 128 ? 0x10 : MAPIOFFLINE_STATE_OFFLINE_MASK;
        note("Host::send_other_notification(type %lld, mask %lld) (on thread %lld)", type, mask, thread);
        const HRESULT expected = model_.send(host_.object, type, mask);
        const HRESULT result = on_thread(thread, [&] { return host_.host->send_other_notification(type, mask); });
        check_result(expected, result);
        check_trace("Host::send_other_notification", result);
        count(17, result);
    } else {
        const bool delivers = !model_.is_delivering();
        note("Host::drain (on thread %lld)", thread);
        if (delivers) {
            draining_ = true;
            delivering_thread_ = thread;
            model_.begin_phase();
        } else {
            thread = thread_; // on another one it returns as well: nothing is delivered inside a delivery
        }
        in_host_ = true;
        on_thread(thread, [&] {
            host_.host->drain();
            return 0;
        });
        in_host_ = false;
        if (delivers) {
            expect_no_more();
        }
        count(18, S_OK);
    }
}

/// Installs a sink, which throws now and then, or takes it away.
void Player::trace() {
    const unsigned byte = bytes_.take();
    if (tracing_ || byte % 4 == 0) {
        note("no trace");
        offline_state::set_trace_sink(nullptr);
        tracing_ = false;
        return;
    }
    note("a trace, whose sink throws: %lld", byte % 16 == 15);
    offline_state::set_trace_sink([throws = byte % 16 == 15](const offline_state::TraceEvent& event) {
        last_traced = {true, event.kind, event.function, event.result, !event.reason.empty()};
        if (event.kind == offline_state::TraceEvent::Kind::exception) {
            ++exceptions_traced;
        }
        if (throws) {
            throw std::runtime_error("thrown by the sink");
        }
    });
    tracing_ = true;
    exceptions_traced = thrown_;
}

void Client::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    player_.notified(*this, id_, *pNotifyInfo);
}

Client::~Client() {
    player_.gone(id_);
}

Outer::~Outer() {
    if (inner_ != nullptr) {
        const ULONG left = inner_->Release();
        player_.check(left == 0, "the references left on an own face", 0, left);
    }
}

} // namespace

void play(const std::uint8_t* bytes, std::size_t size) {
    Player(bytes, size).play();
}

std::uint64_t calls_played() {
    return calls;
}

void tell_each_call() {
    tells_each_call = true;
}

} // namespace offline_state_fuzz
