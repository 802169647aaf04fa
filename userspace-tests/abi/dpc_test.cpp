// SPDX-License-Identifier: GPL-2.0
// DPCs through the device.
#include "fixture.hpp"

#include <tuple>

namespace {

using namespace abi_test;

class dpc : public world {
protected:
    std::uint32_t make(std::uint32_t importance, std::uint32_t processor, std::uint32_t flags) {
        ntshim_create args{};
        args.kind = NTSHIM_DPC;
        args.importance = importance;
        args.processor = processor;
        args.flags = flags;
        return dev.create(args).value();
    }
};

TEST_F(dpc, runs_once_for_each_insertion) {
    const auto d = make(NTSHIM_MEDIUM, 0, 0);
    for (unsigned i = 1; i <= 100; i++) {
        EXPECT_EQ(1, op(d, NTSHIM_OP_DPC_INSERT));
        await_runs(dev, d, i);
    }
    const auto q = dev.query(d).value();
    EXPECT_EQ(100U, q.sets);
    EXPECT_EQ(100U, q.runs);
    EXPECT_EQ(0, op(d, NTSHIM_OP_CANCEL));
}

TEST_F(dpc, insertions_are_runs_and_removals) {
    // Low importance on another processor is deferred: some are removed in time.
    const auto d = make(NTSHIM_LOW, 1, 0);
    std::uint64_t inserted = 0, removed = 0;
    for (int i = 0; i < 1000; i++) {
        inserted += static_cast<unsigned>(op(d, NTSHIM_OP_DPC_INSERT));
        removed += static_cast<unsigned>(op(d, NTSHIM_OP_CANCEL));
    }
    await_runs(dev, d, inserted - removed);
    const auto q = dev.query(d).value();
    EXPECT_EQ(inserted, q.sets);
    EXPECT_EQ(removed, q.cancels);
    EXPECT_EQ(inserted - removed, q.runs);
}

class dpc_kind : public dpc,
                 public ::testing::WithParamInterface<std::tuple<unsigned, unsigned>> {};

TEST_P(dpc_kind, every_importance_runs_ordinary_and_threaded) {
    const auto d = make(std::get<0>(GetParam()), 0, std::get<1>(GetParam()));
    EXPECT_EQ(1, op(d, NTSHIM_OP_DPC_INSERT));
    await_runs(dev, d, 1);
}

INSTANTIATE_TEST_SUITE_P(all, dpc_kind,
                         ::testing::Combine(::testing::Values(NTSHIM_MEDIUM, NTSHIM_LOW,
                                                              NTSHIM_HIGH, NTSHIM_MEDIUM_HIGH),
                                            ::testing::Values(0U, NTSHIM_CREATE_THREADED)));

} // namespace
