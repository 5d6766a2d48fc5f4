/**
 * The child process that opens received files for people: rows for a page as JSON, or the whole table as CSV or workbook. What
 * it may reach is what the inspecting child may: descriptor 3 and nothing else. A refusal goes to standard error.
 */
import { pipeline } from 'node:stream/promises'
import { writeCsvRow } from '#web/pages/csv.ts'
import { REFUSED, refusalIn } from './child-answer.ts'
import { openSource, type TableSource } from './table-source.ts'
import { csvOf, type RowsJob, takeRows, valuesOf } from './take-rows.ts'

const FILE_DESCRIPTOR = 3

async function answer(job: RowsJob): Promise<void> {
  const source = openSource(FILE_DESCRIPTOR, job.name)
  if (job.as === 'csv') await pipeline(await csvOf(source, job, writeCsvRow), process.stdout, { end: false })
  const last = job.as === 'csv' ? '' : job.as === 'xlsx' ? await workbook(source, job) : await page(source, job)
  await new Promise((resolve) => process.stdout.write(last, resolve))
}

async function page(source: TableSource, job: RowsJob): Promise<string> {
  return JSON.stringify(await takeRows(source, job))
}

async function workbook(source: TableSource, job: RowsJob): Promise<Buffer> {
  const values = await valuesOf(source, job)
  const { utils, write } = await import('@e965/xlsx')
  const book = utils.book_new()
  utils.book_append_sheet(book, utils.aoa_to_sheet(values, { dense: true }), 'Sheet1')
  return write(book, { type: 'buffer', bookType: 'xlsx', compression: true }) as Buffer
}

function complain(error: unknown): void {
  const refusal = refusalIn(error)
  const text = refusal === undefined ? String(error instanceof Error ? error.stack : error) : JSON.stringify(refusal)
  process.stderr.write(text, () => process.exit(refusal === undefined ? 1 : REFUSED))
}

let received = ''
process.stdin.setEncoding('utf8')
process.stdin.on('end', () => process.exit(1))
process.stdin.on('data', (piece: string) => {
  received += piece
  if (!received.endsWith('\n')) return
  answer(JSON.parse(received) as RowsJob).then(() => process.exit(0), complain)
})
