import { META } from '../catalog/meta.ts'
import {
  BYTES,
  COUNT,
  closed,
  DATASET,
  FILE_PATH,
  HEX,
  HEX_OR_NULL,
  JTI,
  MEMBER,
  NUMBER_FROM_ONE,
  REASON,
  SECONDS,
  TIME,
} from '../shapes.ts'

const MEDIA_TYPE = { type: 'string', minLength: 3, maxLength: 127, pattern: '^[ -~]+$' } as const

/** catalog-entry: the signed public description of a dataset and its newest version; its hash is the standing offer. */
export const CATALOG_ENTRY = closed(
  {
    kind: { const: 'catalog-entry' },
    net: HEX,
    jti: JTI,
    iat: SECONDS,
    dataset: DATASET,
    member: MEMBER,
    owners: { type: 'array', items: MEMBER, minItems: 1, maxItems: 16, uniqueItems: true },
    sequence: NUMBER_FROM_ONE,
    terms: NUMBER_FROM_ONE,
    version: NUMBER_FROM_ONE,
    manifest: HEX,
    issued: TIME,
    modified: TIME,
    bytes: BYTES,
    files: {
      type: 'array',
      maxItems: 200,
      items: closed({ path: FILE_PATH, mediaType: MEDIA_TYPE, bytes: BYTES }, ['path', 'mediaType', 'bytes']),
    },
    fields: {
      type: 'array',
      maxItems: 1000,
      items: closed(
        {
          name: { type: 'string', maxLength: 200 },
          title: { type: 'string', maxLength: 200 },
          description: { type: 'string', maxLength: 200 },
          type: { type: 'string', maxLength: 20 },
        },
        ['name', 'type'],
      ),
    },
    meta: META,
    sample: closed(
      {
        columns: { type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 200 },
        rows: {
          type: 'array',
          items: { type: 'array', items: { type: 'string', maxLength: 2000 }, maxItems: 200 },
          maxItems: 100,
        },
      },
      ['columns', 'rows'],
    ),
  },
  [
    'kind',
    'net',
    'jti',
    'iat',
    'dataset',
    'member',
    'owners',
    'sequence',
    'terms',
    'version',
    'manifest',
    'issued',
    'modified',
    'bytes',
    'files',
    'meta',
  ],
)

/** tombstone: the owner withdraws a dataset; it shares the entry's sequence. */
export const TOMBSTONE = closed(
  { net: HEX, jti: JTI, iat: SECONDS, dataset: DATASET, member: MEMBER, sequence: NUMBER_FROM_ONE, reason: REASON },
  ['net', 'jti', 'iat', 'dataset', 'member', 'sequence', 'reason'],
)

/** manifest: files and chunks of one immutable version. The salt keeps its public hash from naming small tables. */
export const MANIFEST = closed(
  {
    net: HEX,
    iat: SECONDS,
    dataset: DATASET,
    version: NUMBER_FROM_ONE,
    salt: JTI,
    previous: HEX_OR_NULL,
    schema: { anyOf: [{ type: 'object' }, { type: 'null' }] },
    files: {
      type: 'array',
      minItems: 1,
      maxItems: 200,
      items: closed(
        {
          path: FILE_PATH,
          mediaType: MEDIA_TYPE,
          bytes: BYTES,
          sha256: HEX,
          chunks: closed(
            {
              parameters: { type: 'string', pattern: '^[a-z0-9-]{1,20}$' },
              count: COUNT,
              list: closed({ bytes: COUNT, sha256: HEX }, ['bytes', 'sha256']),
            },
            ['parameters', 'count', 'list'],
          ),
        },
        ['path', 'mediaType', 'bytes', 'sha256', 'chunks'],
      ),
    },
  },
  ['net', 'iat', 'dataset', 'version', 'salt', 'previous', 'schema', 'files'],
)
