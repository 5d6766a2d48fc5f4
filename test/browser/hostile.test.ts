/** Whatever a stranger may type anywhere comes out as text, in a real browser, letter by letter. */
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { uploadFile } from '#web/serving/call-control.ts'
import { metaOf, refusalOf } from '../kit/act.ts'
import { APPROVER, eventually, type Party } from '../kit/start-network.ts'
import { walk } from './crawl.ts'
import { enterByLink } from './enter.ts'
import { findForeign, parsePages } from './foreign.ts'
import { ATTACKS, REFUSED, SHOWN } from './naughty-strings.ts'
import { CHROMIUM } from './open-browser.ts'
import { openScene, type Scene } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
const TEXTS = [...ATTACKS, ...SHOWN]
const HEADS = ATTACKS.slice(0, 10)
const MEMBER_NAME = `<img src=x onerror=alert(1)>"'><script>alert(1)</script>协会`

t.test('the collection is as large as it says', async (t) => {
  t.ok(SHOWN.length >= 485)
  t.ok(ATTACKS.length >= 30)
})

t.test('hostile texts in every field of a stranger', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'ministry'])
  const { network, browser, portal } = scene
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  await network.join('carol', 'carol', MEMBER_NAME)
  const datasets = await publishAll(alice)
  const page = await browser.open(`${portal}/`)
  const blank = await browser.open('about:blank')
  const look = async (t: Test, page: Page, shape: string) => t.same(await findForeign(page), [], shape)

  await t.test('what is invisible or turns a line round is refused by its code', async (t) => {
    const { uploads } = await upload(alice, { 'a.csv': 'a\n1\n' })
    const codes = { title: new Set<unknown>(), name: new Set<unknown>(), purpose: new Set<unknown>() }
    for (const [at, text] of REFUSED.entries()) {
      const meta = metaOf('refused', { title: { zh: text } })
      codes.title.add(await refusalOf(() => alice.call('publish', { meta, files: uploads })))
      const code = { class: 'association', member: '51100000PDY0000283', name: text, as: 'Wang' }
      codes.name.add(await refusalOf(() => network.hub.call('code', code)))
      // The hub reads each, so a few stand for all.
      if (at % 10 !== 0 || text.includes('\n')) continue
      codes.purpose.add(await refusalOf(() => ministry.call('request', { dataset: datasets[0], purpose: text })))
    }
    // Half a surrogate pair and what is no character do not even travel.
    for (const [field, given] of Object.entries(codes))
      t.same([...given].toSorted(), ['JSON_ENCODING', 'TEXT_INVALID'], field)
  })

  await t.test('metadata, file names, headings and cells of a public sample', async (t) => {
    const { items } = (await (await page.request.get(`${portal}/api/v1/datasets?limit=100`)).json()) as {
      items: unknown[]
    }
    t.equal(items.length, datasets.length)
    const seen: string[] = []
    for (const [at, dataset] of datasets.entries())
      for (const lang of ['', '/en']) {
        await page.goto(`${portal}${lang}/datasets/${dataset}`)
        seen.push((await page.locator('body').textContent()) ?? '')
        t.same(await findForeign(page), [], `${lang}/datasets/${at}`)
      }
    const all = seen.join('\n')
    t.same(
      TEXTS.filter((text) => !all.includes(text.normalize('NFC'))),
      [],
      'each is shown as it was given',
    )
    await page.goto(`${portal}/datasets/${datasets[0]}`)
    const sample = page.getByRole('table', { name: '公开样例' }).first()
    t.same(await sample.locator('thead th').allTextContents(), HEADS)
    const cells = await sample.locator('tbody td, tbody th').allTextContents()
    t.same(cells.slice(0, TEXTS.length), TEXTS, 'cells are what they were')
  })

  await t.test('searching', async (t) => {
    const paths = [...TEXTS, ...REFUSED].map((text) => `${portal}/datasets?words=${encodeURIComponent(text)}`)
    const parsed = await parsePages(blank, paths)
    t.same(
      parsed.filter(({ foreign }) => foreign.length > 0),
      [],
    )
    t.same(
      parsed.filter(({ status }) => status !== 200).map(({ status }, at) => [status, paths[at]]),
      [],
    )
    t.same(
      TEXTS.filter((text, at) => parsed[at]?.searched !== text || !parsed[at]?.text.includes(`搜索“${text}”`)),
      [],
      'the words come back as typed',
    )
  })

  await t.test('every other part of an address', async (t) => {
    const paths = ATTACKS.flatMap((text) => {
      const word = encodeURIComponent(text)
      const facets = [
        'class',
        'theme',
        'industry',
        'region',
        'member',
        'sharing',
        'periodicity',
        'price',
        'sort',
        'cursor',
        'all',
      ]
      return [
        `/datasets?${facets.map((name) => `${name}=${word}`).join('&')}`,
        `/members?words=${word}&class=${word}&state=${word}`,
        `/datasets/${word}/${word}`,
        `/members/${word}`,
        `/guides/${word}`,
        `/${word}`,
        `/en/${word}?x=${word}`,
      ]
    })
    const parsed = await parsePages(
      blank,
      paths.map((path) => `${portal}${path}`),
    )
    t.same(
      parsed.flatMap(({ foreign }, at) => (foreign.length > 0 ? [[paths[at], foreign]] : [])),
      [],
    )
    t.same(
      parsed.filter(({ status }) => status >= 500),
      [],
      'nothing breaks',
    )
    // Opened, so that whatever would run does.
    for (const path of paths.filter((_, at) => at % 7 === 0 || at % 7 === 5).slice(0, 60))
      await page.goto(`${portal}${path}`)
    for (const text of ATTACKS) {
      const back = await page.request.get(`${portal}/view?set=large&back=${encodeURIComponent(text)}`, {
        maxRedirects: 0,
      })
      t.notMatch(back.headers()['location'] ?? '', /^(\/\/|[a-z]+:|\\)/i, 'it leads nowhere else')
    }
  })

  await t.test('files handed in for verification', async (t) => {
    const document = await page.request.get(`${portal}/datasets/${datasets[0]}/document.json`)
    const files = [
      { name: 'entry.json', mimeType: 'application/json', buffer: await document.body() },
      ...ATTACKS.slice(0, 9).map((text) => ({
        name: `${text.replaceAll('/', '')}.json`,
        mimeType: 'application/json',
        buffer: Buffer.from(
          `{"kind":${JSON.stringify(text)},"${text.replaceAll('"', '')}":"${text.replaceAll('"', "'")}"}`,
        ),
      })),
    ]
    for (const file of files) {
      await page.goto(`${portal}/trust`)
      await page.getByLabel('证明文件、签名文件').setInputFiles(file)
      await page.getByRole('button', { name: '核验', exact: true }).click()
      await page.locator('#verdict').waitFor()
      t.same(await findForeign(page), [], file.name)
    }
    await page.goto(`${portal}/trust`)
    await page.getByText('或粘贴文件内容').click()
    await page.getByLabel('签名文件的内容').fill(ATTACKS.join('\n'))
    await page.getByRole('button', { name: '核验', exact: true }).click()
    await page.locator('#verdict').waitFor()
    t.same(await findForeign(page), [])
  })

  await t.test('purposes and reasons, at both ends and at the hub', async (t) => {
    await negotiate(scene, datasets[0] as string)
    for (const [party, as] of [
      [alice, MEMBER_NAME],
      [ministry, '王敏'],
      [network.hub, 'an auditor'],
    ] as const) {
      if (party === network.hub) await party.call('operator-add', { name: as, role: 'auditor' })
      const inside = await enterByLink(browser, party, as)
      const said: string[] = []
      await walk(t, inside, {
        from: ['/'],
        skip: /^\/en\//,
        look: async (t, one, shape) => {
          said.push((await one.locator('body').textContent()) ?? '')
          await look(t, one, shape)
        },
      })
      const all = said.join('\n')
      t.same(
        ATTACKS.filter((text) => !all.includes(text)),
        [],
        `${party.id}: each is shown as it was given`,
      )
      await inside.context().close()
    }
  })

  await t.test('a table in the wizard', async (t) => {
    const clerk = await enterByLink(browser, alice, '王敏')
    await clerk.goto(clerk.url().replace(/\/[^/]*$/, '/publish'))
    const name = `"><img src=x onerror=alert(1)>.csv`
    await clerk
      .getByLabel('数据文件')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(tableOf(TEXTS)) })
    await clerk.getByRole('button', { name: '上传并检查' }).click()
    await clerk.waitForURL(/\/table$/)
    const cells: string[] = []
    for (let at = 0; at * 200 < TEXTS.length; at++) {
      await clerk.goto(`${clerk.url().split('?')[0]}?rows=first&page=${at}`)
      cells.push(...(await clerk.locator('#grid tbody td').allTextContents()))
      t.same(await findForeign(clerk), [])
    }
    t.same(cells.slice(0, 100), TEXTS.slice(0, 100), 'cells are what they were')
    await clerk.context().close()
  })
  t.same(browser.complaints, [])
})

