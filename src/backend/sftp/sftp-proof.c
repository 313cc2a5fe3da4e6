#include "backend/sftp/sftp-proof.h"

#include "remote/stream.h"

struct sftp_proof {
	struct transfer *get; /* what is read back, to be hashed and dropped */
	struct stream_shared shared;
	struct stream *stream; /* of `get`; while that is lent, the one of the transfer itself */
};

struct sftp_proof *sftp_proof_new(const char *key, const struct oid *oid, uint64_t size)
{
	struct sftp_proof *proof = g_new0(struct sftp_proof, 1);
	proof->get = transfer_new(TRANSFER_GET, key);
	proof->get->oid = *oid;
	proof->get->size = size;
	proof->get->end = &transfer_discard;
	proof->stream = stream_new(proof->get, &proof->shared);
	return proof;
}

static void swap_streams(struct sftp_proof *proof, struct transfer *transfer)
{
	struct stream *stream = transfer->stream;
	transfer->stream = proof->stream;
	proof->stream = stream;
}

struct request *sftp_proof_begin(struct sftp_proof *proof, const struct remote_conn *conn, struct transfer *transfer)
{
	uint64_t have = stream_have(proof->stream);
	struct request *request = sftp_request(conn, "GET", proof->get->key);
	request_take_range(request, have, proof->get->size - have);
	swap_streams(proof, transfer);
	return request;
}

enum sftp_proven sftp_proof_end(struct sftp_proof *proof, struct transfer *transfer, const GError *error)
{
	swap_streams(proof, transfer);
	if (stream_have(proof->stream) < proof->get->size)
		return error ? PROVEN_NOT_YET : PROVEN_WRONG; /* the file is shorter */
	return stream_verify(proof->stream, NULL) ? PROVEN_RIGHT : PROVEN_WRONG;
}

void sftp_proof_free(struct sftp_proof *proof)
{
	if (!proof)
		return;
	stream_free(proof->stream);
	transfer_free(proof->get);
	g_free(proof);
}
