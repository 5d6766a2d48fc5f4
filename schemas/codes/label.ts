/** What a code is called on pages, in help and in refusals. */
export interface Label {
  readonly zh: string
  readonly en: string
}

/** Is `code` one of the keys of a code table? Inherited names (`toString`, `__proto__`) are none. */
export function isCode<const T extends Readonly<Record<string, unknown>>>(
  table: T,
  code: unknown,
): code is keyof T & string {
  return typeof code === 'string' && Object.hasOwn(table, code)
}
