// SPDX-License-Identifier: GPL-2.0
/*
 * A C++20 client of /dev/ntshim: files, handles and maps that clean up after
 * themselves, results that hold a value or an error, durations of 100 ns.
 * Needs the standard library and linux/ntshim.h alone.
 *
 *     const auto dev = ntshim::device::open().value();
 *     const ntshim::unique_handle timer{dev, dev.timer().value()};
 *     dev.set(timer.get(), -10ms).value();
 *     if (const auto woken = dev.wait_one(timer.get(), -1s); !woken)
 *         std::printf("errno %d\n", woken.error());
 *
 * value() throws std::system_error where there is an error. Times are those of
 * the device: negative is from now, positive is since 1601.
 */
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <limits>
#include <linux/ntshim.h>
#include <optional>
#include <ratio>
#include <span>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ntshim {

/// NT's unit of time.
using units = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

/// A value, or the error that there is instead.
template <class T> class [[nodiscard]] result {
public:
    result(T value) : value_{std::move(value)} {} // NOLINT(google-explicit-constructor)
    static result failed(int error) { return result{error, nullptr}; }

    [[nodiscard]] bool ok() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return ok(); }
    /// 0, or the errno.
    [[nodiscard]] int error() const noexcept { return error_; }

    /// The value; throws std::system_error if there is none.
    T& value() & {
        require();
        return *value_;
    }
    const T& value() const& {
        require();
        return *value_;
    }
    T value() && {
        require();
        return std::move(*value_);
    }

private:
    result(int error, std::nullptr_t) : error_{error} {}
    void require() const {
        if (!value_)
            throw std::system_error{error_, std::generic_category(), "ntshim"};
    }

    std::optional<T> value_;
    int error_ = 0;
};

/// A file descriptor that is closed with its owner.
class unique_fd {
public:
    unique_fd() = default;
    explicit unique_fd(int fd) noexcept : fd_{fd} {}
    unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~unique_fd() { reset(); }

