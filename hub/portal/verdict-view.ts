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
        checks.map((check) => ('text' in check ? check : stepOf(check, 'missing' in verdict ? verdict.missing : []))),
      )}
      ${'document' in verdict && more(t('查看签名的内容', 'Show what was signed'), html`<pre tabindex="0">${JSON.stringify(verdict.document.payload, null, 2)}</pre>`)}
    `,
  })
}

interface Step {
  readonly ok: boolean
  /** Neither passed nor failed: something to know, or that could not be looked at. */
  readonly open?: boolean
  readonly text: Text
}

/** Each step with its outcome, told by a mark and a word. */
export function checkList({ t, lang }: Visit, checks: readonly Step[]): Html {
  const outcome = ({ ok, open = false }: Step) =>
    open
      ? (['open', '–', t('未核验：', 'Not checked: ')] as const)
      : ok
        ? (['good', '✓', t('通过：', 'Passed: ')] as const)
        : (['bad', '✗', t('未通过：', 'Failed: ')] as const)
  return html`<ul class="checks">${checks.map((step) => {
    const [tone, mark, word] = outcome(step)
    return html`<li class=${tone}><span aria-hidden="true">${mark}</span><span class="hidden-text">${word}</span> ${pick(lang, step.text)}</li>`
  })}</ul>`
}

/** A time that only its signer vouches for is no check passed, and a file that was not handed in is no forgery. */
function stepOf({ name, ok, detail }: ProofVerdict['checks'][number], missing: readonly string[]): Step {
  const path = missing.find((one) => name === `file ${one}`)
  if (path !== undefined)
    return {
      ok,
      open: true,
      text: { zh: `数据文件 ${path} 没有一并提交`, en: `the data file ${path} was not handed in` },
    }
  if (name === 'time')
    return {
      ok,
      open: true,
      text: {
        zh: '时间由签名方自称，没有第三方证明',
        en: 'the time is as the signer says; nobody else vouches for it',
      },
    }
  return { ok, text: detail }
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
