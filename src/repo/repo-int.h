/*
 * repo-int: what the files of repo/ share and nobody else sees.
 */
#ifndef REPO_REPO_INT_H
#define REPO_REPO_INT_H

#include "repo/config.h"
#include "repo/object-int.h"
#include "repo/repo.h"

#include "base/proc.h"

struct repo_backend {
	const char *const *git; /* the words that call git, constant: "git", or env with what it must unset before it */
	unsigned id_size;       /* bytes of a binary object id: 20 or 32 */
	struct proc *config_child; /* `git config --list`, started while the repository was sought; NULL once read */
	struct config *config;     /* what it said, NULL if not asked yet or stale */
	struct objects objects;
};

/* The words that call git without the variables that tie it to another repository. */
extern const char *const repo_git_apart[];

/* The words after git that list all settings, for config_read(). */
extern const char *const config_list_args[];

/* Forget settings that were read, or are being read, before a change. */
void repo_forget_config(const struct repo *repo);

#endif
