#include "player.h"

#include "diagram.h"
#include "outlook.h"

// The provider's and the store's objects are those of the sample.
#define main provider_object_main
#include "provider_object.cpp" // NOLINT(bugprone-suspicious-include)
#undef main

#include "client/step3_ask_capabilities.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace playground {

namespace {

using offline_state::TraceEvent;

constexpr int most_attempts = 3; // of one who keeps a user online, as in docs/examples/keep_the_user_online.cpp
constexpr int most_deliveries = 60;

/// What is wrong with a call.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Who has an object and may have registered on it.
struct Party {
    Party(Lane its_own, Lane of_its_object, ULONG client_token)
        : lane(its_own), on(of_its_object), token(client_token) {}

    Lane lane;   // its own
    Lane on;     // its object's
    ULONG token; // its client token
    ComPtr<IMAPIOfflineMgr> object;
    ComPtr<MessageStore> store; // the store's alone, whose object is inside
    ComPtr<OfflineNotify> callback;
    bool is_registered = false;
    ULONG advise_token = 0;
    int attempts = 0;
    ULONG heard = 0; // notifications
    std::string last_heard;
    bool has_given_way = false;
};

std::string hex(ULONG value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%X", static_cast<unsigned>(value));
    return text;
}

std::string name_of(HRESULT result) {
    constexpr std::pair<HRESULT, const char*> names[] = {
        {S_OK, "S_OK"},
        {E_PENDING, "E_PENDING"},
        {E_NOTIMPL, "E_NOTIMPL"},
        {E_INVALIDARG, "E_INVALIDARG"},
        {E_NOINTERFACE, "E_NOINTERFACE"},
        {E_OUTOFMEMORY, "E_OUTOFMEMORY"},
        {MAPI_E_NOT_FOUND, "MAPI_E_NOT_FOUND"},
    };
    for (const auto& [value, name] : names) {
        if (value == result) {
            return name;
        }
    }
    return hex(static_cast<ULONG>(result));
}

std::string plural(ULONG count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// The value of an argument of a trace event; empty if it has none of this name.
std::string value_of(const TraceEvent& event, const std::string& name) {
    const std::string all = " " + event.arguments + " ";
    const auto found = all.find(" " + name + "=");
    if (found == std::string::npos) {
        return "";
    }
    const auto start = found + name.size() + 2;
    return all.substr(start, all.find(' ', start) - start);
}

std::string state_of(const std::string& value) {
    return value == hex(MAPIOFFLINE_STATE_OFFLINE)  ? "offline"
           : value == hex(MAPIOFFLINE_STATE_ONLINE) ? "online"
                                                    : value;
}

std::string phase_of(const std::string& value) {
    for (const auto phase : {MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE,
                             MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE}) {
        if (value == hex(phase)) {
            return phase_name(phase);
        }
    }
    return "type " + value;
}

// JSON.

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        const bool is_control = static_cast<unsigned char>(c) < ' ';
        result += is_control ? ' ' : c;
    }
    return result + "\"";
}

template <class Items, class Text>
std::string list_of(const Items& items, Text text) {
    std::string result;
    for (const auto& item : items) {
        result += (result.empty() ? "" : ",") + text(item);
    }
    return "[" + result + "]";
}

class Player {
public:
    Player() : outlook_([this](const TraceEvent& event) { reported(event); }) {}
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;
    ~Player() {
        for (auto& [key, party] : parties_) {
            if (party.is_registered) {
                party.object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, party.advise_token);
            }
        }
        while (outlook_.deliver()) { // while those who may be notified are there
        }
    }

    std::string play(const std::string& list, const std::string& title) {
        std::string fault;
        try {
            const char* const separators = ", \n";
            for (std::size_t start = 0; (start = list.find_first_not_of(separators, start)) != std::string::npos;) {
                const std::size_t end = std::min(list.find_first_of(separators, start), list.size());
                play_call(list.substr(start, end - start));
                start = end;
            }
        } catch (const Fault& problem) {
            fault = problem.what();
        }
        return result(fault, title);
    }

