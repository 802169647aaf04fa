// SPDX-License-Identifier: GPL-2.0
// The ring of records, and poll() on the file.
#include "fixture.hpp"

#include <array>
#include <fstream>
#include <future>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace abi_test;

class ring : public world {
protected:
    std::uint32_t probe(std::uint64_t user_data) {
        ntshim_create args{};
        args.kind = NTSHIM_DPC;
        args.flags = NTSHIM_CREATE_RECORDED;
        args.user_data = user_data;
        return dev.create(args).value();
    }
    void run(std::uint32_t handle) {
        const auto runs = dev.query(handle).value().runs;
        op(handle, NTSHIM_OP_DPC_INSERT);
        await_runs(dev, handle, runs + 1);
    }
    /// A record follows the count of the run closely, but follows.
    static ntshim_record next(ntshim::ring& records) {
        std::optional<ntshim_record> record;
        EXPECT_TRUE(comes_true([&] { return (record = records.take()).has_value(); }));
        return record.value_or(ntshim_record{});
    }
    short poll_now(int events) {
        pollfd fd{dev.fd(), static_cast<short>(events), 0};
        EXPECT_GE(poll(&fd, 1, 0), 0);
        return fd.revents;
    }
};

TEST_F(ring, expiry_has_its_times_in_order) {
    auto records = dev.make_ring(8).value();
    const auto t = dev.timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_RECORDED).value();
    const auto before = monotonic();
    dev.set(t, -5ms).value();
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    const auto record = next(records);
    EXPECT_EQ(t, record.handle);
    EXPECT_GE(record.due_ns, static_cast<std::uint64_t>((before + 5ms).count()));
    EXPECT_GE(record.queued_ns, record.due_ns);
    EXPECT_GE(record.ran_ns, record.queued_ns);
    EXPECT_LE(record.ran_ns, static_cast<std::uint64_t>(monotonic().count()));
}

TEST_F(ring, can_be_mapped_again) {
    static_cast<void>(dev.make_ring(8).value());
    auto records = dev.map_ring(8).value();
    run(probe(7));
    EXPECT_EQ(7U, next(records).user_data);
    EXPECT_EQ(EINVAL, dev.map_ring(65536).error());
    EXPECT_EQ(ENXIO, ntshim::device::open().value().map_ring(8).error());
}

TEST_F(ring, expiry_inside_the_call_was_due_at_no_time) {
    auto records = dev.make_ring(8).value();
    const auto t = dev.timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_RECORDED).value();
    dev.set(t, -1ms).value();
    EXPECT_GT(next(records).due_ns, 0U);
    dev.set(t, units{1}).value();
    EXPECT_EQ(0U, next(records).due_ns);
}

TEST_F(ring, records_come_in_order_with_user_data) {
    auto records = dev.make_ring(8).value();
    const auto a = probe(11);
    const auto b = probe(22);
    for (int i = 0; i < 20; i++) {
        run(a);
        run(b);
        const auto first = next(records);
        const auto second = next(records);
        EXPECT_EQ(11U, first.user_data);
        EXPECT_EQ(22U, second.user_data);
        EXPECT_LE(first.queued_ns, first.ran_ns);
        EXPECT_EQ(0U, first.due_ns);
    }
    EXPECT_EQ(0U, records.lost());
}

TEST_F(ring, full_ring_counts_what_it_loses) {
    auto records = dev.make_ring(4).value();
    const auto a = probe(1);
    for (int i = 0; i < 10; i++)
        run(a);
    EXPECT_TRUE(comes_true([&] { return dev.info().value().lost >= 6; }));
    for (int i = 0; i < 4; i++)
        EXPECT_TRUE(records.take());
    EXPECT_FALSE(records.take());
    EXPECT_EQ(6U, records.lost());
    EXPECT_EQ(6U, dev.info().value().lost);
}

TEST_F(ring, nonsense_in_the_shared_part_harms_the_reader_alone) {
    auto records = dev.make_ring(4).value();
    const auto a = probe(1);
    auto& shared = records.shared();
    for (const std::uint32_t head : {0U, 0xffffffffU, 0x80000000U, 3U}) {
        shared.head = head;
        shared.tail = head ^ 0x55555555U;
        shared.entries = 0xffffffffU;
        for (int i = 0; i < 10; i++)
            run(a);
    }
    EXPECT_TRUE(dev.info().ok());
}

TEST_F(ring, there_is_one_per_file) {
    auto records = dev.make_ring(4).value();
    EXPECT_EQ(EEXIST, dev.make_ring(4).error());
}

