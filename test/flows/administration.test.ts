/** What people do by hand at a running network, by the command line. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toRfc3339 } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import { agree, metaOf, publish, pull, refusalOf } from '../kit/act.ts'
import { assertConsistent } from '../kit/assert-consistent.ts'
import { command, verifyProofs } from '../kit/command-line.ts'
import { moveToExternal, startExternalCa } from '../kit/external-ca.ts'
import { followRoot } from '../kit/follow-root.ts'
import { speakAs, withDatabase } from '../kit/speak-as.ts'
import { ADMINISTRATOR, eventually, type Network, type Party, REGISTRAR, startNetwork } from '../kit/start-network.ts'

const TABLE = '月份,产量\n2026-01,10\n'
const HOUR = 3_600
const AS_REGISTRAR = ['--as', REGISTRAR]
const AS_ADMINISTRATOR = ['--as', ADMINISTRATOR]

/** Alice's data, and the ministry's right to them. */
async function share(network: Network) {
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const { dataset } = await publish(owner, 'output.csv', TABLE, metaOf('output'))
  return { owner, consumer, dataset, agreement: await agree(network, consumer, owner, dataset) }
}

const refusalOfPull = (consumer: Party, agreement: string) => refusalOf(() => pull(consumer, agreement))

/** Who issued the certificate a node shows now. */
function issuerShownBy(network: Network, who: string): string {
  const { chain } = speakAs(network, who).identity
  return sha256(chain[1] ?? (chain[0] as Uint8Array))
}

t.test('an external CA: listed, its certificates serve and pull; no longer listed, they do not', async (t) => {
  await using ca = await startExternalCa()
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const { hub } = network
  const { owner, consumer, agreement } = await share(network)
  const chain = join(network.home, 'chain.pem')
  writeFileSync(chain, ca.pem)
  const own = issuerShownBy(network, 'ministry')
  await t.rejects(moveToExternal(network, 'ministry', ca), /CERTIFICATE_UNTRUSTED/)
  t.match(await command(hub, 'hub', 'ca', 'add', chain, ...AS_ADMINISTRATOR), { ca: ca.name, state: 'installed' })
  await followRoot([owner, consumer], 2)
  await moveToExternal(network, 'ministry', ca)
  const goesOn = async (name: string) =>
    t.equal(
      await eventually(async () => (await refusalOfPull(consumer, agreement)) === undefined, name, 300),
      true,
      `pulls go on: ${name}`,
    )
  await goesOn('the consumer shows an external certificate')
  await moveToExternal(network, 'alice', ca)
  t.not(issuerShownBy(network, 'ministry'), own)
  await goesOn('the owner too')

  t.match(await command(hub, 'hub', 'ca', 'remove', chain, ...AS_ADMINISTRATOR), { state: 'installed', version: 3 })
  t.match(await command(owner, 'node', 'renew'), { checks: Array })
  await consumer.stop()
  await consumer.start()
  await goesOn('both have certificates of the network again')
  for (const who of ['alice', 'ministry']) t.equal(issuerShownBy(network, who), own, who)

  await command(hub, 'hub', 'ca', 'add', chain, ...AS_ADMINISTRATOR)
  await followRoot([owner, consumer], 4)
  const der = await moveToExternal(network, 'ministry', ca)
  await goesOn('listed again')
  ca.revoke(der)
  network.shift(HOUR + 60)
  const refused = await eventually(() => refusalOfPull(consumer, agreement), "the hub reads the CA's list", 300)
  t.equal(refused, 'CERTIFICATE_REVOKED')
  const [member] = (await command(hub, 'hub', 'members')).filter(({ id }: { id: string }) => id === consumer.id)
  t.equal(member.state, 'good', 'the member is as before: its CA took back a certificate')
  assertConsistent(network)
})

/** The hub's newest decision, as it would lie beside a proof. */
function newestDecision({ hub }: Network): { kind: string; document: string } {
  const sql = "SELECT text FROM trust_documents WHERE kind = 'decision' ORDER BY rowid DESC"
  const { text } = withDatabase(join(hub.dataDir, 'hub.db'), (db) => db.prepare(sql).get() as { text: string })
  return { kind: 'decision', document: text }
}

/** The receipts of a node as proof files. */
async function proofsOf(node: Party, folder: string): Promise<string[]> {
  await command(node, 'node', 'receipts', '-o', folder)
  return readdirSync(folder).map((name) => join(folder, name))
}

function layBeside(file: string, decision: { kind: string; document: string }): string {
  const proof = JSON.parse(readFileSync(file, 'utf8'))
  const made = `${file}.with`
  writeFileSync(made, JSON.stringify({ ...proof, related: [...proof.related, decision] }))
  return made
}

