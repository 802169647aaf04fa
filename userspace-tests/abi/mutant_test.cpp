// SPDX-License-Identifier: GPL-2.0
// Mutants through the device: their owners are numbers, not threads.
#include "fixture.hpp"

#include <atomic>
#include <thread>

namespace {

using namespace abi_test;

class mutant : public world {
protected:
    static constexpr std::uint32_t me = 1, other = 2;
    std::uint32_t m = dev.mutant().value();

    bool take_as(std::uint32_t owner) { return take(m, owner); }
};

TEST_F(mutant, owner_may_take_it_again_and_must_release_as_often) {
    EXPECT_TRUE(take_as(me));
    EXPECT_TRUE(take_as(me));
    EXPECT_FALSE(take_as(other));
    EXPECT_EQ(-1, op(m, NTSHIM_OP_READ));
    EXPECT_EQ(-1, op(m, NTSHIM_OP_MUTANT_RELEASE, me));
    EXPECT_FALSE(take_as(other));
    EXPECT_EQ(0, op(m, NTSHIM_OP_MUTANT_RELEASE, me));
    EXPECT_EQ(1, op(m, NTSHIM_OP_READ));
    EXPECT_TRUE(take_as(other));
}

TEST_F(mutant, only_its_owner_releases_it) {
    EXPECT_EQ(EPERM, dev.op(m, NTSHIM_OP_MUTANT_RELEASE, me).error());
    EXPECT_TRUE(take_as(me));
    EXPECT_EQ(EPERM, dev.op(m, NTSHIM_OP_MUTANT_RELEASE, other).error());
    EXPECT_EQ(0, op(m, NTSHIM_OP_READ));
}

TEST_F(mutant, abandoned_one_tells_its_next_owner_once) {
    EXPECT_TRUE(take_as(me));
    EXPECT_EQ(0, op(m, NTSHIM_OP_MUTANT_ABANDON));
    EXPECT_TRUE(dev.wait_one(m, now, other).value().abandoned);
    EXPECT_EQ(0, op(m, NTSHIM_OP_MUTANT_RELEASE, other));
    EXPECT_FALSE(dev.wait_one(m, now, me).value().abandoned);
}

TEST_F(mutant, release_hands_it_to_the_wait_of_another) {
    EXPECT_TRUE(take_as(me));
    std::thread waiter{[&] { EXPECT_TRUE(dev.wait_one(m, -patience, other).ok()); }};
    EXPECT_TRUE(comes_true([&] { return dev.info().value().waiters >= 1; }));
    op(m, NTSHIM_OP_MUTANT_RELEASE, me);
    waiter.join();
    EXPECT_EQ(0, op(m, NTSHIM_OP_MUTANT_RELEASE, other));
}

TEST_F(mutant, an_owner_waits_in_one_place_at_a_time) {
    const auto e = dev.event().value();
    std::thread waiter{[&] { EXPECT_TRUE(dev.wait_one(e, -patience, me).ok()); }};
    EXPECT_TRUE(comes_true([&] { return dev.info().value().waiters >= 1; }));
    EXPECT_EQ(EBUSY, dev.wait_one(m, now, me).error());
    EXPECT_TRUE(take_as(other));
    op(e, NTSHIM_OP_EVENT_SET);
    waiter.join();
    op(m, NTSHIM_OP_MUTANT_RELEASE, other);
    EXPECT_TRUE(take_as(me));
}

TEST_F(mutant, wait_for_all_takes_it_with_the_rest) {
    const auto e = dev.event(NTSHIM_SYNCHRONIZATION).value();
    const std::uint32_t both[] = {m, e};
    EXPECT_EQ(ETIMEDOUT, dev.wait_all(both, now, me).error());
    EXPECT_EQ(1, op(m, NTSHIM_OP_READ));
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_TRUE(dev.wait_all(both, now, me).ok());
    EXPECT_EQ(0, op(m, NTSHIM_OP_READ));
}

TEST_F(mutant, may_be_deleted_while_it_is_owned) {
    const auto before = dev.info().value().objects;
    EXPECT_TRUE(take_as(me));
    op(m, NTSHIM_OP_DELETE);
    EXPECT_TRUE(comes_true([&] { return dev.info().value().objects == before - 1; }));
    const auto next = dev.mutant().value();
    EXPECT_TRUE(dev.wait_one(next, now, me).ok());
}

} // namespace
