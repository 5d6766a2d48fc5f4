import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueRoot } from '#pki/certificates.ts'
import { generateKeyPair } from '#pki/keys.ts'
import { toPem } from '#pki/pem.ts'
import { formatEnrolmentCode } from '#schemas/enrolment-code.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { PullResult } from '../../node/actions/pull-dataset.ts'
import { placeFiles } from '../../scripts/cli/place-files.ts'
import { createExchangeWorld, makeAgreement } from '../kit/exchange-world.ts'
import { runWith, startFakeServer } from './fake-server.ts'

const DATASET = '51100000PDY0000283/employment'

t.test('publish reads what is said, sends the files, then publishes them by name', async (t) => {
  const server = await startFakeServer(t, {
    publish: (args) => {
      const { meta, schema, files } = args as {
        meta: object
        schema?: object
        files: { name: string; upload: string }[]
      }
      return {
        dataset: DATASET,
        version: 1,
        manifest: 'c'.repeat(64),
        bytes: 6,
        chunks: 1,
        proposed: schema === undefined,
        schema: schema ?? { fields: [] },
        meta,
        sent: files.map(({ name, upload }) => [name, readFileSync(server.transfers.pathOf(upload), 'utf8')]),
      }
    },
  })
  const { dir } = server
  mkdirSync(join(dir, 'other'))
  for (const [name, text] of [
    ['a.csv', 'a\n1\n'],
    ['b.csv', ''],
    ['other/a.csv', 'x'],
    ['meta.json', '\ufeff{"slug":"employment"}'],
    ['twice.json', '{"slug":"a","slug":"b"}'],
    ['schema.json', '{"fields":[{"name":"a"}]}'],
  ] as const)
    writeFileSync(join(dir, name), text)
  const at = (name: string) => join(dir, name)
  const piped = await runWith(
    ['node', 'publish', at('a.csv'), at('b.csv'), '--meta', '-', '--data', dir, '--json'],
    {},
    '{"slug":"x"}',
  )
  t.match(JSON.parse(piped.stdout), {
    proposed: true,
    meta: { slug: 'x' },
    sent: [
      ['a.csv', 'a\n1\n'],
      ['b.csv', ''],
    ],
  })
  const spoken = await runWith(['node', 'publish', at('a.csv'), '--meta', at('meta.json'), '--data', dir])
  t.match(spoken.stdout, `Published ${DATASET}, version 1`)
  t.match(spoken.stdout, '"fields"', 'a proposed schema is shown')
  const settled = await runWith([
    'node',
    'publish',
    at('a.csv'),
    '--meta',
    at('meta.json'),
    '--schema',
    at('schema.json'),
    '--data',
    dir,
    '--json',
  ])
  t.match(JSON.parse(settled.stdout), { proposed: false, schema: { fields: [{ name: 'a' }] } })
  for (const [words, code] of [
    [[at('a.csv'), at('other/a.csv'), '--meta', at('meta.json')], 'USAGE'],
    [[at('a.csv'), '--meta', at('twice.json')], 'JSON_DUPLICATE_KEY'],
    [[at('other'), '--meta', at('meta.json')], 'USAGE'],
    [[at('gone.csv'), '--meta', at('meta.json')], 'USAGE'],
  ] as const) {
    const { stdout } = await runWith(['node', 'publish', ...words, '--data', dir, '--json'])
    t.equal(JSON.parse(stdout).code, code)
  }
})

