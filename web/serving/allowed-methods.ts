import type { FastifyInstance } from 'fastify'

interface KnownRoute {
  readonly shape: RegExp
  readonly methods: readonly string[]
}

/**
 * Remembers every route of an app, so that a wrong method (405) can be told from a wrong path (404). Call before the
 * first route. Returns the question: which methods would the path of `url` take? None where there is no such path.
 */
export function watchRoutes(app: FastifyInstance): (url: string) => readonly string[] {
  const known: KnownRoute[] = []
  app.addHook('onRoute', ({ url, method }) => {
    known.push({ shape: shapeOf(url), methods: [method].flat() })
  })
  return (url) => {
    const path = url.split('?', 1)[0] ?? ''
    const fitting = known.filter(({ shape }) => shape.test(path))
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort()
  }
}

/** `:name` stands for one segment, `*` for any rest. */
function shapeOf(pattern: string): RegExp {
  const parts = pattern.split(/(:[A-Za-z0-9_]+|\*)/)
  const source = parts.map((part) =>
    part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`^${source.join('')}$`)
}
