import { createReadStream } from 'node:fs'
import { PHASES, type Phase } from '#schemas/codes/phases.ts'
import { Refusal } from '#schemas/refusal.ts'
import { checkField, hiddenField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, code, facts, linkButton, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, raw, redirect } from '#web/pages/page.ts'
import { showBytes, showTime } from '#web/pages/show.ts'
import { LIMIT_WORDS } from '#web/texts/limit-words.ts'
import type { showStatus } from '../actions/show-hub.ts'
import { type Failed, holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'
import { showLimit } from './show-limit.ts'

type ShownStatus = ReturnType<typeof showStatus>
interface Backup {
  readonly handle: string
  readonly sha256: string
  readonly bytes: number
}

const LISTENERS: Readonly<Record<string, { zh: string; en: string }>> = {
  member: { zh: '节点接口', en: 'Nodes' },
  enrolment: { zh: '接入与换证', en: 'Enrolment' },
  public: { zh: '门户', en: 'Portal' },
  console: { zh: '管理台', en: 'Console' },
}

/** Phase, limits, addresses and the backup. */
export const settingsPages: OperatorGroup = (site, { offered }) => {
  site.get('/settings', { roles: 'any' }, (visit) => settingsPage(visit, undefined))
  site.post('/settings/phase', { roles: ['administrator'], again: settingsPage }, async (visit, fields) => {
    if (!fields.checked('sure'))
      throw new Refusal('BODY_INVALID', {
        field: '/sure',
        detail: { zh: '请勾选“我已了解上述后果”', en: 'Tick “I know what follows” first' },
      })
    const { phase } = await visit.act<{ phase: Phase }>('phase', { phase: fields.get('phase') })
    const name = PHASES[phase]
    visit.flash('good', visit.t(`现在是${name.zh}。`, `The phase is now: ${name.en}.`))
    return redirect(visit.href('/settings'))
  })
  site.post('/settings/backup', { roles: ['administrator'], again: settingsPage }, async (visit) =>
    backupPage(visit, await visit.act<Backup>('backup')),
  )
  site.get('/settings/backup/:handle', { roles: ['administrator'] }, ({ params }) => {
    const { path, bytes } = offered(params['handle'] ?? '')
    return raw('application/octet-stream', createReadStream(path), {
      'content-length': String(bytes),
      'content-disposition': 'attachment; filename="hanghui-hub.backup"',
    })
  })
}

async function settingsPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t } = visit
  const [status, limits] = await Promise.all([
    visit.act<ShownStatus>('status'),
    visit.act<Record<string, number>>('limits'),
  ])
  return {
    title: t('设置', 'Settings'),
    body: html`
      ${failed?.box}
      ${section(t('阶段', 'Phase'), phase(visit, status.phase ?? 'construction', failed))}
      ${section(t('地址', 'Addresses'), addresses(visit, status))}
      ${holds(visit, 'administrator') && section(t('备份', 'Backup'), backup(visit))}
      ${section(t('限度', 'Limits'), limitTable(visit, limits))}
    `,
  }
}

