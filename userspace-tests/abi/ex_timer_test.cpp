// SPDX-License-Identifier: GPL-2.0
// EX timers through the device do what the Windows calls say.
#include "fixture.hpp"

namespace {

using namespace abi_test;

class ex_timer : public world, public ::testing::WithParamInterface<std::uint32_t> {
protected:
    std::uint32_t t = dev.ex_timer(NTSHIM_SYNCHRONIZATION, GetParam()).value();
};

TEST_P(ex_timer, expires_once_and_never_early) {
    const auto before = monotonic();
    EXPECT_EQ(0U, dev.set_ex(t, -20ms).value());
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_GE(monotonic(), before + 20ms);
    EXPECT_FALSE(take(t));
    await_runs(dev, t, 1);
    EXPECT_EQ(1U, dev.query(t).value().runs);
}

TEST_P(ex_timer, set_and_cancel_say_whether_pending) {
    EXPECT_EQ(0U, dev.set_ex(t, far_away).value());
    EXPECT_EQ(1U, dev.set_ex(t, far_away).value());
    EXPECT_EQ(1U, dev.query(t).value().armed);
    EXPECT_EQ(1, op(t, NTSHIM_OP_CANCEL));
    EXPECT_EQ(0, op(t, NTSHIM_OP_CANCEL));
}

TEST_P(ex_timer, periodic_expires_again) {
    dev.set_ex(t, -1ms, 20ms).value();
    for (int i = 0; i < 3; i++)
        EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_EQ(1, op(t, NTSHIM_OP_CANCEL));
}

TEST_P(ex_timer, may_be_deleted_while_pending) {
    const auto before = dev.info().value().objects;
    dev.set_ex(t, -1ms, 1ms).value();
    op(t, NTSHIM_OP_DELETE);
    EXPECT_TRUE(comes_true([&] { return dev.info().value().objects == before - 1; }));
}

INSTANTIATE_TEST_SUITE_P(attributes, ex_timer,
                         ::testing::Values(0U, NTSHIM_CREATE_HIGH_RESOLUTION,
                                           NTSHIM_CREATE_NO_WAKE));

class no_wake : public world {};

TEST_F(no_wake, tolerance_may_be_given) {
    const auto t = dev.ex_timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_NO_WAKE).value();
    EXPECT_TRUE(dev.set_ex(t, -1ms, {}, 50ms).ok());
    EXPECT_TRUE(dev.wait_one(t, -patience).ok());
    EXPECT_TRUE(dev.set_ex(t, -1ms, {}, units{-1}).ok());
    EXPECT_EQ(EINVAL, dev.set_ex(t, -1ms, {}, units{-2}).error());
}

} // namespace
