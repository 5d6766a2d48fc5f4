/** Finding and asking from the console, and what a node's people look after: members, sponsorships, health, staff. */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { metaOf, publish } from '../kit/act.ts'
import { CODES, eventually, type Party, startNetwork } from '../kit/start-network.ts'
import { enterConsole, textOf } from '../operator/operator-visitor.ts'

async function enter(node: Party, as = '王敏') {
  const staff = await enterConsole((name, args) => node.call(name, args) as Promise<{ url: string }>, as)
  return { ...staff, read: async (path: string) => textOf((await staff.get(path)).body) }
}

t.test('the catalogue searched from here; a request is made on the terms that were shown', async (t) => {
  await using network = await startNetwork({ nodes: ['bob', 'ministry'] })
  const [bob, ministry] = [network.node('bob'), network.node('ministry')]
  const [owner, staff] = [await enter(bob), await enter(ministry)]
  t.match(await staff.read('/find'), '目录里还没有数据集')
  const jobs = metaOf('jobs', {
    title: { zh: '就业月报', en: 'Employment' },
    industries: ['C31'],
    audience: ['department'],
  })
  await publish(bob, 'jobs.csv', '月份,人数（人）\n2024-01,1\n2024-02,2\n', jobs)
  await publish(bob, 'open.csv', 'x\n1\n', metaOf('open', { title: { zh: '公开名录' }, sharing: 'unconditional' }))
  await publish(bob, 'closed.csv', 'x\n1\n', metaOf('closed', { title: { zh: '内部台账' }, sharing: 'none' }))

  t.match(await staff.read('/find'), /共 3 个数据集.*内部台账 不予共享/)
  const narrowed = (await staff.get('/find?sharing=conditional&words=%E5%B0%B1%E4%B8%9A')).body
  t.match(textOf(narrowed), /共享类型：有条件共享.*共 1 个数据集.*就业月报/)
  t.match(narrowed, 'href="/find?words=%E5%B0%B1%E4%B8%9A"', 'a condition can be taken off')
  t.match((await staff.get('/en/find')).body, `href="/en/find/${bob.id}/jobs"`)
  t.match(await owner.read('/find'), '本单位的数据集')
  t.equal((await owner.get(`/find/${bob.id}/jobs`)).headers['location'], '/datasets/jobs', 'our own has its own page')

  const page = `/find/${bob.id}/jobs`
  t.match(await staff.read(page), /示例协会乙.*信息资源名称 就业月报.*黑色金属冶炼.*月份.*还没有申请过/)
  t.notMatch((await staff.get(`/find/${bob.id}/closed`)).body, '/closed/apply', 'what is not shared is not to be had')
  t.equal((await staff.get(`/find/${bob.id}/none`)).status, 404)

  const form = (await staff.get(`${page}/apply`)).body
  const terms = /name="terms" value="(\d+)"/.exec(form)?.[1] ?? ''
  const empty = await staff.post(`${page}/apply`, { terms, accepted: 'yes', until: '2031-05-06', pulls: '4' })
  t.equal(empty.status, 422)
  t.match(empty.body, /value="2031-05-06"/, 'what was typed is still there')
  t.match(textOf(empty.body), 'PURPOSE_EMPTY')
  const wish = { terms, purpose: '就业形势\n分析 <i>', until: '2031-05-06', pulls: '4' }
  t.match(textOf((await staff.post(`${page}/apply`, wish)).body), '请确认已阅读条款')
  await publish(bob, 'jobs2.csv', '月份,人数（人）\n2024-01,1\n', { ...jobs, audience: ['department', 'association'] })
  const outdated = await staff.post(`${page}/apply`, { ...wish, accepted: 'yes' })
  t.match(textOf(outdated.body), 'OFFER_CHANGED', 'terms that changed meanwhile are read first')
  const asked = await staff.after(await staff.post(`${page}/apply`, { ...wish, terms: '2', accepted: 'yes' }))
  t.match(textOf(asked), /就业形势 分析 <i>.*期限 2031-05-06 调取次数 4 .*等提供方答复/)
  t.match(await staff.read('/find'), /就业月报.*本单位的申请： 待提供方答复/)
  t.match(await staff.read(page), /本单位的申请 .*至 2031-05-06 待提供方答复/)

  const open = await staff.after(
    await staff.post(`/find/${bob.id}/open/apply`, { terms: '1', purpose: '查阅', accepted: 'yes' }),
  )
  t.match(textOf(open), /协议当即生效.*协议有效，可以调取/)
  await network.hub.stop()
  t.match(await staff.read('/find'), /HUB_UNREACHABLE.*已有协议的数据不受影响/)
  t.match(await staff.read(page), /HUB_UNREACHABLE.*上次取得的目录条目.*就业月报/, 'what is known stays to be read')
  t.match(await staff.read('/requests'), /就业月报.*公开名录|公开名录.*就业月报/, 'cases bear their names')
})

