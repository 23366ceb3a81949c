#pragma once
// What Swift's Glibc module lacks: GNU names, variadics, signal handlers, spawn flags.
#include <stdint.h>
#include <sys/types.h>

/// Starts a program with all signals at their defaults, no inherited descriptor above 2, standard
/// input from `input` (-1: /dev/null), output and error to the given descriptors (-1: /dev/null).
/// `newSession` gives it a session of its own. Returns 0 and the pid, or an errno value.
int nn_spawn(const char *path, char *const argv[], char *const envp[], int input, int output,
             int error, int newSession, pid_t *pid);

/// Installs handlers that write the signal's number as one byte to a pipe; returns the pipe's
/// reading end (non-blocking), or -1. Call once a process.
int nn_signal_pipe(const int *signals, int count);

/// Ignores a signal (SIGPIPE, SIGHUP).
void nn_ignore_signal(int signal);

/// Names the calling thread for debuggers and `top -H`.
void nn_name_thread(const char *name);

/// fcntl and ioctl are variadic and therefore invisible to Swift.
int nn_set_nonblocking(int descriptor);
int nn_window_size(int descriptor, int *rows, int *columns);
int nn_open(const char *path, int flags, unsigned mode);

/// Opens a pseudo-terminal of the given size and starts a program on it (session of its own).
/// Returns the master's descriptor, or -1 with errno set.
int nn_spawn_on_terminal(const char *path, char *const argv[], char *const envp[], int rows,
                         int columns, pid_t *pid);

/// The process's environment (a global, which Swift cannot read safely).
char **nn_environment(void);

/// Processors that this process may use.
int nn_processor_count(void);

/// Bytes handed out by malloc since the process started, and the number of blocks in use.
uint64_t nn_heap_bytes_in_use(void);
