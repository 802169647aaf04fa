// SPDX-License-Identifier: GPL-2.0
#include "histogram.hpp"

#include <gtest/gtest.h>
#include <initializer_list>

namespace {

using bench::histogram;

TEST(histogram, empty_has_nothing) {
    const histogram h;
    EXPECT_EQ(0U, h.count());
    EXPECT_EQ(0U, h.min());
    EXPECT_EQ(0U, h.max());
    EXPECT_EQ(0U, h.percentile(50));
    EXPECT_EQ(0, h.mean());
}

TEST(histogram, small_values_are_exact) {
    histogram h;
    for (std::uint64_t i = 1; i <= 100; i++)
        h.record(i % 50);
    EXPECT_EQ(0U, h.min());
    EXPECT_EQ(49U, h.max());
    EXPECT_EQ(24U, h.percentile(50));
    EXPECT_EQ(49U, h.percentile(100));
    EXPECT_DOUBLE_EQ(24.5, h.mean());
}

TEST(histogram, buckets_follow_each_other_and_hold_their_values) {
    for (const std::uint64_t v :
         std::initializer_list<std::uint64_t>{0ULL, 1ULL, 63ULL, 64ULL, 127ULL, 128ULL, 129ULL,
                                              1000ULL, 123456789ULL, 1ULL << 40, UINT64_MAX}) {
        const auto bucket = histogram::bucket_of(v);
        EXPECT_LE(v, histogram::top_of(bucket)) << v;
        EXPECT_EQ(bucket, histogram::bucket_of(histogram::top_of(bucket))) << v;
        if (histogram::top_of(bucket) != UINT64_MAX) {
            EXPECT_EQ(bucket + 1, histogram::bucket_of(histogram::top_of(bucket) + 1)) << v;
        }
    }
}

TEST(histogram, error_is_within_its_promise) {
    for (std::uint64_t v = 1; v < 1ULL << 50; v = v * 3 + 1) {
        const auto top = histogram::top_of(histogram::bucket_of(v));
        EXPECT_LE(static_cast<double>(top - v), 0.016 * static_cast<double>(v)) << v;
    }
}

TEST(histogram, tail_is_not_lost) {
    histogram h;
    for (int i = 0; i < 9999; i++)
        h.record(1000);
    h.record(5'000'000);
    EXPECT_LT(h.percentile(99.9), 1020U);
    EXPECT_LT(h.percentile(99.99), 1020U);
    EXPECT_EQ(5'000'000U, h.percentile(100));
    EXPECT_EQ(5'000'000U, h.max());
}

TEST(histogram, whole_ranks_are_exact) {
    histogram h;
    for (unsigned i = 1; i <= 1000; i++)
        h.record(std::uint64_t{1} << (i < 1000 ? 20 : 30));
    EXPECT_LT(h.percentile(99.9), h.max());
    EXPECT_EQ(h.max(), h.percentile(99.99));
}

} // namespace
