// SPDX-License-Identifier: GPL-2.0
// Scenarios of waits. Tokens are synchronization events: who has taken one owns
// what it guards, and a plain counter shows that nobody else did.
#include "scenarios.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <uring.hpp>
#include <vector>

namespace stress {

namespace {

using handles = std::vector<std::uint32_t>;
constexpr unsigned nr_tokens = 8;

struct tokens {
    explicit tokens(const ntshim::device& dev) : guarded{nr_tokens} {
        for (unsigned i = 0; i < nr_tokens; i++)
            events.push_back(dev.event(NTSHIM_SYNCHRONIZATION, true).value());
    }
    /// Only the owner of a token may: not atomic on purpose.
    void use(std::size_t token) {
        volatile std::uint64_t& count = guarded[token];
        count = count + 1;
    }
    /// Every token is back, and was used as often as it was taken.
    void settle(const ntshim::device& dev, std::uint64_t taken) {
        std::uint64_t used = 0;
        for (std::size_t i = 0; i < nr_tokens; i++) {
            require_equal("state of a token", 1,
                          static_cast<std::uint64_t>(dev.op(events[i], NTSHIM_OP_READ).value()));
            used += guarded[i];
        }
        require_equal("uses of tokens", taken, used);
    }

    handles events;
    shared_array<std::uint64_t> guarded;
};

/// Different tokens, in random order.
std::vector<std::size_t> choose(worker& me, std::size_t count) {
    std::vector<std::size_t> all(nr_tokens);
    for (std::size_t i = 0; i < nr_tokens; i++)
        all[i] = i;
    for (std::size_t i = 0; i < count; i++)
        std::swap(all[i], all[i + me.below(nr_tokens - i)]);
    all.resize(count);
    return all;
}

handles events_of(const tokens& pool, const std::vector<std::size_t>& chosen) {
    handles events;
    events.reserve(chosen.size());
    for (const auto i : chosen)
        events.push_back(pool.events[i]);
    return events;
}

void use_and_return(const ntshim::device& dev, tokens& pool, worker& me, std::size_t token) {
    pool.use(token);
    me.mine.sets++;
    require_equal(
        "state before the token came back", 0,
        static_cast<std::uint64_t>(dev.op(pool.events[token], NTSHIM_OP_EVENT_SET).value()));
}

constexpr units patient_limit = -600s;

/// Every token comes back at once and waits are served in turn, so a patient
/// wait for any can only time out when a wake-up is lost.
units choose_limit(worker& me, bool all) {
    if (!all && me.chance(20))
        return patient_limit;
    return -units{static_cast<std::int64_t>(me.below(20'000))};
}

/// What a time limit had to wake may still have found its token.
void check_patience(units limit, clock::time_point started, bool satisfied) {
    if (limit != patient_limit)
        return;
    require(satisfied, "tokens that came in time", 1, 0);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock::now() - started);
    require(seconds < 300s, "seconds until a token came", 0,
            static_cast<std::uint64_t>(seconds.count()));
}

void mesh_round(const ntshim::device& dev, tokens& pool, worker& me) {
    const bool all = me.chance(50);
    const auto chosen = choose(me, 1 + me.below(nr_tokens));
    const auto events = events_of(pool, chosen);
    const auto limit = choose_limit(me, all);
    const auto started = clock::now();
    const auto woken = all ? dev.wait_all(events, limit) : dev.wait_any(events, limit);

    const bool satisfied = allow(woken, {ETIMEDOUT});
    check_patience(limit, started, satisfied);
    if (!satisfied) {
        me.mine.timeouts++;
        return;
    }
    me.mine.waits++;
    if (!all)
        use_and_return(dev, pool, me, chosen[woken.value().index]);
    for (std::size_t i = 0; all && i < chosen.size(); i++)
        use_and_return(dev, pool, me, chosen[i]);
}

} // namespace

tally mesh(const plan& how) {
    const auto dev = ntshim::device::open().value();
    tokens pool{dev};
    const tally sum = run_crew(how, [&](worker& me) {
        while (me.go_on())
            mesh_round(dev, pool, me);
    });
    // sets counts the tokens that were taken and came back.
    pool.settle(dev, sum.sets);
    const auto info = dev.info().value();
    require_equal("waits", sum.waits, info.waits);
    require_equal("timeouts", sum.timeouts, info.timeouts);
    return sum;
}

namespace {

/// One worker's asynchronous waits: their arguments must stay while they wait.
class wait_pool {
public:
    static constexpr std::size_t depth = 32;

    wait_pool(const ntshim::device& dev, tokens& pool, worker& me)
        : dev_{dev}, tokens_{pool}, me_{me}, slots_(depth) {}

    void fill() {
        while (pending_ < depth) {
            const auto free =
                std::find_if(slots_.begin(), slots_.end(), [](const slot& s) { return !s.busy; });
            start(*free, static_cast<std::uint64_t>(free - slots_.begin()));
        }
        ring_.submit();
    }
    void finish_one() {
        const auto done = ring_.next();
        slot& s = slots_[done.id];
        s.busy = false;
        pending_--;
        if (done.result != -ECANCELED)
            check_patience(units{s.wait.timeout_100ns}, s.started, done.result != -ETIMEDOUT);
        if (done.result == -ETIMEDOUT) {
            me_.mine.timeouts++;
        } else if (done.result == -ECANCELED) {
            me_.mine.cancelled++;
        } else {
            require(done.result >= 0, "result of a wait", 0,
                    static_cast<std::uint64_t>(-done.result));
            satisfied(s, static_cast<std::size_t>(done.result));
        }
    }
    /// Tokens come back as soon as they are there: others wait for them.
    void finish_ready() {
        while (ring_.ready())
            finish_one();
    }
    void cancel() { announced_ += dev_.cancel_wait(me_.index).value(); }
    void drain() {
        cancel();
        while (pending_)
            finish_one();
        require_equal("cancelled waits", announced_, me_.mine.cancelled);
    }

private:
    struct slot {
        std::vector<std::size_t> chosen;
        handles events;
        ntshim_wait wait;
        ntshim_async async;
        clock::time_point started;
        bool busy;
    };

    void start(slot& s, std::uint64_t id) {
        s.chosen = choose(me_, 1 + me_.below(nr_tokens));
        s.events = events_of(tokens_, s.chosen);
        s.wait = {};
        s.wait.handles = reinterpret_cast<std::uintptr_t>(s.events.data());
        s.wait.count = static_cast<std::uint32_t>(s.events.size());
        const bool all = me_.chance(50);
        s.wait.flags = NTSHIM_WAIT_TIMEOUT | (all ? NTSHIM_WAIT_ALL : 0);
        s.wait.timeout_100ns = choose_limit(me_, all).count();
        s.started = clock::now();
        s.async = {reinterpret_cast<std::uintptr_t>(&s.wait), 0, me_.index};
        s.busy = true;
        pending_++;
        ring_.prepare(dev_, NTSHIM_URING_WAIT, s.async, id);
    }
    void satisfied(const slot& s, std::size_t index) {
        me_.mine.waits++;
        if (!(s.wait.flags & NTSHIM_WAIT_ALL)) {
            use_and_return(dev_, tokens_, me_, s.chosen[index]);
            return;
        }
        for (const auto token : s.chosen)
            use_and_return(dev_, tokens_, me_, token);
    }

    const ntshim::device& dev_;
    tokens& tokens_;
    worker& me_;
    std::vector<slot> slots_;
    std::size_t pending_ = 0;
    std::uint64_t announced_ = 0;
    ntshim::uring ring_;
};

} // namespace

tally uring_mesh(const plan& how) {
    const auto dev = ntshim::device::open().value();
    if (!(dev.info().value().features & NTSHIM_FEATURE_URING))
        return {};
    tokens pool{dev};
    const tally sum = run_crew(how, [&](worker& me) {
        wait_pool waits{dev, pool, me};
        while (me.go_on([&] { waits.finish_ready(); })) {
            waits.fill();
            waits.finish_one();
            waits.finish_ready();
            if (me.chance(2))
                waits.cancel();
        }
        waits.drain();
    });
    pool.settle(dev, sum.sets);
    const auto info = dev.info().value();
    require_equal("waits", sum.waits, info.waits);
    require_equal("timeouts", sum.timeouts, info.timeouts);
    if (how.alone)
        require_equal("waits in progress", 0, info.async_waits);
    return sum;
}

namespace {

/// A partner may have stopped: nobody waits for ever.
constexpr units partner_limit = -500ms;

/// One player's side: the partner writes what it has sent.
struct side {
    std::uint32_t event;
    std::atomic<std::uint64_t> sent;
    std::atomic<std::int64_t> sent_at; // nanoseconds; after the call that did it
};

std::int64_t ticks(clock::time_point time) {
    return std::chrono::nanoseconds{time.time_since_epoch()}.count();
}

void send(const ntshim::device& dev, side& to) {
    dev.op(to.event, NTSHIM_OP_EVENT_SET).value();
    to.sent_at = ticks(clock::now());
    to.sent++;
}

/// Whether the partner has played before the run was over. What it had sent
/// before the time limit was due must have ended the wait: else it is lost.
bool receive(const ntshim::device& dev, worker& me, side& mine) {
    for (;;) {
        const auto due = ticks(clock::now() - partner_limit);
        if (allow(dev.wait_one(mine.event, partner_limit), {ETIMEDOUT}))
            return true;
        me.mine.timeouts++;
        // Fewer: the partner has not come to count the last one.
        require(mine.sent <= me.mine.waits || mine.sent_at >= due, "events that woke a player",
                mine.sent, me.mine.waits);
        if (me.is_over())
            return false;
    }
}

void play(const ntshim::device& dev, worker& me, shared_array<side>& sides,
          volatile std::uint64_t& ball) {
    const bool serves = me.index % 2 == 0;
    side& mine = sides[me.index];
    side& other = sides[me.index ^ 1];

    while (me.go_on()) {
        if (serves)
            send(dev, other);
        if (!receive(dev, me, mine))
            return;
        me.mine.waits++;
        ball = ball + 1;
        if (!serves)
            send(dev, other);
    }
}

} // namespace

tally ping_pong(const plan& how) {
    const auto dev = ntshim::device::open().value();
    plan pairs = how;
    pairs.workers = (how.workers + 1) & ~1U;
    shared_array<side> sides{pairs.workers};
    for (auto& s : sides)
        s.event = dev.event(NTSHIM_SYNCHRONIZATION).value();
    shared_array<std::uint64_t> balls{pairs.workers / 2};
    const tally sum =
        run_crew(pairs, [&](worker& me) { play(dev, me, sides, balls[me.index / 2]); });
    std::uint64_t touched = 0;
    for (const auto ball : balls)
        touched += ball;
    require_equal("touches of the ball", sum.waits, touched);
    require_equal("waits", sum.waits, dev.info().value().waits);
    return sum;
}

} // namespace stress
