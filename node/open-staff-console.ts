import { userInfo } from 'node:os'
import type { TLSSocket } from 'node:tls'
import { serverTlsOptions } from '#pki/tls.ts'
import { Refusal } from '#schemas/refusal.ts'
import { linkCommand } from '#web/console/entrance.ts'
import { type ConsoleOptions, type OpenConsole, openConsole } from '#web/console/open-console.ts'
import { type Actions, action } from '#web/serving/actions.ts'
import { staffActions } from './actions/staff-actions.ts'
import { createStaffAuthority, staffMemberOf } from './actions/staff-authority.ts'
import { createNodeConsole } from './console/console.ts'
import type { NodeDeps } from './deps.ts'
import { createStaff } from './store/staff.ts'

const NOTHING = { type: 'object', additionalProperties: false } as const
/** Whoever reads this machine's one-time link, or holds a certificate of ours, is staff; at a node there are no roles. */
const STAFF = { find: (name: string) => (name === '' ? undefined : { name, roles: [] }) }

/** The staff's console as it listens, and the actions it brings along. */
export interface StaffConsole extends OpenConsole {
  readonly actions: Actions
  /** Our TLS pair is another from now on. */
  refresh(): void
}

/** On loopback with a one-time link; with `console = "certificate"` on any address, for the node's own staff certificates. CONFIG_INVALID. */
export async function openStaffConsole(
  deps: NodeDeps,
  nodeActions: Actions,
  outside: Pick<ConsoleOptions, 'describe' | 'health'>,
): Promise<StaffConsole> {
  const { config, clock, log, transfers } = deps
  const staff = createStaff(deps.db)
  const authority = createStaffAuthority(deps)
  const { actions: pageActions, ...pages } = createNodeConsole(deps, nodeActions)
  const byCertificate = config.console === 'certificate'
  const actions: Actions = {
    ...nodeActions,
    ...pageActions,
    ...staffActions({ ...deps, staff, authority }),
    console: action(NOTHING, (_none, { as }) => ({ url: opened.link(as ?? userInfo().username) })),
  }
  const opened = await openConsole({
    ...pages,
    ...outside,
    log,
    transfers,
    now: () => clock.now(),
    actions: () => actions,
    people: STAFF,
    command: linkCommand('node', deps.dataDir),
    nameRole: (_visit, role) => role,
    host: byCertificate ? config.host : '127.0.0.1',
    port: config.ports.console,
    ...(byCertificate && {
      address: addressOf(config),
      tls: consoleTls(deps, authority.certificate()?.der),
      certificateHolder: ({ raw }) => staffMemberOf(raw.socket as TLSSocket, { staff, authority, clock }),
    }),
  })
  return {
    ...opened,
    actions,
    refresh() {
      if (!byCertificate) return
      const server = opened.app.server as unknown as { setSecureContext(options: object): void }
      server.setSecureContext(consoleTls(deps, authority.certificate()?.der))
    },
  }
}

/** The name in our certificate is the one under which other nodes reach us. */
function addressOf({ endpoint, host }: NodeDeps['config']): string {
  return endpoint === null ? host : new URL(endpoint).hostname.replace(/^\[|\]$/g, '')
}

function consoleTls({ tls }: NodeDeps, authority: Uint8Array | undefined): ReturnType<typeof serverTlsOptions> {
  if (authority === undefined)
    throw new Refusal('CONFIG_INVALID', {
      key: 'console',
      detail: {
        zh: '还没有工作人员证书：请先以 console = "link" 启动，运行 hanghui node staff add',
        en: 'There is no staff certificate yet: start with console = "link" and run hanghui node staff add first',
      },
    })
  const { key, chain } = tls()
  return serverTlsOptions({ key, chain, clientCas: [authority] })
}
