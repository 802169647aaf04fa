// SPDX-License-Identifier: GPL-2.0
// What the module's parameters limit, and what a kernel lacks.
#include "fixture.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/utsname.h>
#include <uring.hpp>
#include <utility>

namespace {

using namespace abi_test;

/// A parameter of the module, changed for a while.
class parameter {
public:
    parameter(const std::string& name, std::uint64_t value)
        : path_{"/sys/module/ntshim_dev/parameters/" + name} {
        std::ifstream{path_} >> before_;
        write(value);
    }
    parameter(const parameter&) = delete;
    parameter& operator=(const parameter&) = delete;
    ~parameter() { write(before_); }

private:
    void write(std::uint64_t value) const {
        std::ofstream out{path_};
        out << value << std::flush;
        EXPECT_TRUE(out) << path_;
    }

    std::string path_;
    std::uint64_t before_ = 0;
};

class limits : public world {
protected:
    ntshim_info info() { return dev.info().value(); }
};

class uring_limits : public limits {};

TEST_F(limits, open_files) {
    const auto files = info().files;
    const parameter most{"max_files", files + 1};
    const auto last = ntshim::device::open();
    EXPECT_TRUE(last.ok());
    EXPECT_EQ(EMFILE, ntshim::device::open().error());
    EXPECT_EQ(files + 1, info().files);
}

TEST_F(limits, records_of_a_ring) {
    const parameter most{"max_ring", 8};
    EXPECT_EQ(8U, info().max_ring);
    EXPECT_EQ(EINVAL, dev.make_ring(16).error());
    EXPECT_TRUE(dev.make_ring(8).ok());
}

TEST_F(limits, owners_of_mutants) {
    const parameter most{"max_owners", 2};
    const auto m = dev.mutant().value();
    // Who releases what he never took is not remembered for it.
    for (const std::uint32_t stranger : {33U, 44U, 55U})
        EXPECT_EQ(EPERM, dev.op(m, NTSHIM_OP_MUTANT_RELEASE, stranger).error());
    EXPECT_EQ(ETIMEDOUT, dev.wait_one(dev.event().value(), now, 11).error());
    EXPECT_TRUE(dev.wait_one(m, now, 22).ok());
    EXPECT_EQ(EPERM, dev.op(m, NTSHIM_OP_MUTANT_RELEASE, 33).error());
    EXPECT_EQ(ENOMEM, dev.wait_one(m, now, 33).error());
    EXPECT_EQ(0, dev.op(m, NTSHIM_OP_MUTANT_RELEASE, 22).value());
}

std::pair<int, int> kernel_release() {
    utsname names{};
    uname(&names);
    int series = 0, number = 0;
    char dot = 0;
    std::istringstream{names.release} >> series >> dot >> number;
    return {series, number};
}

TEST_F(uring_limits, commands_of_io_uring_work_or_say_that_they_cannot) {
    ntshim::uring ring;
    ntshim_info args{};
    ring.prepare(dev, NTSHIM_IOC_INFO, args, 1);
    ring.submit();
    const bool can = info().features & NTSHIM_FEATURE_URING;
    EXPECT_EQ(can ? 0 : -EOPNOTSUPP, ring.next().result);
    EXPECT_EQ(can ? static_cast<unsigned>(NTSHIM_VERSION) : 0U, args.version);
    EXPECT_EQ(kernel_release() >= std::pair(6, 8), can);
}

TEST_F(uring_limits, asynchronous_waits) {
    if (!(info().features & NTSHIM_FEATURE_URING))
        GTEST_SKIP() << "this kernel cannot cancel commands of io_uring";
    const parameter most{"max_async", 1};
    const auto e = dev.event().value();
    ntshim_wait wait{};
    wait.handles = reinterpret_cast<std::uintptr_t>(&e);
    wait.count = 1;
    ntshim_async async{reinterpret_cast<std::uintptr_t>(&wait), 0, 0};
    ntshim::uring ring;
    for (std::uint64_t id = 1; id <= 2; id++)
        ring.prepare(dev, NTSHIM_URING_WAIT, async, id);
    ring.submit();
    const auto refused = ring.next();
    EXPECT_EQ(2U, refused.id);
    EXPECT_EQ(-ENOSPC, refused.result);
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0, ring.next().result);
    EXPECT_EQ(0U, info().async_waits);
}

TEST_F(uring_limits, objects_of_asynchronous_waits) {
    if (!(info().features & NTSHIM_FEATURE_URING))
        GTEST_SKIP() << "this kernel cannot cancel commands of io_uring";
    const parameter most{"max_async", 3};
    const auto e = dev.event().value();
    const std::array named{e, e};
    std::array<ntshim_wait, 3> waits{};
    ntshim::uring ring;
    std::array<ntshim_async, 3> asyncs{};
    for (std::size_t i = 0; i < waits.size(); i++) {
        waits[i].handles = reinterpret_cast<std::uintptr_t>(named.data());
        waits[i].count = i == 2 ? 1 : 2;
        asyncs[i].wait = reinterpret_cast<std::uintptr_t>(&waits[i]);
        ring.prepare(dev, NTSHIM_URING_WAIT, asyncs[i], i);
    }
    ring.submit();
    const auto refused = ring.next();
    EXPECT_EQ(1U, refused.id);
    EXPECT_EQ(-ENOSPC, refused.result);
    EXPECT_EQ(2U, info().async_waits);
    op(e, NTSHIM_OP_EVENT_SET);
    op(e, NTSHIM_OP_EVENT_SET);
    EXPECT_EQ(0, ring.next().result);
    EXPECT_EQ(0, ring.next().result);
}

} // namespace
