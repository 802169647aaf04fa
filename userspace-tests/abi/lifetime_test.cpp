// SPDX-License-Identifier: GPL-2.0
// Handles belong to one file, and everything goes with it.
#include "fixture.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace {

using namespace abi_test;

class lifetime : public world {
protected:
    std::optional<ntshim::device> other = ntshim::device::open().value();
    ntshim_info info() { return dev.info().value(); }
};

TEST_F(lifetime, only_the_owner_may_open_it) {
    struct stat status {};
    ASSERT_EQ(0, stat(ntshim::device::default_path, &status));
    EXPECT_TRUE(S_ISCHR(status.st_mode));
    EXPECT_EQ(0600U, status.st_mode & 07777U);
}

TEST_F(lifetime, version_is_that_of_the_header) {
    EXPECT_EQ(static_cast<unsigned>(NTSHIM_VERSION), info().version);
}

TEST_F(lifetime, handles_mean_nothing_in_another_file) {
    const auto e = dev.event().value();
    EXPECT_EQ(ENOENT, other->op(e, NTSHIM_OP_READ).error());
}

TEST_F(lifetime, a_deleted_handle_is_gone_and_not_used_again_soon) {
    const auto e = dev.event().value();
    EXPECT_EQ(0, op(e, NTSHIM_OP_DELETE));
    EXPECT_EQ(ENOENT, dev.op(e, NTSHIM_OP_DELETE).error());
    EXPECT_EQ(ENOENT, dev.op(e, NTSHIM_OP_READ).error());
    EXPECT_NE(e, dev.event().value());
}

TEST_F(lifetime, an_owned_handle_goes_with_its_owner) {
    std::uint32_t number = 0;
    {
        ntshim::unique_handle first{dev, dev.event().value()};
        ntshim::unique_handle second{std::move(first)};
        first = ntshim::unique_handle{dev, dev.event().value()};
        EXPECT_EQ(2U, info().file_objects);
        number = second.get();
        EXPECT_TRUE(dev.query(number).ok());
    }
    EXPECT_EQ(ENOENT, dev.query(number).error());
    EXPECT_EQ(0U, info().file_objects);
    const auto kept = ntshim::unique_handle{dev, dev.event().value()}.release();
    EXPECT_TRUE(dev.query(kept).ok());
}

TEST_F(lifetime, close_frees_what_is_in_flight) {
    const auto before = info();
    for (int i = 0; i < 100; i++) {
        const auto t = other->timer().value();
        other->set(t, i % 2 ? far_away : units{-1ms}, 1ms).value();
        ntshim_create probe{};
        probe.kind = NTSHIM_DPC;
        probe.importance = NTSHIM_LOW;
        probe.processor = 1;
        other->op(other->create(probe).value(), NTSHIM_OP_DPC_INSERT).value();
        other->event().value();
    }
    EXPECT_EQ(before.objects + 300, info().objects);
    EXPECT_EQ(before.files, info().files);
    other.reset();
    EXPECT_EQ(before.objects, info().objects);
    EXPECT_EQ(before.files - 1, info().files);
}

TEST_F(lifetime, delete_of_an_armed_timer_disarms_it) {
    const auto before = info().objects;
    const auto t = dev.timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_POLLED).value();
    dev.set(t, -1ms, 1ms).value();
    EXPECT_EQ(0, op(t, NTSHIM_OP_DELETE));
    EXPECT_TRUE(comes_true([&] { return info().objects == before; }));
    const auto runs = info().runs;
    EXPECT_EQ(ETIMEDOUT, dev.wait_one(dev.event().value(), -20ms).error());
    EXPECT_EQ(runs, info().runs);
}

class set_or_delete : public lifetime {
protected:
    /// As many as fit in one wait beside the event that ends it.
    static constexpr std::size_t count = NTSHIM_WAIT_MAX - 1;
    /// Longer after each round that took longer, for busy machines.
    units due = -50ms;

    /// Both sides come here before each timer, and leave together.
    class meeting {
    public:
        void at(std::size_t i) {
            const auto both = 2 * (i + 1);
            come_++;
            for (unsigned turns = 1; come_ < both; turns++)
                if (turns % 1024 == 0)
                    std::this_thread::sleep_for(10us);
        }

    private:
        std::atomic<std::size_t> come_{0};
    };

    /// A thread that keeps the timers in use after their handles are gone.
    std::future<ntshim::woken> hold(std::vector<std::uint32_t> waited) {
        const auto waiters = info().waiters;
        auto held = std::async(std::launch::async, [this, waited = std::move(waited)] {
            return dev.wait_any(waited).value();
        });
        while (info().waiters == waiters)
            std::this_thread::sleep_for(100us);
        return held;
    }
    /// When a set that succeeded had not begun yet; never, if none did.
    std::chrono::nanoseconds set_all(const std::vector<std::uint32_t>& timers, meeting& pair) {
        auto first = std::chrono::nanoseconds::max();
        for (std::size_t i = 0; i < count; i++) {
            const auto before = monotonic();
            pair.at(i);
            const auto was_armed = dev.set(timers[i], due);
            if (was_armed)
                first = std::min(first, before);
            else
                EXPECT_EQ(ENOENT, was_armed.error());
        }
        return first;
    }
    /// Whatever was due as early as what was set until now has expired.
    void outlast() {
        const auto last = dev.timer().value();
        dev.set(last, due - units{1ms}).value();
        EXPECT_TRUE(dev.wait_one(last, -patience).ok());
        op(last, NTSHIM_OP_DELETE);
    }
    /// Whether it could be told from this round.
    bool round() {
        std::vector<std::uint32_t> timers(count);
        for (auto& t : timers)
            t = dev.timer().value();
        const auto end = dev.event().value();
        auto waited = timers;
        waited.push_back(end);
        auto held = hold(waited);
        meeting pair;
        auto setter = std::async(std::launch::async, [&] { return set_all(timers, pair); });
        for (std::size_t i = 0; i < count; i++) {
            pair.at(i);
            op(timers[i], NTSHIM_OP_DELETE);
        }
        const auto deleted = monotonic();
        const auto set = setter.get();
        outlast();
        op(end, NTSHIM_OP_EVENT_SET);
        const auto index = held.get().index;
        op(end, NTSHIM_OP_DELETE);
        // One that was due before its delete may have expired.
        if (set == std::chrono::nanoseconds::max() || set - due < deleted)
            return false;
        EXPECT_EQ(count, index) << "a deleted timer expired";
        return true;
    }
};

TEST_F(set_or_delete, whoever_is_last_the_timer_is_not_armed) {
    int told = 0;
    for (int i = 0; i < 20 && !HasFailure(); i++)
        if (round())
            told++;
        else if (due > -2s)
            due *= 2;
    EXPECT_GT(told, 0);
}

TEST_F(lifetime, the_limit_of_a_file_holds) {
    const auto limit = info().max_objects;
    ASSERT_LE(limit, 1000U) << "the test needs max_objects=1000";
    while (info().file_objects < limit)
        dev.event().value();
    EXPECT_EQ(ENOSPC, dev.event().error());
    EXPECT_EQ(ENOSPC, dev.event().error());
    EXPECT_EQ(limit, info().file_objects);
    EXPECT_TRUE(other->event().ok());
}

} // namespace
