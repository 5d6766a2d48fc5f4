import { randomBytes } from 'node:crypto'
import { Refusal } from '#schemas/refusal.ts'
import { hiddenField, textField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import {
  badge,
  code,
  emptyState,
  facts,
  linkButton,
  more,
  notice,
  section,
  submitButton,
} from '#web/components/words.ts'
import type { FailedForm } from '#web/console/console-visit.ts'
import { attachment } from '#web/pages/attachment.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, raw, redirect } from '#web/pages/page.ts'
import { showDay } from '#web/pages/show.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

interface StaffCertificate {
  readonly name: string
  readonly thumbprint: string
  readonly issued: string
  readonly until: string
  readonly state: 'good' | 'expired' | 'removed'
}

interface Made {
  readonly name: string
  readonly pkcs12: string
  readonly passphrase: string
  readonly thumbprint: string
  readonly expires: string
}

/** A key on its way to its owner: shown to whoever had it made, its file fetched once, within ten minutes, then forgotten. */
interface Held {
  readonly by: string
  readonly made: Omit<Made, 'pkcs12'>
  /** Undefined once it was fetched. */
  readonly bytes: Buffer | undefined
  readonly until: number
}

const HELD_SECONDS = 600

/** Certificates with which people open this console from another machine. */
export function staffPages(pages: NodePages, _deps: NodePagesDeps): void {
  const held = new Map<string, Held>()
  const again = (visit: NodeVisit, failed: FailedForm) => staffPage(visit, failed)
  pages.get('/staff', { roles: 'any' }, (visit) => staffPage(visit, undefined))
  pages.post('/staff', { roles: 'any', again }, async (visit, fields) => {
    for (const [key, { until }] of held) if (until <= visit.now) held.delete(key)
    const { pkcs12, ...made } = await visit.act<Made>('staff-add', { name: fields.get('name') })
    const key = randomBytes(16).toString('hex')
    const bytes = Buffer.from(pkcs12, 'base64')
    held.set(key, { by: visit.visitor.name, made, bytes, until: visit.now + HELD_SECONDS })
    // A page of its own, so that loading it again makes no other certificate.
    return redirect(visit.href(`/staff/made/${key}`))
  })
  pages.get('/staff/made/:key', { roles: 'any' }, (visit) => madePage(visit, heldBy(visit)))
  pages.get('/staff/files/:key', { roles: 'any' }, (visit) => {
    const { key, found } = heldBy(visit)
    const { bytes, made } = found
    if (bytes === undefined) throw new Refusal('NOT_FOUND')
    held.set(key, { ...found, bytes: undefined })
    return raw('application/x-pkcs12', bytes, attachment(`${made.name}.p12`))
  })
  pages.post('/staff/remove', { roles: 'any', again }, async (visit, fields) => {
    await visit.act('staff-remove', { name: fields.get('name') })
    visit.flash('good', visit.t('证书已停用，立即生效。', 'The certificates count no more, at once.'))
    return redirect(visit.href('/staff'))
  })

  function heldBy({ params, visitor, now }: NodeVisit): { readonly key: string; readonly found: Held } {
    const key = params['key'] ?? ''
    const found = held.get(key)
    if (found === undefined || found.by !== visitor.name || found.until <= now) throw new Refusal('NOT_FOUND')
    return { key, found }
  }
}

async function staffPage(visit: NodeVisit, failed: FailedForm | undefined): Promise<Page> {
  const { t, href, formToken } = visit
  const all = (await visit.act<StaffCertificate[]>('staff-list')).toReversed()
  return {
    title: t('工作人员', 'Staff'),
    lead: t(
      '在本机打开工作台用一次性链接；从别的电脑打开，须有这里签发的证书。',
      'On this machine a one-time link opens the console; from any other a certificate made here does.',
    ),
    layout: 'wide',
    body: html`${failed?.box}
      ${section(
        t('签发证书', 'Make a certificate'),
        html`<form method="post" action=${href('/staff')}>
          ${formToken()}
          ${textField({ name: 'name', label: t('姓名', 'Name'), hint: t('写入证书，办理的每件事都会记在这个名字下。', 'It goes into the certificate; what is done is recorded under it.'), required: true, maxLength: 64, autocomplete: 'off', value: failed?.fields.get('name') ?? '', error: failed?.errorAt('name') })}
          ${submitButton(t('签发', 'Make it'))}
        </form>
        ${more(t('怎样让工作台接受证书', 'How the console comes to accept certificates'), html`<p>${t('在本节点数据文件夹的 config.toml 中写 console = "certificate"，然后重新启动节点。', 'Write console = "certificate" into config.toml of the data folder and start the node anew.')}</p>`)}`,
        { card: true },
      )}
      ${section(t('已签发的证书', 'Certificates made'), certificateTable(visit, all))}`,
  }
}

function certificateTable(visit: NodeVisit, rows: readonly StaffCertificate[]): Html {
  const { t, lang } = visit
  return table<StaffCertificate>({
    caption: t('已签发的证书', 'Certificates made'),
    stacked: true,
    rows,
    empty: emptyState(
      t('还没有签发过', 'None yet'),
      t('只在本机使用工作台时不需要证书。', 'Whoever works on this machine only needs none.'),
    ),
    columns: [
      { head: t('姓名', 'Name'), kind: 'row', cell: ({ name }) => name },
      { head: t('签发', 'Made'), cell: ({ issued }) => showDay(lang, issued) },
      { head: t('有效期至', 'Valid until'), cell: ({ until }) => showDay(lang, until) },
      {
        head: t('状态', 'State'),
        cell: ({ state }) =>
          state === 'good'
            ? badge('good', t('有效', 'Good'))
            : badge('quiet', state === 'removed' ? t('已停用', 'Removed') : t('已到期', 'Ended')),
      },
      { head: t('停用', 'Remove'), cell: (one) => (one.state === 'good' ? removeForm(visit, one) : '—') },
    ],
  })
}

function removeForm({ t, href, formToken }: NodeVisit, { name }: StaffCertificate): Html {
  return more(
    t('停用…', 'Remove…'),
    html`<form method="post" action=${href('/staff/remove')}>
      ${formToken()}${hiddenField('name', name)}
      <p>${t(`${name}的所有证书立即不能再打开工作台。`, `No certificate of ${name} opens the console any more.`)}</p>
      ${submitButton(t('停用', 'Remove'), { kind: 'danger' })}
    </form>`,
  )
}

function madePage(
  { t, lang, href }: NodeVisit,
  { key, found: { made, bytes } }: { readonly key: string; readonly found: Held },
): Page {
  return {
    title: t(`${made.name}的证书`, `Certificate of ${made.name}`),
    layout: 'text',
    crumbs: [{ text: t('工作人员', 'Staff'), href: href('/staff') }, { text: made.name }],
    scripts: ['copy.js'],
    body: html`
      ${notice('warn', {
        title: t(
          '文件只能下载一次，口令只显示十分钟',
          'The file can be fetched once, the passphrase is shown for ten minutes',
        ),
        body: t(
          '请把文件和口令通过不同的渠道交给本人。私钥不在节点留存；丢失只能重新签发。',
          'Hand over file and passphrase by different ways. The node keeps no copy of the key; a lost one is made anew.',
        ),
      })}
      <p>${bytes === undefined ? t('证书文件已下载。', 'The file was fetched.') : linkButton(href(`/staff/files/${key}`), t('下载证书文件（.p12）', 'Fetch the file (.p12)'), 'primary')}</p>
      ${section(t('口令', 'Passphrase'), html`<div class="secret" data-copy=${t('复制', 'Copy')}><code>${made.passphrase}</code></div>`)}
      ${facts([
        [t('有效期至', 'Valid until'), showDay(lang, made.expires)],
        [t('证书指纹', 'Fingerprint'), code(made.thumbprint)],
        [
          t('怎样安装', 'How to install it'),
          t(
            '在浏览器或系统的证书管理中导入文件，输入口令；打开工作台时选择这张证书。',
            'Import the file into the certificates of browser or system with its passphrase, and choose it when the console asks.',
          ),
        ],
      ])}
      <div class="cluster no-print">${linkButton(href('/staff'), t('返回', 'Back'))}</div>`,
  }
}
