/* Preloaded by out_of_memory.py: makes one allocation of a program fail, or all from one on.
 *
 *   FAIL_MALLOC_AT=N       the Nth allocation fails (from 1); unset or 0: none
 *   FAIL_MALLOC_ON=1       so do all that follow
 *   FAIL_MALLOC_COUNT=FILE at exit, FILE gets the number of allocations
 *
 * Uses the names under which glibc exports its own allocator, because dlsym(3) allocates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

extern char **environ;
static atomic_ulong calls;
static unsigned long at;
static int on, ready;

/* getenv(3), which is safe before the C library is ready only with the environment as it came. */
static const char *variable(const char *name) {
  for (char **entry = environ; entry != NULL && *entry != NULL; ++entry) {
    const char *a = *entry, *b = name;
    while (*b != '\0' && *a == *b) ++a, ++b;
    if (*b == '\0' && *a == '=') return a + 1;
  }
  return NULL;
}

static int fails(void) {
  if (!ready) {
    if (environ == NULL) return 0; /* in the dynamic linker */
    const char *text = variable("FAIL_MALLOC_AT");
    for (at = 0; text != NULL && *text >= '0' && *text <= '9'; ++text) at = at * 10 + (unsigned long)(*text - '0');
    on = variable("FAIL_MALLOC_ON") != NULL;
    ready = 1;
  }
  const unsigned long number = atomic_fetch_add(&calls, 1) + 1;
  if (at == 0 || number < at || (number > at && !on)) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
  void *block = memalign(alignment, size);
  if (block == NULL) return ENOMEM;
  *result = block;
  return 0;
}

__attribute__((destructor)) static void tell(void) {
  const char *file = variable("FAIL_MALLOC_COUNT");
  if (file == NULL) return;
  char text[32];
  const int length = snprintf(text, sizeof text, "%lu\n", atomic_load(&calls));
  const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return;
  if (write(fd, text, (size_t)length) != length) unlink(file);
  close(fd);
}
