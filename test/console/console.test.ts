import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { limitBody } from '#web/console/limit-body.ts'
import { type ConsoleOptions, openConsole } from '#web/console/open-console.ts'
import { fieldsOf } from '#web/pages/forms.ts'
import { html } from '#web/pages/html.ts'
import { redirect } from '#web/pages/page.ts'
import { action } from '#web/serving/actions.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import { createTransfers } from '#web/serving/transfers.ts'

const silent = createLog({ level: 'silent', name: 'test' })
const ROLES = ['registrar', 'approver', 'auditor', 'administrator'] as const
const NOTHING = closed({}, [])
const HTML = { accept: 'text/html' }

/** A console with a page per role, two people and a clock that the test moves. */
async function start(t: Test, differs: Partial<ConsoleOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hanghui-console-'))
  const world = {
    now: 1_800_000_000,
    people: new Map<string, string[]>([
      ['Wang', ['registrar']],
      ['Li', ['approver']],
    ]),
    acted: [] as unknown[],
  }
  const transfers = createTransfers(join(folder, 'incoming'))
  const find = (name: string) => (world.people.has(name) ? { name, roles: world.people.get(name) ?? [] } : undefined)
  const console = await openConsole({
    host: '127.0.0.1',
    port: 0,
    log: silent,
    describe: () => ({ role: 'hub', versions: ['v1'], endpoints: {}, identity: {} }),
    health: () => ({}),
    now: () => world.now,
    transfers,
    people: {
      find,
      list: () => [...world.people.keys()].map((name) => find(name) as { name: string; roles: string[] }),
    },
    command: 'hanghui hub console',
    nameRole: (_visit, role) => role,
    frame: () => ({ kind: 'console', site: 'operator', brand: 'Test', nav: [{ href: '/', text: 'Home' }] }),
    actions: () => ({
      note: action(NOTHING, (_none, { via, as }) => void world.acted.push({ via, as })),
      slow: action(NOTHING, async (_none, { progress }) => {
        progress({ phase: 'publish', done: 1, total: 2, unit: 'files' })
        await released.promise
        return { path: '/role/any' }
      }),
    }),
    pages(pages) {
      pages.get('/', { roles: 'any' }, (visit) => ({
        title: 'Home',
        body: html`<form method="post" action="/note">${visit.formToken()}</form>`,
      }))
      for (const role of [...ROLES, 'any'] as const)
        pages.get(`/role/${role}`, { roles: role === 'any' ? 'any' : [role] }, () => ({
          title: role,
          body: html`<p>seen</p>`,
        }))
      pages.post('/note', { roles: 'any' }, async (visit) => {
        await visit.act('note')
        visit.flash('good', 'Noted <b>once</b>.')
        return redirect('/')
      })
      pages.post(
        '/refuse',
        {
          roles: 'any',
          again: (_visit, { box, fields, errorAt }) => ({
            title: 'Again',
            body: html`${box}<p>${fields.get('typed')} ${errorAt('typed')}</p>`,
          }),
        },
        () => {
          throw new Refusal('BODY_INVALID', { field: '/typed', detail: { zh: '不行', en: 'No' } })
        },
      )
      pages.post('/upload', { roles: 'any', multipart: true }, (visit, fields) => {
        const files = visit.filesOf(fields, 'file')
        return { title: 'Up', body: html`<p>${files.map(({ name, bytes }) => `${name}:${bytes}`).join()}</p>` }
      })
      pages.post('/slow', { roles: 'any' }, (visit) =>
        visit.begin('slow', {}, { done: (result: { path: string }) => result.path }),
      )
    },
    ...differs,
  })
  const released = Promise.withResolvers<void>()
  t.teardown(async () => {
    released.resolve()
    await console.app.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { ...console, world, release: released.resolve, transfers }
}

type Console = Awaited<ReturnType<typeof start>>

/** A browser without scripts: keeps cookies, fills forms. */
function visitor({ app, url }: Console) {
  const cookies = new Map<string, string>()
  const { host } = new URL(url)
  async function ask(
    method: 'GET' | 'POST',
    path: string,
    { form, headers = {} }: { form?: Record<string, string>; headers?: Record<string, string> } = {},
  ) {
    const answer = await app.inject({
      method,
      url: path,
      headers: {
        host,
        ...HTML,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin: url }),
        ...headers,
      },
      ...(form && { payload: new URLSearchParams(form).toString() }),
    })
    for (const { name, value, maxAge, expires } of answer.cookies) {
      if (maxAge === 0 || (expires !== undefined && expires.getTime() === 0)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    get: (path: string) => ask('GET', path),
    post: (path: string, form: Record<string, string>, headers?: Record<string, string>) =>
      ask('POST', path, { form, ...(headers && { headers }) }),
    async token(): Promise<string> {
      return /name="form-token" value="([^"]+)"/.exec((await ask('GET', '/')).body)?.[1] ?? ''
    },
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 250; round++) {
    if (holds()) return
    await new Promise((go) => setTimeout(go, 20))
  }
  throw new Error(`did not happen: ${what}`)
}

