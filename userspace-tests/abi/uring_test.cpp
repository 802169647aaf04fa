// SPDX-License-Identifier: GPL-2.0
// Waits that block no thread, and other calls, through io_uring.
#include "fixture.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <optional>
#include <sys/types.h>
#include <sys/wait.h>
#include <tuple>
#include <uring.hpp>
#include <vector>

namespace {

using namespace abi_test;

using handles = std::vector<std::uint32_t>;

template <class T> std::uint64_t address(const T* p) {
    return reinterpret_cast<std::uintptr_t>(p);
}

class uring : public world {
protected:
    void SetUp() override {
        if (!(dev.info().value().features & NTSHIM_FEATURE_URING))
            GTEST_SKIP() << "this kernel cannot cancel commands of io_uring";
        ring.emplace();
    }

    /// A wait that is submitted at once.
    int submit(const handles& h, std::uint32_t flags = 0, units timeout = {},
               std::uint64_t cookie = 0, const ntshim_set* set = nullptr,
               std::uint8_t sqe_flags = 0) {
        // They stay: a worker reads them later.
        auto& [kept, wait, async] = requests.emplace_back(h, ntshim_wait{}, ntshim_async{});
        wait.handles = address(kept.data());
        wait.count = static_cast<std::uint32_t>(h.size());
        wait.flags = flags;
        wait.timeout_100ns = timeout.count();
        async = {address(&wait), address(set), cookie};
        ring->prepare(dev, NTSHIM_URING_WAIT, async, ++last_id).flags = sqe_flags;
        ring->submit();
        return static_cast<int>(last_id);
    }
    int result() { return ring->next().result; }
    std::uint32_t cancel(std::uint64_t cookie) { return dev.cancel_wait(cookie).value(); }
    void expect_nothing_left() { EXPECT_EQ(0U, dev.info().value().async_waits); }

    std::deque<std::tuple<handles, ntshim_wait, ntshim_async>> requests;
    std::optional<ntshim::uring> ring;
    std::uint64_t last_id = 0;
};

TEST_F(uring, wait_for_a_signaled_object_completes_at_once) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    submit({dev.event().value(), e});
    EXPECT_EQ(1, result());
    EXPECT_EQ(0, op(e, NTSHIM_OP_READ));
    expect_nothing_left();
}

TEST_F(uring, set_completes_a_wait_that_is_pending) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION).value();
    submit({e});
    EXPECT_FALSE(ring->ready());
    EXPECT_EQ(1U, dev.info().value().async_waits);
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0, result());
    EXPECT_EQ(0, op(e, NTSHIM_OP_READ));
    expect_nothing_left();
    EXPECT_EQ(1U, dev.info().value().waits);
}

TEST_F(uring, synchronization_event_completes_waits_in_order) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION).value();
    submit({e});
    submit({e});
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(1U, ring->next().id);
    EXPECT_FALSE(ring->ready());
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(2U, ring->next().id);
}

TEST_F(uring, all_takes_everything_or_nothing) {
    const auto a = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    const auto b = dev.event(NTSHIM_SYNCHRONIZATION).value();
    submit({a, b}, NTSHIM_WAIT_ALL);
    EXPECT_EQ(1, op(a, NTSHIM_OP_READ));
    op(b, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0, result());
    EXPECT_EQ(0, op(a, NTSHIM_OP_READ));
    EXPECT_EQ(0, op(b, NTSHIM_OP_READ));
}

TEST_F(uring, time_limits) {
    const auto e = dev.event().value();
    submit({e}, NTSHIM_WAIT_TIMEOUT, now);
    EXPECT_EQ(-ETIMEDOUT, result());
    const auto before = monotonic();
    submit({e}, NTSHIM_WAIT_TIMEOUT, -20ms);
    EXPECT_EQ(-ETIMEDOUT, result());
    EXPECT_GE(monotonic(), before + 20ms);
    EXPECT_EQ(2U, dev.info().value().timeouts);
    expect_nothing_left();
}

TEST_F(uring, set_and_wait_in_one_command) {
    const auto t = dev.timer(NTSHIM_SYNCHRONIZATION).value();
    ntshim_set set{};
    set.handle = t;
    set.due_100ns = units{-10ms}.count();
    const auto before = monotonic();
    submit({t}, 0, {}, 0, &set);
    EXPECT_EQ(0, result());
    EXPECT_GE(monotonic(), before + 10ms);
    EXPECT_EQ(1U, dev.query(t).value().sets);
}

