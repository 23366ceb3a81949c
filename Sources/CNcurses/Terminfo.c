#include "Terminfo.h"

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

int terminfo_can(const char *capability) {
  const char *text = tigetstr((char *)capability);
  return text && text != (const char *)-1 && *text;
}
