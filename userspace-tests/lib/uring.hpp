// SPDX-License-Identifier: GPL-2.0
// Commands of /dev/ntshim through io_uring.
#pragma once

#include <cstdint>
#include <cstring>
#include <liburing.h>
#include <ntshim.hpp>
#include <system_error>

namespace ntshim {

/// One io_uring, and the requests of the device in it.
class uring {
public:
    struct completion {
        std::uint64_t id;
        int result;
    };

    explicit uring(unsigned entries = 256, unsigned flags = 0) {
        if (const int error = io_uring_queue_init(entries, &ring_, flags))
            throw std::system_error{-error, std::generic_category(), "io_uring"};
    }
    uring(const uring&) = delete;
    uring& operator=(const uring&) = delete;
    ~uring() { io_uring_queue_exit(&ring_); }

    /// Prepare a command; args must stay until it has been submitted.
    template <class Args>
    io_uring_sqe& prepare(const device& dev, unsigned long command, Args& args, std::uint64_t id) {
        io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
        if (!sqe) {
            submit();
            sqe = io_uring_get_sqe(&ring_);
        }
        io_uring_prep_rw(IORING_OP_URING_CMD, sqe, dev.fd(), nullptr, 0, 0);
        // The command's number and its 16 bytes, by offset: older headers lack
        // their names.
        const auto number = static_cast<std::uint32_t>(command);
        const ntshim_sqe ours{reinterpret_cast<std::uintptr_t>(&args), 0};
        std::memcpy(bytes_of(*sqe) + 8, &number, sizeof(number));
        std::memcpy(bytes_of(*sqe) + 48, &ours, sizeof(ours));
        sqe->user_data = id;
        return *sqe;
    }
    static unsigned char* bytes_of(io_uring_sqe& sqe) {
        return reinterpret_cast<unsigned char*>(&sqe);
    }

    void submit() {
        const int count = io_uring_submit(&ring_);
        if (count < 0)
            throw std::system_error{-count, std::generic_category(), "io_uring_submit"};
    }

    /// The next completion, waiting for it.
    completion next() {
        io_uring_cqe* cqe = nullptr;
        int error = 0;
        do
            error = io_uring_wait_cqe(&ring_, &cqe);
        while (error == -EINTR);
        if (error)
            throw std::system_error{-error, std::generic_category(), "io_uring_wait_cqe"};
        const completion done{cqe->user_data, cqe->res};
        io_uring_cqe_seen(&ring_, cqe);
        return done;
    }

    /// Whether there is a completion already.
    bool ready() {
        io_uring_cqe* cqe = nullptr;
        return io_uring_peek_cqe(&ring_, &cqe) == 0;
    }

private:
    io_uring ring_{};
};

} // namespace ntshim