TEST_F(uring, set_that_is_refused_starts_no_wait) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    ntshim_set set{};
    set.handle = e;
    submit({e}, 0, {}, 0, &set);
    EXPECT_EQ(-EINVAL, result());
    EXPECT_EQ(1, op(e, NTSHIM_OP_READ));
    expect_nothing_left();
}

TEST_F(uring, wait_that_is_refused_sets_nothing) {
    const auto t = dev.timer().value();
    ntshim_set set{};
    set.handle = t;
    set.due_100ns = far_away.count();
    submit({12345}, 0, {}, 0, &set);
    EXPECT_EQ(-ENOENT, result());
    EXPECT_EQ(0U, dev.query(t).value().armed);
}

TEST_F(uring, cancel_by_cookie_ends_those_waits_alone) {
    const auto e = dev.event().value();
    submit({e}, 0, {}, 7);
    submit({e}, 0, {}, 8);
    submit({e}, 0, {}, 7);
    EXPECT_EQ(0U, cancel(6));
    EXPECT_EQ(2U, cancel(7));
    EXPECT_EQ(0U, cancel(7));
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 2; i++) {
        const auto done = ring->next();
        EXPECT_EQ(-ECANCELED, done.result);
        ids.push_back(done.id);
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ((std::vector<std::uint64_t>{1, 3}), ids);
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0, result());
    expect_nothing_left();
}

TEST_F(uring, ring_may_go_while_waits_are_pending) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION).value();
    for (int i = 0; i < 100; i++)
        submit({e}, NTSHIM_WAIT_TIMEOUT, i % 2 ? far_away : units{-1ms});
    ring.reset();
    EXPECT_TRUE(comes_true([&] { return dev.info().value().async_waits == 0; }));
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_TRUE(take(e)) << "no wait took the signal";
}

TEST_F(uring, a_killed_process_leaves_nothing) {
    const auto e = dev.event().value();
    ring.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ring.emplace();
        for (int i = 0; i < 50; i++)
            submit({e});
        result();
        _exit(1);
    }
    EXPECT_TRUE(comes_true([&] { return dev.info().value().async_waits >= 50; }));
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(child, waitpid(child, &status, 0));
    EXPECT_TRUE(comes_true([&] { return dev.info().value().async_waits == 0; }));
}

/// A file is closed while a wait for its timer is pending. Whether there was time
/// to look before the timer expired.
bool closes_while_a_wait_is_pending(const ntshim::device& dev, ntshim::uring& ring,
                                    units distance) {
    auto other = std::make_optional(ntshim::device::open().value());
    const auto before = dev.info().value().files;
    const auto t = other->timer().value();
    const std::uint32_t h[]{t};
    ntshim_wait wait{};
    wait.handles = address(h);
    wait.count = 1;
    ntshim_async async{address(&wait), 0, 0};
    const auto due = monotonic() + distance;
    other->set(t, -distance).value();
    ring.prepare(*other, NTSHIM_URING_WAIT, async, 1);
    ring.submit();
    other.reset();
    const auto files = dev.info().value().files;
    const bool in_time = monotonic() < due;
    EXPECT_TRUE(files == before || !in_time) << "the request holds the file";
    EXPECT_EQ(0, ring.next().result);
    EXPECT_TRUE(comes_true([&] { return dev.info().value().files != before; }));
    return in_time;
}

TEST_F(uring, file_may_be_closed_while_waits_are_pending) {
    units distance = 1s;
    while (!closes_while_a_wait_is_pending(dev, *ring, distance)) {
        distance *= 2;
        ASSERT_LT(distance, patience);
    }
}

TEST_F(uring, waits_may_be_started_by_a_worker) {
    const auto e = dev.event().value();
    for (int i = 0; i < 20; i++)
        submit({e}, 0, {}, 5, nullptr, IOSQE_ASYNC);
    EXPECT_TRUE(comes_true([&] { return dev.info().value().async_waits >= 20; }));
    op(e, NTSHIM_OP_EVENT_SET);
    for (int i = 0; i < 20; i++)
        EXPECT_EQ(0, result());
    expect_nothing_left();
}

TEST_F(uring, batch_and_others_run_as_they_do_without) {
    std::vector<ntshim_set> entries(100);
    for (auto& entry : entries) {
        entry.handle = dev.timer().value();
        entry.due_100ns = far_away.count();
    }
    ntshim_batch batch{address(entries.data()), 100, 0};
    ring->prepare(dev, NTSHIM_IOC_BATCH, batch, 1);
    ring->submit();
    EXPECT_EQ(0, result());
    EXPECT_EQ(100U, batch.done);
    EXPECT_EQ(1U, dev.query(entries[99].handle).value().armed);
}

