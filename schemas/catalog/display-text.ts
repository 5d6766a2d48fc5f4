/**
 * What can make two names look the same or turn a line around: control, format and bidi characters, zero-width and
 * other invisible ones, private use, surrogates alone, blanks other than the plain and the ideographic one, and
 * piles of combining marks (UTS #39; threats E11).
 */
const FORBIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]|(?![ \u3000])\p{Zs}|\p{M}{5}/u

/** One line that may be shown as a name: NFC, not blank, no outer blanks, nothing invisible. */
export function isDisplayText(text: string): boolean {
  return text !== '' && text === text.normalize('NFC') && text === text.trim() && !FORBIDDEN.test(text)
}

/** Several lines apart by LF, some of them empty or set in: NFC, not blank as a whole, nothing invisible. */
export function isDisplayParagraph(text: string): boolean {
  return text.trim() !== '' && text === text.normalize('NFC') && !text.split('\n').some((line) => FORBIDDEN.test(line))
}