/** Somebody who has entered by a link made for this name. */
async function entered(console: Console, name: string) {
  const one = visitor(console)
  const key = new URL(console.link(name)).searchParams.get('key') as string
  await one.post('/enter', { key })
  return one
}

t.test('without a session nothing is seen but how to enter; the goal is kept', async (t) => {
  const console = await start(t)
  const one = visitor(console)
  const closed = await one.get('/role/any')
  t.equal(closed.statusCode, 401)
  t.match(closed.body, 'hanghui hub console')
  t.notMatch(closed.body, 'seen')
  const link = new URL(console.link('Wang'))
  t.equal((await one.get(link.pathname + link.search)).statusCode, 200)
  const answer = await one.post('/enter', { key: link.searchParams.get('key') as string })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/role/any')
  t.match((await one.get('/role/any')).body, 'seen')
})

t.test('a link lets in once, and not after ten minutes; looking at it does not spend it', async (t) => {
  const console = await start(t)
  const key = new URL(console.link('Wang')).searchParams.get('key') as string
  t.equal((await visitor(console).get(`/enter?key=${key}`)).statusCode, 200)
  t.equal((await visitor(console).get(`/enter?key=${key}`)).statusCode, 200)
  t.equal((await visitor(console).post('/enter', { key })).statusCode, 303)
  const again = await visitor(console).post('/enter', { key })
  t.equal(again.statusCode, 410)
  t.match(again.body, /LINK_USED[\s\S]*hanghui hub console/, 'it says how to come by another')
  const inside = await entered(console, 'Wang')
  t.equal((await inside.get(`/enter?key=${key}`)).headers.location, '/', 'whoever is inside already stays there')
  const late = new URL(console.link('Wang')).searchParams.get('key') as string
  console.world.now += 600
  t.equal((await visitor(console).post('/enter', { key: late })).statusCode, 410)
})

t.test('guessing at links is slowed down for everybody', async (t) => {
  const console = await start(t)
  for (let guess = 0; guess < 10; guess++)
    t.equal((await visitor(console).post('/enter', { key: `guess-${guess}` })).statusCode, 410)
  t.equal((await visitor(console).post('/enter', { key: 'guess' })).statusCode, 429)
  const key = new URL(console.link('Wang')).searchParams.get('key') as string
  t.equal((await visitor(console).post('/enter', { key })).statusCode, 303, 'a good link opens all the same')
  console.world.now += 60
  t.equal((await visitor(console).post('/enter', { key: 'guess' })).statusCode, 410)
})

t.test('a link without a name asks who enters; nobody unknown gets in', async (t) => {
  const console = await start(t)
  const key = new URL(console.link(undefined)).searchParams.get('key') as string
  const one = visitor(console)
  const page = await one.get(`/enter?key=${key}`)
  t.match(page.body, /value="Wang"[\s\S]*value="Li"/)
  t.match((await one.post('/enter', { key, name: 'Mallory' })).body, 'OPERATOR_UNKNOWN')
  t.equal((await one.post('/enter', { key, name: 'Li' })).statusCode, 303)
  await one.post('/note', { 'form-token': await one.token() })
  t.same(console.world.acted, [{ via: { kind: 'link' }, as: 'Li' }])
})

