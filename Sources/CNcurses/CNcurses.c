#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "include/CNcurses.h"

#include <curses.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "Guard.h"
#include "Terminfo.h"

static SCREEN *screen_handle;
static FILE *input_file;
static FILE *output_file;
static int is_open;
static int is_left;
static int is_mouse_on;
enum { waiting_mouse_max = 16 };
static MEVENT waiting_mouse[waiting_mouse_max];
static int waiting_mouse_count;
static cchar_t *line;
static int line_columns;

// ---------------------------------------------------------------- locale

static int asks_for_utf8(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return 0;
}

int nc_set_locale(void) {
  int kind = NC_LOCALE_ASCII;
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {
    kind = NC_LOCALE_UTF8;
  } else if (asks_for_utf8()
             && (setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "en_US.UTF-8"))) {
    kind = NC_LOCALE_UTF8_SUBSTITUTED;
  }
  setlocale(LC_NUMERIC, "C");
  return kind;
}

int nc_character_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

// ---------------------------------------------------------------- opening

/// newterm with this name, or with a description that nearly every terminal obeys.
static SCREEN *new_screen(const char *name, const char **used) {
  const char *names[] = {name, "xterm-256color", "xterm"};
  for (int i = 0; i < 3; i++) {
    if (!names[i] || !*names[i]) continue;
    if (!terminfo_knows(names[i], fileno(output_file))) continue;
    SCREEN *result = newterm(names[i], output_file, input_file);
    if (result) {
      *used = names[i];
      return result;
    }
  }
  return NULL;
}

static void close_files(void) {
  if (input_file) fclose(input_file);
  if (output_file) fclose(output_file);
  input_file = output_file = NULL;
}

/// Streams of our own on the terminal: input from /dev/tty when standard input is something else.
static int open_files(int from, int to) {
  if (to < 0) to = STDOUT_FILENO;
  if (from < 0) from = STDIN_FILENO;
  if (!isatty(to)) return 0;
  int input = isatty(from) ? dup(from) : open("/dev/tty", O_RDWR | O_CLOEXEC);
  int output = dup(to);
  if (input >= 0) fcntl(input, F_SETFD, FD_CLOEXEC);
  if (output >= 0) fcntl(output, F_SETFD, FD_CLOEXEC);
  input_file = input >= 0 ? fdopen(input, "r") : NULL;
  output_file = output >= 0 ? fdopen(output, "w") : NULL;
  if (input_file && output_file) return 1;
  if (!input_file && input >= 0) close(input);
  if (!output_file && output >= 0) close(output);
  close_files();
  return 0;
}

static void set_modes(void) {
  raw();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  scrollok(stdscr, FALSE);
  set_escdelay(25);
  // A cursor that cannot be hidden is left where ncurses wants it least often.
  leaveok(stdscr, curs_set(0) != ERR);
}

static void describe(nc_screen *screen, int colored, const char *name) {
  memset(screen, 0, sizeof *screen);
  screen->input = fileno(input_file);
  strncpy(screen->terminal_name, name, sizeof screen->terminal_name - 1);
  if (!colored || !has_colors() || start_color() == ERR) return;
  screen->has_default_colors = use_default_colors() == OK;
  screen->colors = COLORS;
  screen->color_pairs = COLOR_PAIRS < 65536 ? COLOR_PAIRS : 65536;
}

int nc_open(const char *wanted, int input, int output, int colored, nc_screen *screen) {
  static const int touched[] = {SIGWINCH, SIGTSTP, SIGINT, SIGTERM};
  enum { count = sizeof touched / sizeof *touched };
  if (is_open) return NC_BUSY;
  if (!open_files(input, output)) return NC_NO_TERMINAL;
  guard_arm(fileno(output_file));
  struct sigaction before[count];
  for (int i = 0; i < count; i++) sigaction(touched[i], NULL, &before[i]);
  // The size comes from the system, not from LINES and COLUMNS, which would freeze it.
  use_env(FALSE);
  use_tioctl(TRUE);
  const char *name = "";
  screen_handle = new_screen(wanted, &name);
  // ncurses' own handlers would end the program or resize behind our back.
  for (int i = 0; i < count; i++) sigaction(touched[i], &before[i], NULL);
  if (!screen_handle || !terminfo_can("cup")) {
    int failure = screen_handle ? NC_CANNOT_ADDRESS : NC_UNKNOWN_TERMINAL;
    if (screen_handle) {
      endwin();
      delscreen(screen_handle);
      screen_handle = NULL;
    }
    guard_disarm();
    close_files();
    return failure;
  }
  set_modes();
  describe(screen, colored, name);
  is_open = 1;
  is_left = 0;
  waiting_mouse_count = 0;
  return NC_OPENED;
}