t.test('revoked by hand: a certificate, then a member; back with a new code', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const { hub, fingerprint } = network
  const { owner, consumer, agreement } = await share(network)
  await pull(consumer, agreement)
  const [proof] = (await proofsOf(owner, join(network.home, 'first'))) as [string]
  t.same(await verifyProofs(fingerprint, proof), { ok: true, failed: [] })
  const { holder: tls } = speakAs(network, 'ministry')
  const since = toRfc3339(Math.floor(Date.now() / 1000) - HOUR)
  const revoke = (what: string, ...more: string[]) =>
    command(hub, 'hub', 'revoke', what, ...AS_REGISTRAR, '--reason', '私钥失窃', ...more)
  t.equal((await revoke(tls.slice(0, 16), '--since', since)).revoked.length, 2, 'both of the pair, by a prefix of one')
  t.equal(await eventually(() => refusalOfPull(consumer, agreement), 'the pull is refused'), 'CERTIFICATE_REVOKED')
  t.match((await verifyProofs(fingerprint, layBeside(proof, newestDecision(network)))).failed, [/TIME_UNPROVEN/])

  t.match(await revoke(consumer.id), { revoked: [] }, 'no certificate of the member is left to revoke')
  const left = newestDecision(network)
  t.same(await verifyProofs(fingerprint, layBeside(proof, left)), { ok: true, failed: [] }, 'it left; its papers stay')
  await consumer.stop()
  network.shift(60)
  const back = await network.join('ministry', 'again')
  const asked = await eventually(async () => {
    const refused = await refusalOfPull(back, agreement)
    return refused === 'AGREEMENT_UNKNOWN' ? undefined : (refused ?? 'served')
  }, 'the new node knows its agreement')
  t.equal(asked, 'KEY_NOT_CONTINUED', 'new keys are nobody to the owner')
  const { thumbprint } = speakAs(network, 'again').signer()
  const resume = ['node', 'resume', agreement, '--reason', '已电话核对指纹', '--certificate', thumbprint]
  await eventually(
    async () => (await refusalOf(() => command(owner, ...resume))) === undefined,
    'the owner names the new certificate',
  )
  await eventually(async () => (await refusalOfPull(back, agreement)) === undefined, 'it pulls again', 300)
  const later = await proofsOf(back, join(network.home, 'second'))
  for (const file of later)
    t.same(
      await verifyProofs(fingerprint, layBeside(file, left)),
      { ok: true, failed: [] },
      'the revocation is of others',
    )
  assertConsistent(network)
})

t.test('phase and cosigning by hand', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'bob'] })
  const { hub } = network
  const [alice, bob] = [network.node('alice'), network.node('bob')]
  const file = join(network.home, 'prices.csv')
  const meta = join(network.home, 'meta.json')
  writeFileSync(file, TABLE)
  const publishAs = (more: object) => {
    writeFileSync(meta, JSON.stringify(metaOf('prices', more)))
    return command(alice, 'node', 'publish', file, '--meta', meta)
  }
  const priced = { price: { amount: '100.00', currency: 'CNY', unit: '次' } }
  await t.rejects(publishAs(priced), { code: 'PRICE_PHASE' })
  await t.rejects(command(hub, 'hub', 'phase', 'rollout', ...AS_REGISTRAR), { code: 'ROLE_REQUIRED' })
  t.same(await command(hub, 'hub', 'phase', 'rollout', ...AS_ADMINISTRATOR), { phase: 'rollout' })
  await eventually(
    async () => (await refusalOf(() => publishAs(priced))) !== 'PRICE_PHASE',
    'the node hears of the phase',
  )

  writeFileSync(meta, JSON.stringify(metaOf('joint', { ownership: 'JOINT', owners: [alice.id, bob.id] })))
  const joint = await command(alice, 'node', 'publish', file, '--meta', meta)
  t.equal(joint.state, 'waiting')
  const cosign = () => command(bob, 'node', 'cosign', joint.dataset)
  await eventually(async () => (await refusalOf(cosign)) === undefined, 'bob sees what waits for him, and signs')
  t.match(await cosign(), { dataset: joint.dataset, state: 'published' }, 'once more changes nothing')
  const listed: { id: string; state: string }[] = await command(hub, 'hub', 'catalog')
  t.same(
    listed.map(({ id, state }) => [id, state]).toSorted(),
    [
      [joint.dataset, 'published'],
      [`${alice.id}/prices`, 'published'],
    ].toSorted(),
  )
  assertConsistent(network)
})