t.test('a session is new at each entry, ends by leaving, by rest and by age (threats I4)', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  const [cookie] = [...one.cookies].find(([name]) => name.startsWith('session-')) as [string, string]
  const before = one.cookies.get(cookie)
  await one.post('/enter', { key: new URL(console.link('Wang')).searchParams.get('key') as string })
  t.not(one.cookies.get(cookie), before)
  const thief = visitor(console)
  thief.cookies.set(cookie, before as string)
  t.equal((await thief.get('/')).statusCode, 401, 'the earlier id is dead')
  thief.cookies.set(cookie, one.cookies.get(cookie) as string)
  await one.post('/leave', { 'form-token': await one.token() })
  t.equal((await thief.get('/')).statusCode, 401, 'left means ended')
  const two = await entered(console, 'Wang')
  console.world.now += 1_799
  t.equal((await two.get('/')).statusCode, 200)
  console.world.now += 1_800
  t.equal((await two.get('/')).statusCode, 401, 'rested too long')
  const three = await entered(console, 'Wang')
  for (let passed = 0; passed < 43_200; passed += 1_200) {
    await three.get('/')
    console.world.now += 1_200
  }
  t.equal((await three.get('/')).statusCode, 401, 'twelve hours')
})

t.test(
  'a form that comes after its session has ended does nothing, and what was typed is there for copying',
  async (t) => {
    const console = await start(t)
    const one = await entered(console, 'Wang')
    const token = await one.token()
    console.world.now += 1_800
    const typed = '一段写了半个小时的长文字，<b>一字</b>不能少，否则要从头写起。'
    const answer = await one.post('/refuse', { 'form-token': token, typed, choice: 'yes' })
    t.equal(answer.statusCode, 401)
    t.match(answer.body, '会话已结束')
    t.match(answer.body, '&lt;b>一字&lt;/b>不能少')
    t.notMatch(answer.body, token)
    t.notMatch(answer.body, '>yes<', 'a choice is made again')
  },
)

t.test('who was removed is out at the next click', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Li')
  console.world.people.delete('Li')
  t.equal((await one.get('/')).statusCode, 401)
})

t.test('cookies are for this console alone', async (t) => {
  const console = await start(t)
  const key = new URL(console.link('Wang')).searchParams.get('key') as string
  const { headers } = await visitor(console).post('/enter', { key })
  const set = [headers['set-cookie']].flat().find((text) => text?.startsWith('session-'))
  t.match(set, /; HttpOnly/)
  t.match(set, /; SameSite=Strict/)
  t.match(set, new RegExp(`^session-${new URL(console.url).port}=`))
})

t.test('a form of elsewhere changes nothing (threats I1)', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  const token = await one.token()
  const cases: [string, Record<string, string>, Record<string, string>, number][] = [
    ['its own', { 'form-token': token }, {}, 303],
    ['no token', {}, {}, 403],
    ['another token', { 'form-token': `${token}x` }, {}, 403],
    ['another origin', { 'form-token': token }, { origin: 'http://evil.example' }, 403],
    ['another port', { 'form-token': token }, { origin: 'http://127.0.0.1:1' }, 403],
    ['no origin at all', { 'form-token': token }, { origin: 'null' }, 403],
    ['another site', { 'form-token': token }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['the same site only', { 'form-token': token }, { 'sec-fetch-site': 'same-site' }, 403],
  ]
  for (const [name, form, headers, status] of cases)
    t.equal((await one.post('/note', form, headers)).statusCode, status, name)
  t.equal(console.world.acted.length, 1)
})

t.test('every page asks for its role, and a refusal names it (threats I5)', async (t) => {
  const console = await start(t)
  console.world.people = new Map(ROLES.map((role) => [role, [role]]))
  for (const person of ROLES) {
    const one = await entered(console, person)
    for (const role of ROLES) {
      const answer = await one.get(`/role/${role}`)
      t.equal(answer.statusCode, role === person ? 200 : 403, `${person} at ${role}`)
      if (role !== person) t.match(answer.body, role)
    }
    t.equal((await one.get('/role/any')).statusCode, 200)
  }
})

