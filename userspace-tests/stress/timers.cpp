// SPDX-License-Identifier: GPL-2.0
// Scenarios of timers alone. Every set ends in one of four ways: it was replaced
// by another set, cancelled, it expired, or it is still armed.
#include "scenarios.hpp"

#include <ctime>
#include <numeric>
#include <unistd.h>
#include <vector>

namespace stress {

namespace {

using handles = std::vector<std::uint32_t>;

handles make_timers(const ntshim::device& dev, unsigned count) {
    handles timers(count);
    for (auto& timer : timers)
        timer = dev.timer(NTSHIM_SYNCHRONIZATION).value();
    return timers;
}

units random_due(worker& me) {
    if (me.chance(50))
        return -units{10'000'000 + static_cast<std::int64_t>(me.below(1000))};
    if (me.chance(10))
        return units{1};
    return -units{static_cast<std::int64_t>(me.below(5000) + 1)};
}

void set(const ntshim::device& dev, worker& me, std::uint32_t timer, units due) {
    me.mine.rearmed += dev.set(timer, due).value();
    me.mine.sets++;
}

void cancel(const ntshim::device& dev, worker& me, std::uint32_t timer) {
    me.mine.cancelled += static_cast<unsigned>(dev.op(timer, NTSHIM_OP_CANCEL).value());
}

void take(const ntshim::device& dev, worker& me, std::uint32_t timer) {
    if (allow(dev.wait_one(timer, units{0}), {ETIMEDOUT}))
        me.mine.waits++;
    else
        me.mine.timeouts++;
}

void storm(const ntshim::device& dev, worker& me, const handles& timers) {
    while (me.go_on()) {
        const auto timer = timers[me.below(timers.size())];
        if (me.chance(50))
            set(dev, me, timer, random_due(me));
        else if (me.chance(80))
            cancel(dev, me, timer);
        else
            take(dev, me, timer);
    }
}

/// Until the DPC has run so often, however slow the machine is.
void await_runs(const ntshim::device& dev, std::uint32_t handle, std::uint64_t runs) {
    const auto until = clock::now() + 600s;
    for (;;) {
        const auto found = dev.query(handle).value().runs;
        if (found >= runs)
            return;
        require(clock::now() < until, "runs of a DPC", runs, found);
        sched_yield();
    }
}

/// Every DPC that was queued has run: a processor runs them in order.
void flush_dpcs() {
    // The file of the timers may be full.
    const auto dev = ntshim::device::open().value();
    const auto processors = static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_CONF));
    for (std::uint32_t number = 1; number <= processors; number++) {
        ntshim_create args{};
        args.kind = NTSHIM_DPC;
        args.processor = number;
        const auto last = dev.create(args);
        if (!allow(last, {ENODEV}))
            continue;
        dev.op(last.value(), NTSHIM_OP_DPC_INSERT).value();
        await_runs(dev, last.value(), 1);
    }
}

/// Whatever has happened to a timer, it expires when set, and its DPC runs. None
/// is armed, and nobody else uses them.
void require_alive(const ntshim::device& dev, const handles& timers, tally& sum) {
    // The run of an older expiry would pass for that of the new one.
    flush_dpcs();
    for (const auto timer : timers) {
        // An expiry before the last cancel may have left its signal.
        if (allow(dev.wait_one(timer, units{0}), {ETIMEDOUT}))
            sum.waits++;
        else
            sum.timeouts++;
        const auto runs = dev.query(timer).value().runs;
        sum.rearmed += dev.set(timer, -units{1}).value();
        sum.sets++;
        dev.wait_one(timer, -600s).value();
        sum.waits++;
        await_runs(dev, timer, runs + 1);
    }
}

/// Cancel what is left, wait for the DPCs, and settle the accounts.
void settle(const ntshim::device& dev, const handles& timers, tally& sum) {
    for (const auto timer : timers)
        sum.cancelled += static_cast<unsigned>(dev.op(timer, NTSHIM_OP_CANCEL).value());
    require_alive(dev, timers, sum);
    const auto info = dev.info().value();
    require_equal("sets", sum.sets, info.sets);
    require_equal("cancels", sum.cancelled, info.cancels);
    require_equal("waits", sum.waits, info.waits);
    require_equal("timeouts", sum.timeouts, info.timeouts);
    const std::uint64_t expired = sum.sets - sum.rearmed - sum.cancelled;
    // A DPC that was still queued ran once for several expiries.
    require(info.runs <= expired, "runs of DPCs, at most", expired, info.runs);
    require(sum.waits <= expired, "signals taken, at most", expired, sum.waits);
}

} // namespace

tally set_cancel(const plan& how) {
    const auto dev = ntshim::device::open().value();
    const auto timers = make_timers(dev, timers_within(how, dev.info().value().max_objects));
    tally sum = run_crew(how, [&](worker& me) { storm(dev, me, timers); });
    settle(dev, timers, sum);
    return sum;
}

