/** One set of chunking parameters: its name in a manifest and the bounds a verifier holds every chunk to, in bytes. */
export interface ChunkParameters {
  readonly id: string
  readonly minBytes: number
  readonly averageBytes: number
  readonly maxBytes: number
}

const KIB = 1024
const MIB = 1024 * KIB

/** The fixed table, from small files to 2 TiB. Sets are only ever added: published manifests name them. */
export const CHUNK_PARAMETERS = [
  set('gear1-64k', 64 * KIB),
  set('gear1-128k', 128 * KIB),
  set('gear1-256k', 256 * KIB),
  set('gear1-512k', 512 * KIB),
  set('gear1-1m', MIB),
  set('gear1-2m', 2 * MIB),
  set('gear1-4m', 4 * MIB),
  set('gear1-8m', 8 * MIB),
  set('gear1-16m', 16 * MIB),
  set('gear1-32m', 32 * MIB),
  set('gear1-64m', 64 * MIB),
  set('gear1-128m', 128 * MIB),
] as const satisfies readonly [ChunkParameters, ...ChunkParameters[]]

/** Bytes of a list entry (uint32 length, SHA-256) and of the longest list (contract, Manifest). */
export const CHUNK_LIST_LIMITS = { entryBytes: 36, maxBytes: MIB, maxChunks: Math.floor(MIB / 36) } as const

/** Chunks a set is chosen for: leaves a dataset room to grow by three quarters before its list passes 1 MiB. */
const PLANNED_CHUNKS = 16_384

/** The set for a dataset's version 1, by the size of its largest file in bytes. */
export function chooseParameters(bytes: number): ChunkParameters {
  const fitting = CHUNK_PARAMETERS.find((parameters) => bytes <= parameters.averageBytes * PLANNED_CHUNKS)
  return fitting ?? CHUNK_PARAMETERS[CHUNK_PARAMETERS.length - 1]!
}

/** The set with this name, or undefined. */
export function findParameters(id: string): ChunkParameters | undefined {
  return CHUNK_PARAMETERS.find((parameters) => parameters.id === id)
}

/** The next larger set, taken when a list would pass 1 MiB; undefined after the last. */
export function nextParameters(parameters: ChunkParameters): ChunkParameters | undefined {
  return CHUNK_PARAMETERS[CHUNK_PARAMETERS.findIndex(({ id }) => id === parameters.id) + 1]
}

function set(id: string, averageBytes: number): ChunkParameters {
  return { id, minBytes: averageBytes / 4, averageBytes, maxBytes: averageBytes * 4 }
}