t.test('a message is shown once, as text', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  await one.post('/note', { 'form-token': await one.token() })
  t.match((await one.get('/')).body, 'Noted &lt;b>once&lt;/b>.')
  t.notMatch((await one.get('/')).body, 'Noted')
})

t.test('a refused form comes back with what was typed and where it was wrong', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  const answer = await one.post('/refuse', { 'form-token': await one.token(), typed: '<i>mine' })
  t.equal(answer.statusCode, 400)
  t.match(answer.body, '&lt;i>mine 不行')
  t.match(answer.body, 'BODY_INVALID')
})

t.test('files are on disk while the form is answered, and gone after it', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  const body = new FormData()
  body.set('form-token', await one.token())
  body.set('file', new File(['x'.repeat(100_000)], '数据.csv'))
  const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await fetch(`${console.url}/upload`, {
    method: 'POST',
    body,
    headers: { ...HTML, cookie, origin: console.url },
  })
  t.match(await answer.text(), '数据.csv:100000')
  const forged = new FormData()
  forged.set('file', new File(['x'], 'a'))
  const refused = await fetch(`${console.url}/upload`, {
    method: 'POST',
    body: forged,
    headers: { ...HTML, cookie, origin: console.url },
  })
  t.equal(refused.status, 403)
})

t.test('a disk that fills up refuses files while there is still room for records (threats F6)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hanghui-room-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const used = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const console = await start(t, { transfers: createTransfers(folder, () => 150_000 - used()) })
  const one = await entered(console, 'Wang')
  const token = await one.token()
  const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const send = (bytes: number) => {
    const body = new FormData()
    body.set('form-token', token)
    body.set('small', new File(['x'.repeat(1_000)], 'first.csv'))
    body.set('file', new File(['x'.repeat(bytes)], '数据.csv'))
    return fetch(`${console.url}/upload`, { method: 'POST', body, headers: { ...HTML, cookie, origin: console.url } })
  }
  t.equal((await send(100_000)).status, 200)
  const full = await send(1_000_000)
  t.equal(full.status, 507)
  t.match(await full.text(), 'DISK_FULL')
  t.same(readdirSync(folder), [], 'nothing is left behind')
  // This client stops sending when it has its answer, and the close would wait for the rest.
  console.app.server.closeAllConnections()
})

t.test('an upload that breaks off is no shorter file, and leaves nothing behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hanghui-broken-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const console = await start(t, { transfers: createTransfers(folder) })
  const one = await entered(console, 'Wang')
  const token = await one.token()
  const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const { host, hostname, port } = new URL(console.url)
  const part = (about: string) => `--b\r\ncontent-disposition: form-data; ${about}\r\n\r\n`
  const body = `${part('name="form-token"')}${token}\r\n${part('name="file"; filename="a.csv"')}a,b\r\n1,2`
  const head = ['POST /upload HTTP/1.1', `host: ${host}`, `cookie: ${cookie}`, `origin: ${console.url}`]
  const send = (length: number, rest: string) => {
    const socket = connect(Number(port), hostname)
    const more = ['content-type: multipart/form-data; boundary=b', `content-length: ${length}`, 'connection: close']
    socket.write([...head, ...more, '', body + rest].join('\r\n'))
    return socket
  }
  const cut = send(body.length + 1_000, '')
  await until(() => readdirSync(folder).length === 1, 'the file begins to arrive')
  cut.destroy()
  await until(() => readdirSync(folder).length === 0, 'what came of it is gone')
  const unended = await text(send(body.length, ''))
  t.match(unended, /^HTTP\/1\.1 4/, 'a body that says it ends in the middle of a file')
  t.notMatch(unended, 'a.csv:')
  t.match(await text(send(body.length + 7, '\r\n--b--')), 'a.csv:8', 'the same, whole')
  t.same(readdirSync(folder), [])
})

/** A body of which only the first bytes come; resolves with what was answered once the connection has ended. */
async function sendSlowly(url: string, headers: readonly string[], trickle = false): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(['POST /enter HTTP/1.1', 'Content-Length: 50000', ...headers, '', 'a'].join('\r\n'))
  const timer = setInterval(() => trickle && socket.write('a'.repeat(10)), 10)
  try {
    return await text(socket).catch(() => '')
  } finally {
    clearInterval(timer)
  }
}

