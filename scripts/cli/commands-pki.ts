import type { Command } from './command.ts'
import { exportPersonal } from './export-personal.ts'
import { OUT_FILE } from './flags.ts'
import { inspectFile } from './inspect-file.ts'
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
      {
        name: 'passphrase-file',
        value: 'F',
        about: { zh: '口令文件；不给则生成并显示', en: 'file with the passphrase; without it one is made and shown' },
      },
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
        about: { zh: '验证调取到的数据', en: 'what was pulled' },
        line: 'verify data/employment-v1.proof.json --root 5f1c…（hub init 显示的指纹）',
      },
    ],
    run: verifyFiles,
    render: showVerdict,
  },
]
