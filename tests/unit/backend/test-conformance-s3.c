/*
 * The conformance suite over two independent servers that speak S3, one of them over TLS as well.
 */
#include "../remote/conformance.h"
#include "../tap.h"
#include "backend/s3/s3.h"

static const struct body bodies[] = {
	{.name = "ceph", .ops = &remote_s3, .server = "ceph"},
	{.name = "ceph-tls", .ops = &remote_s3, .server = "ceph", .kind = "s3s"},
	{.name = "swift", .ops = &remote_s3, .server = "swift"},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	conformance_add(bodies, G_N_ELEMENTS(bodies));
	return g_test_run();
}
