import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { action, type Progress } from '#web/serving/actions.ts'
import { callControl, downloadFile, uploadFile } from '#web/serving/call-control.ts'
import { readConfig, writeConfig } from '#web/serving/config-file.ts'
import { serveControl } from '#web/serving/control-socket.ts'
import { createServer } from '#web/serving/create-server.ts'
import { lockDataFolder, makeDataFolder } from '#web/serving/data-folder.ts'
import { jsonBody, queryOf } from '#web/serving/json-body.ts'
import { createLog, escapeControls } from '#web/serving/log.ts'
import { makePassphrase, passphrasePath, readPassphrase } from '#web/serving/passphrase.ts'
import { createTransfers } from '#web/serving/transfers.ts'

const silent = createLog({ level: 'silent', name: 'test' })
const NUMBER = closed({ number: { type: 'integer' } }, ['number'])

function folder(test: Test): string {
  const dir = makeDataFolder(mkdtempSync(join(tmpdir(), 'hanghui-')))
  test.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return isRefusal(error) ? error.code : String(error)
  }
}

t.test('an HTTP front answers every refusal as a problem and nothing else', async (t) => {
  const app = createServer({ log: silent, bodyLimit: 1_000 })
  t.teardown(() => app.close())
  app.post('/v1/numbers', (request) => ({ got: jsonBody(request, NUMBER).number }))
  app.get('/v1/numbers/:id', (request) => queryOf(request, closed({ since: { type: 'string' } }, [])))
  app.get('/bug', () => {
    throw new Error('the secret of this bug')
  })
  app.get('/refused', () => {
    throw new Refusal('CODE_USED', { member: 'x' })
  })
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: string | Buffer,
    type = 'application/json',
  ) => {
    const answer = await app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
    })
    return {
      status: answer.statusCode,
      type: answer.headers['content-type'],
      body: answer.json(),
      allow: answer.headers['allow'],
    }
  }

  t.match(await ask('POST', '/v1/numbers', '{"number":7}'), { status: 200, body: { got: 7 } })
  t.match(await ask('POST', '/v1/numbers', '{"number":7}', 'Application/JSON; charset=utf-8'), { status: 200 })
  for (const type of ['text/plain', 'application/jsonp'])
    t.match(
      await ask('POST', '/v1/numbers', '{"number":7}', type),
      { status: 415, body: { code: 'MEDIA_TYPE_UNSUPPORTED' } },
      `${type} is not JSON by its name`,
    )
  const refused = await ask('GET', '/refused')
  t.match(refused, {
    status: 409,
    type: 'application/problem+json; charset=utf-8',
    body: { code: 'CODE_USED', status: 409, member: 'x' },
  })
  for (const part of ['title', 'detail', 'remedy'])
    t.ok(refused.body[part].zh && refused.body[part].en, `${part} in both languages`)
  t.match(refused.body.requestId, /^[0-9a-f]{16}$/)

  for (const [payload, code] of [
    ['{"number":7,"number":8}', 'JSON_DUPLICATE_KEY'],
    ['{"number":1.0}', 'JSON_NUMBER'],
    ['{"__proto__":{}}', 'JSON_KEY_RESERVED'],
    ['['.repeat(40), 'JSON_DEPTH'],
    [Buffer.from([0x7b, 0xff]), 'JSON_ENCODING'],
    ['{"number":"7"}', 'BODY_INVALID'],
    ['{"number":7,"more":1}', 'BODY_INVALID'],
  ] as const) {
    t.match(await ask('POST', '/v1/numbers', payload), { status: 400, body: { code } }, code)
  }
  t.match(await ask('POST', '/v1/numbers'), { status: 400, body: { code: 'BODY_INVALID' } }, 'no body at all')
  t.match(await ask('POST', '/v1/numbers', 'x'.repeat(1_001)), { status: 413, body: { code: 'BODY_TOO_LARGE' } })
  t.match(
    await ask('GET', '/v1/numbers/a?since=1&since=2'),
    { status: 400, body: { code: 'QUERY_INVALID' } },
    'a parameter given twice',
  )
  t.match(await ask('GET', '/v1/nothing'), { status: 404, body: { code: 'NOT_FOUND' } })
  t.match(await ask('GET', '/%zz'), { status: 404, body: { code: 'NOT_FOUND' } })
  t.match(await ask('DELETE', '/v1/numbers'), { status: 405, allow: 'POST', body: { code: 'METHOD_UNKNOWN' } })
  const bug = await ask('GET', '/bug')
  t.match(bug, { status: 500, body: { code: 'INTERNAL' } })
  t.notMatch(JSON.stringify(bug.body), /secret of this bug/)
})

