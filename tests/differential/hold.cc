// A process that owns what it inherited and does nothing: hold COMM. argv[0] is whatever the caller chose.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc > 1) prctl(PR_SET_NAME, argv[1]);
  // Descriptor 2 tells the parent that the name is set.
  if (write(STDERR_FILENO, "!", 1) != 1) return 1;
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  for (;;) pause();
}
