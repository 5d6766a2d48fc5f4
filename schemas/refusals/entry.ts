/** A sentence for people, Chinese first. */
export interface Text {
  readonly zh: string
  readonly en: string
}

/** One refusal: HTTP status, what happened, what to do next. */
export interface RefusalEntry {
  readonly status: number
  readonly title: Text
  readonly remedy: Text
}

/** Row of a refusal table, short enough to be read as a table. */
export function entry(status: number, zh: string, en: string, remedyZh: string, remedyEn: string): RefusalEntry {
  return { status, title: { zh, en }, remedy: { zh: remedyZh, en: remedyEn } }
}
