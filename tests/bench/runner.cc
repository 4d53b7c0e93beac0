// Runs a command several times and says what each run cost. Small on purpose: a process that is started by a large one
// inherits its peak memory, which would hide what is to be measured.
//
// usage: runner COUNT COMMAND [WORD...]       one line a run: wall, user and system microseconds, peak KiB, exit status
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

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
  for (int left = std::atoi(argv[1]); left > 0; --left) {
    const long long start = now();
    const pid_t child = fork();
    if (child < 0) return std::perror("fork"), 1;
    if (child == 0) {
      const int null = open("/dev/null", O_RDWR);
      for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
      execv(argv[2], argv + 2);
      _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child) return std::perror("wait4"), 1;
    const long long wall = now() - start;
    std::printf("%lld %lld %lld %ld %d\n", wall, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
  return 0;
}
