import { userInfo } from 'node:os'
import t from 'tap'
import { runWith } from '../cli/fake-server.ts'
import { APPROVER, REGISTRAR, startNetwork } from '../kit/start-network.ts'

const HTML = { accept: 'text/html' }

/** Opens a link as printed and presses its button; answers the page that follows. */
async function enter(printed: string, fields: Record<string, string> = {}): Promise<string> {
  const { origin, searchParams } = new URL(printed)
  const shown = await fetch(printed, { headers: HTML })
  if (shown.status !== 200) throw new Error(`${shown.status}`)
  const entered = await fetch(`${origin}/enter`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...HTML, origin },
    body: new URLSearchParams({ key: searchParams.get('key') as string, ...fields }),
  })
  const [cookie] = (entered.headers.getSetCookie().find((one) => one.startsWith('session-')) ?? '').split(';')
  return (await fetch(`${origin}/`, { headers: { ...HTML, cookie: cookie as string } })).text()
}

t.test('the links that hub and node print lead in, under the name they were made for', async (t) => {
  await using net = await startNetwork({ nodes: ['alice'] })
  const alice = net.node('alice')
  const print = async (words: readonly string[], dataDir: string) =>
    JSON.parse((await runWith([...words, '--data', dataDir, '--json'])).stdout) as { url: string; code?: string }
  const named = (name: string) => `<strong>${name}</strong>`
  const enterNode = async (...flags: string[]) => enter((await print(['node', 'console', ...flags], alice.dataDir)).url)
  const hub = (...flags: string[]) => print(['hub', 'console', ...flags], net.hub.dataDir)

  t.match(await enterNode(), named(userInfo().username), 'at a node the operating-system user')
  t.match(await enterNode('--as', '赵丽'), named('赵丽'))
  t.match(await enter((await alice.call<{ url: string }>('console')).url), named(userInfo().username))
  t.match(await enter((await hub('--as', REGISTRAR)).url), named(REGISTRAR))
  t.match(await enter((await hub()).url, { name: APPROVER }), named(APPROVER), 'a link for nobody asks who enters')
  t.match(
    await enter((await hub('--as', REGISTRAR)).url, { name: APPROVER }),
    named(REGISTRAR),
    'a link for one asks nobody',
  )
  t.match(await hub('--as', 'Nobody'), { code: 'OPERATOR_UNKNOWN' })
})
