#pragma once
// Gives the terminal back when the program dies, and keeps standard error off the screen.

/// Remembers the terminal's state, sends standard error to memory, installs the crash handlers.
void guard_arm(int terminal);

/// Undoes all of it; what standard error was given is printed.
void guard_disarm(void);

/// While the screen is left: standard error as it was, and nothing to restore.
void guard_pause(void);
void guard_resume(void);

/// Keeps what standard error was given from growing without limit.
void guard_trim_errors(void);