t.test('a flood of strangers leaves a few short lines, and how many were left out (threats F6)', async (t) => {
  const file = join(folder(t), 'log')
  const app = createServer({ log: createLog({ level: 'info', name: 'test', file }) })
  app.addHook('onRequest', async (request) => {
    if (request.headers['known'] !== undefined) request.caller = {} as never
  })
  const ask = (headers = {}) => app.inject({ url: `/${'a'.repeat(15_000)}`, headers })
  for (let asked = 0; asked < 200; asked++) await ask()
  for (let asked = 0; asked < 30; asked++) await ask({ known: 'yes' })
  await app.close()
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  t.ok(
    lines.every((line) => line.length < 1_000),
    'however long the path',
  )
  const logged = lines.map((line) => JSON.parse(line))
  const singly = logged.filter(({ msg }) => msg === 'answered').length
  const summed = logged
    .filter(({ msg }) => msg === 'further strangers refused')
    .map(({ reasons }) => reasons.NOT_FOUND)
    .reduce((sum, count) => sum + count, 0)
  t.equal(singly + summed, 230, 'none is lost')
  t.ok(summed > 0)
  t.ok(singly >= 50, 'of a member each')
})

t.test('a close ends event streams and returns', async (t) => {
  const app = createServer({ log: silent })
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
    app.endOnClose(() => reply.raw.end())
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const answer = await fetch(`http://127.0.0.1:${port}/events`)
  const whole = answer.text()
  await app.close()
  t.equal(await whole, ':\n\n')
})

t.test('what is no HTTP request is answered as a problem, and the connection ends', async (t) => {
  const app = createServer({ log: silent })
  t.teardown(() => app.close())
  app.get('/', () => 'hello')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const send = (...lines: string[]) => {
    const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write([...lines, '', ''].join('\r\n'))
    return text(socket)
  }
  for (const [code, status, ...lines] of [
    ['HTTP_INVALID', 400, 'GET /?words=产量 HTTP/1.1', 'Host: x'],
    ['HTTP_INVALID', 400, 'GET / HTTP/1.1', 'Host: x', 'Host: y'],
    ['HTTP_INVALID', 400, 'GET / HTTP/1.1'],
    ['HTTP_INVALID', 400, 'POST / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2'],
    ['HEADERS_TOO_LARGE', 431, 'GET / HTTP/1.1', 'Host: x', `Big: ${'x'.repeat(20_000)}`],
    ['EXPECTATION_UNKNOWN', 417, 'GET / HTTP/1.1', 'Host: x', 'Expect: wonders'],
    ['REQUEST_SLOW', 408, 'POST / HTTP/1.1', 'Host: x', 'Content-Type: text/plain', 'Content-Length: 9'],
  ] as const) {
    const [head = '', body = ''] = (await send(...lines)).split('\r\n\r\n')
    t.match(
      head,
      new RegExp(`^HTTP/1\\.1 ${status} \\w[\\s\\S]*content-type: application/problem\\+json`),
      lines[1] ?? code,
    )
    const { title, remedy, ...problem } = JSON.parse(body)
    t.match(problem, { code, status })
    t.ok(title.zh && title.en && remedy.zh && remedy.en)
  }
  t.match(await send('GET / HTTP/1.0'), /^HTTP\/1\.1 200 [\s\S]*hello$/)
})

