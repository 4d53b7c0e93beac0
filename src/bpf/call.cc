// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/call.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "src/base/fd.h"

namespace duostat {
namespace {

constexpr char kPath[] = "/sys/kernel/btf/vmlinux";

class KernelCall final : public BpfCall {
 public:
  long call(std::uint32_t command, void* attributes, std::uint32_t size) noexcept override {
#ifdef SYS_bpf
    const long result = ::syscall(SYS_bpf, command, attributes, size);
    return result < 0 ? -errno : result;
#else
    return -ENOSYS;
#endif
  }

  long read(int fd, std::span<std::byte> buffer) noexcept override {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    return n < 0 ? -errno : static_cast<long>(n);
  }

  int kernel_btf(KernelBtf& btf) noexcept override {
    const Fd file(::open(kPath, O_RDONLY | O_CLOEXEC));
    struct stat about;
    if (!file || ::fstat(file.get(), &about) != 0) return errno;
    const auto size = static_cast<std::size_t>(about.st_size);
    // Linux 6.16 maps it, older kernels refuse.
    void* const mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (mapping != MAP_FAILED) return btf = KernelBtf(mapping, size), 0;
    return read_file(file.get(), size, btf);
  }

 private:
  static int read_file(int file, std::size_t size, KernelBtf& btf) noexcept {
    try {
      std::vector<std::byte> bytes(size);
      std::size_t have = 0;
      while (have < size) {
        const ssize_t n = ::read(file, bytes.data() + have, size - have);
        if (n < 0 && errno != EINTR) return errno;
        if (n == 0) return EIO;
        if (n > 0) have += static_cast<std::size_t>(n);
      }
      btf = KernelBtf(std::move(bytes));
      return 0;
    } catch (const std::bad_alloc&) {
      return ENOMEM;
    }
  }
};

}  // namespace

KernelBtf::~KernelBtf() {
  if (mapping_ != nullptr) ::munmap(mapping_, size_);
}

BpfCall& kernel_bpf() noexcept {
  static KernelCall kernel;
  return kernel;
}

}  // namespace duostat
