import { keyPairOf, spkiOf, writePrivateKey } from '#pki/keys.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { parseJsonText } from '#schemas/json.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed, NAME } from '#schemas/shapes.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import { addCa, removeCa } from './actions/change-cas.ts'
import { exportOperator } from './actions/export-operator.ts'
import { requireOperator } from './actions/operators.ts'
import {
  findProposal,
  findRootAuthority,
  installRoot,
  proposeRoot,
  rotateIssuingCa,
  rotateOnlineKeys,
  rotateRootKey,
} from './actions/propose-root.ts'
import { replaceIssuingCa } from './actions/replace-issuing-ca.ts'
import { installSignedCrl, renewRootCrl } from './actions/root-crl.ts'
import { showAlarms, showLimits, showMembers, showStatus } from './actions/show-hub.ts'
import { showRoot } from './actions/show-root.ts'
import type { Office } from './actions/sign-statement.ts'
import { backUp } from './backup.ts'
import { named } from './commands.ts'

const NOTHING = closed({}, [])
const PEM = { type: 'string', minLength: 1, maxLength: 200_000 } as const
const CA = closed({ file: PEM }, ['file'])
const SIGNED = closed({ file: { type: 'string', minLength: 1, maxLength: 1_000_000 } }, [])
const ROTATION = closed(
  {
    key: { type: 'string', enum: ['online', 'directory', 'grant', 'log', 'issuing', 'root'] },
    compromised: { type: 'boolean' },
  },
  [],
)
const EXPORT = closed({ operator: NAME, passphrase: { type: 'string', minLength: 8, maxLength: 200 } }, ['operator'])
const ROOT_EXPORT = closed({ passphrase: { type: 'string', minLength: 16, maxLength: 200 } }, ['passphrase'])
const ROOT_REMOVE = closed({ fingerprint: { type: 'string', pattern: '^[0-9a-f]{64}$' } }, ['fingerprint'])
const ONLINE = ['directory', 'grant', 'log'] as const

/** What these commands need beyond the register. */
export interface AuthorityDeps {
  readonly transfers: Transfers
  readonly listeners: () => Readonly<Record<string, string>>
  /** The address of a new one-time link to the console, for a named operator or for whoever says so on entering. */
  readonly link: (as: string | undefined) => string
}

/** Commands on keys, CAs and the root, and those that only show (contract, Commands). */
export function authorityActions(r: Office, { transfers, listeners, link }: AuthorityDeps): Actions {
  return {
    members: action(NOTHING, () => showMembers(r)),
    alarms: action(NOTHING, () => showAlarms(r)),
    limits: action(NOTHING, () => showLimits(r)),
    status: action(NOTHING, () => showStatus(r, listeners())),
    console: action(NOTHING, (_none, { as }) => {
      if (as !== undefined && r.operators.roles(as).length === 0)
        throw new Refusal('OPERATOR_UNKNOWN', { operator: as })
      return { url: link(as) }
    }),
    backup: action(NOTHING, (_none, { as }) => keepBackup(r, transfers, administrator(r, as))),
    'ca-add': action(CA, ({ file }, context) => addCa(r, file, named(context))),
    'ca-remove': action(CA, ({ file }, context) => removeCa(r, file, named(context))),
    'export-p12': action(EXPORT, ({ operator, passphrase }, { as }) =>
      exportOperator(r, operator, passphrase, administrator(r, as)),
    ),
    'root-show': action(NOTHING, () => showRoot(r)),
    'root-sign': action(SIGNED, ({ file }, { as }) => signOrInstall(r, file, administrator(r, as))),
    'root-rotate': action(ROTATION, ({ key = 'online', compromised = false }, { as }) =>
      rotate(r, key, compromised, administrator(r, as)),
    ),
    'root-crl': action(SIGNED, ({ file }, { as }) => {
      administrator(r, as)
      return file === undefined ? renewRootCrl(r) : installSignedCrl(r, file)
    }),
    'root-export': action(ROOT_EXPORT, ({ passphrase }, { as }) => {
      administrator(r, as)
      return exportRootKey(r, transfers, passphrase)
    }),
    'root-remove': action(ROOT_REMOVE, ({ fingerprint }, { as }) =>
      removeRootKey(r, fingerprint, administrator(r, as)),
    ),
  }
}

/** Key work is the administrator's. Whoever opens the socket without a name acts as the server itself and is recorded as that. */
function administrator(r: Office, as: string | undefined): string | null {
  if (as === undefined) return null
  return requireOperator(r, as, 'administrator').name
}

/** A copy of everything that leaves the machine is a change worth knowing of. */
async function keepBackup(r: Office, transfers: Transfers, by: string | null) {
  const made = await backUp(r, transfers)
  await r.commit(() => r.facts.record('backup', { by, sha256: made.sha256, at: r.clock.now() }))
  return made
}

/** Takes a signed root or CRL that comes back from the ceremony; without one signs what waits, if the key lies here. */
async function signOrInstall(r: Office, file: string | undefined, by: string | null): Promise<object> {
  if (file === undefined) {
    const waiting = findProposal(r)
    if (waiting === undefined) throw new Refusal('NOT_FOUND', { rule: 'no root waits for its signature' })
    return proposeRoot(r, waiting, by)
  }
  if ((parseJsonText(file) as { hanghui?: unknown } | null)?.hanghui === 'root-crl') return installSignedCrl(r, file)
  return { state: 'installed', version: await installRoot(r, file.trim(), by) }
}

async function rotate(
  r: Office,
  key: 'online' | 'issuing' | 'root' | (typeof ONLINE)[number],
  compromised: boolean,
  by: string | null,
): Promise<object> {
  if (key === 'root') return rotateRootKey(r, by)
  if (key === 'issuing') return compromised ? replaceIssuingCa(r, by) : rotateIssuingCa(r, by)
  return rotateOnlineKeys(r, key === 'online' ? ONLINE : [key], compromised, by)
}

/** The root key under another passphrase, to be carried away; it stays here until `root-remove`. NOT_FOUND where it is offline already. */
function exportRootKey(r: Office, transfers: Transfers, passphrase: string): { handle: string; fingerprint: string } {
  const { certificate, key } = rootAuthority(r)
  const path = transfers.scratchPath()
  refusingPki(() => writePrivateKey(path, key, passphrase))
  return { handle: transfers.offer(path), fingerprint: certificate.thumbprint }
}

/** Takes the root key off this machine. The fingerprint says that the person means it and knows which. */
async function removeRootKey(
  r: Office,
  fingerprint: string,
  by: string | null,
): Promise<{ rootKey: 'offline'; fingerprint: string }> {
  const { certificate, key } = rootAuthority(r)
  if (!(certificate.thumbprint === fingerprint))
    throw new Refusal('ROOT_MISMATCH', { pinned: fingerprint, offered: [certificate.thumbprint] })
  r.keyring.remove('root', spkiOf(keyPairOf(key).publicKey))
  await r.commit(() => r.facts.record('root-key-removed', { fingerprint, by, at: r.clock.now() }))
  return { rootKey: 'offline', fingerprint }
}

function rootAuthority(r: Office) {
  const authority = findRootAuthority(r)
  if (authority === undefined) throw new Refusal('NOT_FOUND', { rule: 'the root key does not lie here' })
  return authority
}
