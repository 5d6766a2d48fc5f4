/**
 * What can make two names look the same or turn a line around: control, format and bidi characters, zero-width and
 * other invisible ones, private use, surrogates alone, blanks other than the plain and the ideographic one, and
 * piles of combining marks (UTS #39; threats E11).
 */
const FORBIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]|(?![ \u3000])\p{Zs}|\p{M}{5}/u
/** What holds an emoji together is part of it (UTS #51): a style after a picture or in a keycap, a joiner between pictures. */
const WITHIN_EMOJI =
  /(?<=\p{Extended_Pictographic})\ufe0f|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})/gu
/** Most texts, and at once: hashes, names of keys, lists of bits. */
const PLAIN = /^[\n -~]*$/
const INVISIBLE = new RegExp(`(?!\\n)(?:${FORBIDDEN.source})`, 'gu')
/** Where a payload has names of files, what follows from other parts, or words of the data: of a table's schema all but what explains it. */
const NO_TEXT = /\/(?:files|policy)\/|^\/schema\/(?!(?:.*\/)?(?:title|description)$)/

/** One line that may be shown as a name: NFC, not blank, no outer blanks, nothing invisible. */
export function isDisplayText(text: string): boolean {
  return text !== '' && text === text.normalize('NFC') && text === text.trim() && !hasForbidden(text)
}

/** Several lines apart by LF, some of them empty or set in: NFC, not blank as a whole, nothing invisible. */
export function isDisplayParagraph(text: string): boolean {
  return text.trim() !== '' && text === text.normalize('NFC') && !text.split('\n').some(hasForbidden)
}

/** Several lines or none, by blanks or not: NFC, nothing invisible. The least that any text of another party keeps. */
export function isReadable(text: string): boolean {
  return PLAIN.test(text) || (text === text.normalize('NFC') && !text.split('\n').some(hasForbidden))
}

function hasForbidden(line: string): boolean {
  return FORBIDDEN.test(line.replace(WITHIN_EMOJI, ''))
}

/** JSON pointer of the first text in a document's payload that is not readable. Names of files have a rule of their own (`file-names.ts`). */
export function findUnreadable(value: unknown, at = ''): string | undefined {
  if (typeof value === 'string') return isReadable(value) || NO_TEXT.test(at) ? undefined : at
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, one] of Object.entries(value)) {
    const found = findUnreadable(one, `${at}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is shown of words that are data: blanks of all kinds are plain ones, and what cannot be seen is seen to be there. */
export function toReadable(text: string): string {
  if (isReadable(text)) return text
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/\t|(?!\u3000)\p{Zs}/gu, ' ')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .replace(INVISIBLE, '\ufffd')
}
