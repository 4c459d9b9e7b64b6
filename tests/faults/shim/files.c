// The calls on files. Debian's SQLite calls those with 64 in their names; the others are the same
// on 64-bit systems.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

#include "shim.h"

#define HIDDEN(type, name)   \
  static type hidden = NULL; \
  if (hidden == NULL) hidden = (type)Hidden(name)

typedef int (*Opener)(const char*, int, ...);
typedef ssize_t (*Writer)(int, const void*, size_t, off_t);
typedef ssize_t (*Reader)(int, void*, size_t, off_t);
typedef int (*Truncater)(int, off_t);
typedef int (*Closer)(int);
typedef int (*Unlinker)(const char*);

// What the caller is told of a call that failed.
static int Fail(int64_t error) {
  errno = (int)error;
  return -1;
}

static int Open(Opener opener, const char* path, int flags, mode_t mode) {
  if (FileOfPath(path) >= 0) {
    const int64_t error = Failure(kOpen);
    if (error > 0) return Fail(error);
  }
  const int fd = opener(path, flags, mode);
  NoteOpened(fd, path);
  return fd;
}

#define OPEN(name)                             \
  int name(const char* path, int flags, ...) { \
    HIDDEN(Opener, #name);                     \
    va_list rest;                              \
    va_start(rest, flags);                     \
    const mode_t mode = va_arg(rest, mode_t);  \
    va_end(rest);                              \
    return Open(hidden, path, flags, mode);    \
  }

OPEN(open)
OPEN(open64)

int close(int fd) {
  HIDDEN(Closer, "close");
  NoteClosed(fd);
  return hidden(fd);
}

static ssize_t WriteAndNote(Writer writer, int fd, const void* data, size_t size, off_t offset) {
  const int file = FileOfDescriptor(fd);
  if (file == kBackup) AwaitRelease();
  if (file < 0) return writer(fd, data, size, offset);
  const int64_t error = Failure(kPwrite);
  if (error > 0) return Fail(error);
  LockLog();
  const ssize_t written = writer(fd, data, error == kShort ? size / 2 : size, offset);
  if (written > 0) Append(kWrite, file, offset, data, written);
  UnlockLog();
  return written;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  HIDDEN(Writer, "pwrite");
  return WriteAndNote(hidden, fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  HIDDEN(Writer, "pwrite64");
  return WriteAndNote(hidden, fd, data, size, offset);
}

static ssize_t Read(Reader reader, int fd, void* data, size_t size, off_t offset) {
  if (FileOfDescriptor(fd) >= 0) {
    const int64_t error = Failure(kPread);
    if (error > 0) return Fail(error);
  }
  return reader(fd, data, size, offset);
}

ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  HIDDEN(Reader, "pread");
  return Read(hidden, fd, data, size, offset);
}

ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  HIDDEN(Reader, "pread64");
  return Read(hidden, fd, data, size, offset);
}

static int Truncate(Truncater truncater, int fd, off_t length) {
  const int file = FileOfDescriptor(fd);
  if (file < 0) return truncater(fd, length);
  const int64_t error = Failure(kFtruncate);
  if (error > 0) return Fail(error);
  LockLog();
  const int result = truncater(fd, length);
  if (result == 0) Append(kTruncate, file, length, NULL, 0);
  UnlockLog();
  return result;
}

int ftruncate(int fd, off_t length) {
  HIDDEN(Truncater, "ftruncate");
  return Truncate(hidden, fd, length);
}

int ftruncate64(int fd, off64_t length) {
  HIDDEN(Truncater, "ftruncate64");
  return Truncate(hidden, fd, length);
}

// What is written meanwhile waits, so that the log tells what was synced.
static int Sync(Closer syncer, int fd) {
  const int file = FileOfDescriptor(fd);
  if (file < 0) return syncer(fd);
  const int64_t error = Failure(kFdatasync);
  if (error > 0) return Fail(error);
  LockLog();
  const int result = syncer(fd);
  if (result == 0) Append(kSync, file, 0, NULL, 0);
  UnlockLog();
  return result;
}

int fdatasync(int fd) {
  HIDDEN(Closer, "fdatasync");
  return Sync(hidden, fd);
}

int fsync(int fd) {
  HIDDEN(Closer, "fsync");
  return Sync(hidden, fd);
}

int unlink(const char* path) {
  HIDDEN(Unlinker, "unlink");
  const int file = FileOfPath(path);
  LockLog();
  const int result = hidden(path);
  if (file >= 0 && result == 0) Append(kUnlink, file, 0, NULL, 0);
  UnlockLog();
  return result;
}
