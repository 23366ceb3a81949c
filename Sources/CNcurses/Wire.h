#pragma once
// The line to the terminal: what is written past ncurses, and how many bytes all of it was.
#include <stddef.h>
#include <stdint.h>

/// Begins to count at nought for a descriptor.
void wire_open(int descriptor);
void wire_close(void);

/// Writes at once; for what ncurses knows nothing of.
void wire_write(const char *text, size_t length);
void wire_say(const char *text);

/// What ncurses writes between these two is counted. They do not nest.
void wire_begin(void);
void wire_end(void);

uint64_t wire_bytes(void);
