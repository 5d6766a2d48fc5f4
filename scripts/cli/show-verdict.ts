import { KIND_NAMES } from '#schemas/kind-names.ts'
import type { Render } from './command.ts'
import { printable, showTime } from './values-for-people.ts'
import type { FileVerdict } from './verify-files.ts'

/** A list of checks with ✓ and ✗, who signed and when. */
export const showVerdict: Render = (result: FileVerdict & { readonly proofs?: readonly FileVerdict[] }, language) => {
  const verdicts = result.proofs ?? [result]
  return verdicts
    .map(({ file, ok, kind, signer, signedAt, checks }) => {
      const lines = checks.map((check) => `  ${check.ok ? '✓' : '✗'} ${printable(check.detail[language])}`)
      const who =
        language === 'zh'
          ? `  ${KIND_NAMES[kind]}，签名者 ${signer || '—'}，签名时间 ${showTime(signedAt)}（北京时间，签名方自称）`
          : `  ${kind}, signed by ${signer || '—'}, ${showTime(signedAt)} Beijing time (claimed by the signer)`
      const sum = language === 'zh' ? (ok ? '有效' : '无效') : ok ? 'valid' : 'NOT valid'
      return [`${printable(file)}: ${sum}`, printable(who), ...lines].join('\n')
    })
    .join('\n\n')
}
