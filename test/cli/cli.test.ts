import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { formatEnrolmentCode } from '#schemas/enrolment-code.ts'
import { Refusal } from '#schemas/refusal.ts'
import { passphrasePath } from '#web/serving/passphrase.ts'
import { actionOf } from '../../scripts/cli/command.ts'
import { COMMANDS } from '../../scripts/cli/command-table.ts'
import { chooseDataFolder } from '../../scripts/cli/data-folder.ts'
import { chooseLanguage } from '../../scripts/cli/language.ts'
import { drawBar } from '../../scripts/cli/progress-bar.ts'
import { findPathRefusal } from '../../scripts/cli/read-input.ts'
import { layOut, widthOf } from '../../scripts/cli/show-result.ts'
import { printable, showBytes, showTime } from '../../scripts/cli/values-for-people.ts'
import { CONTRACT, FURTHER } from './contract-commands.ts'
import { runWith, startFakeServer } from './fake-server.ts'

const program = fileURLToPath(new URL('../../scripts/hanghui.ts', import.meta.url))
const HAN = /\p{Script=Han}/u
const DATASET = '51100000PDY0000283/employment'

t.test('every command of the contract is there with its arguments and flags, and no other', async (t) => {
  const shown = new Map(
    COMMANDS.map(({ words, args = [], flags = [] }) => [
      words.join(' '),
      [...args.map(({ name }) => name), ...flags.map(({ name, short }) => `-${short ?? `-${name}`}`)].sort(),
    ]),
  )
  for (const [words, wanted] of Object.entries({ ...CONTRACT, ...FURTHER })) {
    const found = shown.get(words)
    if (!t.ok(found, words)) continue
    const lacking = wanted.split(' ').filter((one) => one !== '' && !found?.includes(one))
    t.same(lacking, [], `${words}: nothing lacks`)
  }
  t.same(
    [...shown.keys()].filter((words) => !Object.hasOwn({ ...CONTRACT, ...FURTHER }, words)),
    [],
  )
})

t.test('actions are named by the words of their commands', async (t) => {
  const names = COMMANDS.map((command) => [command.words.join(' '), actionOf(command)])
  t.same(Object.fromEntries(names)['hub operator add'], 'operator-add')
  t.same(Object.fromEntries(names)['node staff add'], 'staff-add')
  t.same(Object.fromEntries(names)['pki export-p12'], 'export-p12')
})