t.test(
  'pull writes files and proof, keeps what is identical, and moves nothing where something else lies',
  async (t) => {
    const parts = [
      ['a.csv', 'a\n1\n'],
      ['名单.xlsx', 'xlsx bytes'],
    ] as const
    let outcome: 'done' | 'away' | 'tampered' | 'escaping' = 'done'
    const targets: unknown[] = []
    const taken: unknown[] = []
    const server = await startFakeServer(t, {
      pull: (args) => {
        targets.push(args)
        const files = parts.map(([path, text]) => {
          const stored = join(dir, `blob-${sha256(text)}`)
          writeFileSync(stored, outcome === 'tampered' ? `${text}!` : text)
          return {
            path: outcome === 'escaping' ? `../${path}` : path,
            sha256: sha256(text),
            bytes: text.length,
            handle: server.transfers.offer(stored),
          }
        })
        const result = {
          pull: 'd'.repeat(64),
          dataset: DATASET,
          version: 2,
          bytes: 14,
          fetchedBytes: 4,
          files,
          verified: true,
          proof: 'employment-v2.proof.json',
          proofFile: `{"hanghui":"proof","n":${targets.length}}\n`,
        }
        if (outcome === 'away') throw new Refusal('OWNER_UNREACHABLE', { ...result, acknowledgement: 'pending' })
        return result
      },
      'pull-taken': (args) => {
        taken.push(args, readdirSync(out).filter((name) => !name.startsWith('.')).length)
      },
    })
    const { dir } = server
    const out = join(dir, 'out')
    const pull = (...more: string[]) => runWith(['node', 'pull', DATASET, '-o', out, '--data', dir, ...more])
    const first = JSON.parse((await pull('--json')).stdout)
    t.same(Object.keys(first).sort(), [
      'bytes',
      'dataset',
      'dir',
      'fetchedBytes',
      'files',
      'proof',
      'pull',
      'verified',
      'version',
    ])
    t.same(
      first.files.map((file: object) => Object.keys(file).sort()),
      [
        ['bytes', 'path', 'sha256'],
        ['bytes', 'path', 'sha256'],
      ],
    )
    t.same(readdirSync(out).sort(), ['a.csv', 'employment-v2.proof.json', '名单.xlsx'])
    for (const [path, text] of parts) t.equal(readFileSync(join(out, path), 'utf8'), text)
    t.same(taken, [{ pull: 'd'.repeat(64) }, 3], 'the node hears of it when all stands in place')

    // The owner is away for the acknowledgement only: the data are whole, and a later proof takes the place of the one before.
    outcome = 'away'
    const away = await pull('--json')
    const problem = JSON.parse(away.stdout)
    t.match([away.code, problem.code, problem.acknowledgement], [3, 'OWNER_UNREACHABLE', 'pending'])
    t.notMatch(away.stdout, /handle|proofFile/)
    t.equal(JSON.parse(readFileSync(join(out, 'employment-v2.proof.json'), 'utf8')).n, 2)

    outcome = 'done'
    writeFileSync(join(out, '名单.xlsx'), 'mine')
    unlinkSync(join(out, 'a.csv'))
    const refused = await pull('--json')
    t.match([refused.code, JSON.parse(refused.stdout).code], [1, 'FILE_EXISTS'])
    t.equal(readFileSync(join(out, '名单.xlsx'), 'utf8'), 'mine')
    t.notOk(existsSync(join(out, 'a.csv')), 'nothing was moved')

    unlinkSync(join(out, '名单.xlsx'))
    writeFileSync(join(out, 'employment-v2.proof.json'), '{"mine":1}')
    t.equal(JSON.parse((await pull('--json')).stdout).code, 'FILE_EXISTS', 'only a proof gives way to a proof')
    unlinkSync(join(out, 'employment-v2.proof.json'))

    outcome = 'tampered'
    t.equal(JSON.parse((await pull('--json')).stdout).code, 'FILE_TAMPERED')
    outcome = 'escaping'
    t.equal(JSON.parse((await pull('--json')).stdout).code, 'PEER_MISBEHAVED')
    t.same(readdirSync(out), [], 'and nothing is left behind')
    t.equal(taken.length, 2, 'what could not be written was not handed over')
    t.notOk(existsSync(join(dir, 'a.csv')))

    outcome = 'done'
    const gone = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(join(out, `.partial-${gone.pid}-0`), 'of a killed command')
    writeFileSync(join(out, `.partial-${process.pid}-9`), 'of one that runs')
    const spoken = await pull('--version', '2', '--lang', 'zh')
    t.match(spoken.stdout, /已调取并逐块校验 .*employment 第 2 版：14 B，其中传输 4 B/)
    t.same(
      readdirSync(out).filter((name) => name.startsWith('.')),
      [`.partial-${process.pid}-9`],
    )
    await runWith(['node', 'pull', '3f9c', '-o', out, '--data', dir])
    t.same(targets.slice(-2), [
      { dataset: DATASET, version: 2, confirms: true },
      { agreement: '3f9c', confirms: true },
    ])
  },
)

