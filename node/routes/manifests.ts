import type { FastifyInstance } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { closed, DATASET } from '#schemas/shapes.ts'
import { queryOf } from '#web/serving/json-body.ts'
import type { OpenRight } from '../actions/open-right.ts'
import { requireVersionInScope } from '../actions/require-scope.ts'
import type { OwnDatasets } from '../exchange-deps.ts'
import { askerOf } from './asker.ts'

const QUERY = closed({ dataset: DATASET, version: { type: 'string', pattern: '^[1-9][0-9]{0,8}$' } }, ['dataset'])

/** Protocol 6.4: the signed manifest of the newest or a named version, under a grant for its dataset. */
export function manifestRoutes({
  openRight,
  datasets,
}: {
  readonly openRight: OpenRight
  readonly datasets: OwnDatasets
}) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/v1/manifests', async (request, reply) => {
      const { dataset, version } = queryOf(request, QUERY)
      const asker = askerOf(request)
      const { granted, agreement } = await openRight(asker.grant, asker.thumbprint)
      if (!(granted.right.dataset === dataset)) throw new Refusal('GRANT_SCOPE', { dataset })
      const found = datasets.findVersion(dataset, version === undefined ? undefined : Number(version))
      if (found === undefined) throw new Refusal('VERSION_UNKNOWN', { version })
      requireVersionInScope(agreement, found.payload.version, datasets)
      return reply.type('application/jose').header('cache-control', 'no-store').send(found.text)
    })
  }
}
