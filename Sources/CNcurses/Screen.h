#pragma once
// What the parts of this module know of the one screen.
#include "include/CNcurses.h"

/// Whether input can be read: the screen is open and not left for a while.
int screen_is_in_use(void);

/// Begins with nothing read yet, and knows sequences that descriptions of terminals lack.
void input_open(void);

/// The mouse as wanted, off for a while, and as wanted again.
void mouse_open(int has_private_modes);
void mouse_pause(void);
void mouse_resume(void);
void mouse_close(void);
nc_input mouse_first(void);
void mouse_discard(void);
int mouse_is_waiting(void);
nc_input mouse_next(void);
