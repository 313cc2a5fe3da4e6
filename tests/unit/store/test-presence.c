#include "store-kit.h"

#include "store/presence.h"

/* Texts whose sha256 begin with the same byte, found by counting: enough to fill one directory of the store. */
static GPtrArray *texts_of_one_part(uint8_t first, guint count)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; texts->len < count; i++) {
		char *text = g_strdup_printf("text %u", i);
		struct oid oid;

		digest_bytes(text, strlen(text), OID_SHA256, &oid);
		if (oid.digest[0] == first)
			g_ptr_array_add(texts, text);
		else
			g_free(text);
	}
	return texts;
}

static gint by_oid(gconstpointer a, gconstpointer b)
{
	return oid_compare(*(const struct oid *const *)a, *(const struct oid *const *)b);
}

/* The ids of the texts, sorted as presence_look() wants them. */
static GPtrArray *sorted_ids(const GPtrArray *texts)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < texts->len; i++) {
		struct oid *oid = g_new(struct oid, 1);

		digest_bytes(texts->pdata[i], strlen(texts->pdata[i]), OID_SHA256, oid);
		g_ptr_array_add(ids, oid);
	}
	g_ptr_array_sort(ids, by_oid);
	return ids;
}

/* Store every second text; look for all of them, or for the first two alone among many. */
static void look_for(guint stored, guint asked)
{
	autoptr(store) store = kit_store(asked == stored ? "all" : "few", true, LINK_COPY);
	g_autoptr(GPtrArray) texts = texts_of_one_part(0x5a, stored), ids = sorted_ids(texts);
	g_autofree bool *has = g_new0(bool, stored);
	guint found = 0;

	for (guint i = 0; i < texts->len; i += 2)
		kit_put(store, texts->pdata[i]);
	presence_look(store, (const struct oid *const *)ids->pdata, asked, has);
	for (guint i = 0; i < asked; i++) {
		g_assert_true(has[i] == store_has(store, ids->pdata[i], STORE_ANY_SIZE));
		found += has[i];
	}
	if (asked == stored)
		g_assert_cmpuint(found, ==, (stored + 1) / 2);
}

static void many_by_one_listing(void)
{
	look_for(40, 40);
}

static void few_by_a_look_at_each(void)
{
	look_for(120, 1);
}

static void a_manifest_is_another_object(void)
{
	autoptr(store) store = kit_store("manifest", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	autoptr(put) put = put_begin(store, &error);
	struct oid file, manifest;
	const struct oid *ids[2] = {&file, &manifest};
	bool has[2] = {false, false};

	g_assert_true(put_bytes(put, "m", 1, OID_SHA256, true, &manifest, &error));
	g_assert_true(put_commit(put, &error));
	file = manifest;
	file.dir = 0;
	presence_look(store, ids, 2, has);
	g_assert_false(has[0]);
	g_assert_true(has[1]);
}

static void an_empty_store_has_nothing(void)
{
	autoptr(store) store = kit_store("empty", true, LINK_COPY);
	const struct oid oid = {.algo = OID_MD5, .digest = {1}};
	const struct oid *ids[1] = {&oid};
	bool has[1] = {false};

	presence_look(store, ids, 1, has);
	g_assert_false(has[0]);
	presence_look(store, NULL, 0, NULL);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/presence/many_by_one_listing", many_by_one_listing);
	g_test_add_func("/presence/few_by_a_look_at_each", few_by_a_look_at_each);
	g_test_add_func("/presence/a_manifest_is_another_object", a_manifest_is_another_object);
	g_test_add_func("/presence/an_empty_store_has_nothing", an_empty_store_has_nothing);
	return g_test_run();
}
