#pragma once
// Questions to the terminal descriptions; apart, because term.h defines words like `columns`.
#include <stddef.h>

/// Whether there is a description of this name. Prints nothing and never ends the program.
int terminfo_knows(const char *name, int descriptor);

/// Whether the current terminal has this string capability.
int terminfo_can(const char *capability);

/// Appends a capability without its padding to a string of at most `size` bytes; nothing when the
/// terminal has none or there is no room.
void terminfo_append(char *text, size_t size, const char *capability);

/// Appends what brings the cursor to the last line.
void terminfo_append_last_line(char *text, size_t size);
