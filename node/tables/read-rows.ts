import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Reading } from './reading.ts'
import { type ChildLimits, runChild } from './run-child.ts'
import type { RowPage, RowsJob } from './take-rows.ts'

const MIB = 1024 * 1024
const LIMITS = { rssBytes: 1_024 * MIB, outputBytes: 16 * MIB } as const
const BASE_MILLISECONDS = 60_000
const BYTES_PER_SECOND = 4 * MIB

/** A received file to be opened: where it lies, and its published name, which tells the form of text files. */
export interface FileToOpen {
  readonly path: string
  readonly name: string
  readonly reading?: Reading
}

/** Rows of a file for a page, read by a child that can reach nothing else. INPUT_UNREADABLE, INPUT_TOO_COSTLY. */
export async function readRows(
  file: FileToOpen,
  { from, count, signal }: { from: number; count: number; signal?: AbortSignal | undefined },
): Promise<RowPage> {
  const job: RowsJob = { ...jobOf(file), as: 'page', from, count, numeric: [] }
  const answer = JSON.parse(await run(file, (fd, limits) => runChild('rows-child.ts', fd, job, { limits, signal })))
  return verifyPage(answer as RowPage)
}

/** Writes the whole table to `target` in another form; `numeric`: columns whose cells a workbook takes as numbers. */
export async function convertTable(
  file: FileToOpen,
  as: 'csv' | 'xlsx',
  { target, numeric, signal }: { target: string; numeric: readonly string[]; signal?: AbortSignal | undefined },
): Promise<void> {
  const job: RowsJob = { ...jobOf(file), as, from: 0, count: 0, numeric }
  await run(file, (fd, limits) => {
    const into = createWriteStream(target, { flags: 'wx', mode: 0o600 })
    return runChild('rows-child.ts', fd, job, { limits, signal, into })
  })
}

function jobOf({ name, reading = {} }: FileToOpen): Pick<RowsJob, 'name' | 'reading'> {
  return { name, reading }
}

async function run({ path }: FileToOpen, start: (fd: number, limits: ChildLimits) => Promise<string>): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await start(file.fd, { ...LIMITS, milliseconds: BASE_MILLISECONDS + (size / BYTES_PER_SECOND) * 1000 })
  } finally {
    await file.close()
  }
}

/** A child that met a hostile file is itself no longer trusted: what a page will walk through has the shape it needs. */
function verifyPage(page: RowPage): RowPage {
  const { columns, rows } = page
  const isText = (value: unknown) => typeof value === 'string'
  const sound =
    Array.isArray(columns) &&
    columns.every(({ name, letter }) => isText(name) && isText(letter)) &&
    Array.isArray(rows) &&
    rows.every(({ number, cells }) => Number.isSafeInteger(number) && Array.isArray(cells) && cells.every(isText))
  if (!sound) throw new Error('the child answered with an odd page')
  return page
}
