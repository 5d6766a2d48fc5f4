import { join } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import {
  PORT,
  SERVER_PROPERTIES,
  SETTING_TEXT,
  type ServerConfig,
  serverConfig,
  serverSettings,
} from '#web/serving/config.ts'
import { readConfig, requireRole, type Setting, writeConfig } from '#web/serving/config-file.ts'
import { isNetworkList } from './networks.ts'

const CONFIG = closed(
  {
    ...SERVER_PROPERTIES,
    name: SETTING_TEXT,
    address: SETTING_TEXT,
    member_port: PORT,
    enrolment_port: PORT,
    public_port: PORT,
    console_port: PORT,
    public_url: { ...SETTING_TEXT, pattern: '^https?://[^\\s?#]+$' },
    public_tls_certificate: SETTING_TEXT,
    public_tls_key: SETTING_TEXT,
    networks: { type: 'string', maxLength: 4_000 },
  },
  ['name', 'host', 'address', 'member_port', 'enrolment_port', 'public_port', 'console_port', 'console', 'log_level'],
)

export type ListenerName = 'member' | 'enrolment' | 'public' | 'console'

/** `config.toml` of a hub, checked as a whole. */
export interface HubConfig extends ServerConfig {
  readonly name: string
  /** Under which name or address nodes reach it. */
  readonly address: string
  readonly ports: Readonly<Record<ListenerName, number>>
  /** What outsiders see, without a slash at the end. */
  readonly publicUrl: string
  readonly publicTls: { readonly certificate: string; readonly key: string } | undefined
  /** CIDR networks in which node endpoints may lie; empty: `DEFAULT_NETWORKS`. */
  readonly networks: readonly string[]
}

/** The hub's `config.toml`; NOT_INITIALISED, CONFIG_INVALID with the key. */
export function readHubConfig(dataDir: string): HubConfig {
  requireRole(dataDir, 'hub')
  const path = join(dataDir, 'config.toml')
  const raw = readConfig(path, CONFIG)
  const { public_tls_certificate: certificate, public_tls_key: key } = raw
  if ((certificate === undefined) !== (key === undefined)) throw invalid(path, 'public_tls_key')
  const ports = {
    member: raw.member_port,
    enrolment: raw.enrolment_port,
    public: raw.public_port,
    console: raw.console_port,
  }
  const publicTls = certificate === undefined || key === undefined ? undefined : { certificate, key }
  return Object.freeze({
    ...serverConfig(raw),
    name: raw.name,
    address: raw.address,
    ports,
    publicUrl: (raw.public_url ?? urlOf(publicTls === undefined ? 'http' : 'https', raw.address, ports.public)).replace(
      /\/+$/,
      '',
    ),
    publicTls,
    networks: networksOf(path, raw.networks),
  })
}

function networksOf(path: string, text: string | undefined): string[] {
  const networks = (text ?? '').split(/[\s,]+/).filter((one) => one !== '')
  if (!isNetworkList(networks)) throw invalid(path, 'networks')
  return networks
}

function invalid(path: string, key: string): Refusal {
  return new Refusal('CONFIG_INVALID', {
    path,
    key,
    field: `/${key}`,
    detail: { zh: `${path}：${key} 不正确`, en: `${path}: ${key} is not valid` },
  })
}

/** `scheme://host:port`, an IPv6 address in brackets. */
export function urlOf(scheme: 'http' | 'https', host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Names in the hub's TLS certificate: where nodes come in, and where it listens. */
export function hostsOf({ address, host }: Pick<HubConfig, 'address' | 'host'>): string[] {
  const wildcard = host === '0.0.0.0' || host === '::'
  return [...new Set([address, ...(wildcard ? [] : [host]), ...(host.startsWith('127.') ? ['localhost'] : [])])]
}

/** What `init` settles; the rest is written as commented examples. */
export interface NewHubConfig {
  readonly name: string
  readonly host: string
  readonly address: string
  readonly ports: Readonly<Record<ListenerName, number>>
  readonly passphraseFile: string | undefined
}

/** Writes `config.toml` with a comment on each setting. */
export function writeHubConfig(path: string, { name, host, address, ports, passphraseFile }: NewHubConfig): void {
  const settings: Setting[] = [
    { comment: '共享中心名称 / Name of the hub, as it stands in certificates', key: 'name', value: name },
    { comment: '监听地址 / Where it listens', key: 'host', value: host },
    {
      comment: '节点访问本中心所用的主机名或地址 / Name or address under which nodes reach it',
      key: 'address',
      value: address,
    },
    { comment: '节点接口（双向 TLS） / Nodes, mutual TLS', key: 'member_port', value: ports.member },
    { comment: '接入与换证接口 / Enrolment and renewal', key: 'enrolment_port', value: ports.enrolment },
    { comment: '公众接口 / The public', key: 'public_port', value: ports.public },
    { comment: '管理台（仅本机） / Console, loopback only', key: 'console_port', value: ports.console },
    {
      comment: '公众访问网址 / What outsiders see, where a proxy stands in front',
      key: 'public_url',
      value: 'https://hub.example.org',
      off: true,
    },
    {
      comment: '公众接口自带 TLS 时的证书与私钥 / Certificate and key files, where the public port itself speaks TLS',
      key: 'public_tls_certificate',
      value: '/etc/ssl/hub.pem',
      off: true,
    },
    { comment: '同上 / As above', key: 'public_tls_key', value: '/etc/ssl/private/hub.key', off: true },
    {
      comment: '节点地址允许的网络（CIDR，逗号分隔） / Networks in which node endpoints may lie (CIDR, by comma)',
      key: 'networks',
      value: '203.0.113.0/24, 2001:db8::/32',
      off: true,
    },
    {
      comment: '管理台登录方式：link 一次性链接，certificate 管理员证书 / How operators get in',
      key: 'console',
      value: 'link',
    },
    ...serverSettings('hub', passphraseFile),
  ]
  writeConfig(path, settings)
}