    void reset() noexcept {
        if (fd_ >= 0)
            ::close(std::exchange(fd_, -1));
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

/// The ring of records, mapped.
class ring {
public:
    ring(void* memory, std::size_t size) noexcept
        : shared_{static_cast<ntshim_ring*>(memory)}, size_{size} {}
    ring(ring&& other) noexcept
        : shared_{std::exchange(other.shared_, nullptr)}, size_{other.size_} {}
    ring& operator=(ring&& other) noexcept {
        std::swap(shared_, other.shared_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~ring() {
        if (shared_)
            ::munmap(shared_, size_);
    }

    /// The oldest record that has not been taken.
    std::optional<ntshim_record> take() noexcept {
        const std::uint32_t head = shared_->head;
        if (head == __atomic_load_n(&shared_->tail, __ATOMIC_ACQUIRE))
            return std::nullopt;
        const ntshim_record record = shared_->records[head & (shared_->entries - 1)];
        __atomic_store_n(&shared_->head, head + 1, __ATOMIC_RELEASE);
        return record;
    }
    [[nodiscard]] std::uint64_t lost() const noexcept {
        return __atomic_load_n(&shared_->lost, __ATOMIC_RELAXED);
    }
    [[nodiscard]] ntshim_ring& shared() noexcept { return *shared_; }

private:
    ntshim_ring* shared_;
    std::size_t size_;
};

/// What a satisfied wait says.
struct woken {
    std::uint32_t index;
    bool abandoned;
    std::chrono::nanoseconds at;
};

/// No time limit.
inline constexpr std::optional<units> forever = std::nullopt;

/// One open file: a world of handles.
class device {
public:
    static constexpr const char* default_path = "/dev/ntshim";

    static result<device> open(const char* path = default_path) {
        const int fd = ::open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
            return result<device>::failed(errno);
        return device{unique_fd{fd}};
    }
    explicit device(unique_fd fd) noexcept : fd_{std::move(fd)} {}

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    result<std::uint32_t> create(ntshim_create args) const {
        return call(NTSHIM_IOC_CREATE, args, args.handle);
    }
    result<std::uint32_t> timer(ntshim_type type = NTSHIM_NOTIFICATION,
                                std::uint32_t flags = 0) const {
        ntshim_create args{};
        args.kind = NTSHIM_TIMER;
        args.type = type;
        args.flags = flags;
        return create(args);
    }
    result<std::uint32_t> event(ntshim_type type = NTSHIM_NOTIFICATION,
                                bool signaled = false) const {
        ntshim_create args{};
        args.kind = NTSHIM_EVENT;
        args.type = type;
        args.initial = signaled;
        return create(args);
    }

    result<std::uint32_t> semaphore(std::int32_t count, std::int32_t limit) const {
        ntshim_create args{};
        args.kind = NTSHIM_SEMAPHORE;
        args.initial = count;
        args.limit = limit;
        return create(args);
    }
    result<std::uint32_t> mutant() const {
        ntshim_create args{};
        args.kind = NTSHIM_MUTANT;
        return create(args);
    }
    result<std::uint32_t> ex_timer(ntshim_type type = NTSHIM_NOTIFICATION,
                                   std::uint32_t flags = 0) const {
        ntshim_create args{};
        args.kind = NTSHIM_EX_TIMER;
        args.type = type;
        args.flags = flags;
        return create(args);
    }

    /// What the Windows call returns.
    result<std::int32_t> op(std::uint32_t handle, ntshim_opcode code, std::uint32_t arg = 0) const {
        ntshim_op args{};
        args.arg = arg;
        args.handle = handle;
        args.op = code;
        return call(NTSHIM_IOC_OP, args, args.result);
    }

    /// Whether the timer was armed.
    result<std::uint32_t> set(std::uint32_t timer, units due, std::chrono::milliseconds period = {},
                              std::chrono::milliseconds tolerance = {}) const {
        ntshim_set args{};
        args.handle = timer;
        args.due_100ns = due.count();
        args.period_ms = milliseconds_of(period);
        args.tolerance_ms = milliseconds_of(tolerance);
        return call(NTSHIM_IOC_SET, args, args.was_armed);
    }

    /// The same for an EX timer.
    result<std::uint32_t> set_ex(std::uint32_t timer, units due, units period = {},
                                 units no_wake = {}) const {
        ntshim_set_ex args{};
        args.handle = timer;
        args.due_100ns = due.count();
        args.period_100ns = period.count();
        args.no_wake_100ns = no_wake.count();
        return call(NTSHIM_IOC_SET_EX, args, args.was_armed);
    }

    /// How many of the entries were carried out.
    result<std::uint32_t> batch(std::span<ntshim_set> entries) const {
        ntshim_batch args{};
        args.entries = address(entries.data());
        args.count = static_cast<std::uint32_t>(entries.size());
        return call(NTSHIM_IOC_BATCH, args, args.done);
    }

    result<ntshim_query> query(std::uint32_t handle) const {
        ntshim_query args{};
        args.handle = handle;
        return call(NTSHIM_IOC_QUERY, args, args);
    }

    result<woken> wait_any(std::span<const std::uint32_t> handles,
                           std::optional<units> timeout = forever, std::uint32_t owner = 0) const {
        return wait(handles, 0, timeout, owner);
    }
    result<woken> wait_all(std::span<const std::uint32_t> handles,
                           std::optional<units> timeout = forever, std::uint32_t owner = 0) const {
        return wait(handles, NTSHIM_WAIT_ALL, timeout, owner);
    }
    result<woken> wait_one(std::uint32_t handle, std::optional<units> timeout = forever,
                           std::uint32_t owner = 0) const {
        return wait({&handle, 1}, 0, timeout, owner);
    }

    /// How many asynchronous waits that were started with the cookie will
    /// complete with ECANCELED because of this.
    result<std::uint32_t> cancel_wait(std::uint64_t cookie) const {
        ntshim_cancel_wait args{};
        args.cookie = cookie;
        return call(NTSHIM_IOC_CANCEL_WAIT, args, args.count);
    }

    result<ntshim_clocks> clocks() const {
        ntshim_clocks args{};
        return call(NTSHIM_IOC_CLOCKS, args, args);
    }
    result<ntshim_info> info() const {
        ntshim_info args{};
        return call(NTSHIM_IOC_INFO, args, args);
    }

    /// Makes the ring of the file, which has one, and maps it.
    result<ring> make_ring(std::uint32_t entries) const {
        ntshim_ring_setup args{};
        args.entries = entries;
        if (::ioctl(fd(), NTSHIM_IOC_RING, &args))
            return result<ring>::failed(errno);
        return map_ring(entries);
    }
    /// Maps the ring that was made with so many entries, by whomever.
    result<ring> map_ring(std::uint32_t entries) const {
        const auto size = sizeof(ntshim_ring) + std::size_t{entries} * sizeof(ntshim_record);
        void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd(), 0);
        if (memory == MAP_FAILED) // NOLINT(performance-no-int-to-ptr)
            return result<ring>::failed(errno);
        return ring{memory, size};
    }

private:
    /// What does not fit becomes the largest value, which the module refuses.
    static std::uint32_t milliseconds_of(std::chrono::milliseconds time) noexcept {
        constexpr auto most = std::numeric_limits<std::uint32_t>::max();
        return std::in_range<std::uint32_t>(time.count()) ? static_cast<std::uint32_t>(time.count())
                                                          : most;
    }
    template <class T> static std::uint64_t address(const T* pointer) noexcept {
        return reinterpret_cast<std::uintptr_t>(pointer);
    }

    template <class Args, class T>
    result<T> call(unsigned long command, Args& args, const T& output) const {
        if (::ioctl(fd(), command, &args))
            return result<T>::failed(errno);
        return output;
    }

    result<woken> wait(std::span<const std::uint32_t> handles, std::uint32_t flags,
                       std::optional<units> timeout, std::uint32_t owner) const {
        ntshim_wait args{};
        args.owner = owner;
        args.handles = address(handles.data());
        args.count = static_cast<std::uint32_t>(handles.size());
        args.flags = flags | (timeout ? NTSHIM_WAIT_TIMEOUT : 0);
        args.timeout_100ns = timeout ? timeout->count() : 0;
        if (::ioctl(fd(), NTSHIM_IOC_WAIT, &args))
            return result<woken>::failed(errno);
        return woken{args.index & ~NTSHIM_WAIT_ABANDONED, (args.index & NTSHIM_WAIT_ABANDONED) != 0,
                     std::chrono::nanoseconds{args.woken_ns}};
    }

    unique_fd fd_;
};

/// A handle whose object is deleted with its owner. The device must stay where
/// it is and live longer.
class unique_handle {
public:
    unique_handle(const device& dev, std::uint32_t handle) noexcept : dev_{&dev}, handle_{handle} {}
    unique_handle(const device&& gone_at_once, std::uint32_t handle) = delete;
    unique_handle(unique_handle&& other) noexcept
        : dev_{other.dev_}, handle_{std::exchange(other.handle_, 0)} {}
    unique_handle& operator=(unique_handle&& other) noexcept {
        std::swap(dev_, other.dev_);
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~unique_handle() {
        if (handle_)
            static_cast<void>(dev_->op(handle_, NTSHIM_OP_DELETE));
    }

    [[nodiscard]] std::uint32_t get() const noexcept { return handle_; }
    /// Somebody else deletes it.
    std::uint32_t release() noexcept { return std::exchange(handle_, 0); }

private:
    const device* dev_;
    std::uint32_t handle_;
};

} // namespace ntshim
