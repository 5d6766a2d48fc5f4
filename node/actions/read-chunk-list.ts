import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type ChunkList, parseChunkList } from '../chunks/chunk-list.ts'
import { findParameters } from '../chunks/chunk-parameters.ts'
import type { Blobs } from '../store/blobs.ts'
import type { FileToReceive } from './file-to-receive.ts'
import type { OwnerSession } from './open-session.ts'

/** The chunk list from disk or owner, kept; its length and hash are signed in the manifest. CHUNK_LIST_INVALID otherwise. */
export async function readChunkList(
  blobs: Blobs,
  { pull, n, file }: FileToReceive,
  { retry, connect }: OwnerSession,
): Promise<ChunkList> {
  const { parameters: name, count, list: signed } = file.chunks
  const parameters = findParameters(name)
  if (parameters === undefined) throw new Refusal('PROTOCOL_UNSUPPORTED', { parameters: name })
  const bytes =
    blobs.find(signed.sha256) ??
    (await retry.run(async (grant) => (await connect()).get(`/v1/files/${pull}/${n}/chunks`, grant.text)))
  if (!(bytes.length === signed.bytes && sha256(bytes) === signed.sha256))
    throw new Refusal('CHUNK_LIST_INVALID', { file: file.path, rule: 'length and hash as signed' })
  const list = parseChunkList(bytes, { fileBytes: file.bytes, parameters })
  if (!(list.count === count))
    throw new Refusal('CHUNK_LIST_INVALID', { file: file.path, rule: 'as many chunks as signed' })
  blobs.put(bytes)
  return list
}
