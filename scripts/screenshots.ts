/** `npm run screenshots`: a demo network in a folder of its own, and a picture of every page of its three sites, into `screenshots/`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { DATASETS, MEMBERS, OPERATORS, STAFF } from './quickstart/demo-members.ts'
import { mustRun } from './quickstart/run-command.ts'
import { type DemoServer, stopServer } from './quickstart/servers.ts'
import { admitMembers, bringUpHub, bringUpNode, publish, share } from './quickstart/story.ts'
import { pictureWizard } from './screenshots/picture-wizard.ts'
import { pictureSite, takePictures } from './screenshots/take-pictures.ts'
import { findProgram, installTestPrograms } from './test-programs.ts'

const folder = fileURLToPath(new URL('../screenshots', import.meta.url))
const CHINESE = /^\/(?!en(\/|$)|view)/
const LOOK = { locale: 'zh-CN', reducedMotion: 'reduce' } as const
const servers: DemoServer[] = []

/** Published and pulled as in the quickstart, and one request more that waits for its owner. */
async function bringUp(home: string): Promise<DemoServer> {
  const say = (zh: string) => console.log(zh)
  const started = (server: DemoServer) => void servers.push(server)
  const hub = await bringUpHub(home, say, started)
  for (const member of MEMBERS) await bringUpNode(member, home, say, started)
  await admitMembers(home)
  for (const dataset of DATASETS) {
    const { rows } = await publish(dataset, home)
    await share(dataset, rows, home, hub.fingerprint, say)
  }
  const asked = `${MEMBERS[1].uscc}/${DATASETS[1].meta.slug}`
  await mustRun(['node', 'request', asked, '--purpose', '年度发展报告（演示）'], join(home, 'ministry'))
  return hub
}

async function enter(browser: Browser, words: readonly string[], dataDir: string): Promise<Page> {
  const { url } = await mustRun<{ url: string }>(words, dataDir)
  const page = await browser.newPage(LOOK)
  await page.goto(url)
  await page.getByRole('button', { name: '进入', exact: true }).click()
  await page.locator('form[action$="/leave"]').waitFor()
  return page
}

async function pictureAll(browser: Browser, home: string, hub: DemoServer): Promise<number> {
  const portal = await browser.newPage(LOOK)
  await portal.goto(`${hub.listeners['public']}/`)
  const strange = ['/', '/datasets?words=%E4%BB%8E%E4%B8%9A', '/datasets?words=zzzz', '/nowhere']
  let count = await pictureSite(portal, { folder, site: 'portal' }, strange, CHINESE)
  const english = /^\/en(\/(datasets|members|trust|statistics)?)?$/
  count += await pictureSite(portal, { folder, site: 'portal' }, ['/en/', '/en/datasets'], english)
  for (const { name, role } of OPERATORS) {
    const page = await enter(browser, ['hub', 'console', '--as', name], join(home, 'hub'))
    count += await pictureSite(page, { folder, site: `hub-${role}` }, ['/'], CHINESE)
  }
  for (const member of ['construction', 'ministry']) {
    const page = await enter(browser, ['node', 'console', '--as', STAFF], join(home, member))
    const album = { folder, site: `node-${member}` }
    count += await pictureSite(page, album, ['/'], CHINESE)
    if (member === 'construction') await pictureWizard(page, album)
    await page.goto(`${new URL(page.url()).origin}/en/`)
    await takePictures(page, album, '/en')
  }
  return count
}

installTestPrograms('test')
const program = findProgram('chromium')
if (program === undefined) {
  console.error('没有找到 chromium，无法截图 · chromium is not installed: no pictures (apt-get install chromium)')
  process.exit(1)
}
const home = mkdtempSync(join(tmpdir(), 'hanghui-screenshots-'))
mkdirSync(folder, { recursive: true })
try {
  const hub = await bringUp(home)
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
  const count = await pictureAll(browser, home, hub)
  await browser.close()
  console.log(`${count} 个页面的截图在 · pictures of ${count} pages in ${folder}`)
} finally {
  await Promise.all(servers.map(stopServer))
  rmSync(home, { recursive: true, force: true })
}
