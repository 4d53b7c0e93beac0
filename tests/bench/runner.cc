// Runs a command several times and prints the cost of each run. Small on purpose: a process that is started by a large
// one inherits its peak memory, which would hide the value to be measured.
//
// usage: runner COUNT COMMAND [WORD...]       one line per run: wall, user and system microseconds, peak KiB, exit
// status
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

long long microseconds(const timeval& t) { return t.tv_sec * 1000000LL + t.tv_usec; }

long long now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: runner COUNT COMMAND [WORD...]\n");
    return 2;
  }
  // Not fork(): the cost of copying our page tables is not part of the command.
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (int fd = 0; fd <= 2; ++fd) posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  for (int left = std::atoi(argv[1]); left > 0; --left) {
    const long long start = now();
    pid_t child = 0;
    if (const int error = posix_spawn(&child, argv[2], &files, nullptr, argv + 2, environ); error != 0)
      return std::fprintf(stderr, "%s: %s\n", argv[2], std::strerror(error)), 1;
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child) return std::perror("wait4"), 1;
    const long long wall = now() - start;
    std::printf("%lld %lld %lld %ld %d\n", wall, microseconds(used.ru_utime), microseconds(used.ru_stime),
                used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
  return 0;
}
