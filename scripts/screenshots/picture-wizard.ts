import type { Page } from 'playwright-core'
import { type Album, takePictures } from './take-pictures.ts'

/** Three cells that are not what their columns hold. */
const TABLE = `月份,从业人数（千人）,失业率（%）
${Array.from({ length: 24 }, (_, at) => {
  const month = `${2024 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
  const wrong: Readonly<Record<number, string>> = { 3: '一万二千,4.05', 11: '12011,约4.2', 17: ',4.3 %' }
  return `${month},${wrong[at] ?? `${12_000 + at},${(4 + at / 100).toFixed(2)}`}`
}).join('\n')}
`

/** The steps of publishing, with a table that has bad cells first. */
export async function pictureWizard(page: Page, album: Album): Promise<void> {
  const file = (text: string) => ({ name: '月报（模拟数据）.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  const { origin } = new URL(page.url())
  await page.goto(`${origin}/publish`)
  await page.getByLabel('数据文件').setInputFiles(file(TABLE))
  await page.getByRole('button', { name: '上传并检查' }).click()
  await page.waitForURL(/\/table$/)
  await takePictures(page, album, 'wizard-bad-cells')
  await page
    .getByLabel('改好的文件')
    .setInputFiles(file(TABLE.replace('一万二千', '12003').replace('约4.2', '4.2').replace(',4.3 %', '12017,4.3')))
  await page.getByRole('button', { name: '换上并重新检查' }).click()
  await page.getByText('检查通过').waitFor()
  await page.getByRole('button', { name: '保存，下一步' }).click()
  await page.waitForURL(/\/about$/)
  await takePictures(page, album, 'wizard-about')
  await page.getByLabel('信息资源名称').fill('月度从业人数（模拟数据）')
  await page.getByRole('radio', { name: /^2 / }).check()
  await page.getByLabel('主题').selectOption({ index: 1 })
  await page.getByLabel('责任单位').fill('信息部')
  await page.getByRole('button', { name: '保存，下一步' }).click()
  await page.waitForURL(/\/rights$/)
  await takePictures(page, album, 'wizard-rights')
  await page.getByRole('radio', { name: /^有条件共享/ }).check()
  await page.getByRole('button', { name: '保存，下一步' }).click()
  await page.waitForURL(/\/preview$/)
  await takePictures(page, album, 'wizard-preview')
  await page.getByRole('link', { name: '没有问题，下一步' }).click()
  await takePictures(page, album, 'wizard-sign')
}
