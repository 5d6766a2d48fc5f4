import { code, facts, linkButton, notice, section } from '#web/components/words.ts'
import { createShownOnce } from '#web/console/shown-once.ts'
import { html } from '#web/pages/html.ts'
import { type Page, raw, redirect } from '#web/pages/page.ts'
import { showDay } from '#web/pages/show.ts'
import type { OperatorExport } from '../actions/export-operator.ts'
import type { OperatorGroup, OperatorVisit } from './operator-pages.ts'

/** Certificates for operators' browsers: the passphrase on a page, the file as a download, each once. */
export const operatorCertificates: OperatorGroup = (site) => {
  const made = createShownOnce<OperatorExport>()
  const files = createShownOnce<OperatorExport>()
  site.post('/operators/certificates', { roles: ['administrator'] }, async (visit, fields) => {
    const key = made.keep(visit, await visit.act<OperatorExport>('export-p12', { operator: fields.get('name') }))
    return redirect(visit.href(`/operators/certificates/${key}`))
  })
  site.get('/operators/certificates/:key', { roles: ['administrator'] }, (visit) => {
    const found = made.take(visit, visit.params['key'])
    return madePage(visit, found, files.keep(visit, found))
  })
  site.get('/operators/certificates/:key/file', { roles: ['administrator'] }, (visit) => {
    const { operator, pkcs12 } = files.take(visit, visit.params['key'])
    const name = encodeURIComponent(`${operator}.p12`)
    return raw('application/x-pkcs12', Buffer.from(pkcs12, 'base64'), {
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
    })
  })
}

function madePage({ t, lang, href }: OperatorVisit, made: OperatorExport, key: string): Page {
  return {
    title: t(`${made.operator}的证书`, `Certificate of ${made.operator}`),
    layout: 'text',
    crumbs: [{ text: t('管理员', 'Operators'), href: href('/operators') }, { text: made.operator }],
    scripts: ['copy.js'],
    body: html`
      ${notice('warn', {
        title: t('文件只能下载一次，口令只显示这一次', 'The file can be fetched once, the passphrase is shown once'),
        body: t(
          '请把文件和口令通过不同的渠道交给本人。私钥不在共享中心留存；丢失只能重新签发。',
          'Hand over file and passphrase by different ways. The hub keeps no copy of the key; a lost one is made anew.',
        ),
      })}
      <p>${linkButton(href(`/operators/certificates/${key}/file`), t('下载证书文件（.p12）', 'Fetch the file (.p12)'), 'primary')}</p>
      ${section(t('口令', 'Passphrase'), html`<div class="secret" data-copy=${t('复制', 'Copy')}><code>${made.passphrase}</code></div>`)}
      ${facts([
        [t('有效期至', 'Valid until'), showDay(lang, made.expires)],
        [t('证书指纹', 'Fingerprint'), code(made.thumbprint)],
        [
          t('怎样安装', 'How to install it'),
          t(
            '在浏览器或系统的证书管理中导入文件，输入口令。打开管理台时选择这张证书。',
            'Import the file into the certificates of browser or system with its passphrase, and choose it when the console asks.',
          ),
        ],
      ])}
      <div class="cluster no-print">${linkButton(href('/operators'), t('返回', 'Back'))}</div>
    `,
  }
}