void nc_close(void) {
  if (!is_open) return;
  is_open = 0;
  nc_set_mouse(0);
  if (!is_left) endwin();
  delscreen(screen_handle);
  screen_handle = NULL;
  guard_disarm();
  close_files();
  free(line);
  line = NULL;
  line_columns = 0;
}

// ---------------------------------------------------------------- leaving for a while

void nc_leave(void) {
  if (!is_open || is_left) return;
  int mouse = is_mouse_on;
  nc_set_mouse(0);
  is_mouse_on = mouse;
  endwin();
  guard_pause();
  is_left = 1;
}

void nc_resume(void) {
  if (!is_open) return;
  if (is_left) guard_resume();
  is_left = 0;
  reset_prog_mode();
  nc_resize();
  curs_set(0);
  nc_repaint();
  refresh();
  if (is_mouse_on) nc_set_mouse(1);
}

void nc_stop_process(void) {
  if (!is_open) return;
  nc_leave();
  // SIGTSTP by default action, not SIGSTOP: the system discards it where no shell could continue
  // us.
  struct sigaction stop = {0}, before;
  stop.sa_handler = SIG_DFL;
  sigemptyset(&stop.sa_mask);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  sigaction(SIGTSTP, &stop, &before);
  sigprocmask(SIG_UNBLOCK, &set, &old);
  kill(0, SIGTSTP);
  sigprocmask(SIG_SETMASK, &old, NULL);
  sigaction(SIGTSTP, &before, NULL);
  nc_resume();
}

// ---------------------------------------------------------------- output

static attr_t attributes_of(uint8_t bits) {
  attr_t result = A_NORMAL;
  if (bits & NC_BOLD) result |= A_BOLD;
  if (bits & NC_FAINT) result |= A_DIM;
  if (bits & NC_UNDERLINE) result |= A_UNDERLINE;
  if (bits & NC_REVERSE) result |= A_REVERSE;
  return result;
}

static void set_cell(cchar_t *target, const nc_cell *cell, wchar_t scalar) {
  int pair = cell->pair;
  wchar_t text[2] = {scalar, 0};
  setcchar(target, text, attributes_of(cell->attributes), 0, &pair);
}

/// Turns one row into curses characters; returns how many. The C library's idea of a width counts:
/// where it differs from the cell's, replacement characters keep everything after it in place.
static int fill_line(const nc_cell *cells, int columns) {
  wchar_t replacement = wcwidth(0xFFFD) == 1 ? 0xFFFD : L'?';
  int used = 0;
  for (int column = 0; column < columns; column++) {
    const nc_cell *cell = &cells[column];
    if (cell->width == 0) continue;
    if (cell->scalar >= 0x20 && cell->scalar < 0x7F) {
      set_cell(&line[used++], cell, (wchar_t)cell->scalar);
    } else if (wcwidth((wchar_t)cell->scalar) == cell->width) {
      set_cell(&line[used++], cell, (wchar_t)cell->scalar);
    } else {
      for (int part = 0; part < cell->width && used < columns; part++) {
        set_cell(&line[used++], cell, replacement);
      }
    }
  }
  return used;
}

