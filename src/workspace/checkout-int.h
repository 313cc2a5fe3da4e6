/*
 * checkout-int: the making of a plan. Private to workspace/checkout*.c.
 */
#ifndef WORKSPACE_CHECKOUT_INT_H
#define WORKSPACE_CHECKOUT_INT_H

#include "workspace/checkout.h"
#include "workspace/scan.h"

/* One output that is being planned. */
struct checkout_case {
	struct workspace *ws;
	struct store *store;
	const struct outputs *outputs;
	const struct checkout_options *options;
	struct checkout_plan *plan;
	const char *path;        /* of the output, relative to the project */
	const char *inside;      /* only this part; "" for all */
	struct oid oid;          /* what is to be there; OID_NONE: nothing */
	bool isexec;             /* of a single file */
	uint64_t size;           /* of a single file; MANIFEST_NO_SIZE if not known */
	struct scan *scan;       /* what is there */
	struct manifest *target; /* of a folder that is to be there; NULL otherwise */
	struct manifest *record; /* of the folder that we put there last; NULL if none or not to be had */
	struct oid recorded;     /* what we put there last; OID_NONE if nothing */
	GHashTable *blocked;     /* set of char *: paths, relative to the output, that stay where they are in the way */
	GHashTable *held;        /* set of char *: the folders above blocked paths, which therefore stay */
	guint output;            /* position in plan->outputs */
};

/* Plan one output: compare the scan with the target, and add steps, conflicts and missing objects. */
bool checkout_compare(struct checkout_case *work, GError **error);

/* Plan to take an output out of the workspace that no pointer names any more; what is the user's own stays, silently.
 */
void checkout_retire(struct checkout_case *work);

/* The size to ask the store for; any for objects of DVC 2.x, which files that differ in line ends share. */
static inline uint64_t checkout_size(const struct oid *oid, uint64_t size)
{
	return size == MANIFEST_NO_SIZE || oid->algo == OID_MD5_2X ? STORE_ANY_SIZE : size;
}

/* Put the steps into an order that can be followed. */
void checkout_sort_steps(struct checkout_plan *plan);

#endif
