import { type Lang, pick } from '#web/pages/language.ts'
import { FOOTER_FIELDS, type Footer, type FooterField } from '../store/contents.ts'

/** What the lines are called, for the portal and for the form in which they are written. */
export const FOOTER_LABELS = {
  icp: { zh: '网站备案号', en: 'ICP filing' },
  police: { zh: '公安备案号', en: 'Public security filing' },
  site: { zh: '网站标识码', en: 'Site code' },
  organiser: { zh: '主办单位', en: 'Organiser' },
  undertaker: { zh: '承办单位', en: 'Run by' },
  contact: { zh: '联系方式', en: 'Contact' },
} as const satisfies Record<FooterField, { zh: string; en: string }>

/** One line of the foot: where its number can be looked up, a link goes there. */
export interface FooterLine {
  readonly label: string
  readonly text: string
  readonly href?: string
}

/** The lines that were written, in the order that portals of the government use. */
export function footerLines(lang: Lang, footer: Footer): FooterLine[] {
  return FOOTER_FIELDS.flatMap((field) => {
    const value = footer[field]
    if (value === undefined) return []
    const href = registerOf(field, value.zh)
    return [
      { label: pick(lang, FOOTER_LABELS[field]), text: pick(lang, value), ...(href === undefined ? {} : { href }) },
    ]
  })
}

/** Filing numbers link to the registers that issue them (非经营性互联网信息服务备案管理办法 art. 13). */
function registerOf(field: FooterField, text: string): string | undefined {
  if (field === 'icp') return 'https://beian.miit.gov.cn/'
  const digits = field === 'police' ? /\d{10,20}/.exec(text)?.[0] : undefined
  return digits === undefined ? undefined : `https://beian.mps.gov.cn/#/query/webSearch?code=${digits}`
}
