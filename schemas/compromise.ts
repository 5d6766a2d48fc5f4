/** The RFC 5280 name of the reason, as people type it. */
const KEY_COMPROMISE = /^key-?compromise$/i

/** Contract, Old signatures: a revocation with `since`, or for this reason, says that the key was in other hands. */
export function isCompromise(reason: string, since: unknown): boolean {
  return since !== undefined || KEY_COMPROMISE.test(reason.trim())
}
