// SPDX-License-Identifier: GPL-2.0
// What the tests share: an open file of their own, and time to compare with.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <gtest/gtest.h>
#include <ntshim.hpp>
#include <sched.h>

namespace abi_test {

using namespace std::chrono_literals;
using ntshim::units;

/// Longer than any of the waits that must succeed, however slow the machine.
inline constexpr units patience = 60s;
/// A due time that no test reaches.
inline constexpr units far_away = -3600s;
/// Only look.
inline constexpr units now = 0s;

inline std::chrono::nanoseconds monotonic() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Whether it comes to hold before patience is over.
template <class Condition> bool comes_true(const Condition& holds) {
    const auto until = monotonic() + patience;
    while (!holds()) {
        if (monotonic() >= until)
            return false;
        sched_yield();
    }
    return true;
}

/// The DPC has run so often. Its run follows the wait for its timer, but follows.
inline void await_runs(const ntshim::device& dev, std::uint32_t handle, std::uint64_t runs) {
    EXPECT_TRUE(comes_true([&] { return dev.query(handle).value().runs >= runs; }));
}

class world : public ::testing::Test {
protected:
    ntshim::device dev = ntshim::device::open().value();

    std::int32_t op(std::uint32_t handle, ntshim_opcode code, std::uint32_t arg = 0) {
        return dev.op(handle, code, arg).value();
    }
    /// Whether an object satisfies a wait now; if so it was consumed.
    bool take(std::uint32_t handle, std::uint32_t owner = 0) {
        const auto got = dev.wait_one(handle, now, owner);
        EXPECT_EQ(got.ok() ? 0 : ETIMEDOUT, got.error());
        return got.ok();
    }
};

} // namespace abi_test
