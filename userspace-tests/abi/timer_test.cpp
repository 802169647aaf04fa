// SPDX-License-Identifier: GPL-2.0
// Timers through the device do what the Windows calls say.
#include "fixture.hpp"

#include <array>
#include <limits>
#include <vector>

namespace {

using namespace abi_test;

class timer : public world {};

TEST_F(timer, expires_once_and_never_early) {
    const auto t = dev.timer().value();
    const auto before = monotonic();
    EXPECT_EQ(0U, dev.set(t, -20ms).value());
    const auto woken = dev.wait_one(t, -patience).value();
    EXPECT_EQ(0U, woken.index);
    EXPECT_GE(woken.at, before + 20ms);
    EXPECT_GE(monotonic(), woken.at);
    EXPECT_EQ(0U, dev.query(t).value().armed);
}

TEST_F(timer, notification_stays_signaled_until_set) {
    const auto t = dev.timer().value();
    dev.set(t, -1ms).value();
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_EQ(1, op(t, NTSHIM_OP_READ));
    EXPECT_TRUE(take(t));
    dev.set(t, far_away).value();
    EXPECT_EQ(0, op(t, NTSHIM_OP_READ));
    EXPECT_FALSE(take(t));
}

TEST_F(timer, synchronization_satisfies_one_wait) {
    const auto t = dev.timer(NTSHIM_SYNCHRONIZATION).value();
    dev.set(t, -1ms).value();
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_EQ(0, op(t, NTSHIM_OP_READ));
    EXPECT_FALSE(take(t));
}

TEST_F(timer, set_and_cancel_say_whether_armed) {
    const auto t = dev.timer().value();
    EXPECT_EQ(0, op(t, NTSHIM_OP_CANCEL));
    EXPECT_EQ(0U, dev.set(t, far_away).value());
    EXPECT_EQ(1U, dev.set(t, far_away).value());
    EXPECT_EQ(1, op(t, NTSHIM_OP_CANCEL));
    EXPECT_EQ(0, op(t, NTSHIM_OP_CANCEL));
    const auto q = dev.query(t).value();
    EXPECT_EQ(2U, q.sets);
    EXPECT_EQ(1U, q.cancels);
    EXPECT_EQ(0U, q.runs);
}

TEST_F(timer, time_long_past_expires_inside_the_call) {
    const auto t = dev.timer().value();
    EXPECT_EQ(0U, dev.set(t, units{0}).value());
    EXPECT_EQ(1, op(t, NTSHIM_OP_READ));
    EXPECT_EQ(0U, dev.query(t).value().armed);
}

TEST_F(timer, periodic_expires_again_and_stays_armed) {
    const auto t = dev.timer(NTSHIM_SYNCHRONIZATION).value();
    dev.set(t, -1ms, 20ms).value();
    for (int i = 0; i < 3; i++)
        EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    await_runs(dev, t, 2);
    EXPECT_EQ(1U, dev.query(t).value().armed);
    EXPECT_EQ(1, op(t, NTSHIM_OP_CANCEL));
}

TEST_F(timer, absolute_due_time_follows_the_system_clock) {
    const auto t = dev.timer().value();
    const auto due = units{dev.clocks().value().system_100ns} + 20ms;
    dev.set(t, due).value();
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_GE(units{dev.clocks().value().system_100ns}, due);
}

TEST_F(timer, query_tells_the_next_expiry) {
    const auto t = dev.timer().value();
    const auto before = monotonic();
    dev.set(t, -3600s).value();
    const auto q = dev.query(t).value();
    EXPECT_EQ(static_cast<unsigned>(NTSHIM_TIMER), q.kind);
    EXPECT_EQ(1U, q.armed);
    EXPECT_GE(q.due_ns, static_cast<std::uint64_t>((before + 3600s).count()));
    EXPECT_LE(q.due_ns, static_cast<std::uint64_t>((monotonic() + 3600s).count()));
    op(t, NTSHIM_OP_CANCEL);
    EXPECT_EQ(0U, dev.query(t).value().due_ns);
}

TEST_F(timer, query_counts_lateness) {
    const auto t = dev.timer().value();
    dev.set(t, -1ms).value();
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    await_runs(dev, t, 1);
    const auto q = dev.query(t).value();
    EXPECT_EQ(1U, q.runs);
    EXPECT_GT(q.late_min_ns, 0U);
    EXPECT_EQ(q.late_min_ns, q.late_max_ns);
    EXPECT_EQ(q.late_min_ns, q.late_sum_ns);
}

TEST_F(timer, an_expiry_inside_the_call_is_not_late) {
    const auto t = dev.timer().value();
    dev.set(t, -1ms).value();
    await_runs(dev, t, 1);
    const auto first = dev.query(t).value();
    EXPECT_GT(first.late_sum_ns, 0U);
    EXPECT_EQ(ETIMEDOUT, dev.wait_one(dev.event().value(), -50ms).error());
    dev.set(t, units{1}).value();
    await_runs(dev, t, 2);
    const auto second = dev.query(t).value();
    EXPECT_EQ(first.late_min_ns, second.late_min_ns);
    EXPECT_EQ(first.late_max_ns, second.late_max_ns);
    EXPECT_EQ(first.late_sum_ns, second.late_sum_ns);
    dev.set(t, -1ms).value();
    await_runs(dev, t, 3);
    EXPECT_GT(dev.query(t).value().late_sum_ns, second.late_sum_ns);
}

TEST_F(timer, a_cancelled_expiry_is_not_late) {
    std::uint32_t t = 0;
    std::uint64_t due = 0;
    // On a busy host it may take longer than that to get to the cancel.
    for (units distance = 500ms;; distance *= 2) {
        ASSERT_LT(distance, patience);
        t = dev.timer().value();
        dev.set(t, -distance).value();
        due = dev.query(t).value().due_ns;
        if (op(t, NTSHIM_OP_CANCEL))
            break;
    }
    while (static_cast<std::uint64_t>(monotonic().count()) <= due)
        EXPECT_EQ(ETIMEDOUT, dev.wait_one(dev.event().value(), -50ms).error());
    dev.set(t, units{1}).value();
    await_runs(dev, t, 1);
    EXPECT_EQ(0U, dev.query(t).value().late_sum_ns);
}

/// Sets the wall clock by so much, and back when it goes.
class clock_step {
public:
    explicit clock_step(std::chrono::seconds by) : by_{by} { step(by_); }
    clock_step(const clock_step&) = delete;
    clock_step& operator=(const clock_step&) = delete;
    ~clock_step() { step(-by_); }

private:
    static void step(std::chrono::seconds by) {
        timespec time{};
        clock_gettime(CLOCK_REALTIME, &time);
        time.tv_sec += by.count();
        EXPECT_EQ(0, clock_settime(CLOCK_REALTIME, &time));
    }
    std::chrono::seconds by_;
};

/// Whether the timer has expired over a step of the clock: not if it came before.
bool expires_over_a_step(const ntshim::device& dev, std::uint32_t t, units distance) {
    const auto due = units{dev.clocks().value().system_100ns} + distance;
    dev.set(t, due).value();
    // The expiry comes a second later than the clock said at the set.
    const clock_step back{-1s};
    if (!dev.query(t).value().armed)
        return false;
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_GE(dev.clocks().value().system_100ns, due.count());
    await_runs(dev, t, 1);
    return true;
}

TEST_F(timer, a_step_of_the_clock_is_no_lateness) {
    // One that came before the step may have been late.
    auto t = dev.timer().value();
    auto distance = units{2s};
    for (; !expires_over_a_step(dev, t, distance); distance *= 2) {
        ASSERT_LT(distance, patience / 4);
        t = dev.timer().value();
    }
    EXPECT_EQ(0U, dev.query(t).value().late_sum_ns);
    EXPECT_EQ(0U, dev.query(t).value().late_max_ns);
}

TEST_F(timer, an_absolute_expiry_without_a_step_counts_as_late) {
    const auto t = dev.timer().value();
    std::uint64_t runs = 0;
    // Who is held up before the call sets it for a time that has passed.
    for (units distance = 50ms; distance < patience / 4; distance *= 2) {
        dev.set(t, units{dev.clocks().value().system_100ns} + distance).value();
        await_runs(dev, t, ++runs);
        if (dev.query(t).value().late_sum_ns)
            return;
    }
    FAIL() << "no run of " << runs << " counted as late";
}

TEST_F(timer, the_shortest_due_time_counts_as_late_by_what_it_was) {
    const auto t = dev.timer().value();
    for (std::uint64_t i = 1; i <= 1000; i++) {
        const auto before = dev.query(t).value().late_sum_ns;
        const auto start = monotonic();
        dev.set(t, units{-1}).value();
        await_runs(dev, t, i);
        const auto late = dev.query(t).value().late_sum_ns - before;
        ASSERT_GT(late, 0U) << i;
        ASSERT_LE(late, static_cast<std::uint64_t>((monotonic() - start).count())) << i;
    }
}

TEST_F(timer, extreme_due_times_are_armed) {
    const auto t = dev.timer().value();
    for (const auto due :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        dev.set(t, units{due}).value();
        EXPECT_EQ(1, op(t, NTSHIM_OP_CANCEL)) << due;
    }
}

TEST_F(timer, batch_sets_and_cancels_many) {
    std::vector<ntshim_set> entries(1000);
    for (auto& entry : entries) {
        entry.handle = dev.timer().value();
        entry.due_100ns = far_away.count();
    }
    EXPECT_EQ(1000U, dev.batch(entries).value());
    for (auto& entry : entries) {
        EXPECT_EQ(0U, entry.was_armed);
        entry.flags = NTSHIM_SET_CANCEL;
        entry.due_100ns = 0;
    }
    EXPECT_EQ(1000U, dev.batch(entries).value());
    for (const auto& entry : entries)
        EXPECT_EQ(1U, entry.was_armed);
    EXPECT_EQ(1000U, dev.info().value().cancels);
}

TEST_F(timer, batch_stops_at_the_first_bad_entry) {
    std::array<ntshim_set, 3> entries{};
    for (auto& entry : entries) {
        entry.handle = dev.timer().value();
        entry.due_100ns = far_away.count();
    }
    entries[1].pad = 1;
    EXPECT_EQ(1U, dev.batch(entries).value());
    EXPECT_EQ(1U, dev.query(entries[0].handle).value().armed);
    EXPECT_EQ(0U, dev.query(entries[2].handle).value().armed);
}

units wall() {
    return std::chrono::duration_cast<units>(std::chrono::system_clock::now().time_since_epoch());
}

TEST_F(timer, clocks_agree_with_linux) {
    const auto wall_before = wall();
    const auto before = monotonic();
    const auto c = dev.clocks().value();
    const auto unbiased = std::chrono::nanoseconds{units{c.unbiased_100ns}};
    EXPECT_GE(unbiased, before - 100ns);
    EXPECT_LE(unbiased, monotonic());
    EXPECT_GE(c.interrupt_100ns, c.unbiased_100ns);
    EXPECT_GT(c.frequency, 0);
    EXPECT_GT(c.increment_100ns, 0U);
    const auto since_1970 = units{c.system_100ns - 116444736000000000};
    EXPECT_GE(since_1970, wall_before - units{1});
    EXPECT_LE(since_1970, wall());
}

} // namespace