t.test('control socket: actions, progress, uploads and downloads', async (t) => {
  const dataDir = folder(t)
  const lock = lockDataFolder(dataDir)
  const transfers = createTransfers(join(dataDir, 'incoming'))
  const actions = {
    double: action(NUMBER, ({ number }, { as, progress }) => {
      for (let done = 1; done <= 3; done++) progress({ phase: `step ${done}`, done, total: 3, unit: 'steps' })
      return { twice: number * 2, as }
    }),
    named: action(closed({ as: { type: 'string' } }, ['as']), ({ as }) => as),
    refuse: action({ type: 'object' }, () => {
      throw new Refusal('AGREEMENT_UNKNOWN', { id: 'abc', rule: 'r1' })
    }),
    bug: action({ type: 'object' }, () => {
      throw new Error('not for the other side')
    }),
    take: action(closed({ upload: { type: 'string' } }, ['upload']), ({ upload }) => ({
      handle: transfers.offer(transfers.pathOf(upload)),
    })),
  }
  const control = await serveControl({ dataDir, actions, transfers, log: silent })
  if (process.platform !== 'win32') t.equal(statSync(join(dataDir, 'control.sock')).mode & 0o777, 0o600)

  const steps: Progress[] = []
  t.same(await callControl(dataDir, 'double', { number: 21, as: '王芳' }, { onProgress: (step) => steps.push(step) }), {
    twice: 42,
    as: '王芳',
  })
  t.same(
    steps.map(({ done }) => done),
    [1, 2, 3],
  )
  t.equal(await callControl(dataDir, 'named', { as: '李强' }), '李强')
  t.equal(await codeOf(() => callControl(dataDir, 'double', { number: 'x' })), 'BODY_INVALID')
  t.equal(await codeOf(() => callControl(dataDir, 'double', { number: 1, as: ' ' })), 'BODY_INVALID')
  t.equal(await codeOf(() => callControl(dataDir, 'nothing', {})), 'NOT_FOUND')
  t.equal(await codeOf(() => callControl(dataDir, 'toString', {})), 'NOT_FOUND', 'inherited names are no actions')
  t.equal(await codeOf(() => callControl(dataDir, 'bug', {})), 'INTERNAL')
  const refused: unknown = await callControl(dataDir, 'refuse', {}).catch((error) => error)
  t.match(refused, { code: 'AGREEMENT_UNKNOWN', facts: { id: 'abc', rule: 'r1' } })

  const content = Buffer.alloc(3_000_000, '行汇')
  const { upload, bytes } = await uploadFile(
    dataDir,
    Readable.from([content.subarray(0, 1_000_000), content.subarray(1_000_000)]),
  )
  t.equal(bytes, content.length)
  const { handle } = (await callControl(dataDir, 'take', { upload })) as { handle: string }
  const fetched = join(dataDir, 'fetched')
  t.equal(await downloadFile(dataDir, handle, fetched), content.length)
  t.ok(readFileSync(fetched).equals(content))
  t.equal(await codeOf(() => downloadFile(dataDir, 'no-such-handle', `${fetched}2`)), 'NOT_FOUND')

  await control.close()
  t.ok(readFileSync(fetched).equals(content), 'closing takes the socket and nothing else')
  t.equal(await codeOf(() => callControl(dataDir, 'double', { number: 1 })), 'NOT_INITIALISED')
  writeFileSync(join(dataDir, 'config.toml'), '')
  t.equal(await codeOf(() => callControl(dataDir, 'double', { number: 1 })), 'NOT_RUNNING')
  lock.release()
})

