#define _GNU_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kDescriptors = 65536 };

static struct Control* control = NULL;
static const char* store = NULL;
static int log_fd = -1;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_schar files[kDescriptors];  // by descriptor: what FileOfDescriptor says, and 1

static void Die(const char* what) {
  perror(what);
  _exit(70);
}

__attribute__((constructor)) static void Begin(void) {
  const char* path = getenv("BALI_SHIM_CONTROL");
  if (path == NULL) return;
  // By system calls: open() is this library's own.
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) Die(path);
  void* mapped = mmap(NULL, sizeof(struct Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) Die(path);
  close(fd);
  const char* log = getenv("BALI_SHIM_LOG");
  if (log != NULL) {
    log_fd =
        (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0) Die(log);
  }
  store = getenv("BALI_SHIM_STORE");
  control = mapped;
}

void* Hidden(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == NULL) Die(name);
  return found;
}

int FileOfPath(const char* path) {
  static const char* const kSuffixes[] = {"", "-wal", "-journal"};
  if (store == NULL || path == NULL) return -1;
  const size_t length = strlen(store);
  if (strncmp(path, store, length) != 0) return -1;
  for (int file = 0; file < 3; ++file) {
    if (strcmp(path + length, kSuffixes[file]) == 0) return file;
  }
  return -1;
}

static int IsBackup(const char* path) {
  static const char kBehind[] = ".backup";
  if (store == NULL || path == NULL) return 0;
  const size_t length = strlen(store);
  return strncmp(path, store, length) == 0 &&
         strncmp(path + length, kBehind, sizeof(kBehind) - 1) == 0;
}

void NoteOpened(int fd, const char* path) {
  const int file = IsBackup(path) ? kBackup : FileOfPath(path);
  if (fd >= 0 && fd < kDescriptors) files[fd] = (signed char)(file + 1);
}

void NoteClosed(int fd) {
  if (fd >= 0 && fd < kDescriptors) files[fd] = 0;
}

int FileOfDescriptor(int fd) { return fd >= 0 && fd < kDescriptors ? files[fd] - 1 : -1; }

int64_t Failure(enum Call call) {
  if (control == NULL) return 0;
  const int64_t number = __atomic_fetch_add(&control->counted[call], 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&control->call, __ATOMIC_SEQ_CST) != (int64_t)call) return 0;
  const int64_t first = __atomic_load_n(&control->first, __ATOMIC_SEQ_CST);
  const int64_t count = __atomic_load_n(&control->count, __ATOMIC_SEQ_CST);
  if (number < first || number - first >= count) return 0;
  __atomic_fetch_add(&control->failed, 1, __ATOMIC_SEQ_CST);
  return __atomic_load_n(&control->error, __ATOMIC_SEQ_CST);
}

void AwaitRelease(void) {
  while (control != NULL && __atomic_load_n(&control->held, __ATOMIC_SEQ_CST) != 0) usleep(10000);
}

int64_t ClockOffset(void) {
  return control == NULL ? 0 : __atomic_load_n(&control->clock_offset_ns, __ATOMIC_SEQ_CST);
}

int64_t BootOffset(void) {
  return control == NULL ? 0 : __atomic_load_n(&control->boot_offset_ns, __ATOMIC_SEQ_CST);
}

void LockLog(void) {
  if (log_fd >= 0) pthread_mutex_lock(&log_lock);
}

void UnlockLog(void) {
  if (log_fd >= 0) pthread_mutex_unlock(&log_lock);
}

static void WriteAll(const char* data, int64_t size) {
  while (size > 0) {
    const ssize_t written = write(log_fd, data, (size_t)size);
    if (written <= 0) Die("the log of the shim");
    data += written;
    size -= written;
  }
}

void Append(enum Action action, int file, int64_t offset, const void* data, int64_t size) {
  if (log_fd < 0) return;
  const struct Entry entry = {(int32_t)action, file, offset, size};
  WriteAll((const char*)&entry, sizeof(entry));
  WriteAll(data, size);
}