static void write_directly(const char *text, size_t length) {
  int descriptor = fileno(output_file);
  while (length > 0) {
    ssize_t written = write(descriptor, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

void nc_present(const nc_cell *cells, int rows, int columns, int synchronized) {
  static const char begin[] = "\033[?2026h", end[] = "\033[?2026l";
  if (!is_open || is_left || rows <= 0 || columns <= 0) return;
  if (columns > line_columns) {
    cchar_t *larger = realloc(line, (size_t)columns * sizeof *line);
    if (!larger) return;
    line = larger;
    line_columns = columns;
  }
  guard_trim_errors();
  for (int row = 0; row < rows; row++) {
    int count = fill_line(cells + (size_t)row * columns, columns);
    mvadd_wchnstr(row, 0, line, count);
  }
  if (synchronized) write_directly(begin, sizeof begin - 1);
  refresh();
  if (synchronized) write_directly(end, sizeof end - 1);
}

void nc_repaint(void) {
  if (is_open) clearok(curscr, TRUE);
}

void nc_size(int *rows, int *columns) {
  *rows = *columns = 0;
  if (is_open) getmaxyx(stdscr, *rows, *columns);
}

int nc_resize(void) {
  struct winsize window;
  if (!is_open || ioctl(fileno(output_file), TIOCGWINSZ, &window) != 0) return 0;
  if (window.ws_row == 0 || window.ws_col == 0) return 0;
  if (!is_term_resized(window.ws_row, window.ws_col)) return 0;
  return resizeterm(window.ws_row, window.ws_col) == OK;
}

int nc_set_window_size(int descriptor, int rows, int columns) {
  struct winsize window = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  return ioctl(descriptor, TIOCSWINSZ, &window) == 0;
}

int nc_define_pair(int pair, int foreground, int background) {
  return is_open && init_extended_pair(pair, foreground, background) == OK;
}

int nc_is_output_ready(void) {
  if (!is_open) return 0;
  struct pollfd descriptor = {.fd = fileno(output_file), .events = POLLOUT};
  return poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLOUT);
}

// ---------------------------------------------------------------- input

void nc_set_mouse(int on) {
  if (!is_open && on) return;
  // No clicks: ncurses would make one of a press and a release and keep both back.
  static const mmask_t wanted = BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON2_PRESSED
    | BUTTON2_RELEASED | BUTTON3_PRESSED | BUTTON3_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED
    | REPORT_MOUSE_POSITION;
  is_mouse_on = on;
  mouseinterval(0);
  mousemask(on ? wanted : 0, NULL);
}

static nc_input mouse_input(const MEVENT *event) {
  nc_input input = {.kind = NC_INPUT_MOUSE, .row = event->y, .column = event->x};
  mmask_t state = event->bstate;
  if (state & BUTTON4_PRESSED) {
    input.value = NC_MOUSE_WHEEL_UP;
  } else if (state & BUTTON5_PRESSED) {
    input.value = NC_MOUSE_WHEEL_DOWN;
  } else if (state & (BUTTON1_PRESSED | BUTTON2_PRESSED | BUTTON3_PRESSED)) {
    input.value = NC_MOUSE_PRESS;
  } else if (state & (BUTTON1_RELEASED | BUTTON2_RELEASED | BUTTON3_RELEASED)) {
    input.value = NC_MOUSE_RELEASE;
  } else if (state & REPORT_MOUSE_POSITION) {
    input.value = NC_MOUSE_DRAG;
  } else {
    input.kind = NC_INPUT_UNKNOWN;
  }
  return input;
}

/// ncurses announces several mouse events once and hands out the latest first.
static nc_input first_mouse_input(void) {
  MEVENT event;
  waiting_mouse_count = 0;
  while (waiting_mouse_count < waiting_mouse_max && getmouse(&event) == OK) {
    waiting_mouse[waiting_mouse_count++] = event;
  }
  nc_input none = {.kind = NC_INPUT_UNKNOWN};
  return waiting_mouse_count > 0 ? mouse_input(&waiting_mouse[--waiting_mouse_count]) : none;
}

static int key_of(int code) {
  switch (code) {
  case KEY_UP: case KEY_SR: return NC_KEY_UP;
  case KEY_DOWN: case KEY_SF: return NC_KEY_DOWN;
  case KEY_LEFT: case KEY_SLEFT: return NC_KEY_LEFT;
  case KEY_RIGHT: case KEY_SRIGHT: return NC_KEY_RIGHT;
  case KEY_HOME: case KEY_FIND: case KEY_SHOME: case KEY_A1: return NC_KEY_HOME;
  case KEY_END: case KEY_LL: case KEY_SELECT: case KEY_SEND: case KEY_C1: return NC_KEY_END;
  case KEY_PPAGE: case KEY_A3: case KEY_SPREVIOUS: return NC_KEY_PAGE_UP;
  case KEY_NPAGE: case KEY_C3: case KEY_SNEXT: return NC_KEY_PAGE_DOWN;
  case KEY_BACKSPACE: return NC_KEY_BACKSPACE;
  case KEY_DC: case KEY_SDC: return NC_KEY_DELETE;
  case KEY_ENTER: return NC_KEY_ENTER;
  case KEY_BTAB: return NC_KEY_BACK_TAB;
  default: return -1;
  }
}

nc_input nc_next_input(void) {
  nc_input input = {.kind = NC_INPUT_NONE};
  if (!is_open || is_left) return input;
  if (waiting_mouse_count > 0) return mouse_input(&waiting_mouse[--waiting_mouse_count]);
  wint_t value = 0;
  int status = wget_wch(stdscr, &value);
  if (status == OK) {
    input.kind = NC_INPUT_CHARACTER;
    input.value = (int)value;
  } else if (status == KEY_CODE_YES) {
    int code = (int)value;
    if (code == KEY_RESIZE) {
      input.kind = NC_INPUT_RESIZED;
    } else if (code == KEY_MOUSE) {
      return first_mouse_input();
    } else if (code > KEY_F0 && code <= KEY_F(63)) {
      input.kind = NC_INPUT_FUNCTION;
      input.value = code - KEY_F0;
    } else {
      input.value = key_of(code);
      input.kind = input.value >= 0 ? NC_INPUT_KEY : NC_INPUT_UNKNOWN;
    }
  }
  return input;
}
