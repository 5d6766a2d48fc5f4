import { fileField, hiddenField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, code, facts, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showAgo, showDay, showNumber, showTime } from '#web/pages/show.ts'
import type { ShownTrust } from '../actions/show-office.ts'
import type { showRoot } from '../actions/show-root.ts'
import { type Failed, holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'
import { readPem } from './read-pem.ts'

type ShownRoot = ReturnType<typeof showRoot>
type Ca = ShownRoot['cas'][number]
interface CaChange {
  readonly ca: string
  readonly state: 'installed' | 'proposed'
  readonly version: number
}

/** What everybody trusts: directory, status list, root with its keys, and the authorities. */
export const trustPages: OperatorGroup = (site) => {
  site.get('/trust', { roles: 'any' }, (visit) => trustPage(visit, undefined))
  site.post(
    '/trust/authorities',
    { roles: ['administrator'], multipart: true, again: trustPage },
    async (visit, fields) => {
      said(
        visit,
        await visit.act<CaChange>('ca-add', { file: readPem(visit, fields, 'file') }),
        visit.t('已列入', 'listed'),
      )
      return redirect(visit.href('/trust'))
    },
  )
  site.post('/trust/authorities/remove', { roles: ['administrator'], again: trustPage }, async (visit, fields) => {
    said(visit, await visit.act<CaChange>('ca-remove', { file: fields.get('pem') }), visit.t('已移除', 'removed'))
    return redirect(visit.href('/trust'))
  })
}

/** A change to the root may have to travel to the offline key first. */
function said(visit: OperatorVisit, { ca, state, version }: CaChange, done: string): void {
  const { t } = visit
  if (state === 'installed')
    visit.flash(
      'good',
      t(`${ca}${done}，信任根第 ${version} 版已生效。`, `${ca} is ${done}; root version ${version} is in force.`),
    )
  else
    visit.flash(
      'warn',
      t(
        `信任根第 ${version} 版已备好，等待离线密钥签名后生效（hanghui pki root sign）。`,
        `Root version ${version} is ready and waits for the offline key (hanghui pki root sign).`,
      ),
    )
}

async function trustPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t } = visit
  const [trust, root] = await Promise.all([visit.act<ShownTrust>('trust-show'), visit.act<ShownRoot>('root-show')])
  return {
    title: t('信任目录', 'Directory and trust'),
    body: html`
      ${
        root.proposal !== null &&
        notice('warn', {
          title: t('有一份信任根等待离线密钥签名', 'A root waits for the offline key'),
          body: t(
            '在保管根私钥的机器上签名后，用 hanghui pki root sign 装入。',
            'Sign it on the machine that keeps the root key, and install it with hanghui pki root sign.',
          ),
        })
      }
      <div class="grid">
        ${section(t('信任目录', 'Directory'), list(visit, trust.directory), { card: true })}
        ${section(t('状态列表', 'Status list'), statusFacts(visit, trust.status), { card: true })}
        ${section(t('信任根', 'Root'), rootFacts(visit, root), { card: true })}
      </div>
      ${section(t('共享中心的在线密钥', 'Online keys of the hub'), keyTable(visit, root))}
      ${section(t('签发机构', 'Authorities'), authorities(visit, root, failed))}
    `,
  }
}

function aged(
  { t, lang, now }: OperatorVisit,
  { version, issued, until }: { version: number; issued: string; until: string },
) {
  const left = Date.parse(until) / 1000 - now
  return [
    [
      t('签发', 'Issued'),
      html`${showAgo(lang, issued, now)} <span class="small quiet-text">${showTime(lang, issued)}</span>`,
    ],
    [
      t('有效', 'Valid'),
      left > 0
        ? badge('good', t(`至 ${showTime(lang, until)}`, `until ${showTime(lang, until)}`))
        : badge('bad', t('已过期', 'Expired')),
    ],
    [t('版本号', 'Version'), html`<code>${version}</code>`],
  ] as const
}

function list(visit: OperatorVisit, directory: ShownTrust['directory']): Html {
  const { t, lang } = visit
  if (directory === undefined) return badge('bad', t('尚未签发', 'Not issued'))
  return facts([
    ...aged(visit, directory),
    [t('分片', 'Parts'), showNumber(lang, directory.parts)],
    [
      t('允许的节点网络', 'Networks of nodes'),
      directory.networks.length > 0 &&
        more(
          t(`${directory.networks.length} 个网段`, `${directory.networks.length} networks`),
          html`<ul class="plain">${directory.networks.map((one) => html`<li><code>${one}</code></li>`)}</ul>`,
        ),
    ],
  ])
}