t.test('members, sponsorships and the staff of a node', async (t) => {
  await using network = await startNetwork({ nodes: ['bob', 'ministry'] })
  const [bob, ministry] = [network.node('bob'), network.node('ministry')]
  const staff = await enter(bob)
  t.match(await staff.read('/members'), /示例部门 11100000PDY0090060 党政机关 正常.*示例协会乙 本单位/)
  t.match(await staff.read('/members?class=department'), /全部 2 .*示例部门/)
  t.notMatch(await staff.read('/members?q=%E9%83%A8%E9%97%A8'), '本单位')

  const affiliate = CODES.affiliate.uscc
  t.match(textOf((await staff.post('/sponsorships', { member: '123' })).body), 'USCC_INVALID')
  t.match(
    textOf(await staff.after(await staff.post('/sponsorships', { member: affiliate, until: '2031-01-31' }))),
    /2031-01-31 有效/,
  )
  const ended = await staff.after(await staff.post('/sponsorships/end', { member: affiliate, reason: '退会' }))
  t.match(textOf(ended), new RegExp(`担保已撤回.*${affiliate} 2031-01-31 已撤回`))
  t.match(await (await enter(ministry)).read('/sponsorships'), '只有行业协会商会可以担保')

  const said = await staff.post('/staff', { name: '李华' })
  t.equal(said.status, 303, 'loaded again, the page makes no other certificate')
  const made = await staff.get(String(said.headers['location']))
  const path = /href="(\/staff\/files\/[0-9a-f]+)"/.exec(made.body)?.[1] ?? ''
  t.match(textOf(made.body), /文件只能下载一次.*口令/)
  const other = await enter(bob, '赵六')
  t.equal((await other.get(path)).status, 404, 'nobody else gets the key')
  t.equal((await other.get(String(said.headers['location']))).status, 404, 'nor the passphrase')
  const file = await staff.get(path)
  t.equal(file.headers['content-type'], 'application/x-pkcs12')
  t.ok(file.bytes.length > 1_000)
  t.equal((await staff.get(path)).status, 404, 'once only')
  t.match(textOf((await staff.get(String(said.headers['location']))).body), /口令.*文件已下载|文件已下载.*口令/)
  t.match(await staff.read('/staff'), /李华 .* 有效/)
  t.match(textOf(await staff.after(await staff.post('/staff/remove', { name: '李华' }))), /立即生效.*李华 .* 已停用/)
  t.match(textOf((await staff.post('/staff/remove', { name: '李华' })).body), 'STAFF_UNKNOWN')
})

t.test('health: the self-check with a button where one helps', async (t) => {
  await using network = await startNetwork({ nodes: ['bob'] })
  const bob = network.node('bob')
  const staff = await enter(bob)
  await eventually(async () => (await staff.read('/health')).includes('没有告警'), 'checked')
  t.match(await staff.read('/health'), /共享中心 正常.*没有告警.*还有 (29|30) 天/)
  const before = await bob.call<{ certificates: { number: number } }>('status')
  const finish = async (path: string) => {
    let at = String((await staff.post(path, {})).headers['location'])
    return eventually(async () => {
      const seen = await staff.get(at)
      if (seen.status === 303) at = String(seen.headers['location'])
      else if (!seen.body.includes('data-job=')) return textOf(seen.body)
      return undefined
    }, path)
  }
  t.match(await finish('/health/renew'), '证书已更新')
  const after = await bob.call<{ certificates: { number: number } }>('status')
  t.equal(after.certificates.number, before.certificates.number + 1)
  t.match(await finish('/health/sync'), '已与共享中心同步')
  chmodSync(join(bob.dataDir, 'node.db'), 0o644)
  t.match(await finish('/health/doctor'), /文件权限 异常 .*node\.db.* 收紧权限/)
  const closed = await staff.after(await staff.post('/health/permissions', {}))
  t.match(textOf(closed), /已改为仅本用户可读.*文件权限 正常/)
  t.equal(statSync(join(bob.dataDir, 'node.db')).mode & 0o777, 0o600)
  await network.hub.stop()
  network.shift(120)
  const failed = await eventually(async () => {
    const page = (await staff.get('/health')).body
    return textOf(page).includes('共享中心 异常') ? page : undefined
  }, 'the hub is seen to be gone')
  t.match(failed, /action="\/health\/sync".*现在同步/s)
  t.match(textOf(failed), /时钟 异常 .* 改好了，再查一次/)
  t.notMatch(textOf(failed).replace(/用命令查看.*/s, ''), /hanghui |chmod/, 'a page names no command as the remedy')
  t.match(await finish('/health/sync'), 'HUB_UNREACHABLE')
})