async function upload(owner: Party, files: Readonly<Record<string, string>>) {
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
function tableOf(texts: readonly string[]): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const rows = Array.from({ length: Math.ceil(texts.length / HEADS.length) }, (_, at) =>
    HEADS.map((_, column) => texts[at * HEADS.length + column] ?? '-'),
  )
  return `${[HEADS, ...rows].map((row) => row.map(quote).join(',')).join('\n')}\n`
}

/** Datasets whose fields of metadata hold all texts between them; the first has them all in its sample. Returns ids. */
async function publishAll(owner: Party): Promise<string[]> {
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
      [`${(ATTACKS[at] ?? '附').replaceAll(/[/\\]/g, '')}.txt`]: 'x',
    })
    const { dataset } = await owner.call<{ dataset: string }>('publish', { meta, files: uploads })
    ids.push(dataset)
  }
  return ids
}

/** Requests whose purposes hold all attacks, refused for reasons that do so too; one is let through and refused at the hub. */
async function negotiate({ network }: Scene, dataset: string): Promise<void> {
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const third = Math.ceil(ATTACKS.length / 3)
  for (const at of [0, 1, 2]) {
    const purpose = ATTACKS.slice(at * third, (at + 1) * third).join('\n')
    const { request } = await ministry.call<{ request: string }>('request', { dataset, purpose })
    await eventually(
      async () =>
        (await alice.call<{ request: string }[]>('requests', { incoming: true })).some(
          (one) => one.request === request,
        ),
      'the owner hears of the request',
    )
    if (at < 2) {
      const reason = ATTACKS.slice(at * third, (at + 2) * third)
        .join('\n')
        .slice(0, 2000)
      await alice.call('refuse', { request, reason })
      continue
    }
    await alice.call('consent', { request })
    const { id } = await eventually(
      async () =>
        (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(({ kind }) => kind === 'agreement'),
      'the agreement is in the queue',
    )
    await network.hub.call('refuse', { id, as: APPROVER, reason: purpose })
  }
}