TEST_F(ring, mapping_without_or_beyond_it_is_refused) {
    const std::size_t page = 4096;
    EXPECT_EQ(MAP_FAILED, mmap(nullptr, page, PROT_READ, MAP_SHARED, dev.fd(), 0));
    EXPECT_EQ(ENXIO, errno);
    auto records = dev.make_ring(4).value();
    EXPECT_EQ(MAP_FAILED, mmap(nullptr, 16 * page, PROT_READ, MAP_SHARED, dev.fd(), 0));
    EXPECT_EQ(EINVAL, errno);
    EXPECT_EQ(MAP_FAILED, mmap(nullptr, page, PROT_READ, MAP_SHARED, dev.fd(), page));
    EXPECT_EQ(EINVAL, errno);
}

TEST_F(ring, outlives_the_descriptor) {
    auto other = std::make_optional(ntshim::device::open().value());
    auto records = other->make_ring(4).value();
    other.reset();
    EXPECT_EQ(0U, records.lost());
    EXPECT_FALSE(records.take());
}

TEST_F(ring, poll_tells_of_records) {
    auto records = dev.make_ring(4).value();
    EXPECT_EQ(0, poll_now(POLLPRI));
    run(probe(1));
    pollfd fd{dev.fd(), POLLPRI, 0};
    EXPECT_EQ(1, poll(&fd, 1, -1));
    EXPECT_TRUE(records.take());
    EXPECT_EQ(0, poll_now(POLLPRI));
}

TEST_F(ring, poll_tells_of_signaled_objects) {
    ntshim_create args{};
    args.kind = NTSHIM_EVENT;
    args.flags = NTSHIM_CREATE_POLLED;
    const auto e = dev.create(args).value();
    const auto unpolled = dev.event(NTSHIM_NOTIFICATION, true).value();
    EXPECT_TRUE(take(unpolled));
    EXPECT_EQ(0, poll_now(POLLIN));
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(POLLIN, poll_now(POLLIN));
    op(e, NTSHIM_OP_EVENT_RESET);
    EXPECT_EQ(0, poll_now(POLLIN));
    op(e, NTSHIM_OP_EVENT_SET);
    op(e, NTSHIM_OP_DELETE);
    EXPECT_EQ(0, poll_now(POLLIN));
}

TEST_F(ring, poll_wakes_at_an_expiry) {
    const auto t = dev.timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_POLLED).value();
    dev.set(t, -10ms).value();
    pollfd fd{dev.fd(), POLLIN, 0};
    EXPECT_EQ(1, poll(&fd, 1, -1));
    EXPECT_EQ(POLLIN, fd.revents);
    EXPECT_EQ(1, op(t, NTSHIM_OP_READ));
}

TEST_F(ring, poll_wakes_for_either_name_of_readable) {
    const auto t = dev.timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_POLLED).value();
    for (const int events : {POLLIN, POLLRDNORM}) {
        dev.set(t, -10ms).value();
        pollfd fd{dev.fd(), static_cast<short>(events), 0};
        EXPECT_EQ(1, poll(&fd, 1, -1));
        EXPECT_EQ(events, fd.revents);
    }
}

/// Until the thread sleeps; only poll() makes it.
void await_sleep(pid_t thread) {
    const auto path = "/proc/self/task/" + std::to_string(thread) + "/stat";
    for (char state = 0; state != 'S'; sched_yield()) {
        std::ifstream stat{path};
        std::string number, name;
        stat >> number >> name >> state;
    }
}

TEST_F(ring, poll_wakes_when_an_object_is_made_signaled) {
    std::array<ntshim_create, 3> kinds{};
    kinds[0].kind = NTSHIM_EVENT;
    kinds[0].initial = 1;
    kinds[1].kind = NTSHIM_SEMAPHORE;
    kinds[1].initial = kinds[1].limit = 1;
    kinds[2].kind = NTSHIM_MUTANT;
    // At its end poll() looks once more, so only the time shows that it was not woken.
    constexpr std::chrono::milliseconds limit = 120s;
    for (auto& args : kinds) {
        args.flags = NTSHIM_CREATE_POLLED;
        std::promise<pid_t> thread;
        auto sleeper = std::async(std::launch::async, [&] {
            thread.set_value(gettid());
            pollfd fd{dev.fd(), POLLIN, 0};
            return poll(&fd, 1, static_cast<int>(limit.count()));
        });
        await_sleep(thread.get_future().get());
        const auto before = monotonic();
        const auto made = dev.create(args).value();
        EXPECT_EQ(1, sleeper.get()) << args.kind;
        EXPECT_LT(monotonic(), before + limit / 2) << args.kind;
        op(made, NTSHIM_OP_DELETE);
    }
}

} // namespace
