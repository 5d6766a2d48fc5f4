import { isRefusal } from '#schemas/refusal.ts'

/** Protocol 2.3: an unknown key may be a new one: root and directory are fetched once (at most every 5 s) before it is refused. */
export async function lookAgain<T>(refreshTrust: () => Promise<void>, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (!isRefusal(error, 'SIGNER_UNKNOWN', 'CERTIFICATE_UNREGISTERED')) throw error
    await refreshTrust()
    return step()
  }
}
