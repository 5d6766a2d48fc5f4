/** Whatever a stranger may type anywhere comes out as text, in a real browser, letter by letter. */
import t from 'tap'
import { metaOf, refusalOf } from '../kit/act.ts'
import { findForeign, parsePages } from './foreign.ts'
import { checkOwn, HEADS, MEMBER_NAME, publishAll, TEXTS, upload } from './hostile-texts.ts'
import { ATTACKS, REFUSED, SHOWN } from './naughty-strings.ts'
import { CHROMIUM, openBrowser } from './open-browser.ts'
import { openScene } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'

t.test('the collection is as large as it says', async (t) => {
  t.ok(SHOWN.length >= 485)
  t.ok(ATTACKS.length >= 30)
})

t.test('what is not ours is found where there is some', { skip }, async (t) => {
  await using browser = await openBrowser([])
  const page = await browser.open('about:blank')
  const planted = [
    '<i>x</i>',
    '<p onclick="1">x</p>',
    '<p style="x">x</p>',
    '<a href="javascript:1">x</a>',
    '<script>1</script>',
  ]
  await page.setContent(`<main>${planted.join('')}<p>&lt;b&gt;</p></main>`)
  t.equal((await findForeign(page)).length, planted.length)
})

t.test('hostile texts in every field of a stranger', { skip }, async (t) => {
  await using scene = await openScene(['alice', 'ministry'])
  const { network, browser, portal } = scene
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const { id: member } = await network.join('carol', 'carol', MEMBER_NAME)
  const datasets = await publishAll(alice)
  const page = await browser.open(`${portal}/`)
  const blank = await browser.open('about:blank')

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
    // Half a surrogate pair and what is no character do not even travel; a name is one line, without blanks around it.
    for (const [field, given] of Object.entries(codes)) {
      const shape = field === 'name' ? ['BODY_INVALID'] : []
      t.same([...given].toSorted(), [...shape, 'JSON_ENCODING', 'TEXT_INVALID'], field)
    }
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

  await t.test('the name of a member', async (t) => {
    for (const path of ['/members', `/members/${member}`, '/en/members', '/statistics', '/', '/trust']) {
      await page.goto(`${portal}${path}`)
      await checkOwn(t, page, path)
      if (path.includes('/members')) t.ok((await page.locator('main').textContent())?.includes(MEMBER_NAME), path)
    }
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

  t.same(browser.complaints, [])
})
