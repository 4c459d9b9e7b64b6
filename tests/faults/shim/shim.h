// A library to be loaded before a program (LD_PRELOAD): it keeps a log of what the program does to
// the files of its store, makes calls on them fail, and shows it a wrong clock.
//
// BALI_SHIM_STORE    the path of the store; its files are those whose paths begin so
// BALI_SHIM_CONTROL  a file of struct Control, which the test maps too
// BALI_SHIM_LOG      where the log goes: struct Entry, each with its data behind it
//
// Without BALI_SHIM_CONTROL nothing happens. tests/faults/shim.py is the other side.

#ifndef BALIPROCESS_TESTS_FAULTS_SHIM_H_
#define BALIPROCESS_TESTS_FAULTS_SHIM_H_

#include <stdint.h>

// The calls that are counted and may fail.
enum Call { kPwrite, kFdatasync, kFtruncate, kOpen, kPread, kCalls };

// `error` instead of a number of errno: half of what was to be written is, and is told to be.
enum { kShort = -1 };

// All of it is changed and read as single words.
struct Control {
  int64_t clock_offset_ns;  // added to CLOCK_REALTIME
  int64_t boot_offset_ns;   // added to CLOCK_BOOTTIME, as when the machine was suspended
  int64_t call;             // the call that fails, or -1
  int64_t error;            // with this number of errno, or kShort
  int64_t first;            // the number of the first call that fails, as counted below
  int64_t count;            // how many fail
  int64_t failed;           // how many have failed
  int64_t held;             // while it isn't 0, writes to a backup that is made wait
  int64_t counted[kCalls];  // calls so far
};

enum Action { kWrite = 1, kTruncate, kSync, kUnlink };

// One thing done to a file of the store.
struct Entry {
  int32_t action;
  int32_t file;    // what follows the store's path: 0 nothing, 1 -wal, 2 -journal
  int64_t offset;  // of a write; the new length of a truncation
  int64_t size;    // of the data behind the entry
};

// The number of the store's file that has this path, or -1.
int FileOfPath(const char* path);
void NoteOpened(int fd, const char* path);
void NoteClosed(int fd);
// The number of the store's file that is open as `fd`, kBackup, or -1.
int FileOfDescriptor(int fd);

// A backup that is made, beside the store: the store's path and `.backup` begin its own.
enum { kBackup = -2 };

// Waits as long as writes to a backup are to wait.
void AwaitRelease(void);

// Counts a call. 0, or what it shall fail with.
int64_t Failure(enum Call call);

int64_t ClockOffset(void);
int64_t BootOffset(void);

// The log's order is the order of what was done: both happen under this lock.
void LockLog(void);
void UnlockLog(void);
void Append(enum Action action, int file, int64_t offset, const void* data, int64_t size);

// The function that this library hides.
void* Hidden(const char* name);

#endif  // BALIPROCESS_TESTS_FAULTS_SHIM_H_
