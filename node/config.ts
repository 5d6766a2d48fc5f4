import { join } from 'node:path'
import { closed } from '#schemas/shapes.ts'
import { PORT, SERVER_PROPERTIES, type ServerConfig, serverConfig, serverSettings } from '#web/serving/config.ts'
import { readConfig, requireRole, writeConfig } from '#web/serving/config-file.ts'

const CONFIG = closed(
  {
    ...SERVER_PROPERTIES,
    endpoint: { type: 'string', maxLength: 300, pattern: '^(|https://[^\\s/?#@]+)$' },
    exchange_port: PORT,
    console_port: PORT,
  },
  ['host', 'endpoint', 'exchange_port', 'console_port', 'console', 'log_level'],
)

export type ListenerName = 'exchange' | 'console'
export const DEFAULT_PORTS = { exchange: 7543, console: 7545 } as const

/** `config.toml` of a node, checked as a whole. */
export interface NodeConfig extends ServerConfig {
  /** Base URL under which other nodes reach this one; null where they cannot. */
  readonly endpoint: string | null
  readonly ports: Readonly<Record<ListenerName, number>>
}

/** The node's `config.toml`; NOT_INITIALISED, CONFIG_INVALID with the key. */
export function readNodeConfig(dataDir: string): NodeConfig {
  requireRole(dataDir, 'node')
  const path = join(dataDir, 'config.toml')
  const raw = readConfig(path, CONFIG)
  return Object.freeze({
    ...serverConfig(raw),
    endpoint: raw.endpoint === '' ? null : raw.endpoint,
    ports: { exchange: raw.exchange_port, console: raw.console_port },
  })
}

/** What `init` settles; the rest is written as commented examples. */
export interface NewNodeConfig {
  readonly host: string
  readonly endpoint: string
  readonly ports: Readonly<Record<ListenerName, number>>
  readonly passphraseFile: string | undefined
}

/** Writes `config.toml` with a comment on each setting. */
export function writeNodeConfig(path: string, { host, endpoint, ports, passphraseFile }: NewNodeConfig): void {
  writeConfig(path, [
    { comment: '监听地址 / Where it listens', key: 'host', value: host },
    {
      comment:
        '其他节点访问本节点的地址；外部无法访问时留空；改动后运行 hanghui node renew\nWhere other nodes reach this one; empty where they cannot; run hanghui node renew after a change',
      key: 'endpoint',
      value: endpoint,
    },
    { comment: '交换接口（双向 TLS） / Other nodes, mutual TLS', key: 'exchange_port', value: ports.exchange },
    { comment: '工作台 / Console', key: 'console_port', value: ports.console },
    {
      comment:
        '进入工作台的方式：link 仅本机、一次性链接；certificate 任意地址、工作人员证书（先运行 hanghui node staff add）\nHow staff get in: link, this machine only; certificate, any address (hanghui node staff add first)',
      key: 'console',
      value: 'link',
    },
    ...serverSettings('node', passphraseFile),
  ])
}
