#include "Terminfo.h"

#include <string.h>

#include <curses.h>
#include <term.h>

int terminfo_knows(const char *name, int descriptor) {
  TERMINAL *before = cur_term;
  int status = 0;
  // A status pointer makes setupterm report an unknown name instead of ending the program.
  if (setupterm(name, descriptor, &status) != OK) return 0;
  TERMINAL *made = set_curterm(before);
  if (made && made != before) del_curterm(made);
  return 1;
}

static const char *capability_text(const char *capability) {
  const char *text = tigetstr((char *)capability);
  return text && text != (const char *)-1 && *text ? text : NULL;
}

int terminfo_can(const char *capability) { return capability_text(capability) != NULL; }

/// Padding is written as `$<5>`; no terminal of today needs it.
static void append_unpadded(char *text, size_t size, const char *added) {
  size_t used = strlen(text);
  if (used + strlen(added) + 1 > size) return;
  while (*added) {
    const char *end = strncmp(added, "$<", 2) == 0 ? strchr(added, '>') : NULL;
    if (end) {
      added = end + 1;
    } else {
      text[used++] = *added++;
    }
  }
  text[used] = 0;
}

void terminfo_append(char *text, size_t size, const char *capability) {
  const char *added = capability_text(capability);
  if (added) append_unpadded(text, size, added);
}

void terminfo_append_last_line(char *text, size_t size) {
  // Terminals take a row beyond the last one for the last one, whatever size they have then.
  enum { beyond_any_row = 998 };
  const char *address = capability_text("cup");
  const char *added = address ? tiparm(address, beyond_any_row, 0) : NULL;
  if (added) append_unpadded(text, size, added);
}
