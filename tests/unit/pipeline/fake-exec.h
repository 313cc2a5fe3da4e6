/*
 * fake-exec: the body of exec_ops for tests of the scheduler: runs nothing. A job of which a command is "exit N" ends with N,
 * one with "sleep N" lasts until stop(), all others end well; they end in the order in which they were started.
 */
#ifndef TESTS_PIPELINE_FAKE_EXEC_H
#define TESTS_PIPELINE_FAKE_EXEC_H

#include "pipeline/exec.h"

extern const struct exec_ops fake_exec;

#endif
