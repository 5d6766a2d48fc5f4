import { isRefusal } from '#schemas/refusal.ts'

/**
 * Protocol 2.3: an unknown key may be a new one: root and directory are fetched once (at most every 5 s) before it is refused.
 * With `learnLine` it may also be an old one, of papers signed before this node came: then its owner's line is followed back.
 */
export async function lookAgain<T>(
  refreshTrust: () => Promise<void>,
  step: () => T | Promise<T>,
  learnLine?: () => Promise<void>,
): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (!isRefusal(error, 'SIGNER_UNKNOWN', 'CERTIFICATE_UNREGISTERED')) throw error
    await refreshTrust()
  }
  if (learnLine === undefined) return step()
  try {
    return await step()
  } catch (error) {
    if (!isRefusal(error, 'SIGNER_UNKNOWN', 'CERTIFICATE_UNREGISTERED')) throw error
    await learnLine()
    return step()
  }
}
