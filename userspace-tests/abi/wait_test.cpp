// SPDX-License-Identifier: GPL-2.0
// Waits of threads: any, all, time limits, signals, objects that go meanwhile.
#include "fixture.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <sys/types.h>
#include <sys/wait.h>
#include <thread>
#include <vector>

namespace {

using namespace abi_test;

class wait : public world {
protected:
    /// Until this many threads of the module are blocked.
    void until_waiting(std::uint64_t count) {
        EXPECT_TRUE(comes_true([&] { return dev.info().value().waiters >= count; }));
    }
};

using handles = std::vector<std::uint32_t>;

TEST_F(wait, any_takes_the_lowest_index) {
    const handles h{dev.event().value(), dev.event(NTSHIM_SYNCHRONIZATION, true).value(),
                    dev.event(NTSHIM_SYNCHRONIZATION, true).value()};
    EXPECT_EQ(1U, dev.wait_any(h, now).value().index);
    EXPECT_EQ(2U, dev.wait_any(h, now).value().index);
    EXPECT_EQ(ETIMEDOUT, dev.wait_any(h, now).error());
}

TEST_F(wait, any_may_name_one_object_twice) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    EXPECT_EQ(0U, dev.wait_any(handles{e, e}, now).value().index);
    EXPECT_FALSE(take(e));
}

TEST_F(wait, all_takes_everything_or_nothing) {
    const auto a = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    const auto b = dev.event(NTSHIM_SYNCHRONIZATION).value();
    EXPECT_EQ(ETIMEDOUT, dev.wait_all(handles{a, b}, now).error());
    EXPECT_EQ(1, op(a, NTSHIM_OP_READ));
    op(b, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0U, dev.wait_all(handles{a, b}, now).value().index);
    EXPECT_FALSE(take(a));
    EXPECT_FALSE(take(b));
}

TEST_F(wait, the_largest_number_of_objects) {
    handles h;
    for (int i = 0; i < NTSHIM_WAIT_MAX; i++)
        h.push_back(dev.event(NTSHIM_SYNCHRONIZATION).value());
    EXPECT_EQ(ETIMEDOUT, dev.wait_any(h, now).error());
    op(h.back(), NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(NTSHIM_WAIT_MAX - 1U, dev.wait_any(h, now).value().index);
}

TEST_F(wait, relative_limit_is_never_early) {
    const auto e = dev.event().value();
    const auto before = monotonic();
    EXPECT_EQ(ETIMEDOUT, dev.wait_one(e, -20ms).error());
    EXPECT_GE(monotonic(), before + 20ms);
    EXPECT_EQ(1U, dev.info().value().timeouts);
}

TEST_F(wait, absolute_limit_is_system_time) {
    const auto e = dev.event().value();
    const auto until = units{dev.clocks().value().system_100ns} + 20ms;
    EXPECT_EQ(ETIMEDOUT, dev.wait_one(e, until).error());
    EXPECT_GE(units{dev.clocks().value().system_100ns}, until);
}

TEST_F(wait, set_releases_a_blocked_thread) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION).value();
    std::thread waiter{[&] { EXPECT_TRUE(dev.wait_one(e, -patience).ok()); }};
    until_waiting(1);
    op(e, NTSHIM_OP_EVENT_SET);
    waiter.join();
    EXPECT_EQ(0, op(e, NTSHIM_OP_READ));
    EXPECT_EQ(1U, dev.info().value().waits);
}

TEST_F(wait, pulse_releases_blocked_threads_alone) {
    const auto e = dev.event().value();
    std::vector<std::thread> waiters;
    waiters.reserve(3);
    for (int i = 0; i < 3; i++)
        waiters.emplace_back([&] { EXPECT_TRUE(dev.wait_one(e, -patience).ok()); });
    // Counted just before they block: a pulse that comes between is missed.
    until_waiting(3);
    while (dev.info().value().waits < 3)
        op(e, NTSHIM_OP_EVENT_PULSE);
    for (auto& waiter : waiters)
        waiter.join();
    EXPECT_EQ(0, op(e, NTSHIM_OP_READ));
}

TEST_F(wait, deleting_an_object_does_not_end_a_wait_on_it) {
    const handles h{dev.event().value(), dev.event().value()};
    std::thread waiter{[&] { EXPECT_EQ(1U, dev.wait_any(h, -patience).value().index); }};
    until_waiting(1);
    op(h[0], NTSHIM_OP_DELETE);
    EXPECT_EQ(ENOENT, dev.op(h[0], NTSHIM_OP_EVENT_SET).error());
    op(h[1], NTSHIM_OP_EVENT_SET);
    waiter.join();
}

void ignore(int) {}

TEST_F(wait, a_signal_ends_it) {
    struct sigaction action {};
    action.sa_handler = ignore;
    sigaction(SIGUSR1, &action, nullptr);
    const auto e = dev.event().value();
    std::atomic<bool> over{false};
    std::thread waiter{[&] {
        EXPECT_EQ(EINTR, dev.wait_one(e).error());
        over = true;
    }};
    until_waiting(1);
    // One that comes before it blocks is lost.
    while (!over) {
        pthread_kill(waiter.native_handle(), SIGUSR1);
        sched_yield();
    }
    waiter.join();
}

TEST_F(wait, a_killed_process_leaves_nothing) {
    const auto e = dev.event().value();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        static_cast<void>(dev.wait_one(e));
        _exit(1);
    }
    until_waiting(1);
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(child, waitpid(child, &status, 0));
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(0U, dev.info().value().waiters);
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_TRUE(take(e));
}

} // namespace
