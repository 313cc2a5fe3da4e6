#include "base/auto.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hex.h"
#include "hash/digest.h"

#include "../tap.h"

#include <string.h>
#include <sys/wait.h>

#define MIB ((size_t)1 << 20)

static char *id_of(const void *data, size_t length, enum oid_algo algo)
{
	struct oid oid;
	char buffer[OID_TEXT_MAX];

	digest_bytes(data, length, algo, &oid);
	g_assert_cmpint(oid.algo, ==, algo);
	return g_strdup(oid_text(&oid, buffer));
}

/* RFC 1321 and FIPS 180. */
static void known_vectors(void)
{
	static const struct {
		enum oid_algo algo;
		const char *text, *id;
	} cases[] = {
		{OID_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
		{OID_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{OID_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
		{OID_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{OID_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{OID_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *id = id_of(cases[i].text, strlen(cases[i].text), cases[i].algo);

		g_assert_cmpstr(id, ==, cases[i].id);
	}
}

static void starts_over_after_each_id(void)
{
	autoptr(digest) digest = digest_new(OID_SHA256);
	struct oid once, twice, empty;
	g_autofree char *nothing = id_of("", 0, OID_SHA256);
	char buffer[OID_TEXT_MAX];

	digest_update(digest, "ab", 2);
	digest_update(digest, "c", 1);
	digest_final(digest, &once);
	digest_update(digest, "abc", 3);
	digest_final(digest, &twice);
	g_assert_true(oid_equal(&once, &twice));
	digest_final(digest, &empty);
	g_assert_cmpstr(oid_text(&empty, buffer), ==, nothing);
	digest_free(NULL);
}

/* RFC 4231, test cases 1 to 4, 6 and 7. */
static void hmac_vectors(void)
{
	static const struct {
		const char *key, *data, *mac; /* key and data in hexadecimal */
	} cases[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
		 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
		 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{"0102030405060708090a0b0c0d0e0f10111213141516171819",
		 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
		 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	};
	/* A key longer than a block, for cases 6 and 7. */
	static const struct {
		const char *data, *mac;
	} long_key[] = {
		{"Test Using Larger Than Block-Size Key - Hash Key First",
		 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{"This is a test using a larger than block-size key and a larger than block-size data. The key needs "
		 "to be "
		 "hashed before being used by the HMAC algorithm.",
		 "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	};
	uint8_t key[131], data[64], mac[32];
	char text[65];

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t key_length = strlen(cases[i].key) / 2, length = strlen(cases[i].data) / 2;

		g_assert_true(hex_decode(key, cases[i].key, key_length));
		g_assert_true(hex_decode(data, cases[i].data, length));
		digest_hmac_sha256(key, key_length, data, length, mac);
		hex_encode(text, mac, sizeof(mac));
		g_assert_cmpstr(text, ==, cases[i].mac);
	}
	memset(key, 0xaa, sizeof(key));
	for (size_t i = 0; i < G_N_ELEMENTS(long_key); i++) {
		digest_hmac_sha256(key, sizeof(key), long_key[i].data, strlen(long_key[i].data), mac);
		hex_encode(text, mac, sizeof(mac));
		g_assert_cmpstr(text, ==, long_key[i].mac);
	}
	/* Neither key nor data. */
	digest_hmac_sha256(NULL, 0, "", 0, mac);
	hex_encode(text, mac, sizeof(mac));
	g_assert_cmpstr(text, ==, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* An unnamed file with these bytes, position at `position`. */
static int file_with(const void *data, size_t length, off_t position)
{
	g_autofree char *name = NULL;
	int fd = file_make_temp(AT_FDCWD, &name, NULL);

	g_assert_true(file_write_all(fd, data, length, NULL));
	g_assert_cmpint(lseek(fd, position, SEEK_SET), ==, position);
	g_assert_cmpint(unlink(name), ==, 0);
	return fd;
}

static char *random_bytes(size_t length)
{
	char *data = g_malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		data[i] = (char)g_test_rand_int();
	return data;
}

static void files_hash_as_their_bytes(void)
{
	static const size_t sizes[] = {0, 1, 16383, 16384, 100000, MIB - 1, MIB, MIB + 1, 3 * MIB + 5};
	g_autofree char *data = random_bytes(3 * MIB + 5);
	autoptr(digest) kept = digest_new(OID_MD5);

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		auto_fd int fd = file_with(data, sizes[i], 0);
		struct oid expected, got, again;
		uint64_t size;

		digest_bytes(data, sizes[i], OID_MD5, &expected);
		g_assert_true(digest_fd(fd, OID_MD5, &got, &size, NULL));
		g_assert_cmpuint(size, ==, sizes[i]);
		g_assert_true(oid_equal(&got, &expected));
		g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
		g_assert_true(digest_read(kept, fd, &again, NULL, NULL));
		g_assert_true(oid_equal(&again, &expected));
	}
}

static void files_hash_from_the_position(void)
{
	auto_fd int fd = file_with("xxabc", 5, 2);
	struct oid oid;
	uint64_t size;
	char buffer[OID_TEXT_MAX];

	g_assert_true(digest_fd(fd, OID_MD5, &oid, &size, NULL));
	g_assert_cmpuint(size, ==, 3);
	g_assert_cmpstr(oid_text(&oid, buffer), ==, "900150983cd24fb0d6963f7d28e17f72");
}

static void failed_read_leaves_no_trace(void)
{
	autoptr(digest) digest = digest_new(OID_MD5);
	auto_fd int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GError) error = NULL;
	struct oid oid;
	char buffer[OID_TEXT_MAX];

	digest_update(digest, "left", 4);
	g_assert_false(digest_read(digest, dir, &oid, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_IO);
	g_assert_true(oid_is_none(&oid));
	digest_update(digest, "abc", 3);
	digest_final(digest, &oid);
	g_assert_cmpstr(oid_text(&oid, buffer), ==, "900150983cd24fb0d6963f7d28e17f72");
}

static void stops_when_asked(void)
{
	auto_fd int fd = file_with("abc", 3, 0);
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		GError *error = NULL;
		struct oid oid;

		cancel_request();
		_exit(digest_fd(fd, OID_MD5, &oid, NULL, &error) || !error_is(error, ERROR_CANCELLED));
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
}

/* The rule of 2.x as plainly as it can be said, on a whole buffer. */
static char *plain_2x(const char *data, size_t length)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (size_t start = 0; start < length; start += MIB) {
		const char *chunk = data + start;
		size_t size = MIN(MIB, length - start), head = MIN(size, 512), odd = 0;
		bool is_text;

		for (size_t i = 0; i < head; i++)
			odd += !(chunk[i] >= 0x20 && chunk[i] <= 0x7e) && !strchr("\n\r\t\f\b", chunk[i]);
		is_text = !memchr(chunk, '\0', head) && (double)odd / (double)head <= 0.30;
		for (size_t i = 0; i < size; i++)
			if (!is_text || chunk[i] != '\r' || i + 1 == size || chunk[i + 1] != '\n')
				g_string_append_c(out, chunk[i]);
	}
	return id_of(out->str, out->len, OID_MD5);
}

static void assert_2x(const char *data, size_t length)
{
	g_autofree char *expected = plain_2x(data, length);
	g_autofree char *whole = id_of(data, length, OID_MD5_2X);
	autoptr(digest) digest = digest_new(OID_MD5_2X);
	char buffer[OID_TEXT_MAX];
	struct oid oid;

	g_assert_cmpstr(whole, ==, expected);
	for (size_t at = 0; at < length;) {
		size_t n = (size_t)g_test_rand_int_range(1, g_test_rand_bit() ? 4 : 300000);

		n = MIN(n, length - at);
		digest_update(digest, data + at, n);
		at += n;
	}
	digest_final(digest, &oid);
	g_assert_cmpint(oid.algo, ==, OID_MD5_2X);
	g_assert_cmpstr(oid_text(&oid, buffer), ==, expected);
}

static void rule_2x_on_small_files(void)
{
	static const char *const as_lf[][2] = {
		{"a\r\nb\r\n", "a\nb\n"}, {"\r\r\n", "\r\n"}, {"a\r", "a\r"},           {"\r\n", "\n"},
		{"a\rb", "a\rb"},         {"\n\r", "\n\r"},   {"\r\n\r\n\r", "\n\n\r"}, {"", ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(as_lf); i++) {
		g_autofree char *got = id_of(as_lf[i][0], strlen(as_lf[i][0]), OID_MD5_2X);
		g_autofree char *expected = id_of(as_lf[i][1], strlen(as_lf[i][1]), OID_MD5);

		g_assert_cmpstr(got, ==, expected);
		assert_2x(as_lf[i][0], strlen(as_lf[i][0]));
	}
}

static void rule_2x_tells_text_from_binary(void)
{
	static const struct {
		const char *data;
		size_t length;
		bool is_text;
	} cases[] = {
		{"ab\r\n\0", 5, false},
		/* Three odd bytes of ten are just text, four of ten and one of three are not. */
		{"\x01\x02\x80"
		 "abcde\r\n",
		 10, true},
		{"\x01\x02\x80\xff"
		 "abcd\r\n",
		 10, false},
		{"\x01\r\n", 3, false},
		{"\b\f\t\r\n", 5, true},
		{"\x7f\r\n", 3, false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = id_of(cases[i].data, cases[i].length, OID_MD5_2X);
		g_autofree char *raw = id_of(cases[i].data, cases[i].length, OID_MD5);

		g_assert_cmpint(g_str_equal(got, raw), ==, !cases[i].is_text);
		assert_2x(cases[i].data, cases[i].length);
	}
}

/* Only the head of a chunk counts: what follows it may be anything. */
static void rule_2x_looks_at_the_head(void)
{
	for (size_t nul = 505; nul < 520; nul++) {
		g_autofree char *data = g_strnfill(1000, 'a');

		memcpy(data + 600, "\r\n", 2);
		data[nul] = '\0';
		assert_2x(data, 1000);
		assert_2x(data, 602);
		data[nul] = '\r';
		data[nul + 1] = '\n';
		assert_2x(data, 1000);
		assert_2x(data, nul + 1);
		assert_2x(data, nul + 2);
	}
}

static void rule_2x_goes_by_chunks(void)
{
	g_autofree char *data = g_strnfill(3 * MIB, 'a');
	g_autofree char *straddled = NULL;
	g_autofree char *raw = NULL;

	/* CRLF over the border survives. */
	memcpy(data + MIB - 1, "\r\n", 2);
	straddled = id_of(data, 2 * MIB, OID_MD5_2X);
	raw = id_of(data, 2 * MIB, OID_MD5);
	g_assert_cmpstr(straddled, ==, raw);
	assert_2x(data, MIB);
	assert_2x(data, MIB + 1);
	assert_2x(data, 3 * MIB);
	/* A binary chunk between two of text. */
	memcpy(data + 100, "\r\n", 2);
	memcpy(data + MIB + 100, "\0\r\n", 3);
	memcpy(data + 2 * MIB - 1, "\r\n\r\n", 4);
	memcpy(data + 3 * MIB - 2, "\r\n", 2);
	assert_2x(data, 3 * MIB);
	assert_2x(data, 3 * MIB - 1);
}

static void rule_2x_on_random_bytes(void)
{
	static const char alphabet[] = "\r\r\r\n\n\nabcd\x01\xff";

	for (int i = 0; i < 300; i++) {
		size_t length = (size_t)g_test_rand_int_range(1, i % 2 ? 20 : 2000);
		g_autofree char *data = g_malloc(length);

		for (size_t k = 0; k < length; k++)
			data[k] = alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)];
		assert_2x(data, length);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/digest/known-vectors", known_vectors);
	g_test_add_func("/digest/starts-over-after-each-id", starts_over_after_each_id);
	g_test_add_func("/digest/hmac-vectors", hmac_vectors);
	g_test_add_func("/digest/files-hash-as-their-bytes", files_hash_as_their_bytes);
	g_test_add_func("/digest/files-hash-from-the-position", files_hash_from_the_position);
	g_test_add_func("/digest/failed-read-leaves-no-trace", failed_read_leaves_no_trace);
	g_test_add_func("/digest/stops-when-asked", stops_when_asked);
	g_test_add_func("/digest/2x/small-files", rule_2x_on_small_files);
	g_test_add_func("/digest/2x/tells-text-from-binary", rule_2x_tells_text_from_binary);
	g_test_add_func("/digest/2x/looks-at-the-head", rule_2x_looks_at_the_head);
	g_test_add_func("/digest/2x/goes-by-chunks", rule_2x_goes_by_chunks);
	g_test_add_func("/digest/2x/random-bytes", rule_2x_on_random_bytes);
	return g_test_run();
}
