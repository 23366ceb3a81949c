#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
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
#include "Screen.h"
#include "Terminfo.h"
#include "Wire.h"

static SCREEN *screen_handle;
static FILE *input_file;
static FILE *output_file;
static int is_open;
static int is_left;
static int has_private_modes;
enum { title_bytes_max = 512 };
static char title[title_bytes_max];
static nc_cell *shown;
static size_t shown_capacity;
static int shown_rows, shown_columns; // 0: nothing is known of what the screen shows
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

// ---------------------------------------------------------------- modes of our own

int screen_is_in_use(void) { return is_open && !is_left; }

static void send_title(void) {
  if (!has_private_modes || !*title) return;
  // Before the first title the terminal keeps the one it has.
  wire_say("\033[22;0t");
  wire_say(title);
  guard_owns_title(1);
}

static void enter_private_modes(void) {
  if (!has_private_modes) return;
  wire_say("\033[?2004h");
  send_title();
}

static void leave_private_modes(void) {
  if (!has_private_modes) return;
  wire_say("\033[?2004l");
  if (*title) wire_say(NC_TITLE_BACK);
  guard_owns_title(0);
}

/// What gives the terminal back after a crash, when ncurses cannot be asked any more.
static void describe_restoration(void) {
  char text[512] = "";
  static const char modes[] =
      "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?2026l";
  static const char mouse[] = "\033[?1000l";
  if (has_private_modes) {
    strcat(text, modes);
  } else if (terminfo_can("kmous")) {
    strcat(text, mouse);
  }
  const char *capabilities[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
  for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
    terminfo_append(text, sizeof text - 2, capabilities[i]);
  }
  if (!terminfo_can("rmcup")) {
    terminfo_append_last_line(text, sizeof text - 2);
    terminfo_append(text, sizeof text - 2, "el");
  }
  strcat(text, "\r");
  guard_describe(text);
}

void nc_use_private_modes(void) {
  if (!is_open || has_private_modes) return;
  has_private_modes = 1;
  mouse_open(1);
  describe_restoration();
  if (!is_left) enter_private_modes();
}

void nc_set_title(const char *text) {
  static const char begin[] = "\033]2;", end[] = "\007";
  if (!has_private_modes || strlen(text) + sizeof begin + sizeof end > sizeof title) return;
  int is_first = !*title;
  strcpy(title, begin);
  strcat(title, text);
  strcat(title, end);
  if (!screen_is_in_use()) return;
  if (is_first) {
    send_title();
  } else {
    wire_say(title);
  }
}

void nc_reclaim(void) {
  if (!screen_is_in_use()) return;
  wire_begin();
  // The keypad, too.
  reset_prog_mode();
  nc_repaint();
  curs_set(0);
  wire_end();
  if (has_private_modes) wire_say("\033[?2004h");
  mouse_pause();
  mouse_resume();
}

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
  wire_open(fileno(output_file));
  wire_begin();
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
    wire_close();
    close_files();
    return failure;
  }
  set_modes();
  describe(screen, colored, name);
  wire_end();
  is_open = 1;
  is_left = has_private_modes = shown_rows = shown_columns = 0;
  *title = 0;
  mouse_open(0);
  input_open();
  describe_restoration();
  return NC_OPENED;
}

void nc_close(void) {
  if (!is_open) return;
  guard_begin_background();
  if (!is_left) {
    mouse_close();
    leave_private_modes();
    wire_begin();
    endwin();
    wire_end();
  }
  is_open = 0;
  delscreen(screen_handle);
  screen_handle = NULL;
  guard_disarm();
  guard_end_background();
  wire_close();
  close_files();
  free(line);
  free(shown);
  line = NULL;
  shown = NULL;
  shown_capacity = 0;
  line_columns = 0;
}

// ---------------------------------------------------------------- leaving for a while

void nc_leave(void) {
  if (!screen_is_in_use()) return;
  mouse_pause();
  leave_private_modes();
  wire_begin();
  endwin();
  wire_end();
  guard_pause();
  is_left = 1;
}

void nc_resume(void) {
  if (!is_open) return;
  if (is_left) guard_resume();
  is_left = 0;
  wire_begin();
  reset_prog_mode();
  nc_resize();
  curs_set(0);
  nc_repaint();
  refresh();
  wire_end();
  enter_private_modes();
  mouse_resume();
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

/// Keeps a copy of what is shown; forgets it where there is no memory.
static void remember(const nc_cell *cells, int rows, int columns) {
  size_t count = (size_t)rows * (size_t)columns;
  shown_rows = shown_columns = 0;
  if (count > shown_capacity) {
    nc_cell *larger = realloc(shown, count * sizeof *shown);
    if (!larger) return;
    shown = larger;
    shown_capacity = count;
  }
  memcpy(shown, cells, count * sizeof *shown);
  shown_rows = rows;
  shown_columns = columns;
}

void nc_present(const nc_cell *cells, int rows, int columns) {
  if (!screen_is_in_use() || rows <= 0 || columns <= 0) return;
  if (columns > line_columns) {
    cchar_t *larger = realloc(line, (size_t)columns * sizeof *line);
    if (!larger) return;
    line = larger;
    line_columns = columns;
  }
  guard_trim_errors();
  int is_known = shown_rows == rows && shown_columns == columns, changes = 0;
  for (int row = 0; row < rows; row++) {
    size_t start = (size_t)row * (size_t)columns;
    if (is_known
        && memcmp(cells + start, shown + start, (size_t)columns * sizeof *cells) == 0) {
      continue;
    }
    int count = fill_line(cells + start, columns);
    mvadd_wchnstr(row, 0, line, count);
    changes++;
  }
  if (changes == 0) return;
  remember(cells, rows, columns);
  if (has_private_modes) wire_say("\033[?2026h");
  wire_begin();
  refresh();
  wire_end();
  if (has_private_modes) wire_say("\033[?2026l");
}

void nc_repaint(void) {
  shown_rows = shown_columns = 0;
  if (is_open) clearok(curscr, TRUE);
}

uint64_t nc_bytes_sent(void) { return wire_bytes(); }

// ---------------------------------------------------------------- sizes and colours

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
