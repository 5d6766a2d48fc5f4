import type { Command } from './command.ts'
import { exportPersonal } from './export-personal.ts'
import { AS, OUT_FILE, PASSPHRASE_FILE, PROPOSAL_FILE } from './flags.ts'
import { inspectFile } from './inspect-file.ts'
import { asProposed, exportRootKey, proposeChange, showRoot, signRootFile } from './root-ceremony.ts'
import { asFacts, asOutline } from './show-result.ts'
import { showVerdict } from './show-verdict.ts'
import { verifyFiles } from './verify-files.ts'

/** Certificates and the root of trust, and `verify`, which needs neither network nor data folder. */
export const PKI_COMMANDS: readonly Command[] = [
  {
    words: ['pki', 'export-p12'],
    flags: [
      { name: 'operator', value: 'NAME', required: true, about: { zh: '管理员姓名', en: 'name of the operator' } },
      OUT_FILE,
      PASSPHRASE_FILE,
    ],
    about: {
      zh: '给管理员导出浏览器用的证书（PKCS#12）',
      en: "export an operator's certificate for a browser (PKCS#12)",
    },
    examples: [
      { about: { zh: '写出 PKCS#12', en: 'as PKCS#12' }, line: 'pki export-p12 --operator 李强 -o liqiang.p12' },
    ],
    run: exportPersonal,
    render: asFacts({ zh: '证书已写出', en: 'The certificate is written' }, ['file', 'passphrase', 'expires']),
  },
  {
    words: ['pki', 'inspect'],
    args: [
      {
        name: 'file',
        about: {
          zh: '证书、请求、吊销列表、签名文件或证明文件',
          en: 'a certificate, request, revocation list, signed document or proof file',
        },
      },
    ],
    about: { zh: '显示文件内容，不作验证', en: 'show what a file says, without verifying it' },
    examples: [{ about: { zh: '看一张证书', en: 'a certificate' }, line: 'pki inspect ca.pem' }],
    run: inspectFile,
    render: asOutline,
  },
  {
    words: ['pki', 'root', 'show'],
    about: {
      zh: '显示信任根：版本、密钥、机构、到期时间',
      en: 'show the root: version, keys, authorities, when they end',
    },
    flags: [
      {
        ...OUT_FILE,
        required: false,
        about: {
          zh: '把历代信任根文件写到这里，供他人保存核对',
          en: 'where the line of root documents goes, for others to keep',
        },
      },
    ],
    examples: [{ about: { zh: '现行的信任根', en: 'the one in force' }, line: 'pki root show' }],
    run: showRoot,
    render: asFacts(undefined, ['version', 'fingerprint', 'signed', 'rootKey', 'keys', 'cas']),
  },
  {
    words: ['pki', 'root', 'rotate'],
    flags: [
      {
        name: 'key',
        value: 'KEY',
        choices: ['online', 'directory', 'grant', 'log', 'issuing', 'root'],
        about: {
          zh: '换哪一把密钥（默认：全部在线密钥）',
          en: 'online (directory, grant and log; the default), one of these, issuing, or root',
        },
      },
      {
        name: 'compromised',
        about: {
          zh: '密钥已泄露：立即停用，不留过渡期',
          en: 'the key was stolen: out of use at once, without the overlap',
        },
      },
      { ...AS, required: false },
      PROPOSAL_FILE,
    ],
    about: {
      zh: '更换密钥；根私钥离线时写出待签文件',
      en: 'replace keys; with the root key offline, write what it is to sign',
    },
    examples: [
      {
        about: { zh: '更换全部在线密钥', en: 'replace all online keys' },
        line: 'pki root rotate --as 王芳 -o proposal.json',
      },
      {
        about: { zh: '授权密钥已泄露', en: 'the grant key was stolen' },
        line: 'pki root rotate --key grant --compromised --as 王芳 -o proposal.json',
      },
    ],
    run: proposeChange,
    render: asProposed({ zh: '信任根：{state}', en: 'Root: {state}' }, ['version']),
  },
  {
    words: ['pki', 'root', 'sign'],
    args: [
      {
        name: 'file',
        optional: true,
        about: { zh: '待签文件，或已签文件', en: 'what is to be signed, or what was signed' },
      },
    ],
    flags: [
      {
        name: 'key-file',
        value: 'F',
        about: {
          zh: '离线根私钥（加密 PKCS#8）；不给则由共享中心收下已签文件',
          en: 'the offline root key (encrypted PKCS#8); without it the hub takes what was signed',
        },
      },
      { ...PASSPHRASE_FILE, about: { zh: '根私钥的口令文件', en: 'file with the passphrase of the key' } },
      {
        name: 'new-key-file',
        value: 'F',
        about: { zh: '换根时新根私钥写到这里', en: 'where a new root key goes, when the root key is replaced' },
      },
      { ...AS, required: false },
      { ...OUT_FILE, required: false },
    ],
    about: {
      zh: '在离线机器上签名，或把签好的文件交给共享中心',
      en: 'sign on the offline machine, or hand the hub what was signed',
    },
    examples: [
      {
        about: { zh: '在离线机器上', en: 'on the offline machine' },
        line: 'pki root sign proposal.json --key-file root.pem --passphrase-file passphrase -o signed.json',
      },
      { about: { zh: '在共享中心', en: 'at the hub' }, line: 'pki root sign signed.json --as 王芳' },
    ],
    run: signRootFile,
    render: asFacts({ zh: '{state}', en: '{state}' }, ['kind', 'version', 'crl', 'file']),
  },
  {
    words: ['pki', 'root', 'crl'],
    flags: [{ ...AS, required: false }, PROPOSAL_FILE],
    about: {
      zh: '更新根的吊销列表；根私钥离线时写出待签文件',
      en: "renew the root's revocation list; with the root key offline, write what it is to sign",
    },
    examples: [{ about: { zh: '每年一次', en: 'once a year' }, line: 'pki root crl --as 王芳 -o crl-proposal.json' }],
    run: proposeChange,
    render: asProposed({ zh: '吊销列表：{state}', en: 'Revocation list: {state}' }, ['crl']),
  },
  {
    words: ['pki', 'root', 'export'],
    flags: [
      OUT_FILE,
      {
        ...PASSPHRASE_FILE,
        required: true,
        about: { zh: '保护导出私钥的口令文件', en: 'file with the passphrase that is to protect it' },
      },
      { ...AS, required: false },
    ],
    about: { zh: '导出根私钥，以便离线保管', en: 'export the root key, to be kept offline' },
    examples: [
      {
        about: { zh: '写到移动介质', en: 'to a removable disk' },
        line: 'pki root export -o /media/usb/root.pem --passphrase-file /media/usb2/passphrase --as 王芳',
      },
    ],
    run: exportRootKey,
    render: asFacts(
      {
        zh: '根私钥已导出；核对无误后用 pki root remove 从本机移除',
        en: 'The root key is exported; once it is safe, take it off this machine with pki root remove',
      },
      ['file', 'fingerprint'],
    ),
  },
  {
    words: ['pki', 'root', 'remove'],
    args: [
      {
        name: 'fingerprint',
        about: { zh: '根的完整指纹，以示确认', en: 'the whole fingerprint of the root, to say that it is meant' },
      },
    ],
    flags: [{ ...AS, required: false }],
    about: { zh: '从本机移除根私钥（须已导出）', en: 'take the root key off this machine (export it first)' },
    examples: [{ about: { zh: '转为离线', en: 'go offline' }, line: 'pki root remove 5f1c…（64 位） --as 王芳' }],
    render: asFacts({ zh: '根私钥已不在本机', en: 'The root key is no longer on this machine' }, ['fingerprint']),
  },
  {
    words: ['verify'],
    args: [
      {
        name: 'files',
        shown: 'FILE',
        many: true,
        about: { zh: '证明文件（数据文件放在同一目录）', en: 'proof files, their data files beside them' },
      },
    ],
    flags: [
      {
        name: 'root',
        value: 'FINGERPRINT',
        required: true,
        about: { zh: '信任根指纹（SHA-256，64 位十六进制）', en: 'fingerprint of the root (SHA-256, 64 hex digits)' },
      },
    ],
    about: { zh: '离线验证证明文件和旁边的数据文件', en: 'verify proof files and the data files beside them, offline' },
    examples: [
      {
        about: {
          zh: '验证调取到的数据；FINGERPRINT 是 hub init 显示的指纹',
          en: 'what was pulled; FINGERPRINT is what hub init printed',
        },
        line: 'verify data/employment-v1.proof.json --root FINGERPRINT',
      },
    ],
    run: verifyFiles,
    render: showVerdict,
  },
]
