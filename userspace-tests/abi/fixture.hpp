// SPDX-License-Identifier: GPL-2.0
// What the tests share: an open file of their own, and time to compare with.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <gtest/gtest.h>
#include <ntshim.hpp>

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
