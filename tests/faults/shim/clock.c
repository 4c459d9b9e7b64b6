// A wall clock that is wrong. Waits until a time of that clock end when it shows that time.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

enum { kNanosecond = 1000000000 };

// Times later than this are of the wall clock: no machine has been up for so long.
static const time_t kWallClock = 1000000000;

typedef long (*SystemCall)(long, ...);
typedef int (*Wait)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
typedef int (*ClockWait)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);

static long System(long number, long a, long b, long c, long d, long e, long f) {
  static SystemCall hidden = NULL;
  if (hidden == NULL) hidden = (SystemCall)Hidden("syscall");
  return hidden(number, a, b, c, d, e, f);
}

static struct timespec Moved(struct timespec time, int64_t by) {
  int64_t nanoseconds = time.tv_nsec + by % kNanosecond;
  time.tv_sec += by / kNanosecond;
  if (nanoseconds < 0) {
    nanoseconds += kNanosecond;
    --time.tv_sec;
  } else if (nanoseconds >= kNanosecond) {
    nanoseconds -= kNanosecond;
    ++time.tv_sec;
  }
  time.tv_nsec = nanoseconds;
  return time;
}

// The time of the right clock at which the wrong one shows `time`.
static struct timespec Rightly(const struct timespec* time) {
  struct timespec right = Moved(*time, -ClockOffset());
  if (right.tv_sec < 0) right = (struct timespec){0, 0};
  return right;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  typedef int (*Getter)(clockid_t, struct timespec*);
  static Getter hidden = NULL;
  if (hidden == NULL) hidden = (Getter)Hidden("clock_gettime");
  const int result = hidden(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *time = Moved(*time, ClockOffset());
  }
  if (result == 0 && clock == CLOCK_BOOTTIME) *time = Moved(*time, BootOffset());
  return result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  static Wait hidden = NULL;
  if (hidden == NULL) hidden = (Wait)Hidden("pthread_cond_timedwait");
  const struct timespec right = until->tv_sec > kWallClock ? Rightly(until) : *until;
  return hidden(condition, mutex, &right);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* until) {
  static ClockWait hidden = NULL;
  if (hidden == NULL) hidden = (ClockWait)Hidden("pthread_cond_clockwait");
  const struct timespec right = clock == CLOCK_REALTIME ? Rightly(until) : *until;
  return hidden(condition, mutex, clock, &right);
}

// Abseil waits by the system call itself.
long syscall(long number, ...) {
  long given[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; ++i) given[i] = va_arg(rest, long);
  va_end(rest);
  struct timespec right;
  const struct timespec* until = (const struct timespec*)given[3];
  if (number == SYS_futex && (given[1] & FUTEX_CLOCK_REALTIME) != 0 && until != NULL) {
    right = Rightly(until);
    given[3] = (long)&right;
  }
  return System(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