function statusFacts(visit: OperatorVisit, status: ShownTrust['status']): Html {
  const { t, lang } = visit
  if (status === undefined) return badge('bad', t('尚未签发', 'Not issued'))
  return facts([
    ...aged(visit, status),
    [t('暂停', 'Suspended'), showNumber(lang, status.suspended)],
    [t('吊销或终止', 'Revoked or ended'), showNumber(lang, status.revoked)],
  ])
}

function rootFacts({ t, lang }: OperatorVisit, root: ShownRoot): Html {
  return facts([
    [t('版本号', 'Version'), showNumber(lang, root.version)],
    [t('签发', 'Issued'), showTime(lang, root.signed)],
    [
      t('根私钥', 'Root key'),
      root.rootKey === 'offline'
        ? badge('good', t('离线保管', 'Kept offline'))
        : badge('warn', t('在本机，建议离线保管', 'On this machine; better kept offline')),
    ],
    [t('指纹', 'Fingerprint'), code(root.fingerprint)],
  ])
}

const PURPOSES: Readonly<Record<string, { zh: string; en: string }>> = {
  directory: { zh: '目录、决定和协议', en: 'Directory, decisions, agreements' },
  grant: { zh: '授权凭证', en: 'Grants' },
  log: { zh: '透明日志', en: 'Transparency log' },
}

function keyTable({ t, lang, now }: OperatorVisit, { keys }: ShownRoot): Html {
  return table({
    caption: t('在线密钥', 'Online keys'),
    stacked: true,
    rows: keys,
    columns: [
      {
        head: t('用途', 'For'),
        kind: 'row',
        cell: ({ purpose }) => t(PURPOSES[purpose]?.zh ?? purpose, PURPOSES[purpose]?.en ?? purpose),
      },
      {
        head: t('状态', 'State'),
        cell: ({ inUse, from }) =>
          inUse
            ? badge('good', t('使用中', 'In use'))
            : Date.parse(from) / 1000 > now
              ? badge('info', t('待启用', 'Not yet in use'))
              : badge('quiet', t('已停用', 'Not in use')),
      },
      { head: t('启用', 'From'), cell: ({ from }) => showDay(lang, from) },
      { head: t('到期', 'Until'), cell: ({ until }) => showDay(lang, until) },
      { head: t('指纹', 'Fingerprint'), kind: 'small', cell: ({ thumbprint }) => code(thumbprint) },
    ],
  })
}

function authorities(visit: OperatorVisit, { cas }: ShownRoot, failed: Failed): Html {
  const { t, lang } = visit
  const may = holds(visit, 'administrator')
  return html`
    ${failed?.box}
    ${table({
      caption: t('签发机构', 'Authorities'),
      stacked: true,
      rows: cas,
      columns: [
        { head: t('名称', 'Name'), kind: 'row', cell: ({ name }) => name },
        {
          head: t('种类', 'Kind'),
          cell: ({ kind }) =>
            kind === 'embedded'
              ? t('共享中心自有', "The hub's own")
              : t('外部电子认证服务机构', 'External licensed CA'),
        },
        {
          head: t('到期', 'Until'),
          cell: ({ certificates }) => certificates[0] && showDay(lang, certificates[0].until),
        },
        {
          head: t('详细', 'Details'),
          cell: (
            ca: Ca,
          ) => html`${more(t('证书链', 'Chain'), html`<ul class="plain">${ca.certificates.map(({ subject, thumbprint }) => html`<li>${subject} ${code(thumbprint)}</li>`)}</ul>`)}
            ${may && ca.kind === 'external' && removal(visit, ca)}`,
        },
      ],
    })}
    ${
      may &&
      more(
        t('列入外部电子认证服务机构…', 'List an external authority…'),
        html`<form method="post" action=${visit.href('/trust/authorities')} enctype="multipart/form-data">
        ${visit.formToken()}
        ${fileField({ name: 'file', label: t('证书链', 'Chain'), accept: '.pem,.crt,.cer', required: true, error: failed?.errorAt('file'), hint: t('PEM 文件：签发机构证书在前，根证书在后，至多四张；签发机构本身就是根时，也可以是一张 DER 证书。请先核实该机构持有《电子认证服务许可证》。', 'PEM: issuing authority first, its root last, four at most; where it is its own root, one DER certificate will do. Make sure that it holds the licence of the law on electronic signatures.') })}
        ${submitButton(t('列入', 'List it'))}
      </form>`,
        failed !== undefined,
      )
    }
  `
}

function removal(visit: OperatorVisit, { pem, name }: Ca): Html {
  const { t } = visit
  return more(
    t('移除…', 'Remove…'),
    html`<form method="post" action=${visit.href('/trust/authorities/remove')}>
      ${visit.formToken()}${hiddenField('pem', pem)}
      <p>${t(`移除后，${name} 签发的证书不再被接受。`, `Certificates of ${name} will count no more.`)}</p>
      ${submitButton(t('移除', 'Remove'), { kind: 'danger' })}
    </form>`,
  )
}
