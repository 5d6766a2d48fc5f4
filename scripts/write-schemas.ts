/** `npm run schemas`: writes the JSON Schema of every document kind as a file, for other languages. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KINDS, type Kind, typOf } from '#schemas/kinds.ts'

const folder = process.argv[2] ?? fileURLToPath(new URL('../dist/schemas', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [kind, { schema, form, mostBytes }] of Object.entries(KINDS)) {
  const file = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:hanghui:schema:${kind}:1`,
    $comment: `Payload of ${typOf(kind as Kind)}, JWS in ${form} form, at most ${mostBytes} bytes`,
    ...schema,
  }
  writeFileSync(join(folder, `${kind}.schema.json`), `${JSON.stringify(file, null, 2)}\n`)
}
console.log(`${Object.keys(KINDS).length} schemas in ${folder}`)
