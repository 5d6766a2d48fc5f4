/** A clerk publishes in a real browser: with scripts, and with none. */
import iconv from 'iconv-lite'
import type { Page } from 'playwright-core'
import t from 'tap'
import { enterByLink } from './enter.ts'
import { CHROMIUM, checkPage } from './open-browser.ts'
import { monthlyTable, openScene } from './scene.ts'

const skip = CHROMIUM === undefined && 'chromium is not installed'
const BAD = { 5: '2023-04,一万二千,4.05', 12: '2023-13,12012,4.12', 20: '2024-07,12020,约4.2' }

const fileOf = (name: string, lines: Readonly<Record<number, string>> = {}) => ({
  name,
  mimeType: 'text/csv',
  buffer: iconv.encode(monthlyTable(30, lines), 'gb18030'),
})

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'with scripts off'
  t.test(`three bad cells of a GB18030 table are mended, the table is published, ${how}`, { skip }, async (t) => {
    await using scene = await openScene(['alice'])
    const { browser, network, portal } = scene
    const page = await enterByLink(browser, network.node('alice'), '王敏', { javaScriptEnabled })
    const check = async (name: string) => javaScriptEnabled && (await checkPage(t, page, name))
    await page.getByRole('link', { name: '发布数据' }).first().click()
    await page.getByLabel('数据文件').setInputFiles(fileOf('月报.csv', BAD))
    await page.getByRole('button', { name: '上传并检查' }).click()
    await page.waitForURL(/\/table$/)
    t.match(await page.locator('main').textContent(), 'GB18030')
    t.same(await findings(page), [
      ['5', 'B 从业人数（千人）', '一万二千', '“一万二千”不是整数'],
      ['12', 'A 月份', '2023-13', '“2023-13”不是年月（如 2025-06）'],
      ['20', 'C 失业率（%）', '约4.2', '“约4.2”不是数值'],
    ])
    t.equal(await page.locator('td.bad-cell').count(), 3, 'they are marked where they stand')
    await check('the table with bad cells')

    await page.getByLabel('“从业人数（千人）”的说明').fill('月末在岗')
    await page.getByRole('button', { name: '保存，下一步' }).click()
    await page.waitForURL(/\/table$/)
    await page.getByLabel('改好的文件').setInputFiles(fileOf('月报（改）.csv'))
    await page.getByRole('button', { name: '换上并重新检查' }).click()
    await page.getByText('检查通过').waitFor()
    t.equal(await page.getByLabel('“从业人数（千人）”的说明').inputValue(), '月末在岗', 'what was typed is still there')
    await page.getByRole('button', { name: '保存，下一步' }).click()

    await describe(page)
    await check('the form of the description')
    await page.getByRole('button', { name: '保存，下一步' }).click()
    await page.waitForURL(/\/rights$/)
    await page.getByRole('radio', { name: /^有条件共享/ }).check()
    await check('the form of the rights')
    await page.getByRole('button', { name: '保存，下一步' }).click()
    await page.waitForURL(/\/preview$/)
    t.match(await page.locator('main').textContent(), /月度从业人数（模拟数据）[\s\S]*月末在岗/)
    await check('the preview')
    await page.getByRole('link', { name: '没有问题，下一步' }).click()
    await page.getByRole('button', { name: '签名并发布' }).click()
    await page.waitForURL(/\/datasets\/monthly\?published=published$/)
    await check('the published dataset')

    const stranger = await browser.open(`${portal}/datasets?words=${encodeURIComponent('从业人数')}`, {
      javaScriptEnabled,
    })
    await stranger.locator('.result-list').getByRole('link', { name: '月度从业人数（模拟数据）' }).click()
    t.match(await stranger.locator('main').textContent(), /示例协会甲[\s\S]*月末在岗/, 'the portal shows it')
    t.same(browser.complaints, [])
  })
}

async function findings(page: Page): Promise<string[][]> {
  const rows = page.getByRole('table', { name: '不合格的单元格' }).locator('tbody tr')
  return rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => (cell.textContent ?? '').trim())),
  )
}

/** The form under the official item names. */
async function describe(page: Page): Promise<void> {
  await page.getByLabel('信息资源名称').fill('月度从业人数（模拟数据）')
  await page.getByLabel('信息资源摘要').fill('模拟数据。')
  await page.getByLabel('短名').fill('monthly')
  await page.getByRole('radio', { name: /^2 / }).check()
  await page.getByLabel('主题').selectOption({ index: 1 })
  await page.getByLabel('所属时期（起）').fill('2023-01')
  await page.getByLabel('所属时期（止）').fill('2025-06')
  await page.getByLabel('更新周期').selectOption({ label: '每月' })
  await page.getByLabel('责任单位').fill('信息部')
}
