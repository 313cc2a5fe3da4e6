#include "pipeline/schedule.h"

/* One stage of the graph. */
struct slot {
	guint place; /* in running order */
	guint needs; /* how many of the selected stages that it needs are not settled */
	bool selected, forced;
	bool broken; /* something that it needs failed */
	enum schedule_state state;
};

struct schedule {
	const struct graph *graph;
	struct schedule_options options;
	struct slot *slots; /* one for each stage of the graph */
	GArray *order;      /* of guint: the selected stages */
	guint first;        /* the first place in the order that is not settled */
	GSequence *ready, *stale; /* of places, ascending */
	guint counts[SCHEDULE_STATES];
	bool stopped;
};

static int compare_places(const void *a, const void *b, void *user G_GNUC_UNUSED)
{
	guint left = GPOINTER_TO_UINT(a), right = GPOINTER_TO_UINT(b);

	return left < right ? -1 : left > right;
}

static bool is_settled(enum schedule_state state)
{
	return state >= SCHEDULE_SAME;
}

static GSequence *queue_of(const struct schedule *schedule, enum schedule_state state)
{
	if (state == SCHEDULE_READY)
		return schedule->ready;
	return state == SCHEDULE_STALE ? schedule->stale : NULL;
}

/* Put a stage into a state, and into and out of the queues that go with states. */
static void move(struct schedule *schedule, guint stage, enum schedule_state state)
{
	struct slot *slot = &schedule->slots[stage];
	GSequence *from = queue_of(schedule, slot->state), *to = queue_of(schedule, state);
	void *place = GUINT_TO_POINTER(slot->place);

	if (from)
		g_sequence_remove(g_sequence_lookup(from, place, compare_places, NULL));
	if (to)
		g_sequence_insert_sorted(to, place, compare_places, NULL);
	schedule->counts[slot->state]--;
	schedule->counts[state]++;
	slot->state = state;
}

/* One of the stages that `stage` needs is `needed`, which has been settled; whether it was the last and this one is left out. */
static bool pass_on(struct schedule *schedule, const struct slot *needed, guint stage)
{
	struct slot *slot = &schedule->slots[stage];

	if (!slot->selected)
		return false;
	slot->broken |= needed->state == SCHEDULE_SKIPPED ||
			(needed->state == SCHEDULE_FAILED && !schedule->options.ignore_errors);
	slot->forced |= schedule->options.force_downstream && needed->state == SCHEDULE_DONE;
	if (--slot->needs)
		return false;
	move(schedule, stage, slot->broken ? SCHEDULE_SKIPPED : SCHEDULE_READY);
	return slot->broken;
}

/* A stage has been settled: those that need it may have their turn, or are left out, and so on. */
static void settle(struct schedule *schedule, guint stage)
{
	g_autoptr(GArray) settled = g_array_new(FALSE, FALSE, sizeof(guint));

	g_array_append_val(settled, stage);
	for (guint i = 0; i < settled->len; i++) {
		guint needed = g_array_index(settled, guint, i);
		const GArray *feeds = schedule->graph->feeds[needed];

		for (guint k = 0; k < feeds->len; k++) {
			guint follower = g_array_index(feeds, guint, k);

			if (pass_on(schedule, &schedule->slots[needed], follower))
				g_array_append_val(settled, follower);
		}
	}
}

/* How many of the selected stages it needs. */
static guint count_needs(const struct schedule *schedule, guint stage)
{
	const GArray *needs = schedule->graph->needs[stage];
	guint count = 0;

	for (guint i = 0; i < needs->len; i++)
		count += schedule->slots[g_array_index(needs, guint, i)].selected;
	return count;
}

struct schedule *schedule_new(const struct graph *graph, const GArray *selected,
			      const struct schedule_options *options)
{
	struct schedule *schedule = g_new0(struct schedule, 1);

	schedule->graph = graph;
	schedule->options = *options;
	schedule->slots = g_new0(struct slot, graph->count);
	schedule->order = g_array_new(FALSE, FALSE, sizeof(guint));
	schedule->ready = g_sequence_new(NULL);
	schedule->stale = g_sequence_new(NULL);
	for (guint i = 0; i < selected->len; i++) {
		guint stage = g_array_index(selected, guint, i);

		if (schedule->slots[stage].selected)
			continue;
		schedule->slots[stage] = (struct slot){.place = schedule->order->len, .selected = true, .forced = options->force};
		g_array_append_val(schedule->order, stage);
	}
	schedule->counts[SCHEDULE_WAITING] = schedule->order->len;
	for (guint i = 0; i < schedule->order->len; i++) {
		guint stage = g_array_index(schedule->order, guint, i);

		schedule->slots[stage].needs = count_needs(schedule, stage);
		if (!schedule->slots[stage].needs)
			move(schedule, stage, SCHEDULE_READY);
	}
	return schedule;
}

/* The first stage of a queue; false if it is empty. */
static bool peek(const struct schedule *schedule, GSequence *queue, guint *stage)
{
	GSequenceIter *first = g_sequence_get_begin_iter(queue);

	if (g_sequence_iter_is_end(first))
		return false;
	*stage = g_array_index(schedule->order, guint, GPOINTER_TO_UINT(g_sequence_get(first)));
	return true;
}

bool schedule_look(const struct schedule *schedule, guint *stage)
{
	if (schedule->stopped || !peek(schedule, schedule->ready, stage))
		return false;
	return !schedule->options.in_order || schedule->slots[*stage].place == schedule->first;
}

bool schedule_is_forced(const struct schedule *schedule, guint stage)
{
	return schedule->slots[stage].forced;
}

void schedule_set(struct schedule *schedule, guint stage, enum schedule_state state)
{
	move(schedule, stage, state);
	if (!is_settled(state))
		return;
	settle(schedule, stage);
	if (state == SCHEDULE_FAILED && !schedule->options.keep_going && !schedule->options.ignore_errors)
		schedule->stopped = true;
	while (schedule->first < schedule->order->len &&
	       is_settled(schedule->slots[g_array_index(schedule->order, guint, schedule->first)].state))
		schedule->first++;
}

void schedule_unblock(struct schedule *schedule)
{
	for (guint i = schedule->first; schedule->counts[SCHEDULE_BLOCKED] && i < schedule->order->len; i++) {
		guint stage = g_array_index(schedule->order, guint, i);

		if (schedule->slots[stage].state == SCHEDULE_BLOCKED)
			move(schedule, stage, SCHEDULE_READY);
	}
}

guint schedule_take(struct schedule *schedule, guint room, guint *stages)
{
	guint taken = 0;

	while (taken < room && !schedule->stopped && peek(schedule, schedule->stale, &stages[taken]))
		move(schedule, stages[taken++], SCHEDULE_RUNNING);
	return taken;
}

void schedule_stop(struct schedule *schedule)
{
	schedule->stopped = true;
}

guint schedule_count(const struct schedule *schedule, enum schedule_state state)
{
	return schedule->counts[state];
}

enum schedule_state schedule_state(const struct schedule *schedule, guint stage)
{
	return schedule->slots[stage].state;
}

bool schedule_is_over(const struct schedule *schedule)
{
	const guint *counts = schedule->counts;

	if (counts[SCHEDULE_RUNNING])
		return false;
	return schedule->stopped || !(counts[SCHEDULE_READY] + counts[SCHEDULE_STALE] + counts[SCHEDULE_BLOCKED]);
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	g_free(schedule->slots);
	g_array_unref(schedule->order);
	g_sequence_free(schedule->ready);
	g_sequence_free(schedule->stale);
	g_free(schedule);
}
