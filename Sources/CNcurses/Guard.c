#define _GNU_SOURCE
#include "Guard.h"
#include "include/CNcurses.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
enum { crash_signal_count = sizeof crash_signals / sizeof *crash_signals };
enum { errors_max = 1 << 20, alternate_stack_bytes = 64 * 1024 };

// Mouse off, synchronized output off, plain text, ASCII, cursor shown, keypad off, main screen.
static const char reset_text[] =
    "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2026l\033[m\033(B\033[?25h\033[?1l\033>"
    "\033[?1049l\r";

static struct sigaction actions_before[crash_signal_count];
static struct termios terminal_before;
static stack_t stack_before;
static void *alternate_stack;
static int has_terminal_before;
static atomic_int terminal = -1;
static atomic_int errors = -1;      // memory that stands in for standard error
static atomic_int real_errors = -1; // where standard error went before
static atomic_int is_armed;

// Everything down to the next line is async-signal-safe.

static void write_all(int descriptor, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(descriptor, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

/// Standard error goes where it went before, and gets what was held back.
static void release_errors(void) {
  int real = atomic_exchange(&real_errors, -1), held = atomic_exchange(&errors, -1);
  if (real >= 0) {
    dup2(real, STDERR_FILENO);
    close(real);
  }
  if (held < 0) return;
  char part[4096];
  off_t offset = 0;
  ssize_t count;
  while ((count = pread(held, part, sizeof part, offset)) > 0) {
    write_all(STDERR_FILENO, part, (size_t)count);
    offset += count;
  }
  close(held);
}

void nc_emergency_restore(void) {
  if (!atomic_exchange(&is_armed, 0)) return;
  int descriptor = atomic_load(&terminal);
  if (descriptor >= 0) {
    write_all(descriptor, reset_text, sizeof reset_text - 1);
    if (has_terminal_before) tcsetattr(descriptor, TCSANOW, &terminal_before);
  }
  release_errors();
}

static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved = errno;
  nc_emergency_restore();
  for (int i = 0; i < crash_signal_count; i++) {
    if (crash_signals[i] == number) sigaction(number, &actions_before[i], NULL);
  }
  errno = saved;
  // A fault happens again by itself on return; a signal that was sent has to be sent again.
  if (info->si_code <= 0) raise(number);
}

// ----------------------------------------------------------------

static void hold_errors(void) {
  int held = memfd_create("nntop-stderr", MFD_CLOEXEC);
  int real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (held < 0 || real < 0) {
    if (held >= 0) close(held);
    if (real >= 0) close(real);
    return;
  }
  fcntl(held, F_SETFL, O_APPEND);
  dup2(held, STDERR_FILENO);
  atomic_store(&errors, held);
  atomic_store(&real_errors, real);
}

void guard_arm(int descriptor) {
  atomic_store(&terminal, descriptor);
  has_terminal_before = tcgetattr(descriptor, &terminal_before) == 0;
  hold_errors();
  alternate_stack = malloc(alternate_stack_bytes);
  stack_t stack = {.ss_sp = alternate_stack, .ss_size = alternate_stack_bytes};
  if (alternate_stack) sigaltstack(&stack, &stack_before);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  atomic_store(&is_armed, 1);
  for (int i = 0; i < crash_signal_count; i++) {
    sigaction(crash_signals[i], &action, &actions_before[i]);
  }
}

void guard_disarm(void) {
  if (atomic_load(&terminal) < 0) return;
  for (int i = 0; i < crash_signal_count; i++) {
    sigaction(crash_signals[i], &actions_before[i], NULL);
  }
  if (alternate_stack) {
    sigaltstack(&stack_before, NULL);
    free(alternate_stack);
    alternate_stack = NULL;
  }
  if (has_terminal_before) tcsetattr(atomic_load(&terminal), TCSADRAIN, &terminal_before);
  atomic_store(&is_armed, 0);
  atomic_store(&terminal, -1);
  release_errors();
}

void guard_pause(void) {
  atomic_store(&is_armed, 0);
  release_errors();
}

void guard_resume(void) {
  hold_errors();
  atomic_store(&is_armed, 1);
}

void guard_trim_errors(void) {
  int held = atomic_load(&errors);
  struct stat status;
  if (held >= 0 && fstat(held, &status) == 0 && status.st_size > errors_max) {
    if (ftruncate(held, 0) != 0) return;
    static const char note[] = "(earlier messages were dropped)\n";
    write_all(STDERR_FILENO, note, sizeof note - 1);
  }
}
