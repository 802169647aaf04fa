// SPDX-License-Identifier: GPL-2.0
// Events through the device do what the Windows calls say.
#include "fixture.hpp"

namespace {

using namespace abi_test;

class event : public world {};

TEST_F(event, initial_state_is_as_asked) {
    EXPECT_EQ(0, op(dev.event().value(), NTSHIM_OP_READ));
    EXPECT_EQ(1, op(dev.event(NTSHIM_SYNCHRONIZATION, true).value(), NTSHIM_OP_READ));
}

TEST_F(event, set_and_reset_return_the_previous_state) {
    const auto e = dev.event().value();
    EXPECT_EQ(0, op(e, NTSHIM_OP_EVENT_SET));
    EXPECT_EQ(1, op(e, NTSHIM_OP_EVENT_SET));
    EXPECT_EQ(1, op(e, NTSHIM_OP_EVENT_RESET));
    EXPECT_EQ(0, op(e, NTSHIM_OP_EVENT_RESET));
}

TEST_F(event, notification_satisfies_every_wait) {
    const auto e = dev.event(NTSHIM_NOTIFICATION, true).value();
    EXPECT_TRUE(take(e));
    EXPECT_TRUE(take(e));
}

TEST_F(event, synchronization_satisfies_one_wait) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION, true).value();
    EXPECT_TRUE(take(e));
    EXPECT_FALSE(take(e));
}

TEST_F(event, pulse_leaves_it_not_signaled) {
    const auto e = dev.event(NTSHIM_NOTIFICATION, true).value();
    EXPECT_EQ(1, op(e, NTSHIM_OP_EVENT_PULSE));
    EXPECT_EQ(0, op(e, NTSHIM_OP_READ));
    EXPECT_EQ(0, op(e, NTSHIM_OP_EVENT_PULSE));
    EXPECT_FALSE(take(e));
}

TEST_F(event, query_shows_kind_state_and_user_data) {
    ntshim_create args{};
    args.kind = NTSHIM_EVENT;
    args.type = NTSHIM_SYNCHRONIZATION;
    args.initial = 1;
    args.user_data = 0x1122334455667788;
    const auto e = dev.create(args).value();
    const auto q = dev.query(e).value();
    EXPECT_EQ(e, q.handle);
    EXPECT_EQ(static_cast<unsigned>(NTSHIM_EVENT), q.kind);
    EXPECT_EQ(static_cast<unsigned>(NTSHIM_SYNCHRONIZATION), q.type);
    EXPECT_EQ(1, q.state);
    EXPECT_EQ(0x1122334455667788U, q.user_data);
    EXPECT_EQ(0U, q.armed);
}

} // namespace