t.test('who is refused, or has not entered, holds no connection by a slow body (threats F2)', async (t) => {
  const { url } = await start(t)
  const form = 'Content-Type: application/x-www-form-urlencoded'
  t.match(await sendSlowly(url, ['Host: evil.example', form], true), /^HTTP\/1\.1 421 [\s\S]*connection: close/i)
  t.equal(await sendSlowly(url, [`Host: ${new URL(url).host}`, form], true), '')
})

t.test('an upload may take long, but not stand still', async (t) => {
  const app = createServer({ log: silent, requestTimeout: 0 })
  t.teardown(() => app.close())
  const limits = { wholeMilliseconds: 20, paceMilliseconds: 200, paceBytes: 10 }
  app.addHook('onRequest', async (request) => limitBody(request, request.headers['in'] !== undefined, limits))
  app.addContentTypeParser('application/slow', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/enter', () => 'taken')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const type = 'Content-Type: application/slow'
  t.equal(await sendSlowly(url, ['Host: x', type]), '', 'who is not in has no time')
  t.equal(await sendSlowly(url, ['Host: x', type, 'In: yes']), '', 'who is in cannot stand still')
  const steady = connect(Number(new URL(url).port), '127.0.0.1')
  steady.write(
    ['POST /enter HTTP/1.1', 'Host: x', 'In: yes', 'Connection: close', 'Content-Length: 800', type, '', ''].join(
      '\r\n',
    ),
  )
  for (let sent = 0; sent < 800; sent += 20) {
    await pause(10)
    steady.write('a'.repeat(20))
  }
  t.match(await text(steady), /^HTTP\/1\.1 200 /, 'many times longer than others, at its pace')
})

t.test('a long action goes on behind its own page, for the session that began it', async (t) => {
  const console = await start(t)
  const one = await entered(console, 'Wang')
  const begun = await one.post('/slow', { 'form-token': await one.token() })
  t.equal(begun.statusCode, 303)
  const place = begun.headers.location as string
  const page = await one.get(place)
  t.match(page.body, /<progress max="2" value="1"/)
  t.match(page.body, '<noscript><meta http-equiv="refresh"')
  t.match((await one.get(`${place}/state`)).json(), { ended: false, done: 1, total: 2 })
  t.equal((await (await entered(console, 'Li')).get(place)).statusCode, 404)
  console.release()
  for (let round = 0; round < 50 && (await one.get(place)).statusCode === 200; round++)
    await new Promise((go) => setTimeout(go, 20))
  t.equal((await one.get(place)).headers.location, '/role/any')
})

t.test('only under a loopback name, and off loopback only with certificates', async (t) => {
  const console = await start(t)
  const foreign = await console.app.inject({ url: '/healthz', headers: { host: 'evil.example:7545' } })
  t.match(foreign.json(), { code: 'HOST_REFUSED' })
  for (const url of ['/', '/.well-known/hanghui', '/nothing-here', '/assets/base.css']) {
    const page = await console.app.inject({ url, headers: { host: 'evil.example', ...HTML } })
    t.equal(page.statusCode, 421, url)
    t.match(page.body, /<h1[\s\S]*HOST_REFUSED/)
  }
  t.equal(foreign.statusCode, 421)
  await t.rejects(start(t, { host: '0.0.0.0' }), { code: 'CONFIG_INVALID' })
})

t.test('pages carry the headers of threats I2 and I3', async (t) => {
  const console = await start(t)
  for (const path of ['/', '/nothing-here']) {
    const { headers } = await visitor(console).get(path)
    t.match(headers['content-security-policy'], /^default-src 'none';script-src 'self';style-src 'self'/)
    t.notMatch(headers['content-security-policy'], /unsafe/)
    t.match(headers, {
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
    })
  }
})

t.test('what a browser sends as line ends is LF to the one who signs', async (t) => {
  const { get } = fieldsOf({ reason: ' 一\r\n二\r三\n' })
  t.equal(get('reason'), '一\n二\n三')
})
