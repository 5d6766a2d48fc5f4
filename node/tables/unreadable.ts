import { Refusal } from '#schemas/refusal.ts'

/** INPUT_UNREADABLE with the reason in both languages; `at` says where (a line, an entry). */
export function unreadable(zh: string, en: string, at: object = {}): Refusal {
  return new Refusal('INPUT_UNREADABLE', { reason: en, detail: { zh, en }, ...at })
}

/** INPUT_TOO_COSTLY with the reason in both languages. */
export function tooCostly(zh: string, en: string, at: object = {}): Refusal {
  return new Refusal('INPUT_TOO_COSTLY', { reason: en, detail: { zh, en }, ...at })
}