private:
    // The language.

    void play_call(const std::string& call) {
        if (call.rfind("worst:", 0) == 0) {
            std::string behaviours = call.substr(6);
            std::replace(behaviours.begin(), behaviours.end(), '+', ',');
            if (!outlook_.choose(behaviours)) {
                throw Fault("This library cannot play " + call + ".");
            }
            last_ = "Outlook is the worst permitted one now.";
            return;
        }
        const auto dot = call.find('.');
        const std::string who = call.substr(0, dot);
        const std::string what = dot == std::string::npos ? "" : call.substr(dot + 1);
        const auto found = parties_.find(who);
        if (who == "outlook") {
            outlook_does(what);
        } else if (found != parties_.end()) {
            party_does(found->second, what);
        } else {
            throw Fault("There is no call " + call + ".");
        }
    }

    void outlook_does(const std::string& what) {
        if (what == "start") {
            need(outlook_.object() == nullptr, "Outlook has started already.");
            call(Lane::outlook, Lane::object, "HrCreateOfflineObj", "", [this] { return outlook_.start(); });
        } else if (what == "phase") {
            last_ = outlook_.deliver() ? "A phase is delivered." : "Nothing is left to deliver.";
        } else if (what == "all") {
            deliver_all();
        } else {
            need(outlook_.object() != nullptr, "Outlook has not started.");
            if (what == "offline" || what == "online") {
                const bool offline = what == "offline";
                call(Lane::outlook, Lane::object, set_state, state_argument(offline),
                     [&] { return outlook_.work_offline(offline); });
            } else if (what == "other") {
                const HRESULT sent = call(Lane::outlook, Lane::object, "Host::send_other_notification", "",
                                          [this] { return outlook_.send_other_notification(); });
                need(sent != E_NOTIMPL, "The worst permitted Outlook sends other notifications by itself, before each "
                                        "phase: choose other-notifications.");
            } else if (what == "quit") {
                outlook_.quit();
                last_ = "Outlook has released its object.";
            } else {
                throw Fault("There is no call outlook." + what + ".");
            }
        }
    }

    void party_does(Party& party, const std::string& what) {
        const bool is_client = party.on == Lane::object;
        if (is_client && (what == "callback" || what == "keeps-online" || what == "keeps-offline")) {
            need(!party.callback, "has its callback already.", party);
            party.callback = new_callback(party, what);
            last_ = title_of(party.lane) + std::string(" has a callback.");
        } else if (is_client && what == "open") {
            need(!party.object, "has opened the object already.", party);
            call(party.lane, Lane::object, "HrOpenOfflineObj", "",
                 [&] { return open_offline_object(HrOpenOfflineObj, profile, party.object); });
        } else if (is_client && what == "capabilities") {
            need(party.object, "has no object yet: step 2 opens it.", party);
            Capabilities capabilities{};
            ULONG state = 0;
            call(party.lane, Lane::object, "IMAPIOffline::GetCapabilities", "",
                 [&] { return ask_capabilities(party.object.Get(), capabilities); });
            call(party.lane, Lane::object, "IMAPIOffline::GetCurrentState", "",
                 [&] { return current_state(party.object.Get(), state); });
        } else if (!is_client && what == "create") {
            create(party);
        } else if (what == "advise") {
            need(party.object, is_client ? "has no object yet: step 2 opens it." : "has no object yet.", party);
            need(!is_client || party.callback, "has no callback yet: step 1 makes it.", party);
            need(!party.is_registered, "has registered already.", party);
            if (!is_client) {
                party.callback = new_callback(party, "callback");
            }
            party.is_registered = SUCCEEDED(call(party.lane, party.on, "IMAPIOfflineMgr::Advise", "", [&] {
                return offline_state_samples::advise(party.object.Get(), party.callback.Get(), party.token,
                                                     party.advise_token);
            }));
        } else if (what == "unadvise") {
            need(party.is_registered, "has no registration.", party);
            party.is_registered = false;
            call(party.lane, party.on, "IMAPIOfflineMgr::Unadvise", "ulAdviseToken=" + hex(party.advise_token),
                 [&] { return party.object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, party.advise_token); });
        } else if (party.lane == Lane::provider && (what == "offline" || what == "online")) {
            need(party.object, "has no object yet.", party);
            ask_for(party, what == "offline");
        } else if (what == "release") {
            need(party.object || party.callback, "holds nothing.", party);
            need(!party.is_registered, "has a registration, and needs the object to end it: step 5.", party);
            party.object.Reset();
            party.store.Reset();
            party.callback.Reset();
            last_ = title_of(party.lane) + std::string(" has released what it held.");
        } else {
            throw Fault("There is no call " + what + " of " + title_of(party.lane) + ".");
        }
    }

    static void need(bool condition, const char* otherwise) {
        if (!condition) {
            throw Fault(otherwise);
        }
    }
    template <class Condition>
    static void need(const Condition& condition, const char* otherwise, const Party& party) {
        if (!condition) {
            throw Fault(title_of(party.lane) + std::string(" ") + otherwise);
        }
    }

    void create(Party& party) {
        need(!party.object, "has its object already.", party);
        if (party.lane == Lane::provider) {
            ComPtr<IMAPIOfflineMgr> global;
            const HRESULT opened = call(party.lane, Lane::object, "HrOpenOfflineObj", "",
                                        [&] { return open_offline_object(HrOpenOfflineObj, profile, global); });
            if (SUCCEEDED(opened)) {
                call(party.lane, party.on, "HrCreateOfflineObj", "",
                     [&] { return create_provider_object(profile, global.Get(), party.object); });
            }
            return;
        }
        const Party& provider = parties_.at("provider");
        need(provider.object, "has no object yet: the store’s is below it.", provider);
        call(party.lane, party.on, "HrCreateOfflineObj", "", [&] {
            party.store = MessageStore::create(profile, provider.object.Get());
            return party.store ? party.store.As(&party.object) : E_FAIL;
        });
    }

    void deliver_all() {
        int deliveries = 0;
        while (deliveries < most_deliveries && outlook_.deliver()) {
            ++deliveries;
        }
        need(deliveries < most_deliveries, "It has not settled after 60 phases: somebody must give way.");
        last_ = "All is delivered.";
    }

    HRESULT ask_for(Party& party, bool offline) {
        return call(party.lane, party.on, set_state, state_argument(offline), [&] {
            return party.object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                                 offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE,
                                                 nullptr);
        });
    }

    // What clients do.

    ComPtr<OfflineNotify> new_callback(Party& party, const std::string& kind) {
        return OfflineNotify::create([this, &party, kind](const StateChange& change) {
            if (is_over_) {
                return;
            }
            if (!library_has_trace) {
                const std::string arguments =
                    "NotifyType=" + hex(change.phase) + " ulClientToken=" + hex(change.client_token) +
                    " ulStateOld=" + hex(change.state_old) + " ulStateNew=" + hex(change.state_new);
                reported({TraceEvent::Kind::notification, "IMAPIOfflineNotify::Notify", arguments, S_OK, ""});
            }
            ++party.heard;
            party.last_heard = phase_name(change.phase) + std::string(", ") + state_name(change.state_old) + " to " +
                               state_name(change.state_new) + (party.is_registered ? "" : ", without a registration");
            const bool wants_offline = kind == "keeps-offline";
            const ULONG unwanted = wants_offline ? MAPIOFFLINE_STATE_ONLINE : MAPIOFFLINE_STATE_OFFLINE;
            if (kind == "callback" || change.phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE ||
                change.state_new != unwanted || !party.object) {
                return;
            }
            if (!wants_offline && party.attempts == most_attempts) {
                party.has_given_way = true;
                return;
            }
            ++party.attempts;
            ask_for(party, wants_offline);
        });
    }

    // The trace.

    /// Makes a call. While it runs, calling_ says who calls which object.
    HRESULT call(Lane from, Lane to, const char* function, const std::string& arguments,
                 const std::function<HRESULT()>& make) {
        const auto outer = std::exchange(calling_, {from, to});
        const HRESULT result = make();
        calling_ = outer;
        if (!library_has_trace) {
            calling_ = {from, to};
            reported({TraceEvent::Kind::call, function, arguments, result, ""});
            calling_ = outer;
        }
        last_ = title_of(from) + std::string(": ") + function + " gives " + name_of(result);
        return result;
    }

    void reported(const TraceEvent& event) {
        if (is_over_ || std::strncmp(event.function, "IUnknown::", 10) == 0) {
            return; // references are counted, not traced
        }
        const std::string name = event.function;
        const auto colons = name.rfind("::");
        Row row{calling_.first, calling_.second, colons == std::string::npos ? name : name.substr(colons + 2),
                name_of(event.result)};
        if (event.kind == TraceEvent::Kind::call) {
            const std::string state = value_of(event, "ulState");
            row.what += state.empty() ? "" : "(" + state_of(state) + ")";
            row.outcome += event.reason.empty() ? "" : ": " + event.reason;
        } else {
            const std::string token = value_of(event, "ulClientToken");
            for (const auto& [key, party] : parties_) {
                if (token == hex(party.token)) {
                    row.from = party.on;
                    row.to = party.lane;
                }
            }
            row.what += ": " + phase_of(value_of(event, "NotifyType"));
            const std::string to = value_of(event, "ulStateNew");
            row.outcome =
                to == "0x0" ? "not part of the API" : state_of(value_of(event, "ulStateOld")) + " to " + state_of(to);
        }
        trace_.push_back(std::string(title_of(row.from)) + " to " + title_of(row.to) + ": " + name +
                         (event.arguments.empty() ? "" : " " + event.arguments) + " = " + name_of(event.result) +
                         (event.reason.empty() ? "" : ": " + event.reason));
        rows_.push_back(std::move(row));
    }

    // Who holds what.

    struct Part {
        std::string name;
        std::vector<std::string> facts;
    };

    /// `4 references: Outlook 1, client A 1, the library 2`
    static std::string references(IUnknown* object, const std::vector<std::pair<std::string, ULONG>>& holders) {
        object->AddRef();
        const ULONG all = object->Release();
        std::string text;
        ULONG known = 0;
        for (const auto& [holder, count] : holders) {
            known += count;
            text += (text.empty() ? "" : ", ") + holder + " " + std::to_string(count);
        }
        if (all > known) {
            text += (text.empty() ? "" : ", ") + std::string("the library ") + std::to_string(all - known);
        }
        return plural(all, "reference") + ": " + text;
    }

    Part object_part(Lane lane) const {
        std::vector<std::pair<std::string, ULONG>> holders;
        IMAPIOfflineMgr* object = nullptr;
        std::vector<std::string> registrations;
        if (lane == Lane::object && outlook_.object() != nullptr) {
            object = outlook_.object();
            holders.emplace_back(title_of(Lane::outlook), 1);
        }
        for (const auto& [key, party] : parties_) {
            if (party.on == lane && party.object) {
                object = object == nullptr ? party.object.Get() : object;
                holders.emplace_back(title_of(party.lane), party.store ? 2 : 1);
            }
            if (party.on == lane && party.is_registered) {
                registrations.push_back("registration of " + std::string(title_of(party.lane)) + ": client token " +
                                        hex(party.token) + ", advise token " + hex(party.advise_token));
            }
        }
        Part part{title_of(lane), {}};
        ULONG state = 0;
        if (object == nullptr) {
            part.facts.emplace_back("nobody here holds it");
        } else if (SUCCEEDED(current_state(object, state))) {
            part.facts = {state_name(state), references(object, holders)};
            part.facts.insert(part.facts.end(), registrations.begin(), registrations.end());
        }
        return part;
    }

    static Part party_part(const Party& party) {
        Part part{title_of(party.lane), {}};
        if (party.callback) {
            part.facts.push_back("callback: " + references(party.callback.Get(), {{title_of(party.lane), 1}}));
        }
        if (party.heard > 0) {
            part.facts.push_back("heard " + plural(party.heard, "notification") + ", the last: " + party.last_heard);
        }
        if (party.has_given_way) {
            part.facts.push_back("has given way after " + plural(most_attempts, "attempt"));
        }
        return part;
    }

    std::string result(const std::string& fault, const std::string& title) {
        is_over_ = true; // what is called from here on is no part of the trace
        std::vector<Part> parts{object_part(Lane::object)};
        for (const Lane lane : {Lane::providers_object, Lane::stores_object}) {
            if (parties_.at(lane == Lane::providers_object ? "provider" : "store").object) {
                parts.push_back(object_part(lane));
            }
        }
        for (const auto& [key, party] : parties_) {
            if (party.callback || party.heard > 0) {
                parts.push_back(party_part(party));
            }
        }
        return "{\"fault\":" + quoted(fault) + ",\"last\":" + quoted(last_) + ",\"trace\":" + list_of(trace_, quoted) +
               ",\"diagram\":" + quoted(draw(rows_, title)) +
               ",\"words\":" + list_of(rows_, [](const Row& row) { return quoted(in_words(row)); }) + ",\"parts\":" +
               list_of(parts,
                       [](const Part& part) {
                           return "{\"name\":" + quoted(part.name) + ",\"facts\":" + list_of(part.facts, quoted) + "}";
                       }) +
               "}";
    }

    static constexpr const char* set_state = "IMAPIOffline::SetCurrentState";
    static constexpr LPCWSTR profile = L"Outlook";

    static std::string state_argument(bool offline) {
        return "ulState=" + hex(offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE);
    }

    std::pair<Lane, Lane> calling_{Lane::outlook, Lane::object};
    std::vector<std::string> trace_;
    std::vector<Row> rows_;
    std::string last_ = "Nothing has happened yet.";
    bool is_over_ = false;
    Outlook outlook_;
    std::map<std::string, Party> parties_{
        {"a", {Lane::a, Lane::object, 1}},
        {"b", {Lane::b, Lane::object, 2}},
        {"c", {Lane::c, Lane::object, 3}},
        {"provider", {Lane::provider, Lane::providers_object, 4}},
        {"store", {Lane::store, Lane::stores_object, 5}},
    };
};

} // namespace

std::string play(const std::string& list, const std::string& title) {
    return Player().play(list, title);
}

} // namespace playground