function phase(visit: OperatorVisit, now: Phase, failed: Failed): Html {
  const { t, lang, href } = visit
  const next: Phase = now === 'construction' ? 'rollout' : 'construction'
  const consequences: Record<Phase, Html> = {
    rollout: html`<ul>
      <li>${t('法定依据为“其他”的数据集可以标价；目录中会显示价格。', 'Datasets whose legal basis is “other” may have a price, which the catalogue shows.')}</li>
      <li>${t('已有的目录和协议不变；提供方发布新的目录后才有价格。', 'Entries and agreements stay as they are; a price comes with an owner’s new entry.')}</li>
      <li>${t('新的信任目录会立即签发，所有节点在一分钟内得知。', 'A new directory is signed at once, and all nodes know within a minute.')}</li>
    </ul>`,
    construction: html`<ul>
      <li>${t('不再接受带价格的新目录；已发布的价格保留到下次更新。', 'New entries with a price are refused; those published keep theirs until they are renewed.')}</li>
      <li>${t('已签订的协议不变。', 'Agreements stay as they are.')}</li>
      <li>${t('新的信任目录会立即签发，所有节点在一分钟内得知。', 'A new directory is signed at once, and all nodes know within a minute.')}</li>
    </ul>`,
  }
  return html`<div class="stack tight">
    <p>${t('现在是', 'Now: ')}${badge('info', pick(lang, PHASES[now]))}</p>
    <p class="quiet-text">${t('依据发改经体〔2015〕2053号（十四）、（二十）：建设阶段无偿共享，全面推广阶段可以有偿。', 'Guidance 2053 (14), (20): free of charge during construction, possibly priced in roll-out.')}</p>
    ${
      holds(visit, 'administrator') &&
      more(
        t(`转入${PHASES[next].zh}…`, `Go to: ${PHASES[next].en}…`),
        html`<form method="post" action=${href('/settings/phase')} class="card">
          ${visit.formToken()}${hiddenField('phase', next)}
          ${consequences[next]}
          ${checkField({ name: 'sure', label: t('我已了解上述后果', 'I know what follows'), required: true, error: failed?.errorAt('sure') })}
          ${submitButton(t(`转入${PHASES[next].zh}`, `Go to: ${PHASES[next].en}`), { kind: 'danger' })}
        </form>`,
        failed?.fields.optional('phase') !== undefined,
      )
    }
  </div>`
}

function addresses({ t, lang }: OperatorVisit, { name, listeners, net }: ShownStatus): Html {
  return facts([
    [t('名称', 'Name'), name],
    ...Object.entries(listeners).map(
      ([listener, url]) => [pick(lang, LISTENERS[listener] ?? { zh: listener }), html`<code>${url}</code>`] as const,
    ),
    [t('网络（首个信任根）', 'Network (first root)'), code(net)],
    [
      t('修改', 'To change'),
      t('在服务器的 config.toml 中修改，重新启动后生效。', 'In config.toml on the server; they count after a restart.'),
    ],
  ])
}

function backup(visit: OperatorVisit): Html {
  const { t } = visit
  return html`<form method="post" action=${visit.href('/settings/backup')}>
    ${visit.formToken()}
    <p>${t('备份是一个文件：数据库、加密保存的密钥和配置。密钥口令不在其中，须另外保管。请存放在别的机器上。', 'A backup is one file: database, keys as they lie encrypted, configuration. The passphrase of the keys is not in it; keep it apart. Store the file on another machine.')}</p>
    ${submitButton(t('制作备份', 'Make a backup'), { kind: 'plain' })}
  </form>`
}

function backupPage({ t, lang, href, now }: OperatorVisit, { handle, sha256, bytes }: Backup): Page {
  return {
    title: t('备份', 'Backup'),
    layout: 'text',
    crumbs: [{ text: t('设置', 'Settings'), href: href('/settings') }, { text: t('备份', 'Backup') }],
    body: html`
      ${notice('good', { title: t('备份已制作', 'The backup is made'), body: t('请下载并存放在别的机器上，妥善保管。', 'Fetch it and keep it safe on another machine.') })}
      <p>${linkButton(href(`/settings/backup/${handle}`), t('下载', 'Fetch it'), 'primary')}</p>
      ${facts([
        [t('制作时间', 'Made at'), showTime(lang, now)],
        [t('大小', 'Size'), showBytes(lang, bytes)],
        ['SHA-256', code(sha256)],
      ])}
    `,
  }
}

function limitTable({ t, lang }: OperatorVisit, limits: Readonly<Record<string, number>>): Html {
  return table({
    caption: t('限度', 'Limits'),
    rows: Object.entries(limits),
    columns: [
      { head: t('限度', 'Limit'), kind: 'row', cell: ([name]) => pick(lang, LIMIT_WORDS[name] ?? { zh: name }) },
      { head: t('数值', 'Value'), kind: 'number', cell: ([name, value]) => showLimit(lang, name, value) },
    ],
  })
}
