import { createHash, hash as digestOf, type Hash } from 'node:crypto'
import { Refusal } from '#schemas/refusal.ts'
import { type ChunkList, isChunkHash } from './chunk-list.ts'

/** Two blocks that take turns: one is written while the other fills. */
export type BlockPair = readonly [Uint8Array, Uint8Array]

/** Stores bytes at `offset` of the file; `verified` are the chunks that are whole and right with them. */
export type WriteBlock = (bytes: Uint8Array, offset: number, verified: readonly number[]) => Promise<void>

/** A run of consecutive chunks. */
export interface Run {
  readonly first: number
  readonly count: number
}

const BLOCK_BYTES = 1024 * 1024

export function makeBlocks(): BlockPair {
  return [new Uint8Array(BLOCK_BYTES), new Uint8Array(BLOCK_BYTES)]
}

/**
 * Verifies a run in constant memory, however long a chunk is. Bytes of a chunk that fits in a block are never written before
 * they are verified; a longer one comes in parts and counts with its last. CHUNK_TAMPERED, and what `write` throws, come out of
 * `take` and of `end`.
 */
export class RunWriter {
  readonly #list: ChunkList
  readonly #end: number
  readonly #write: WriteBlock
  #block: Uint8Array
  #spare: Uint8Array
  /** Where the block's first byte belongs in the file. */
  #offset: number
  #chunk: number
  #filled = 0
  #proved = 0
  #verified: number[] = []
  /** Of a chunk whose beginning has left the block. */
  #begun: Hash | undefined
  #writing: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  readonly #aside: Uint8Array[] = []
  #catchingUp: Promise<void> | undefined

  constructor(list: ChunkList, { first, count }: Run, [block, spare]: BlockPair, write: WriteBlock) {
    this.#list = list
    this.#end = first + count
    this.#write = write
    this.#block = block
    this.#spare = spare
    this.#offset = list.offsets[first]!
    this.#chunk = first
  }

  /**
   * Takes a piece of any size, valid only during the call. A promise means: no more until it resolves; what comes all the same
   * is kept aside.
   */
  take(piece: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.#catchingUp !== undefined) {
      this.#aside.push(Uint8Array.from(piece))
      return this.#catchingUp
    }
    try {
      const wait = this.#takeNow(piece)
      if (wait !== undefined) this.#catchingUp = this.#catchUp(wait)
      return this.#catchingUp
    } catch (error) {
      this.#fail(error)
      return Promise.reject(error)
    }
  }

  /** Stores what is proved by now; resolves once the blocks are free again. */
  async end(): Promise<void> {
    await this.#catchingUp?.catch(() => {})
    await this.#writing
    if (this.#proved > 0) this.#turn(this.#proved)
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #takeNow(piece: Uint8Array): Promise<void> | undefined {
    for (let at = this.#fill(piece, 0); this.#filled === this.#block.length; at = this.#fill(piece, at)) {
      if (this.#writing !== undefined) {
        this.#aside.unshift(Uint8Array.from(piece.subarray(at)))
        return this.#writing
      }
      this.#turn(this.#proved > 0 ? this.#proved : this.#filled)
    }
    return undefined
  }

  async #catchUp(first: Promise<void>): Promise<void> {
    try {
      await first
      for (let piece = this.#aside.shift(); piece !== undefined; piece = this.#aside.shift()) {
        if (this.#failure !== undefined) break
        await this.#takeNow(piece)
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#catchingUp = undefined
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Copies into the block until it is full or the piece is used up; gives where in the piece it stopped. */
  #fill(piece: Uint8Array, from: number): number {
    let at = from
    while (at < piece.length && this.#filled < this.#block.length) {
      if (!(this.#chunk < this.#end)) throw tampered(this.#chunk, 'more bytes than the run has')
      const left = this.#list.offsets[this.#chunk + 1]! - this.#offset - this.#filled
      const part = piece.subarray(at, at + Math.min(left, this.#block.length - this.#filled))
      this.#block.set(part, this.#filled)
      at += part.length
      this.#filled += part.length
      if (part.length === left) this.#endChunk()
    }
    return at
  }

  #endChunk(): void {
    const bytes = this.#block.subarray(this.#proved, this.#filled)
    const digest = this.#begun === undefined ? digestOf('sha256', bytes, 'buffer') : this.#begun.update(bytes).digest()
    if (!isChunkHash(this.#list, this.#chunk, digest)) throw tampered(this.#chunk, 'SHA-256 differs')
    this.#begun = undefined
    this.#verified.push(this.#chunk)
    this.#proved = this.#filled
    this.#chunk += 1
  }

  /** What is proved goes out and the rest moves to the front of the other block; of a chunk longer than a block, all goes. */
  #turn(length: number): void {
    const full = this.#block
    if (this.#proved === 0) {
      this.#begun ??= createHash('sha256')
      this.#begun.update(full.subarray(0, length))
    }
    this.#spare.set(full.subarray(length, this.#filled))
    this.#writing = this.#write(full.subarray(0, length), this.#offset, this.#verified)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#writing = undefined
      })
    this.#block = this.#spare
    this.#spare = full
    this.#offset += length
    this.#filled -= length
    this.#proved = 0
    this.#verified = []
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
  }
}

function tampered(chunk: number, reason: string): Refusal {
  return new Refusal('CHUNK_TAMPERED', { chunk, reason })
}
