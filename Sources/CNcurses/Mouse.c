#define NCURSES_WIDECHAR 1
#include "Screen.h"
#include "Wire.h"

#include <curses.h>

enum { waiting_max = 16 };
static MEVENT waiting[waiting_max];
static int waiting_count;
static int is_wanted;
static int reports_motion;

// No clicks: ncurses would make one of a press and a release and keep both back.
static const mmask_t reported = BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON2_PRESSED
  | BUTTON2_RELEASED | BUTTON3_PRESSED | BUTTON3_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED
  | REPORT_MOUSE_POSITION;

static void set(int on) {
  wire_begin();
  mouseinterval(0);
  mousemask(on ? reported : 0, NULL);
  // ncurses would keep it back until the next frame; this empties its buffer.
  curs_set(0);
  wire_end();
  // No description asks for motion with a held button, but all that know the mouse can do it.
  if (reports_motion) wire_say(on ? "\033[?1002h" : "\033[?1002l");
}

void mouse_open(int has_private_modes) {
  reports_motion = has_private_modes;
  waiting_count = is_wanted = 0;
}

void mouse_pause(void) {
  waiting_count = 0;
  if (is_wanted) set(0);
}

void mouse_resume(void) {
  if (is_wanted) set(1);
}

void mouse_close(void) {
  mouse_pause();
  is_wanted = 0;
}

void nc_set_mouse(int on) {
  if (!screen_is_in_use()) {
    is_wanted = on;
  } else if (!on != !is_wanted) {
    is_wanted = on;
    set(on);
  }
}

static nc_input input_of(const MEVENT *event) {
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
static void collect(void) {
  MEVENT event;
  waiting_count = 0;
  while (waiting_count < waiting_max && getmouse(&event) == OK) waiting[waiting_count++] = event;
}

void mouse_discard(void) {
  collect();
  waiting_count = 0;
}

nc_input mouse_first(void) {
  collect();
  nc_input none = {.kind = NC_INPUT_UNKNOWN};
  return waiting_count > 0 ? mouse_next() : none;
}

int mouse_is_waiting(void) { return waiting_count > 0; }

nc_input mouse_next(void) { return input_of(&waiting[--waiting_count]); }