t.test('help of each command and group has examples, in the language asked for', async (t) => {
  const groups = [[], ['hub'], ['node'], ['pki'], ['hub', 'operator'], ['hub', 'ca']]
  for (const words of [...COMMANDS.map((command) => command.words), ...groups]) {
    const zh = await runWith([...words, '--help', '--lang', 'zh'])
    const en = await runWith([...words, '--lang=en', '--help'])
    t.match([zh.code, en.code, zh.stderr, en.stderr], [0, 0, '', ''], words.join(' '))
    t.match(zh.stdout, /示例:\n {2}# .+\n {2}hanghui /, `${words.join(' ')} zh`)
    t.match(en.stdout, /Examples:\n {2}# .+\n {2}hanghui /, `${words.join(' ')} en`)
    t.match(en.stdout, /--data DIR .*\n.*--json .*\n.*--lang zh\|en/)
    // Names in examples may be Chinese; what explains them is not.
    const explained = en.stdout.split('\n').filter((line) => !/^ {2}hanghui /.test(line))
    t.notOk(
      explained.some((line) => HAN.test(line)),
      `${words.join(' ')}: English only`,
    )
  }
})

t.test('each example is a line that the parser takes', async (t) => {
  for (const { words, examples, args = [], flags = [] } of COMMANDS) {
    for (const { line } of examples) {
      const typed = line.replace(/ [<&].*$/, '').split(' ')
      t.same(typed.slice(0, words.length), [...words], line)
      const known = new Set([...flags.flatMap(({ name, short }) => [`--${name}`, `-${short}`]), '--data', '--json'])
      t.same(
        typed.filter((word) => /^-\D/.test(word) && word !== '-' && !known.has(word)),
        [],
        line,
      )
      if (args.some(({ optional }) => optional !== true)) t.ok(typed.length > words.length, line)
    }
  }
})

t.test('wrong usage is USAGE and 2, in both languages, and a lone problem object with --json', async (t) => {
  const wrong = [
    [],
    ['hub'],
    ['hub', 'operator'],
    ['hub', 'dance'],
    ['node', 'pull'],
    ['node', 'pull', 'a', 'b'],
    ['node', 'pull', 'a', '--version', 'two'],
    ['node', 'pull', 'a', '--version'],
    ['node', 'publish', 'x.csv'],
    ['node', 'pull', 'a', '--version', '0'],
    ['node', 'search', '--class', '5'],
    ['node', 'search', '--theme', 'bogus'],
    ['node', 'search', '--industry', 'C99'],
    ['node', 'search', '--region', '990000'],
    ['node', 'request', DATASET],
    ['node', 'request', DATASET, '--purpose', '分析', '--pulls', '0'],
    ['node', 'request', DATASET, '--purpose', '分析', '--until', '2026-13-01'],
    ['node', 'sponsor', '51100000PDY000036X', '--until', '2026-12-31T00:00:00Z'],
    ['hub', 'revoke', 'aa', '--as', '张敏', '--reason', '退出', '--since', 'bogus'],
    ['node', 'search', '--sort', 'random'],
    ['hub', 'operator', 'add', '张敏', '--role', 'king'],
    ['hub', 'status', '--lang', 'fr'],
    ['hub', 'status', '--nonsense'],
    ['verify', 'x.proof.json', '--root', 'abcd'],
    ['node', 'publish', '/nowhere/x.csv', '--meta', '/nowhere/meta.json'],
  ]
  for (const words of wrong) {
    const spoken = await runWith(words)
    t.match([spoken.code, spoken.stdout], [2, ''], words.join(' '))
    t.ok(spoken.stderr.length > 20, words.join(' '))
    const json = await runWith([...words, '--json'])
    t.match([json.code, json.stderr], [2, ''], words.join(' '))
    t.match(JSON.parse(json.stdout), { code: 'USAGE', title: { zh: String, en: String } })
  }
  t.match((await runWith(['node', 'pull', '--lang', 'zh'])).stderr, '缺少参数')
  t.match((await runWith(['hub', 'stats', '--lang', 'en'])).stderr, 'Did you mean status?')
})

t.test('a decision names its person and says why, each missing thing with its own code', async (t) => {
  for (const [words, code] of [
    [['hub', 'approve', '3f9c'], 'OPERATOR_REQUIRED'],
    [['hub', 'refuse', '3f9c', '--as', '李强'], 'REASON_REQUIRED'],
    [['hub', 'refuse', '3f9c', '--as', '李强', '--reason', ' '], 'REASON_REQUIRED'],
    [['node', 'terminate', '3f9c'], 'REASON_REQUIRED'],
  ] as const) {
    const { stdout, code: exit } = await runWith([...words, '--json'])
    t.match([exit, JSON.parse(stdout).code], [2, code])
  }
})

t.test('what the server finds wrong with the words themselves is wrong usage too', async (t) => {
  const { dir } = await startFakeServer(t, {
    phase: () => {
      throw new Refusal('PHASE_UNKNOWN')
    },
    request: () => {
      throw new Refusal('PURPOSE_EMPTY')
    },
  })
  for (const [words, code] of [
    [['hub', 'phase', 'foo', '--as', '王芳'], 'PHASE_UNKNOWN'],
    [['node', 'request', DATASET, '--purpose', ' '], 'PURPOSE_EMPTY'],
    [['node', 'init', '--code', 'HH1.e30'], 'CODE_INVALID'],
  ] as const) {
    const { stdout, code: exit } = await runWith([...words, '--data', dir, '--json'])
    t.match([exit, JSON.parse(stdout).code], [2, code])
  }
})

t.test('ports and hosts that cannot be are refused by init, and nothing is made', async (t) => {
  const data = join(t.testdir({}), 'new')
  const code = formatEnrolmentCode({
    url: 'https://127.0.0.1:1',
    member: '51100000PDY0000283',
    secret: 'A'.repeat(22),
    fingerprint: 'a'.repeat(64),
  })
  for (const [words, said] of [
    [['hub', 'init', '--ports', '70000'], 'beyond 65535'],
    [['hub', 'init', '--ports', '65533'], '--ports is at most 65532'],
    [['node', 'init', '--code', code, '--ports', '65535'], '--ports is at most 65534'],
    [['hub', 'init', '--host', 'nohost.invalid'], 'Cannot listen on nohost.invalid'],
    [['hub', 'init', '--ports', '0', '--host', '198.51.100.7'], 'EADDRNOTAVAIL'],
  ] as const) {
    const { code: exit, stderr } = await runWith([...words, '--data', data])
    t.match([exit, stderr], [2, /^USAGE/], words.join(' '))
    t.match(stderr, said)
    t.notOk(existsSync(data))
  }
})

t.test('a folder that the file system forbids is named, and no bug', async (t) => {
  // Short enough for a socket: a longer path names none, file or folder.
  const dir = mkdtempSync(join(tmpdir(), 'hanghui-cli-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'file')
  writeFileSync(file, '')
  const refused = async (words: readonly string[], said: string) => {
    const { code, stderr } = await runWith([...words])
    t.match([code, stderr], [1, /^PATH_UNUSABLE/], words.join(' '))
    t.match(stderr, said)
    t.notMatch(stderr, /\bat .*\.ts:/, 'no stack')
  }
  await refused(['hub', 'init', '--data', file], `${file}: this is a file, not a folder`)
  await refused(['hub', 'init', '--data', join(file, 'hub')], 'a part of the path is not a folder')
  for (const words of ['hub queue', 'node status', 'node renew'])
    await refused([...words.split(' '), '--data', join(file, 'x')], 'a part of the path is not a folder')
  for (const [error, said] of [
    [Object.assign(new Error('EROFS'), { code: 'EROFS', path: '/mnt/hub' }), '/mnt/hub: a read-only file system'],
    [
      Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'mkdir', path: '/mnt/x' }),
      '/mnt/x: no folder can be made here',
    ],
    [Object.assign(new Error('EPERM'), { code: 'EPERM', path: '/srv/hub' }), '/srv/hub: permission denied'],
    [Object.assign(new Error('x'), { code: 'EACCES', address: '/srv/control.sock' }), '/srv/control.sock: permission'],
    [Object.assign(new Error('x'), { code: 'SQLITE_CANTOPEN' }), '/data: its database cannot be opened'],
  ] as const) {
    const refusal = findPathRefusal(error, '/data')
    t.match(refusal, { code: 'PATH_UNUSABLE' })
    t.match(refusal?.facts.detail?.en, said)
  }
  t.equal(findPathRefusal(Object.assign(new Error('x'), { code: 'ENOENT', path: '/x' }), '/data'), undefined, 'a bug')
})

const skip = process.geteuid?.() === 0 && process.platform === 'linux' ? false : 'only root becomes another user'

t.test('the folder of another user, and one that is read-only', { skip }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'hanghui-cli-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  chmodSync(home, 0o755)
  const dir = join(home, 'hub')
  mkdirSync(dir, { mode: 0o700 })
  // Another user may not read this clone: the program is loaded before the user changes.
  const as = (...words: string[]) => {
    const run = `import('${program}')`
    const become = `process.setegid(65534); process.seteuid(65534); process.argv.splice(1, 0, ${JSON.stringify(program)});`
    return spawnSync(process.execPath, ['-e', `${become}${run}`, ...words], { encoding: 'utf8', cwd: '/' })
  }
  for (const words of [
    ['hub', 'init'],
    ['node', 'status'],
  ]) {
    const { status, stdout, stderr } = as(...words, '--data', dir, '--json')
    t.match([status, stderr, JSON.parse(stdout).code], [1, '', 'PATH_UNUSABLE'], words.join(' '))
  }
})

/** A socket file that nobody listens on, as kill -9 leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const listen = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', listen]), 'exit')
}

t.test('a server that does not run is told from a folder that is none', async (t) => {
  const dir = t.testdir({ made: { 'config.toml': '' }, bare: {}, 'table.csv': 'a\n1\n', 'meta.json': '{}' })
  const made = await runWith(['node', 'status', '--json', '--data', join(dir, 'made')])
  t.match([made.code, made.stderr, JSON.parse(made.stdout)], [3, '', { code: 'NOT_RUNNING', status: 503 }])
  for (const left of ['no socket', 'the socket of one that was killed']) {
    if (left !== 'no socket') await leaveSocket(join(dir, 'made', 'control.sock'))
    const words = ['node', 'publish', join(dir, 'table.csv'), '--meta', join(dir, 'meta.json')]
    const publish = await runWith([...words, '--json', '--data', join(dir, 'made')])
    t.match([publish.code, JSON.parse(publish.stdout)], [3, { code: 'NOT_RUNNING' }], `publish: ${left}`)
  }
  const bare = await runWith(['hub', 'queue', '--data', join(dir, 'bare'), '--lang', 'zh'])
  t.match([bare.code, bare.stdout], [1, ''])
  t.match(bare.stderr, /^NOT_INITIALISED {2}数据目录尚未初始化\n {2}数据目录: .*\n→ 先运行 init/)
})

t.test('arguments reach the action under their names; --data, --json and --lang may stand anywhere', async (t) => {
  const seen: unknown[] = []
  const { dir } = await startFakeServer(t, {
    request: (args) => {
      seen.push(args)
      return { request: 'a'.repeat(64), state: 'REQUESTED' }
    },
    approve: (args, as) => {
      seen.push([args, as])
      return { id: 'b'.repeat(64), state: 'FINALIZED' }
    },
    search: (args) => {
      seen.push(args)
      return { items: [], facets: {}, next: null }
    },
    'ca-add': (args) => {
      seen.push(args)
      return { ca: 'x' }
    },
    refuse: (args, as) => {
      seen.push([args, as !== undefined && as !== ''])
      return { request: 'a'.repeat(64), state: 'TERMINATED' }
    },
  })
  const asked = await runWith([
    '--json',
    'node',
    'request',
    DATASET,
    '--purpose',
    '月度 分析',
    '--until',
    '2027-06-30',
    '--pulls',
    '3',
    '--as',
    '赵丽',
    '--data',
    dir,
  ])
  t.match([asked.code, JSON.parse(asked.stdout).state], [0, 'REQUESTED'])
  await runWith(['hub', '--data', dir, 'approve', 'bb', '--as', '李强'])
  await runWith(['--data', dir, 'node', 'search', '就业', '工资', '--class', '2', '--sharing', 'conditional'])
  await runWith(['node', 'refuse', 'aa', '--reason', '用途不符'], { HANGHUI_DATA: dir })
  writeFileSync(join(dir, 'ca.pem'), 'PEM')
  await runWith(['hub', 'ca', 'add', join(dir, 'ca.pem'), '--as', '王芳', '--data', dir])
  t.same(seen, [
    { dataset: DATASET, purpose: '月度 分析', until: '2027-06-30', pulls: 3 },
    [{ id: 'bb' }, '李强'],
    { words: '就业 工资', class: 2, sharing: 'conditional' },
    [{ request: 'aa', reason: '用途不符' }, true],
    { file: 'PEM' },
  ])
})

t.test(
  'what the server refuses: one problem object, or a sentence and what to do; 3 when the other side is away',
  async (t) => {
    const errors = [
      {
        row: 7,
        column: { name: '产量', letter: 'C' },
        rule: 'type',
        value: 'x',
        message: { zh: '“x”不是数值', en: '"x" is not a number' },
      },
      {
        row: 12,
        column: { name: '\u001b[31m月份', letter: 'A' },
        rule: 'required',
        value: '',
        message: { zh: '此列必须填写', en: 'The cell must not be empty' },
      },
    ]
    const { dir } = await startFakeServer(t, {
      suspend: () => {
        throw new Refusal('AMBIGUOUS_ID', { id: '3f' })
      },
      search: () => {
        throw new Refusal('HUB_UNREACHABLE')
      },
      publish: () => {
        throw new Refusal('INPUT_INVALID', { errors, errorCount: 40 })
      },
      status: () => {
        throw new Error('a bug')
      },
    })
    const ambiguous = await runWith([
      'hub',
      'suspend',
      '3f',
      '--as',
      '李强',
      '--reason',
      '核查',
      '--data',
      dir,
      '--json',
    ])
    t.match(
      [ambiguous.code, ambiguous.stderr, JSON.parse(ambiguous.stdout)],
      [1, '', { code: 'AMBIGUOUS_ID', id: '3f' }],
    )
    t.equal((await runWith(['node', 'search', 'x', '--data', dir])).code, 3)
    const bug = await runWith(['node', 'status', '--data', dir, '--json'])
    t.match([bug.code, JSON.parse(bug.stdout).code], [4, 'INTERNAL'])
    writeFileSync(join(dir, 'x.csv'), 'a\n1\n')
    writeFileSync(join(dir, 'meta.json'), '{}')
    const cells = await runWith([
      'node',
      'publish',
      join(dir, 'x.csv'),
      '--meta',
      join(dir, 'meta.json'),
      '--data',
      dir,
      '--lang',
      'zh',
    ])
    t.match([cells.code, cells.stdout], [1, ''])
    t.match(cells.stderr, /^INPUT_INVALID/)
    t.match(cells.stderr, /7 +C 产量 +type +“x”不是数值/)
    t.match(cells.stderr, '另有 38 处')
    t.notOk(cells.stderr.includes('\u001b'), 'nothing of a file steers the terminal')
  },
)

t.test('a process of its own: exit code, one JSON value, and a reader that has had enough', async (t) => {
  const dir = t.testdir({})
  const refused = spawnSync(process.execPath, [program, 'node', 'status', '--json', '--data', dir], {
    encoding: 'utf8',
  })
  t.match([refused.status, refused.stderr, JSON.parse(refused.stdout).code], [1, '', 'NOT_INITIALISED'])
  const child = spawn(process.execPath, [program, 'hub', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (part) => {
    said += part
  })
  const [code] = await once(child, 'exit')
  t.same([code, said], [0, ''], 'a closed pipe is no error')
})

t.test(
  'a hub from nothing: init, start, one line when ready, commands, the second start refused, SIGTERM',
  async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'hanghui-cli-'))
    t.teardown(() => rmSync(home, { recursive: true, force: true }))
    const data = join(home, 'hub')
    const env = { ...process.env, HOME: home, HANGHUI_DATA: data, LANG: 'en_US.UTF-8' }
    const hanghui = (...words: string[]) => spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', env })
    const made = JSON.parse(hanghui('hub', 'init', '--ports', '0', '--name', '测试中心', '--json').stdout)
    t.match(made, { dataDir: data, fingerprint: /^[0-9a-f]{64}$/ })
    // It lies outside the folder, for root even outside HOME.
    const passphrase = passphrasePath(data, env)
    t.teardown(() => rmSync(passphrase))
    t.match(JSON.parse(hanghui('hub', 'init', '--json').stdout), { code: 'ALREADY_INITIALISED' })

    const hub = spawn(process.execPath, [program, 'hub', 'start'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    t.teardown(() => hub.kill('SIGKILL'))
    let said = ''
    hub.stdout.on('data', (part) => {
      said += part
    })
    while (!said.includes('\n') && hub.exitCode === null) await once(hub.stdout, 'data')
    const ready = JSON.parse(said)
    t.same(Object.keys(ready), ['ready', 'listeners'])
    t.same(Object.keys(ready.listeners).sort(), ['console', 'enrolment', 'member', 'public'])

    const second = hanghui('hub', 'start', '--json')
    t.match([second.status, JSON.parse(second.stdout).code], [1, 'ALREADY_RUNNING'])
    t.same(JSON.parse(hanghui('hub', 'operator', 'add', '张敏', '--role', 'registrar', '--json').stdout), {
      operator: '张敏',
      roles: ['registrar'],
    })
    const code = hanghui(
      'hub',
      'code',
      '--class',
      'association',
      '--member',
      '51100000PDY0000283',
      '--name',
      '某协会',
      '--as',
      '张敏',
      '--json',
    )
    t.match(JSON.parse(code.stdout), { code: /^HH1\./, expires: /Z$/ })
    const refused = hanghui('hub', 'phase', 'rollout', '--as', '张敏')
    t.match([refused.status, refused.stdout, refused.stderr], [1, '', /^ROLE_REQUIRED/])
    t.equal(hanghui('hub', 'status').status, 0)

    hub.kill('SIGTERM')
    t.same(await once(hub, 'exit'), [0, null])
    t.equal(said.trim().split('\n').length, 1, 'nothing but the line')
    t.equal(hanghui('hub', 'status').status, 3)
  },
)

t.test('language and folder are chosen in the order of the contract', async (t) => {
  t.equal(chooseLanguage('en', { HANGHUI_LANG: 'zh' }), 'en')
  t.equal(chooseLanguage(undefined, { HANGHUI_LANG: 'zh', LANG: 'en_US.UTF-8' }), 'zh')
  t.equal(chooseLanguage(undefined, { LC_ALL: 'C.UTF-8', LANG: 'zh_CN.UTF-8' }), 'en')
  t.equal(chooseLanguage(undefined, { LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' }), 'zh')
  t.equal(chooseLanguage(undefined, {}), 'en')
  t.equal(chooseDataFolder('/a', 'hub', { HANGHUI_DATA: '/b' }), '/a')
  t.equal(chooseDataFolder(undefined, 'hub', { HANGHUI_DATA: '/b' }), '/b')
  t.equal(chooseDataFolder(undefined, 'node', {}, true), '/var/lib/hanghui/node')
  t.equal(chooseDataFolder(undefined, 'pki', {}, true), '/var/lib/hanghui/hub')
  t.match(chooseDataFolder(undefined, 'hub', {}, false), /\/\.local\/share\/hanghui\/hub$/)
})

t.test('values read by people', async (t) => {
  t.same([0, 1023, 1024, 1_572_864, 2 ** 30].map(showBytes), ['0 B', '1023 B', '1.0 KiB', '1.5 MiB', '1.0 GiB'])
  t.equal(showTime('2027-06-30T16:00:00Z'), '2027-06-30 24:00')
  t.equal(showTime('2026-11-24T01:05:59Z'), '2026-11-24 09:05')
  t.equal(printable('a\u001b[2J\u202eb\nc'), 'a\ufffd[2J\ufffdb c')
  t.equal(widthOf('数据a'), 5)
  t.equal(
    layOut(
      ['名', 'x'],
      [
        ['ab', '1'],
        ['数据', '2'],
      ],
    ),
    '名    x\nab    1\n数据  2',
  )
  t.match(
    drawBar({ phase: 'fetch', done: 512, total: 1024, unit: 'bytes' }, 'en'),
    /^fetching {2}█{12}░{12} {2}50 % {2}512 B \/ 1\.0 KiB$/,
  )
  t.equal(drawBar({ phase: 'hash', done: 3, total: 0, unit: 'files' }, 'zh'), '计算校验值  3')
})
