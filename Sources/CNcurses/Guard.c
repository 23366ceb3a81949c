#define _GNU_SOURCE
#include "Guard.h"
#include "include/CNcurses.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

// The first are faults and traps, ours whoever else handles them; the others are taken only where
// they would end the program.
static const int fatal_signals[] = {SIGSEGV, SIGBUS,  SIGILL,    SIGFPE,  SIGTRAP, SIGABRT, SIGQUIT,
                                    SIGSYS,  SIGXCPU, SIGXFSZ,   SIGTERM, SIGHUP,  SIGINT,  SIGUSR1,
                                    SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPIPE};
enum { fatal_signal_count = sizeof fatal_signals / sizeof *fatal_signals, crash_signal_count = 6 };
enum { errors_max = 1 << 20, alternate_stack_bytes = 64 * 1024, reset_text_max = 512 };

// Mouse off, paste as typed, no synchronized output, plain text, ASCII, cursor shown, keypad off,
// main screen.
static const char usual_reset_text[] =
    "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?2026l\033[m\033(B\033[?25h"
    "\033[?1l\033>\033[?1049l\r";

static struct sigaction actions_before[fatal_signal_count];
static int is_taken[fatal_signal_count];
static char reset_text[reset_text_max];
static struct termios terminal_before;
static stack_t stack_before;
static void *alternate_stack;
static int has_terminal_before;
static sigset_t signals_before_background;
static atomic_int terminal = -1;
static atomic_int errors = -1;      // memory that stands in for standard error
static atomic_int real_errors = -1; // where standard error went before
static atomic_int is_armed;
static atomic_int owns_title;
static int is_exit_watched;

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

static void block_stop_for_output(sigset_t *before) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &set, before);
}

void nc_emergency_restore(void) {
  if (!atomic_exchange(&is_armed, 0)) return;
  int descriptor = atomic_load(&terminal);
  if (descriptor >= 0) {
    sigset_t before;
    block_stop_for_output(&before);
    if (atomic_load(&owns_title)) {
      write_all(descriptor, NC_TITLE_BACK, sizeof NC_TITLE_BACK - 1);
    }
    write_all(descriptor, reset_text, strnlen(reset_text, sizeof reset_text));
    if (has_terminal_before) tcsetattr(descriptor, TCSANOW, &terminal_before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  release_errors();
}

/// A fault happens again by itself on return, with its place and cause; others have to be sent.
static int happens_again(int number, const siginfo_t *info) {
  int is_fault =
      number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE;
  return is_fault && info->si_code > 0;
}

static void on_fatal_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved = errno;
  nc_emergency_restore();
  for (int i = 0; i < fatal_signal_count; i++) {
    if (fatal_signals[i] == number) sigaction(number, &actions_before[i], NULL);
  }
  errno = saved;
  if (!happens_again(number, info)) raise(number);
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

static void take_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < fatal_signal_count; i++) {
    struct sigaction before;
    if (sigaction(fatal_signals[i], NULL, &before) != 0) continue;
    int is_default = !(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_DFL;
    is_taken[i] = i < crash_signal_count || is_default;
    if (is_taken[i]) sigaction(fatal_signals[i], &action, &actions_before[i]);
  }
}

void guard_arm(int descriptor) {
  atomic_store(&terminal, descriptor);
  has_terminal_before = tcgetattr(descriptor, &terminal_before) == 0;
  guard_describe(usual_reset_text);
  atomic_store(&owns_title, 0);
  hold_errors();
  alternate_stack = malloc(alternate_stack_bytes);
  stack_t stack = {.ss_sp = alternate_stack, .ss_size = alternate_stack_bytes};
  if (alternate_stack) sigaltstack(&stack, &stack_before);
  // For exit(3) from anywhere.
  if (!is_exit_watched) is_exit_watched = atexit(nc_emergency_restore) == 0;
  atomic_store(&is_armed, 1);
  take_signals();
}

void guard_describe(const char *text) {
  size_t length = strnlen(text, sizeof reset_text - 1);
  memcpy(reset_text, text, length);
  reset_text[length] = 0;
}

void guard_owns_title(int owns) { atomic_store(&owns_title, owns); }

void guard_disarm(void) {
  if (atomic_load(&terminal) < 0) return;
  for (int i = 0; i < fatal_signal_count; i++) {
    if (is_taken[i]) sigaction(fatal_signals[i], &actions_before[i], NULL);
    is_taken[i] = 0;
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

void guard_begin_background(void) { block_stop_for_output(&signals_before_background); }

void guard_end_background(void) {
  pthread_sigmask(SIG_SETMASK, &signals_before_background, NULL);
}