namespace {

/// All timers of one worker, at one instant: each DPC runs exactly once. Not by
/// the wall clock where others set it.
void expire_all(const ntshim::device& dev, worker& me, const plan& how, handles& timers,
                std::vector<ntshim_set>& entries, std::uint64_t round) {
    const auto due = (how.alone ? dev.clocks().value().system_100ns : 0) + 20'000;
    for (std::size_t i = 0; i < timers.size(); i++) {
        entries[i] = {};
        entries[i].handle = timers[i];
        entries[i].due_100ns = how.alone ? due : -due;
    }
    require_equal("entries of the batch", timers.size(), dev.batch(entries).value());
    me.mine.sets += timers.size();
    for (const auto timer : timers) {
        dev.wait_one(timer, -600s).value();
        me.mine.waits++;
    }
    for (const auto timer : timers)
        await_runs(dev, timer, round);
}

} // namespace

tally mass_expiry(const plan& how) {
    const auto dev = ntshim::device::open().value();
    // In one file, and each worker's in one batch.
    const auto each = timers_within(
        how, std::min(dev.info().value().max_objects / how.workers, unsigned{NTSHIM_BATCH_MAX}));
    tally sum = run_crew(how, [&](worker& me) {
        auto timers = make_timers(dev, each);
        std::vector<ntshim_set> entries(timers.size());
        for (std::uint64_t round = 1; me.go_on(); round++)
            expire_all(dev, me, how, timers, entries, round);
    });
    const auto info = dev.info().value();
    require_equal("sets", sum.sets, info.sets);
    require_equal("runs", sum.sets, info.runs);
    require_equal("waits", sum.waits, info.waits);
    return sum;
}

namespace {

/// The wall clock, and who may have seen it stand still.
class wall_clock {
public:
    void step(worker& me) {
        steps_[0]++;
        timespec time{};
        clock_gettime(CLOCK_REALTIME, &time);
        time.tv_sec += static_cast<time_t>(me.below(7)) - 3;
        if (clock_settime(CLOCK_REALTIME, &time))
            throw std::system_error{errno, std::generic_category(), "clock_settime"};
        steps_[0]++;
    }
    /// Odd while a step is made.
    [[nodiscard]] std::uint64_t steps() { return steps_[0]; }

private:
    shared_array<std::atomic<std::uint64_t>> steps_{1};
};

/// Bursts of steps, and pauses in which an expiry can be judged by the clock.
void step_or_pause(worker& me, wall_clock& wall) {
    if (me.chance(90))
        wall.step(me);
    else
        std::this_thread::sleep_for(std::chrono::microseconds{me.below(8000)});
}

/// Relative timers keep to running time whatever the wall clock does.
void check_relative(const ntshim::device& dev, worker& me, std::uint32_t timer) {
    const auto before = clock::now();
    const auto due = std::chrono::microseconds{me.below(3000) + 1};
    set(dev, me, timer, -std::chrono::duration_cast<units>(due));
    dev.wait_one(timer).value();
    me.mine.waits++;
    require(clock::now() >= before + due, "earliest expiry", 0, 1);
}

/// Absolute timers expire when the wall clock says so, or were set for the past.
/// Whether nobody set the clock meanwhile, so that this one's expiry was judged.
bool check_absolute(const ntshim::device& dev, worker& me, std::uint32_t timer, wall_clock& wall) {
    const auto steps = wall.steps();
    const auto due = units{dev.clocks().value().system_100ns} +
                     units{static_cast<std::int64_t>(me.below(20'000))};
    bool judged = false;
    set(dev, me, timer, due);
    if (allow(dev.wait_one(timer, -5ms), {ETIMEDOUT})) {
        me.mine.waits++;
        const auto seen = static_cast<std::uint64_t>(dev.clocks().value().system_100ns);
        judged = steps % 2 == 0 && wall.steps() == steps;
        if (judged)
            require(seen >= static_cast<std::uint64_t>(due.count()), "system time, at least",
                    static_cast<std::uint64_t>(due.count()), seen);
    } else {
        me.mine.timeouts++;
    }
    cancel(dev, me, timer);
    // It may have expired between the two.
    take(dev, me, timer);
    return judged;
}

} // namespace

tally clock_steps(const plan& how) {
    const auto dev = ntshim::device::open().value();
    const auto timers = make_timers(dev, how.workers);
    wall_clock wall;
    shared_array<std::uint64_t> judged{how.workers};
    tally sum = run_crew(how, [&](worker& me) {
        while (me.go_on()) {
            if (me.index == 0)
                step_or_pause(me, wall);
            else if (me.chance(50))
                check_relative(dev, me, timers[me.index]);
            else
                judged[me.index] += check_absolute(dev, me, timers[me.index], wall);
        }
    });
    const auto all = std::accumulate(judged.begin(), judged.end(), std::uint64_t{0});
    require(all > 0 || sum.waits < 1000, "absolute expiries judged, at least", 1, all);
    settle(dev, timers, sum);
    require_equal("expiries and signals taken", sum.sets - sum.cancelled, sum.waits);
    return sum;
}

} // namespace stress
