#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "Screen.h"

#include <curses.h>

#include <time.h>

// Key codes of our own, beyond those of ncurses and the ones it gives to extended capabilities.
enum { paste_begins = 0x6001, paste_ends = 0x6002 };
enum { pasted_max = 4096, sequence_max = 64, escape = 27 };
static const double paste_pause_seconds_max = 1;

static uint32_t pasted[pasted_max];
static int pasted_count;
static int is_pasting;
static double last_pasted;
static nc_input waiting_character;

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void input_open(void) {
  is_pasting = pasted_count = 0;
  waiting_character.kind = NC_INPUT_NONE;
  define_key("\033[200~", paste_begins);
  define_key("\033[201~", paste_ends);
  define_key("\033[1;2D", KEY_SLEFT);
  define_key("\033[1;2C", KEY_SRIGHT);
}

const uint32_t *nc_pasted(void) { return pasted; }

static int key_of(int code) {
  switch (code) {
  case KEY_UP: case KEY_SR: return NC_KEY_UP;
  case KEY_DOWN: case KEY_SF: return NC_KEY_DOWN;
  case KEY_LEFT: return NC_KEY_LEFT;
  case KEY_RIGHT: return NC_KEY_RIGHT;
  case KEY_SLEFT: return NC_KEY_SHIFT_LEFT;
  case KEY_SRIGHT: return NC_KEY_SHIFT_RIGHT;
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

static nc_input input_of_code(int code) {
  nc_input input = {.kind = NC_INPUT_UNKNOWN};
  if (code == KEY_RESIZE) {
    input.kind = NC_INPUT_RESIZED;
  } else if (code == KEY_MOUSE) {
    return mouse_first();
  } else if (code > KEY_F0 && code <= KEY_F(63)) {
    input.kind = NC_INPUT_FUNCTION;
    input.value = code - KEY_F0;
  } else {
    input.value = key_of(code);
    if (input.value >= 0) input.kind = NC_INPUT_KEY;
  }
  return input;
}

/// After an Escape: a sequence that is in no description is swallowed whole, for its characters
/// would be keys. ncurses has waited long enough for the rest of it to be here.
static nc_input rest_of_escape(void) {
  nc_input input = {.kind = NC_INPUT_CHARACTER, .value = escape};
  wint_t value = 0;
  int status = wget_wch(stdscr, &value);
  if (status == KEY_CODE_YES) {
    waiting_character = input_of_code((int)value);
  } else if (status == OK && (value == '[' || value == 'O')) {
    int least = value == '[' ? 0x40 : 0x21, length = 0;
    while (length++ < sequence_max && wget_wch(stdscr, &value) == OK) {
      if ((int)value >= least && value <= 0x7E) break;
    }
    input.kind = NC_INPUT_UNKNOWN;
  } else if (status == OK) {
    waiting_character = (nc_input){.kind = NC_INPUT_CHARACTER, .value = (int)value};
  }
  return input;
}

static nc_input finished_paste(void) {
  is_pasting = 0;
  return (nc_input){.kind = NC_INPUT_PASTE, .value = pasted_count};
}

/// What has come of a paste. What is too long is dropped; a paste without an end ends by itself.
static nc_input paste_input(void) {
  nc_input input = {.kind = NC_INPUT_UNKNOWN};
  double now = now_seconds();
  for (int reads = 0; reads < pasted_max; reads++) {
    wint_t value = 0;
    int status = wget_wch(stdscr, &value);
    if (status == OK) {
      if (pasted_count < pasted_max) pasted[pasted_count++] = (uint32_t)value;
    } else if (status == KEY_CODE_YES) {
      if (value == paste_ends) return finished_paste();
      if (value == KEY_MOUSE) mouse_discard();
      if (value == KEY_RESIZE) return input_of_code(KEY_RESIZE);
    } else {
      if (reads == 0 && now - last_pasted > paste_pause_seconds_max) return finished_paste();
      if (reads > 0) last_pasted = now;
      input.kind = NC_INPUT_NONE;
      return input;
    }
  }
  last_pasted = now;
  return input;
}

nc_input nc_next_input(void) {
  nc_input input = {.kind = NC_INPUT_NONE};
  if (!screen_is_in_use()) return input;
  if (mouse_is_waiting()) return mouse_next();
  if (waiting_character.kind != NC_INPUT_NONE) {
    input = waiting_character;
    waiting_character.kind = NC_INPUT_NONE;
    return input;
  }
  if (is_pasting) return paste_input();
  wint_t value = 0;
  int status = wget_wch(stdscr, &value);
  if (status == KEY_CODE_YES && value == paste_begins) {
    is_pasting = 1;
    pasted_count = 0;
    last_pasted = now_seconds();
    return paste_input();
  } else if (status == KEY_CODE_YES) {
    input = input_of_code((int)value);
  } else if (status == OK && value == escape) {
    input = rest_of_escape();
  } else if (status == OK) {
    input.kind = NC_INPUT_CHARACTER;
    input.value = (int)value;
  }
  return input;
}
