import { KIND_NAMES } from '#schemas/kind-names.ts'
import type { Kind } from '#schemas/kinds.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { ProofVerdict } from '#schemas/verify-proof.ts'
import { code, facts, more, notice } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showTime } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { CheckedDocument } from '../actions/check-document.ts'
import type { HandedInVerdict } from '../actions/check-handed-in.ts'

/** What became of a check: one word first, then who signed what when, then each step. `nameOf`: of a member, by its code. */
export function verdictView(visit: Visit, verdict: HandedInVerdict, nameOf: (member: string) => string): Html {
  const { t } = visit
  const { ok, kind, checks } = 'proof' in verdict ? verdict.proof : verdict.document
  const named = 'proof' in verdict ? nameProof(visit, verdict.proof) : nameKind(visit, kind)
  const what = verdict.name === '' ? named : `${verdict.name}${t('：', ': ')}${named}`
  const partly = 'proof' in verdict && verdict.onlyMissing
  return notice(ok ? 'good' : partly ? 'warn' : 'bad', {
    title: ok
      ? t(`核验通过：${what}`, `Verified: ${what}`)
      : partly
        ? t(
            `签名核验通过，数据文件没有一并提交：${what}`,
            `The signatures hold; the data files were not handed in: ${what}`,
          )
        : t(`核验不通过：${what}`, `Not verified: ${what}`),
    body: html`
      ${'proof' in verdict ? proofFacts(visit, verdict.proof, nameOf) : documentFacts(visit, verdict.document)}
      ${checkList(
        visit,
        checks.map((check) => ({ ok: check.ok, text: 'text' in check ? check.text : check.detail })),
      )}
      ${'document' in verdict && more(t('查看签名的内容', 'Show what was signed'), html`<pre tabindex="0">${JSON.stringify(verdict.document.payload, null, 2)}</pre>`)}
    `,
  })
}

/** Each step with its outcome, told by a mark and a word. */
export function checkList({ t, lang }: Visit, checks: readonly { readonly ok: boolean; readonly text: Text }[]): Html {
  return html`<ul class="checks">${checks.map(
    ({ ok, text }) =>
      html`<li class=${ok ? 'good' : 'bad'}><span aria-hidden="true">${ok ? '✓' : '✗'}</span><span class="hidden-text">${ok ? t('通过：', 'Passed: ') : t('未通过：', 'Failed: ')}</span> ${pick(lang, text)}</li>`,
  )}</ul>`
}

/** Who signed and when; fingerprints only for whoever opens them. */
export function documentFacts(visit: Visit, { signers, id }: Pick<CheckedDocument, 'signers' | 'id'>): Html {
  const { t, lang } = visit
  return html`${facts(signers.map(({ name, signedAt }) => [t('签名方', 'Signed by'), `${name}${t('，', ', ')}${showTime(lang, signedAt)}`]))}
  ${more(
    t('编号和指纹', 'Ids and fingerprints'),
    facts([
      [t('文件编号', 'Document id'), code(id)],
      ...signers.map(({ name, thumbprint }) => [name, code(thumbprint)] as const),
    ]),
  )}`
}

function proofFacts(
  { t, lang }: Visit,
  { signer, signedAt }: { readonly signer: string; readonly signedAt: string },
  nameOf: (member: string) => string,
): Html {
  return facts([
    [t('签名方', 'Signed by'), signer.split(', ').map(nameOf).join(t('、', ', '))],
    [t('签名时间（签名方自称）', 'Signed (as the signer says)'), showTime(lang, signedAt)],
  ])
}

/** What a pull leaves is about more than its first paper. */
function nameProof(visit: Visit, { kind, checks }: Pick<ProofVerdict, 'kind' | 'checks'>): string {
  const has = (name: string) => checks.some((check) => check.name === name)
  const { t } = visit
  if (kind !== 'manifest' || !has('pull-order')) return nameKind(visit, kind)
  if (has('acknowledgement'))
    return t('调取证明（清单和双方回执）', 'Proof of a pull (manifest and receipts of both sides)')
  return t('调取证明（清单和调取单）', 'Proof of a pull (manifest and order)')
}

function nameKind({ lang }: Visit, kind: Kind): string {
  return lang === 'zh' ? KIND_NAMES[kind] : kind
}
