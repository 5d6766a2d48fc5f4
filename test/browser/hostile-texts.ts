import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { uploadFile } from '#web/serving/call-control.ts'
import { metaOf } from '../kit/act.ts'
import type { Party } from '../kit/start-network.ts'
import { findForeign } from './foreign.ts'
import { ATTACKS, SHOWN } from './naughty-strings.ts'

export const TEXTS = [...ATTACKS, ...SHOWN]
/** Headings of a table. */
export const HEADS = ATTACKS.slice(0, 10)
export const MEMBER_NAME = `<img src=x onerror=alert(1)>"'><script>alert(1)</script>协会`

/** Nothing on the page but what is ours. */
export async function checkOwn(t: Test, page: Page, name: string): Promise<void> {
  t.same(await findForeign(page), [], name)
}

/** As much of a text as a name of a file may hold. */
export const fileNameOf = (text: string, ending: string) => `附 ${text.replaceAll(/[<>:"/\\|?*]/g, '')}.${ending}`

export async function upload(owner: Party, files: Readonly<Record<string, string>>) {
  const uploads = await Promise.all(
    Object.entries(files).map(async ([name, content], at) => {
      const path = join(owner.dataDir, '..', `hostile-${at}`)
      writeFileSync(path, content)
      return { name, upload: (await uploadFile(owner.dataDir, createReadStream(path))).upload }
    }),
  )
  return { uploads }
}

/** Every text as a cell, under headings that are attacks. */
export function tableOf(texts: readonly string[]): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const rows = Array.from({ length: Math.ceil(texts.length / HEADS.length) }, (_, at) =>
    HEADS.map((_, column) => texts[at * HEADS.length + column] ?? '-'),
  )
  return `${[HEADS, ...rows].map((row) => row.map(quote).join(',')).join('\n')}\n`
}

/** Datasets whose fields of metadata hold all texts between them; the first has them all in its sample. Returns ids. */
export async function publishAll(owner: Party): Promise<string[]> {
  const short = TEXTS.filter((text) => [...text].length <= 40)
  const long = TEXTS.filter((text) => [...text].length > 40)
  const rounds = Math.ceil(Math.max(short.length / 33, long.length / 4, 1))
  const ids: string[] = []
  for (let at = 0; at < rounds; at++) {
    const keywords = [...new Set(short.slice(at * 33, at * 33 + 30).map((text) => text.normalize('NFC')))]
    const [unit = '部', person = '人', contact = '话'] = short.slice(at * 33 + 30, at * 33 + 33)
    const [zh = '题', en = 'title', about = '述', said = 'said'] = long.slice(at * 4, at * 4 + 4)
    const meta = metaOf(`hostile-${at}`, {
      title: { zh, en },
      description: { zh: about, en: said },
      keywords,
      responsible: { unit, person, contact },
      ...(at === 0 && { sample: { rows: 100 } }),
    })
    const { uploads } = await upload(owner, {
      'table.csv': at === 0 ? tableOf(TEXTS) : 'a\n1\n',
      [fileNameOf(ATTACKS[at] ?? '', 'txt')]: 'x',
    })
    const { dataset } = await owner.call<{ dataset: string }>('publish', { meta, files: uploads })
    ids.push(dataset)
  }
  return ids
}
