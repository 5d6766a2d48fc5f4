import multipart from '@fastify/multipart'
import { formatName } from '#pki/names.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import type { Root } from '#schemas/kinds.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import { fileField, textField } from '#web/components/fields.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { table } from '#web/components/table.ts'
import { badge, code, facts, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import { problemFor } from '#web/pages/serve-pages.ts'
import { showAgo, showNumber, showTime } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { checkApart } from '../actions/check-apart.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { HANDED_IN_LIMITS, readHandedIn } from './read-handed-in.ts'
import { verdictView } from './verdict-view.ts'

/** 信任与核验: what this network trusts, in the open, and a place to check any document against it. */
export const trustPages: PageGroup = (pages, deps) => {
  const nameOf = (member: string) => deps.x.trust.findMember(member)?.name ?? member
  const check = checkApart(deps.x)
  pages.scope.register(multipart, { limits: HANDED_IN_LIMITS })
  pages.get('/trust', (visit) => trustPage(visit, deps))
  pages.post('/trust', async (visit, request) => {
    try {
      const files = await readHandedIn(request)
      if (files.length === 0) return { ...trustPage(visit, deps, nothingChosen(visit)), status: 400 }
      const verdict = await check(files)
      return trustPage(visit, deps, verdictView(visit, verdict, nameOf))
    } catch (error) {
      const problem = problemFor(error, request)
      return { ...trustPage(visit, deps, refusalBox(visit.lang, problem)), status: problem.status }
    }
  })
}

function nothingChosen({ t }: Visit): Html {
  return notice('warn', {
    title: t('还没有选择文件', 'No file was chosen'),
    body: t(
      '请选择证明文件或签名文件，或粘贴其内容，再点“核验”。',
      'Choose a proof file or a signed document, or paste its text.',
    ),
  })
}

function trustPage(visit: Visit, { x }: PortalDeps, verdict?: Html): Page {
  const { t, href } = visit
  const newest = x.trust.roots().at(-1) as VerifiedRoot
  return {
    title: t('信任与核验', 'Trust and verification'),
    crumbs: [{ text: t('首页', 'Home'), href: href('/') }, { text: t('信任与核验', 'Trust and verification') }],
    lead: t(
      '本网络信任哪些密钥和证书，都在这里公开；任何签名文件、回执都可以在这里核验。',
      'Which keys and certificates this network trusts, in the open; any signed document or receipt can be verified here.',
    ),
    scripts: ['drop.js'],
    body: html`
      ${verdict !== undefined && html`<div id="verdict" class="stack">${verdict}</div>`}
      ${section(t('核验文件', 'Verify a document'), form(visit))}
      <div class="split even">
        ${section(t('信任根', 'Root'), rootFacts(visit, newest), { card: true })}
        ${section(t('信任目录', 'Directory'), directoryFacts(visit, x), { card: true })}
      </div>
      ${section(t('签发机构', 'Certificate authorities'), authorities(visit, newest.payload))}
      ${section(t('共享中心的在线密钥', 'Online keys of the hub'), onlineKeys(visit, newest.payload))}
    `,
  }
}

function form({ t, href }: Visit): Html {
  return html`<form method="post" action=${`${href('/trust')}#verdict`} enctype="multipart/form-data" class="card" data-answer="page">
    ${fileField({
      name: 'files',
      label: t('证明文件、签名文件', 'Proof file or signed document'),
      hint: t(
        '可同时选择证明文件旁的数据文件，一并核对摘要；合计不超过 32 MB，更大的请用命令 hanghui verify。文件只用于本次核验，不保存。',
        'Choose the data files beside the proof too and their hashes are compared; 32 MB together, use the command hanghui verify for more. Files serve this check only and are not kept.',
      ),
      multiple: true,
      drop: t('把文件拖到这里', 'Drop files here'),
    })}
    ${more(t('或粘贴文件内容', 'Or paste its text'), textField({ name: 'text', label: t('签名文件的内容', 'Text of the document'), lines: 5 }))}
    ${submitButton(t('核验', 'Verify'))}
  </form>`
}

function rootFacts({ t, lang }: Visit, { payload, fingerprint }: VerifiedRoot): Html {
  return html`${facts([
    [
      t('信任根指纹', 'Root fingerprint'),
      html`<code class="fingerprint">${fingerprint.match(/.{1,8}/g)?.join(' ')}</code>`,
    ],
    [t('版本号', 'Version'), String(payload.version)],
    [t('签署时间', 'Signed'), showTime(lang, payload.iat)],
  ])}
  <p class="small quiet-text">${t('核验时请从另一渠道（如电话、公函）核对指纹。', 'Compare the fingerprint over another channel (telephone, letter) before you rely on it.')}</p>
  <p class="small"><a href="/v1/root">${t('下载信任根文件', 'Root document')}</a> · <a href="/crl">${t('证书吊销列表（CRL）', 'CRL')}</a></p>`
}

function directoryFacts({ t, lang }: Visit, x: PortalDeps['x']): Html {
  const directory = x.trust.directory()?.payload
  const status = x.trust.status()?.payload
  const now = x.clock.now()
  if (directory === undefined || status === undefined)
    return notice('warn', { title: t('信任目录正在生成', 'The directory is being made') })
  return html`${facts([
    [t('版本号', 'Version'), String(directory.version)],
    [t('签署', 'Signed'), `${showTime(lang, directory.iat)}${t('，', ', ')}${showAgo(lang, directory.iat, now)}`],
    [
      t('有效期至', 'Valid until'),
      html`${showTime(lang, directory.exp)} ${now < directory.exp ? badge('good', t('有效', 'valid')) : badge('bad', t('已过期', 'expired'))}`,
    ],
    [t('成员', 'Members'), showNumber(lang, [...x.trust.members()].length)],
    [t('状态列表', 'Status list'), `${showTime(lang, status.iat)}${t('，', ', ')}${showAgo(lang, status.iat, now)}`],
  ])}
  <p class="small"><a href="/v1/directory">${t('下载信任目录', 'Directory')}</a> · <a href="/v1/status">${t('下载状态列表', 'Status list')}</a></p>`
}

function authorities({ t, lang }: Visit, { cas }: Root): Html {
  const rows = cas.flatMap(({ name, kind, certificates }) =>
    certificates.map((text) => ({ name, kind, certificate: parseCertificate(fromBase64url(text)) })),
  )
  return table({
    caption: t('签发机构', 'Certificate authorities'),
    stacked: true,
    rows,
    columns: [
      { head: t('名称', 'Name'), kind: 'row', cell: ({ name }) => name },
      {
        head: t('来源', 'Kind'),
        cell: ({ kind }) =>
          kind === 'embedded' ? t('共享中心自有', "The hub's own") : t('外部电子认证服务机构', 'External licensed CA'),
      },
      { head: t('证书主体', 'Subject'), kind: 'small', cell: ({ certificate }) => formatName(certificate.subject) },
      {
        head: t('有效期至', 'Until'),
        cell: ({ certificate }) => showTime(lang, certificate.notAfter.getTime() / 1000),
      },
      { head: t('指纹（SHA-256）', 'Fingerprint (SHA-256)'), cell: ({ certificate }) => code(certificate.thumbprint) },
    ],
  })
}

function onlineKeys({ t, lang }: Visit, { keys }: Root): Html {
  const rows = keys.map(({ purpose, certificate, from }) => ({
    purpose,
    from,
    certificate: parseCertificate(fromBase64url(certificate)),
  }))
  const purposes: Readonly<Record<string, string>> = {
    directory: t('目录、状态、准入、审批、协议', 'Directory, status, admissions, decisions, agreements'),
    grant: t('授权凭证', 'Grants'),
    log: t('透明日志', 'Transparency log'),
  }
  return table({
    caption: t('在线密钥', 'Online keys'),
    stacked: true,
    rows,
    columns: [
      { head: t('用途', 'Purpose'), kind: 'row', cell: ({ purpose }) => purposes[purpose] ?? purpose },
      { head: t('启用', 'From'), cell: ({ from }) => showTime(lang, from) },
      {
        head: t('有效期至', 'Until'),
        cell: ({ certificate }) => showTime(lang, certificate.notAfter.getTime() / 1000),
      },
      { head: t('指纹（SHA-256）', 'Fingerprint (SHA-256)'), cell: ({ certificate }) => code(certificate.thumbprint) },
    ],
  })
}
