declare const verified: unique symbol

/** A value that passed every check of its verify function. Only verify functions make one. */
export type Verified<T> = T & { readonly [verified]: true }

/** To be called in the last line of a verify function and nowhere else (kept by a test). */
export function markVerified<T>(value: T): Verified<T> {
  return value as Verified<T>
}