t.test('receipts and agreements write their proofs with -o', async (t) => {
  const { dir } = await startFakeServer(t, {
    receipts: (args) => [
      {
        pull: 'e'.repeat(64),
        dataset: DATASET,
        version: 1,
        ...((args as { proofs?: boolean }).proofs ? { proofFile: '{"hanghui":"proof"}' } : {}),
      },
    ],
    agreements: () => [{ id: 'f'.repeat(64), dataset: DATASET, state: 'FINALIZED', until: '2027-06-30T16:00:00Z' }],
  })
  const out = join(dir, 'proofs')
  const kept = JSON.parse((await runWith(['node', 'receipts', '-o', out, '--json', '--data', dir])).stdout)
  t.same(kept, [
    { pull: 'e'.repeat(64), dataset: DATASET, version: 1, proof: join(out, `${'e'.repeat(64)}.proof.json`) },
  ])
  t.ok(existsSync(kept[0].proof))
  const table = await runWith(['node', 'agreements', '--lang', 'zh', '--data', dir])
  t.match(table.stdout, /f{12}… .*FINALIZED 已生效 +2027-06-30 24:00/)
  t.match(table.stdout.split('\n')[0], /^编号 +数据集 +状态 +有效期至$/)
})

t.test('backup is fetched from the server, and never over a file that is there', async (t) => {
  const server = await startFakeServer(t, {
    backup: () => {
      writeFileSync(join(server.dir, 'made'), 'backup')
      return { handle: server.transfers.offer(join(server.dir, 'made')), sha256: sha256('backup'), bytes: 6 }
    },
  })
  const file = join(server.dir, 'hub.hhb')
  const made = JSON.parse((await runWith(['hub', 'backup', file, '--data', server.dir, '--json'])).stdout)
  t.same(made, { file, sha256: sha256('backup'), bytes: 6 })
  t.equal(readFileSync(file, 'utf8'), 'backup')
  const again = await runWith(['hub', 'backup', file, '--data', server.dir, '--json'])
  t.match([again.code, JSON.parse(again.stdout).code], [1, 'FILE_EXISTS'])
})

t.test('verify takes what a pull left, offline, with its data files beside it', async (t) => {
  await using world = await createExchangeWorld()
  const { entry } = await world.owner.publish('output', {
    'output.csv': Buffer.from('产量,1\n'),
    'notes.csv': Buffer.from('x'),
  })
  const agreement = makeAgreement(world, entry, {})
  world.consumer.learn(agreement)
  world.owner.learn(agreement)
  const pulled = (await world.consumer.pull(agreement.id)) as unknown as PullResult
  const dir = t.testdir({})
  for (const { path, handle } of pulled.files) copyFileSync(handle, join(dir, path))
  const proof = join(dir, pulled.proof)
  writeFileSync(proof, pulled.proofFile)
  const root = world.authority.net
  const verify = async (...more: string[]) => {
    const { code, stdout } = await runWith(['verify', proof, ...more, '--json'], {})
    return { code, verdict: JSON.parse(stdout) }
  }
  const good = await verify('--root', root)
  t.match(
    [good.code, good.verdict],
    [0, { ok: true, kind: 'manifest', signer: world.owner.member.id, time: 'claimed', file: proof }],
  )
  t.same(good.verdict.checks.filter(({ name }: { name: string }) => name.startsWith('file')).length, 2)
  t.equal((await verify('--root', (root.toUpperCase().match(/../g) ?? []).join(':'))).code, 0, 'as openssl prints it')
  const spoken = await runWith(['verify', proof, '--root', root, '--lang', 'zh'])
  t.match(spoken.stdout, /: 有效\n.*北京时间.*\n( {2}✓ .*\n)+$/)

  const both = await verify(proof, '--root', root)
  t.match([both.code, both.verdict.ok, both.verdict.proofs.length], [0, true, 2])
  const stranger = await verify('--root', sha256('another root'))
  t.match([stranger.code, stranger.verdict.ok], [1, false])
  writeFileSync(join(dir, 'output.csv'), '产量,2\n')
  const tampered = await verify('--root', root)
  t.match([tampered.code, tampered.verdict.ok], [1, false])
  t.same(
    tampered.verdict.checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name),
    ['file output.csv'],
  )
  t.match((await runWith(['verify', proof, '--root', root])).stdout, /NOT valid[\s\S]*✗ .*output\.csv/)

  writeFileSync(proof, '{"hanghui":"proof"}')
  const { code, stdout } = await runWith(['verify', proof, '--root', root, '--json'])
  t.match([code, JSON.parse(stdout).code], [1, 'PROOF_INVALID'])
  writeFileSync(proof, pulled.proofFile)
  const inspected = JSON.parse((await runWith(['pki', 'inspect', proof, '--json'])).stdout)
  t.match(inspected, {
    kind: 'proof',
    verified: false,
    document: { kind: 'manifest', dataset: `${world.owner.member.id}/output` },
  })
})