TEST_F(uring, what_makes_no_sense_is_refused) {
    const auto e = dev.event().value();
    ntshim_create probe{};
    probe.kind = NTSHIM_DPC;
    const auto d = dev.create(probe).value();
    // In the order of the call. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
    const struct {
        handles h;
        std::uint32_t flags;
        units timeout;
        int error;
    } cases[] = {
        {{}, 0, {}, EINVAL},
        {handles(65, e), 0, {}, EINVAL},
        {{dev.mutant().value()}, 0, {}, EINVAL},
        {{e}, 1U << 31, {}, EINVAL},
        {{e}, 0, far_away, EINVAL},
        {{e, 12345}, 0, {}, ENOENT},
        {{d}, 0, {}, EINVAL},
        {{e, e}, NTSHIM_WAIT_ALL, {}, EINVAL},
    };
    for (const auto& c : cases) {
        submit(c.h, c.flags, c.timeout);
        EXPECT_EQ(-c.error, result());
    }
    expect_nothing_left();
}

TEST_F(uring, bad_memory_and_commands_are_refused) {
    ntshim_wait wait{};
    ntshim_async async{8, 0, 0};
    ring->prepare(dev, NTSHIM_URING_WAIT, async, 1);
    ring->submit();
    EXPECT_EQ(-EFAULT, result());
    const auto e = dev.event().value();
    wait.handles = address(&e);
    wait.count = 1;
    async = {address(&wait), 8, 0};
    ring->prepare(dev, NTSHIM_URING_WAIT, async, 5);
    ring->submit();
    EXPECT_EQ(-EFAULT, result());
    ring->prepare(dev, NTSHIM_IOC_WAIT, wait, 2);
    ring->submit();
    EXPECT_EQ(-EINVAL, result());
    ring->prepare(dev, _IOWR(NTSHIM_IOC_MAGIC, 65, ntshim_async), async, 3);
    ring->submit();
    EXPECT_EQ(-ENOTTY, result());
    auto& sqe = ring->prepare(dev, NTSHIM_URING_WAIT, async, 4);
    ntshim::uring::bytes_of(sqe)[56] = 1;
    ring->submit();
    EXPECT_EQ(-EINVAL, result());
    expect_nothing_left();
}

TEST_F(uring, blocking_wait_is_refused_in_every_size) {
    struct later_wait {
        ntshim_wait known;
        std::uint64_t unknown;
    } args{};
    const auto e = dev.event(NTSHIM_NOTIFICATION, true).value();
    args.known.handles = address(&e);
    args.known.count = 1;
    ring->prepare(dev, _IOWR(NTSHIM_IOC_MAGIC, _IOC_NR(NTSHIM_IOC_WAIT), later_wait), args, 1);
    ring->submit();
    EXPECT_EQ(-EINVAL, result());
}

TEST_F(uring, ten_thousand_waits_are_pending_at_once) {
    constexpr int count = 10000;
    const auto e = dev.event().value();
    const auto limit = dev.info().value().max_async;
    ASSERT_GE(limit, static_cast<unsigned>(count));
    for (int i = 0; i < count; i++)
        submit({e}, 0, {}, 1);
    EXPECT_EQ(static_cast<unsigned>(count), dev.info().value().async_waits);
    EXPECT_EQ(static_cast<unsigned>(count), cancel(1));
    for (int i = 0; i < count; i++)
        EXPECT_EQ(-ECANCELED, result());
    expect_nothing_left();
}

TEST_F(uring, deleted_objects_count_while_they_are_waited_for) {
    const auto limit = dev.info().value().max_objects;
    ASSERT_LE(limit, 1000U) << "the test needs max_objects=1000";
    for (unsigned i = 0; i < limit; i++) {
        const auto e = dev.event().value();
        submit({e}, 0, {}, 1);
        op(e, NTSHIM_OP_DELETE);
    }
    EXPECT_EQ(0U, dev.info().value().file_objects);
    EXPECT_EQ(ENOSPC, dev.event().error());
    EXPECT_EQ(limit, cancel(1));
    for (unsigned i = 0; i < limit; i++)
        EXPECT_EQ(-ECANCELED, result());
    EXPECT_TRUE(dev.event().ok());
}

} // namespace
