/** What strangers wrote, as staff and operators see it in a real browser: text, letter by letter. */
import t from 'tap'
import { metaOf } from '../kit/act.ts'
import { APPROVER, eventually } from '../kit/start-network.ts'
import { walk } from './crawl.ts'
import { enterByLink } from './enter.ts'
import { checkOwn, fileNameOf, MEMBER_NAME, TEXTS, tableOf, upload } from './hostile-texts.ts'
import { ATTACKS } from './naughty-strings.ts'
import { CHROMIUM } from './open-browser.ts'
import { openScene, type Scene } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'

t.test('hostile texts in the consoles', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'ministry'])
  const { network, browser } = scene
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  await network.join('carol', 'carol', MEMBER_NAME)
  const [zh, en, about, said] = ATTACKS
  const { uploads } = await upload(alice, { [fileNameOf(ATTACKS[9] ?? '', 'csv')]: tableOf(ATTACKS) })
  const meta = metaOf('hostile', { title: { zh, en }, description: { zh: about, en: said }, sample: { rows: 5 } })
  const { dataset } = await alice.call<{ dataset: string }>('publish', { meta, files: uploads })

  await t.test('purposes and reasons, at both ends and at the hub', async (t) => {
    await negotiate(scene, dataset)
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
          await checkOwn(t, one, shape)
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
    const name = `' onmouseover=alert(1) x='&lt;img src=x onerror=alert(1)&gt;.csv`
    await clerk
      .getByLabel('数据文件')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(tableOf(TEXTS)) })
    await clerk.getByRole('button', { name: '上传并检查' }).click()
    await clerk.waitForURL(/\/table$/)
    const cells: string[] = []
    for (let at = 0; at * 200 < TEXTS.length; at++) {
      await clerk.goto(`${clerk.url().split('?')[0]}?rows=first&page=${at}`)
      cells.push(...(await clerk.locator('#grid tbody td').allTextContents()))
      await checkOwn(t, clerk, `page ${at}`)
    }
    t.same(cells.slice(0, 100), TEXTS.slice(0, 100), 'cells are what they were')
    await clerk.context().close()
  })
  t.same(browser.complaints, [])
})

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