t.test('an upload that finds no room is told so, however much of it is still to come (threats F6)', async (t) => {
  const dataDir = folder(t)
  const incoming = join(dataDir, 'incoming')
  const used = () => readdirSync(incoming).reduce((sum, name) => sum + statSync(join(incoming, name)).size, 0)
  let disk = 0
  const transfers = createTransfers(incoming, () => disk - used())
  const control = await serveControl({ dataDir, actions: {}, transfers, log: silent })
  t.teardown(() => control.close())
  const send = (bytes: number) =>
    codeOf(() => uploadFile(dataDir, Readable.from(pieces(bytes, 1_048_576), { objectMode: false })))
  for (const [room, bytes] of [
    [0, 9],
    [150_000, 400_000],
    [150_000, 64_000_000],
  ] as const) {
    disk = room
    const answers = new Set<string>()
    for (let round = 0; round < 10; round++) answers.add(await send(bytes))
    t.same([...answers], ['DISK_FULL'], `${bytes} bytes`)
  }
  t.same(readdirSync(incoming), [], 'nothing is left behind')
  disk = 10_000_000
  t.equal(await send(400_000), 'accepted', 'there is room again')
  const broken = new Error('the disk it is read from fails')
  t.equal(await codeOf(() => uploadFile(dataDir, failing(broken))), String(broken))
})

function* pieces(bytes: number, step: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= step) yield Buffer.alloc(Math.min(left, step))
}

function failing(error: Error): Readable {
  return Readable.from(
    (function* () {
      yield Buffer.alloc(1_000)
      throw error
    })(),
  )
}

t.test('an answer that breaks off is no bug of ours', { skip: process.platform === 'win32' }, async (t) => {
  const dataDir = folder(t)
  writeFileSync(join(dataDir, 'config.toml'), '')
  let answer = ''
  const server = createNetServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)))
  await once(server.listen(join(dataDir, 'control.sock')), 'listening')
  t.teardown(() => server.close())
  for (const [status, body] of [
    ['507 Full', ''],
    ['507 Full', '{"code":"DISK_'],
    ['200 OK', '{"uplo'],
  ]) {
    answer = `HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n${body}`
    t.equal(await codeOf(() => uploadFile(dataDir, Readable.from(['x']))), 'NOT_RUNNING')
    t.equal(await codeOf(() => callControl(dataDir, 'any', {})), 'NOT_RUNNING')
  }
})

t.test('a full disk has one name, whoever met it', async (t) => {
  const dataDir = folder(t)
  const codes = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL']
  const full = Object.fromEntries(
    codes.map((code) => [
      code,
      action({ type: 'object' }, () => {
        throw Object.assign(new Error('no space left on device'), { code })
      }),
    ]),
  )
  const transfers = createTransfers(join(dataDir, 'incoming'))
  const control = await serveControl({ dataDir, actions: full, transfers, log: silent })
  t.teardown(() => control.close())
  for (const code of codes) t.equal(await codeOf(() => callControl(dataDir, code, {})), 'DISK_FULL', code)
})

t.test('one process owns a folder; kill -9 leaves nothing that stops the next', async (t) => {
  const dataDir = folder(t)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'control-child.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  t.equal(await callControl(dataDir, 'pid', {}), child.pid)
  t.equal(await codeOf(() => lockDataFolder(dataDir)), 'ALREADY_RUNNING')
  child.kill('SIGKILL')
  await once(child, 'exit')
  writeFileSync(join(dataDir, 'config.toml'), '')
  t.equal(await codeOf(() => callControl(dataDir, 'pid', {})), 'NOT_RUNNING', 'the dead socket is told as that')
  const lock = lockDataFolder(dataDir)
  const control = await serveControl({
    dataDir,
    actions: { pid: action({ type: 'object' }, () => process.pid) },
    transfers: createTransfers(join(dataDir, 'incoming')),
    log: silent,
  })
  t.equal(await callControl(dataDir, 'pid', {}), process.pid)
  await control.close()
  lock.release()
})

