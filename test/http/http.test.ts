// The machines' doors as a stranger sees them. The scripts beside this file are requests and expectations in plain text:
//
//   # What it shows.
//   GET {hub.public}/v1/root          METHOD URL [as NODE]: whose certificate is shown
//   If-None-Match: {etag}             headers
//   > {"a":1}                         the body, line by line; {x*70000} is a character many times
//   status == 304                     status, code, handshake, body, header NAME, json PATH, then ==, ~ (pattern) or absent
//   save etag = header etag           for the requests after it
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Agent } from 'undici'
import { clientTlsOptions } from '#pki/tls.ts'
import { agree, metaOf, publish, pull } from '../kit/act.ts'
import { authoritiesOf, speakAs, withDatabase } from '../kit/speak-as.ts'
import { startNetwork } from '../kit/start-network.ts'
import { ask } from './ask.ts'
import { parseScript } from './parse-script.ts'

const NODES = ['alice', 'bob', 'ministry'] as const

t.test('every listener answers as its script says', async (t) => {
  await using network = await startNetwork({ nodes: NODES })
  const [alice, ministry] = [network.node('alice'), network.node('ministry')]
  const table = '月份,产量\n2026-01,10\n'
  for (const slug of ['output', 'prices', 'stocks'])
    await publish(alice, `${slug}.csv`, table, metaOf(slug, slug === 'prices' ? { sharing: 'unconditional' } : {}))
  const agreement = await agree(network, ministry, alice, `${alice.id}/output`)
  const { pull: pullId } = await pull(ministry, agreement)
  const grant = withDatabase(
    join(ministry.dataDir, 'node.db'),
    (db) => (db.prepare('SELECT text FROM grants').get() as { text: string }).text,
  )
  const values = new Map(Object.entries({ net: network.fingerprint, agreement, grant, pull: pullId }))
  for (const [name, party] of [['hub', network.hub], ...Object.entries(network.nodes)] as const) {
    values.set(name, party.id)
    for (const [listener, url] of Object.entries(party.listeners())) values.set(`${name}.${listener}`, url)
  }
  const serverCas = authoritiesOf(network)
  const agentOf = (identity: Parameters<typeof clientTlsOptions>[0]['identity']) =>
    new Agent({ connect: clientTlsOptions({ identity, serverCas, expect: () => {} }) })
  const stranger = agentOf('none')
  const voices = NODES.map((who) => [who as string, speakAs(network, who)] as const)
  const agents = new Map(voices.map(([who, { identity }]) => [who, agentOf(identity)]))
  for (const [who, { holder }] of voices) values.set(`${who}.certificate`, holder)
  t.teardown(() => Promise.all([stranger, ...agents.values()].map((agent) => agent.destroy())))
  const dispatcherOf = (as: string | undefined) => (as === undefined ? stranger : (agents.get(as) as Agent))

  const scripts = globSync('*.http.txt', { cwd: import.meta.dirname }).sort()
  t.ok(scripts.length > 4, `${scripts.length} scripts`)
  for (const script of scripts) {
    await t.test(script, async (t) => {
      for (const step of parseScript(readFileSync(join(import.meta.dirname, script), 'utf8')))
        t.same(await ask(step, { values, dispatcherOf }), [], step.title)
    })
  }
})

t.test('a line that means nothing is no test that passes', async (t) => {
  t.throws(() => parseScript('GET /x\nstatus = 200'), /not a line of a script: status = 200/)
  t.throws(() => parseScript('GET /x\nA: b'), /nothing is expected/)
  t.throws(() => parseScript('FETCH /x\nstatus == 200'), /not a line of a script/)
})
