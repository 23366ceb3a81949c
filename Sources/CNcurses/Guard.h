#pragma once
// Gives the terminal back when the program dies, and keeps standard error off the screen.

/// Remembers the terminal's state, sends standard error to memory, and handles the signals that
/// would end the program, except those that the program handles or ignores itself.
void guard_arm(int terminal);

/// What to write to give the terminal back; until then, what most terminals obey.
void guard_describe(const char *text);

/// Whether the window has a title of ours, which is to be taken back.
void guard_owns_title(int owns);

/// Undoes all of it; what standard error was given is printed.
void guard_disarm(void);

/// While the screen is left: standard error as it was, and nothing to restore.
void guard_pause(void);
void guard_resume(void);

/// Keeps what standard error was given from growing without limit.
void guard_trim_errors(void);

/// Sets terminal modes also from the background, where it would stop the process otherwise.
void guard_begin_background(void);
void guard_end_background(void);