t.test('a folder whose path is too long for a socket still has one', async (t) => {
  const dataDir = makeDataFolder(join(folder(t), 'x'.repeat(120)))
  const lock = lockDataFolder(dataDir)
  const control = await serveControl({
    dataDir,
    actions: { one: action({ type: 'object' }, () => 1) },
    transfers: createTransfers(join(dataDir, 'incoming')),
    log: silent,
  })
  t.ok(Buffer.byteLength(control.address) <= 100)
  t.equal(readFileSync(join(dataDir, 'control'), 'utf8').trim(), control.address)
  t.equal(await callControl(dataDir, 'one', {}), 1)
  await control.close()
  lock.release()
})

t.test('a folder that others may enter is refused', { skip: process.platform === 'win32' }, async (t) => {
  const dataDir = folder(t)
  chmodSync(dataDir, 0o755)
  t.equal(await codeOf(() => lockDataFolder(dataDir)), 'KEY_PERMISSIONS')
  t.equal(await codeOf(() => lockDataFolder(join(dataDir, 'missing'))), 'NOT_INITIALISED')
})

t.test('config.toml: an unknown or misfitting key stops the start and is named', async (t) => {
  const path = join(folder(t), 'config.toml')
  const schema = closed({ host: { type: 'string' }, port: { type: 'integer' } }, ['host', 'port'])
  writeConfig(path, [
    { comment: 'address', key: 'host', value: '127.0.0.1' },
    { comment: 'port\nof two lines', key: 'port', value: 7543 },
    { comment: 'not set', key: 'other', value: 'x', off: true },
  ])
  t.same(readConfig(path, schema), { host: '127.0.0.1', port: 7543 })
  writeFileSync(path, 'host = "a"\nport = 1\nprot = 2\n')
  const unknown = await Promise.resolve()
    .then(() => readConfig(path, schema))
    .catch((error) => error)
  t.match(unknown, { code: 'CONFIG_INVALID', facts: { key: 'prot' } })
  writeFileSync(path, 'host = ')
  t.equal(await codeOf(() => readConfig(path, schema)), 'CONFIG_INVALID')
  t.equal(await codeOf(() => readConfig(`${path}.none`, schema)), 'NOT_INITIALISED')
})

t.test('passphrase: made by init only, apart from the folder, private', async (t) => {
  const dataDir = folder(t)
  const env = { XDG_CONFIG_HOME: folder(t) }
  const file = join(folder(t), 'given')
  writeFileSync(file, 'a passphrase that was given\n', { mode: 0o600 })
  t.equal(readPassphrase(dataDir, { file, env }), 'a passphrase that was given')
  chmodSync(file, 0o644)
  t.equal(await codeOf(() => readPassphrase(dataDir, { file, env })), 'KEY_PERMISSIONS')
  const credentials = folder(t)
  writeFileSync(join(credentials, 'hanghui-passphrase'), 'a passphrase of the unit\n')
  t.equal(readPassphrase(dataDir, { env: { ...env, CREDENTIALS_DIRECTORY: credentials } }), 'a passphrase of the unit')
  if (process.geteuid?.() !== 0) {
    t.equal(await codeOf(() => readPassphrase(dataDir, { env })), 'KEY_UNREADABLE', 'reading never makes one')
    const made = makePassphrase(dataDir, { env })
    t.equal(made, readPassphrase(dataDir, { env }))
    t.notOk(passphrasePath(dataDir, env).startsWith(dataDir))
  }
})

t.test('a log line is one line whatever is in it', async (t) => {
  const file = join(folder(t), 'log')
  const log = createLog({ level: 'info', name: 'test', file })
  log.info(
    { text: 'a\r\n\u001b[31m\u0085\u202eb', passphrase: 'canary', deep: { secret: 'canary', authorization: 'canary' } },
    'x\ny',
  )
  const written = readFileSync(file, 'utf8')
  t.equal(written.split('\n').length, 2)
  t.notMatch(written, /canary/)
  t.same(
    [...written].filter((character) => /\p{Cc}|\u202e/u.test(character)),
    ['\n'],
  )
  t.equal(JSON.parse(written).text, 'a\r\n\u001b[31m\u0085\u202eb')
  t.equal(escapeControls('\u007f'), '\\u007f')
})
