import { KIND_NAMES } from '#schemas/kind-names.ts'
import type { Kind } from '#schemas/kinds.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, sayIn } from '../pages/language.ts'
import { showTime } from '../pages/show.ts'
import { showPayload } from './payload-view.ts'
import { code, facts, more } from './words.ts'

/** A signed document opened: what was signed, by whom, and the text as it was received. */
export interface SignedDocument {
  readonly id: string
  readonly kind: Kind
  readonly payload: object
  readonly signatures: readonly {
    readonly thumbprint: string
    readonly signer: string
    readonly role: string | null
    /** RFC 3339. */
    readonly at: string | null
  }[]
  readonly text: string
}

const ROLES = {
  consumer: { zh: '使用方', en: 'consumer' },
  owner: { zh: '提供方', en: 'owner' },
  hub: { zh: '共享中心', en: 'hub' },
  root: { zh: '信任根', en: 'root' },
  previous: { zh: '前一信任根', en: 'previous root' },
} as const

/** What a kind of document is called. */
export function nameKind(lang: Lang, kind: Kind): string {
  return lang === 'zh' ? KIND_NAMES[kind] : kind
}

/**
 * The document as it was signed (threat I6): every item of the payload in plain words, who signed when, and the raw text
 * with its hash below. `nameOf` turns a member's code into a name.
 */
export function signedDocument(
  lang: Lang,
  document: SignedDocument,
  { nameOf, open = false }: { nameOf: (member: string) => string; open?: boolean },
): Html {
  const t = sayIn(lang)
  const { id, kind, payload, signatures, text } = document
  const signers = signatures.map(({ signer, role }) => signer + roleOf(lang, role)).join(t('、', ', '))
  return html`<details class="more document" open=${open}>
    <summary>${nameKind(lang, kind)} <span class="quiet-text">${signers}</span></summary>
    <div class="stack">
      ${showPayload(lang, payload, nameOf)}
      ${facts([
        [
          t('签名', 'Signatures'),
          html`<ul class="plain">${signatures.map(
            ({ signer, role, at, thumbprint }) => html`<li>
              ${signer}${roleOf(lang, role)}${at !== null && html` <time>${showTime(lang, at)}</time>`}
              <div class="small">${t('证书指纹 ', 'certificate ')}${code(thumbprint)}</div>
            </li>`,
          )}</ul>`,
        ],
        [t('文件编号（哈希）', 'Id (hash)'), code(id)],
      ])}
      ${more(t('原文', 'Text as received'), html`<pre tabindex="0" class="raw">${text}</pre>`)}
    </div>
  </details>`
}

function roleOf(lang: Lang, role: string | null): string {
  if (role === null || !Object.hasOwn(ROLES, role)) return ''
  const { zh, en } = ROLES[role as keyof typeof ROLES]
  return lang === 'zh' ? `（${zh}）` : ` (${en})`
}
