// SPDX-License-Identifier: GPL-2.0
// Semaphores through the device do what the Windows calls say.
#include "fixture.hpp"

#include <thread>
#include <vector>

namespace {

using namespace abi_test;

class semaphore : public world {};

TEST_F(semaphore, each_wait_takes_one) {
    const auto s = dev.semaphore(2, 5).value();
    EXPECT_TRUE(take(s));
    EXPECT_TRUE(take(s));
    EXPECT_FALSE(take(s));
    EXPECT_EQ(0, op(s, NTSHIM_OP_SEMAPHORE_RELEASE, 3));
    EXPECT_EQ(3, op(s, NTSHIM_OP_READ));
}

TEST_F(semaphore, limit_holds_and_changes_nothing) {
    const auto s = dev.semaphore(4, 5).value();
    EXPECT_EQ(EOVERFLOW, dev.op(s, NTSHIM_OP_SEMAPHORE_RELEASE, 2).error());
    EXPECT_EQ(4, op(s, NTSHIM_OP_SEMAPHORE_RELEASE, 1));
    EXPECT_EQ(5, op(s, NTSHIM_OP_READ));
}

TEST_F(semaphore, release_lets_as_many_go_as_it_adds) {
    const auto s = dev.semaphore(0, 10).value();
    std::vector<std::thread> waiters;
    waiters.reserve(4);
    for (int i = 0; i < 4; i++)
        waiters.emplace_back([&] { EXPECT_TRUE(dev.wait_one(s, -patience).ok()); });
    op(s, NTSHIM_OP_SEMAPHORE_RELEASE, 3);
    op(s, NTSHIM_OP_SEMAPHORE_RELEASE, 1);
    for (auto& waiter : waiters)
        waiter.join();
    EXPECT_EQ(0, op(s, NTSHIM_OP_READ));
}

} // namespace
