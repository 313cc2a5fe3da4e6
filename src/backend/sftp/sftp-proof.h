/*
 * sftp-proof: whether a file on the server begins with the bytes that it should. It is read back and hashed; SFTP has no
 * other way that servers know.
 *
 * While its request is under way the proof lends the transfer, a PUT, a stream for the bytes that come. Main thread.
 */
#ifndef BACKEND_SFTP_SFTP_PROOF_H
#define BACKEND_SFTP_SFTP_PROOF_H

#include "backend/sftp/sftp-int.h"

struct sftp_proof;

/* That the first `size` bytes, at least one, of the file of that key hash to `oid`. */
struct sftp_proof *sftp_proof_new(const char *key, const struct oid *oid, uint64_t size);

/* Ask for the bytes, or after a failure for the rest of them; sftp_proof_end() is to be called with the reply. */
struct request *sftp_proof_begin(struct sftp_proof *proof, const struct remote_conn *conn, struct transfer *transfer);

enum sftp_proven { PROVEN_RIGHT, PROVEN_WRONG, PROVEN_NOT_YET };

/* What the reply says, whose error this is (NULL: none); NOT_YET only with an error. */
enum sftp_proven sftp_proof_end(struct sftp_proof *proof, struct transfer *transfer, const GError *error);

/* End it, also while its request is under way that has been dropped. NULL is fine. */
void sftp_proof_free(struct sftp_proof *proof);

#endif