t.test('inspect tells what a file is, and never shows the secret of a code', async (t) => {
  const certificate = await issueRoot({ name: '某共享中心', keys: generateKeyPair(), now: new Date() })
  const code = formatEnrolmentCode({
    url: 'https://127.0.0.1:7444',
    member: '51100000PDY0000283',
    secret: 'A'.repeat(22),
    fingerprint: certificate.thumbprint,
  })
  const dir = t.testdir({ 'root.pem': toPem('CERTIFICATE', certificate.der), code, 'noise.bin': 'noise' })
  writeFileSync(join(dir, 'root.der'), certificate.der)
  const inspect = async (name: string) => {
    const { code: exit, stdout } = await runWith(['pki', 'inspect', join(dir, name), '--json'])
    return [exit, JSON.parse(stdout)] as const
  }
  for (const name of ['root.pem', 'root.der'])
    t.match(await inspect(name), [
      0,
      { kind: 'certificate', fingerprint: certificate.thumbprint, subject: /某共享中心/ },
    ])
  const [, described] = await inspect('code')
  t.match(described, { kind: 'enrolment-code', member: '51100000PDY0000283' })
  t.notMatch(JSON.stringify(described), 'AAAA')
  t.match(await inspect('noise.bin'), [1, { code: 'CERTIFICATE_INVALID' }])
})

t.test('the root ceremony: a proposal goes out as a file, what was signed goes back', async (t) => {
  const seen: unknown[] = []
  const { dir } = await startFakeServer(t, {
    'root-rotate': (args) => {
      seen.push(args)
      return { state: 'proposed', version: 2, proposal: { hanghui: 'root-proposal' } }
    },
    'root-sign': (args) => {
      seen.push(args)
      return { state: 'installed', version: 2 }
    },
  })
  const proposal = join(dir, 'proposal.json')
  const rotated = JSON.parse(
    (
      await runWith([
        'pki',
        'root',
        'rotate',
        '--key',
        'grant',
        '--compromised',
        '--as',
        '王芳',
        '-o',
        proposal,
        '--json',
        '--data',
        dir,
      ])
    ).stdout,
  )
  t.same(rotated, { state: 'proposed', version: 2, file: proposal })
  t.same(JSON.parse(readFileSync(proposal, 'utf8')), { hanghui: 'root-proposal' })
  const again = await runWith(['pki', 'root', 'rotate', '-o', proposal, '--json', '--data', dir])
  t.equal(JSON.parse(again.stdout).code, 'FILE_EXISTS')
  const offline = await runWith(['pki', 'root', 'sign', proposal, '--key-file', 'root.pem', '--json'])
  t.match([offline.code, JSON.parse(offline.stdout).code], [2, 'USAGE'])
  const given = JSON.parse((await runWith(['pki', 'root', 'sign', proposal, '--json', '--data', dir])).stdout)
  t.match(given, { state: 'installed', version: 2 })
  t.match(seen, [{ key: 'grant', compromised: true }, { file: /root-proposal/ }])
  t.equal(seen.length, 2, 'a taken file name is refused before anything happens')
})

t.test('a full disk where the files are wanted: said so, and nothing is left there', async (t) => {
  const dir = t.testdir({})
  const files = ['a.csv', 'b.csv'].map((path) => ({ path, sha256: sha256('x'), bytes: 1, handle: path }))
  const fetch = async ({ handle }: { readonly handle: string }, path: string) => {
    writeFileSync(path, 'x')
    if (handle === 'b.csv') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    return sha256('x')
  }
  await t.rejects(placeFiles(dir, files, fetch), { code: 'DISK_FULL' })
  t.same(readdirSync(dir), [])
})
