#pragma once
// The part of ncurses that a dashboard needs, without curses.h: no macros, no globals, no variadics
// reach Swift. All functions are for the thread that opened the screen, except where noted.
#include <stdint.h>

/// One character cell. `width` is 1, 2 for a wide character, 0 for its second half.
typedef struct {
  uint32_t scalar;
  uint16_t pair;
  uint8_t attributes;
  uint8_t width;
} nc_cell;

enum nc_attribute { NC_BOLD = 1, NC_FAINT = 2, NC_UNDERLINE = 4, NC_REVERSE = 8 };

/// Why a screen could not be opened.
enum nc_failure {
  NC_OPENED = 0,
  NC_NO_TERMINAL = 1,      // output is not a terminal, or there is no keyboard
  NC_UNKNOWN_TERMINAL = 2, // no description of $TERM, and none of the usual ones either
  NC_CANNOT_ADDRESS = 3,   // a terminal that cannot place its cursor
  NC_BUSY = 4              // open already
};

/// What the locale in the environment means for the screen.
enum nc_locale { NC_LOCALE_ASCII = 0, NC_LOCALE_UTF8 = 1, NC_LOCALE_UTF8_SUBSTITUTED = 2 };

/// Empties the window's title and takes back the one before it: a terminal that keeps none is left
/// with an empty one rather than with ours.
#define NC_TITLE_BACK "\033]2;\007\033[23;0t"

/// What arrived from the keyboard.
enum nc_input_kind {
  NC_INPUT_NONE = 0,
  NC_INPUT_CHARACTER = 1, // value: a Unicode scalar
  NC_INPUT_KEY = 2,       // value: one of nc_key
  NC_INPUT_FUNCTION = 3,  // value: the number of the function key
  NC_INPUT_MOUSE = 4,     // value: one of nc_mouse; row, column
  NC_INPUT_RESIZED = 5,
  NC_INPUT_UNKNOWN = 6,   // something was read that means nothing here
  NC_INPUT_PASTE = 7      // value: the number of scalars in nc_pasted()
};

enum nc_key {
  NC_KEY_UP, NC_KEY_DOWN, NC_KEY_LEFT, NC_KEY_RIGHT, NC_KEY_HOME, NC_KEY_END, NC_KEY_PAGE_UP,
  NC_KEY_PAGE_DOWN, NC_KEY_BACKSPACE, NC_KEY_DELETE, NC_KEY_ENTER, NC_KEY_BACK_TAB,
  NC_KEY_SHIFT_LEFT, NC_KEY_SHIFT_RIGHT
};

enum nc_mouse {
  NC_MOUSE_PRESS, NC_MOUSE_RELEASE, NC_MOUSE_WHEEL_UP, NC_MOUSE_WHEEL_DOWN, NC_MOUSE_DRAG
};

typedef struct {
  int kind;
  int value;
  int row;
  int column;
} nc_input;

/// What an opened screen can do.
typedef struct {
  int colors;              // 0: monochrome
  int color_pairs;         // pairs that may be used, pair 0 included
  int has_default_colors;  // whether colour -1 is the terminal's own
  int input;               // the descriptor to poll for input
  char terminal_name[64];  // the description that was used, maybe not $TERM
} nc_screen;

/// Sets the character set from the environment, numbers to "C"; returns one of nc_locale.
/// LC_CTYPE falls back to C.UTF-8 when the environment asks for a UTF-8 that is not installed.
int nc_set_locale(void);

/// Opens the screen: full-screen mode, no echo, keys one by one, Ctrl-C and Ctrl-Z as keys, no
/// cursor. Saves the terminal's state first. Never ends the program. `name` is the terminal's type,
/// `input` and `output` its descriptors, -1 for the standard ones (the keyboard is /dev/tty when
/// standard input is not a terminal). `colored` 0: no colours. Standard error goes to memory until
/// the screen is closed. Returns one of nc_failure.
int nc_open(const char *name, int input, int output, int colored, nc_screen *screen);

/// Gives the terminal back and prints what standard error was given meanwhile. Idempotent.
void nc_close(void);

/// Leaves full-screen mode for a while; nc_resume takes it again.
void nc_leave(void);
void nc_resume(void);

/// Leaves, stops the process group as Ctrl-Z does, and takes the screen again when continued.
void nc_stop_process(void);

/// From now on modes that ncurses knows nothing of: frames that are shown at once, pasted text
/// apart from typed text, motion while a mouse button is held, the window's title. Only for
/// terminals that ignore the modes they do not know.
void nc_use_private_modes(void);

/// Shows rows x columns cells; sends nothing when they are the ones that are shown.
void nc_present(const nc_cell *cells, int rows, int columns);

/// The next nc_present paints every cell.
void nc_repaint(void);

/// As nc_repaint, and all modes are set again, for something else may have changed them.
void nc_reclaim(void);

/// Names the window, in UTF-8 without control characters; the name before comes back when the
/// screen is left. Nothing without private modes.
void nc_set_title(const char *title);

/// Bytes sent to the terminal since it was opened.
uint64_t nc_bytes_sent(void);

/// The screen's size as ncurses knows it.
void nc_size(int *rows, int *columns);

/// Asks the system for the window's size and tells ncurses; 0 if it has not changed or is unknown.
int nc_resize(void);

/// Defines a colour pair that is not in use yet; colours are indexes, -1 the default, and RGB
/// numbers on direct-colour terminals. 0 on failure.
int nc_define_pair(int pair, int foreground, int background);

/// The next input, without waiting.
nc_input nc_next_input(void);

/// The text that was pasted, after NC_INPUT_PASTE and until the next nc_next_input; line ends and
/// other control characters are in it.
const uint32_t *nc_pasted(void);

/// Whether presses, the wheel and, with private modes, drags are reported.
void nc_set_mouse(int on);

/// Whether writing would not block.
int nc_is_output_ready(void);

/// Columns of a character by the C library, -1 for one that cannot be printed.
int nc_character_width(uint32_t scalar);

/// Gives a terminal another size, as its emulator would; for tests. 0 on failure.
int nc_set_window_size(int descriptor, int rows, int columns);

/// Gives the terminal back from any thread or signal handler: only write(2) and tcsetattr(3).
void nc_emergency_restore(void);
