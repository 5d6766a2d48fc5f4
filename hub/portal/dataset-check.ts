import { copyable } from '#web/components/copyable.ts'
import { linkButton, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, raw, redirect } from '#web/pages/page.ts'
import { showTime } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { checkChain } from '../actions/check-chain.ts'
import { checkDocument, findSigners, namedCertificates } from '../actions/check-document.ts'
import { proveEntry } from '../actions/prove-entry.ts'
import { showDataset } from '../actions/show-dataset.ts'
import { lostPage } from './lost-page.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { checkList, documentFacts } from './verdict-view.ts'

/** The signed entry checked while one looks on, and the signed text itself. */
export const datasetCheckPages: PageGroup = (pages, deps) => {
  const prove = proveEntry(deps.x)
  pages.get('/datasets/:member/:slug/check', (visit) => {
    const found = publishedOf(visit, deps)
    if (found !== undefined) return checkPage(visit, deps, found)
    const { member, slug } = visit.params
    // What was withdrawn has a page that says so.
    return showDataset(deps.x, `${member}/${slug}`) === undefined
      ? lostPage(visit, deps.index)
      : redirect(visit.href(`/datasets/${member}/${slug}`))
  })
  pages.get('/datasets/:member/:slug/document.json', (visit) => {
    const found = publishedOf(visit, deps)
    if (found === undefined) return lostPage(visit, deps.index)
    return download('application/jose+json', found.text, `${visit.params['slug']}.entry.json`)
  })
  pages.get('/datasets/:member/:slug/proof.json', (visit) => {
    const found = publishedOf(visit, deps)
    if (found === undefined) return lostPage(visit, deps.index)
    return download('application/json', prove(found.text), proofName(found.payload.dataset))
  })
}

/** A slug holds nothing that a header could stumble over. */
function download(type: string, body: string, name: string) {
  return raw(type, body, { 'content-disposition': `attachment; filename="${name}"` })
}

type Found = Extract<ReturnType<typeof showDataset>, { state: 'published' }>

function publishedOf({ params }: Visit, { x }: PortalDeps): Found | undefined {
  const found = showDataset(x, `${params['member']}/${params['slug']}`)
  return found?.state === 'published' ? found : undefined
}

function checkPage(visit: Visit, { x }: PortalDeps, { text, payload }: Found): Page {
  const { t, lang, href } = visit
  const checked = checkDocument(findSigners(x, namedCertificates(text)), text)
  const checks = [...checked.checks, ...checkChain(x, checked)]
  const sound = checks.every(({ ok }) => ok)
  const title = pick(lang, payload.meta.title)
  const at = href(`/datasets/${payload.dataset}`)
  return {
    title: t('签名核验', 'Signature check'),
    layout: 'text',
    hidden: true,
    lead: html`<a href=${at}>${title}</a>`,
    crumbs: [
      { text: t('首页', 'Home'), href: href('/') },
      { text: t('数据目录', 'Catalogue'), href: href('/datasets') },
      { text: title, href: at },
      { text: t('签名核验', 'Signature check') },
    ],
    scripts: ['copy.js'],
    body: html`
      ${
        sound
          ? notice('good', {
              title: t('核验通过', 'Everything holds'),
              body: t(
                '这份说明确由以下单位签名，此后没有改动。',
                'This description was signed by the members below and not changed since.',
              ),
            })
          : notice('bad', {
              title: t('核验未通过', 'Something does not hold'),
              body: t(
                '见下面标 ✗ 的步骤；请联系提供方或共享中心。',
                'See the step marked ✗; contact the provider or the hub.',
              ),
            })
      }
      ${checkList(visit, checks)}
      ${documentFacts(visit, checked)}
      ${byOneself(visit, payload.dataset, x.trust.roots().at(-1)?.fingerprint ?? '')}
      <p class="small quiet-text">${t(`核验于 ${showTime(lang, x.clock.now())}`, `Checked at ${showTime(lang, x.clock.now())}`)}</p>
    `,
  }
}

/** Who does not want to take this server's word for it. */
function byOneself({ t, href }: Visit, dataset: string, fingerprint: string): Html {
  const name = proofName(dataset)
  return section(
    t('自己核验', 'Check it yourself'),
    html`<div class="stack">
      <p>${t('以上由共享中心的服务器计算。不必相信它：下载证明文件，用行汇命令离线核验。根证书指纹请从可靠渠道取得后比对。', "All of this was computed by the hub's server. You need not take its word: download the proof file and verify it offline. Get the root's fingerprint from a source you trust and compare.")}</p>
      ${copyable(`hanghui verify ${name} --root ${fingerprint}`, t('复制', 'Copy'), { line: true })}
      <div class="cluster">
        ${linkButton(`/datasets/${dataset}/proof.json`, t('下载证明文件', 'Download the proof file'))}
        ${linkButton(`/datasets/${dataset}/document.json`, t('下载签名原件', 'Download the signed document'))}
        ${linkButton(href('/trust'), t('信任与核验', 'Trust and verification'), 'quiet')}
      </div>
    </div>`,
  )
}

function proofName(dataset: string): string {
  return `${dataset.slice(19)}.proof.json`
}
