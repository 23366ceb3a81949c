#pragma once
// Questions to the terminal descriptions; apart, because term.h defines words like `columns`.

/// Whether there is a description of this name. Prints nothing and never ends the program.
int terminfo_knows(const char *name, int descriptor);

/// Whether the current terminal has this string capability.
int terminfo_can(const char *capability);
