/** The one door to echarts. It costs half a second to import and few pages draw, so it opens on first use. */
import { createHash } from 'node:crypto'

/** Colours that the style sheet gives, so that one drawing serves light and dark: echarts gets a stand-in for each. */
export const INK = {
  series: ['#010101', '#010102', '#010103', '#010104', '#010105', '#010106'],
  text: '#020201',
  line: '#020202',
  ground: '#020203',
} as const

const VARIABLES: ReadonlyMap<string, string> = new Map([
  ...INK.series.map((ink, index) => [ink, `var(--chart-${index + 1})`] as const),
  [INK.text, 'var(--text-quiet)'],
  [INK.line, 'var(--line)'],
  [INK.ground, 'var(--ground)'],
])

const KEPT = 200
const drawn = new Map<string, string>()

/** An echarts option as one `<svg>` that a strict content policy accepts: no style element, no style attribute. */
export async function drawSvg(option: object, width: number, height: number): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([option, width, height]))
    .digest('hex')
    .slice(0, 16)
  const known = drawn.get(key)
  if (known !== undefined) return known
  const svg = toPlainSvg(await render(option, width, height), key)
  const oldest = drawn.size < KEPT ? undefined : drawn.keys().next().value
  if (oldest !== undefined) drawn.delete(oldest)
  drawn.set(key, svg)
  return svg
}

type Library = typeof import('echarts/core')
let library: Promise<Library> | undefined

async function load(): Promise<Library> {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  core.use([
    charts.LineChart,
    charts.BarChart,
    components.GridComponent,
    components.LegendComponent,
    renderers.SVGRenderer,
  ])
  core.setPlatformAPI({ measureText } as Parameters<typeof core.setPlatformAPI>[0])
  return core
}

/** Widths of characters in em, those of the widest common faces (DejaVu, Verdana): the page's own face is not known here, and a label that is cut off is worse than a gap. */
const WIDTHS = [
  [/[ijlI.,:;'|!]/, 0.36],
  [/[ frt()[\]/-]/, 0.42],
  [/[mwMW@%]/, 1],
  [/[A-Z]/, 0.76],
  [/[\x20-\x7e]/, 0.64],
] as const

function measureText(text: string, font = ''): { width: number } {
  const size = Number(/(\d+(?:\.\d+)?)px/.exec(font)?.[1] ?? 12)
  const widths = [...text].map((character) => WIDTHS.find(([pattern]) => pattern.test(character))?.[1] ?? 1)
  return { width: size * widths.reduce((sum, width) => sum + width, 0) }
}

async function render(option: object, width: number, height: number): Promise<string> {
  library ??= load()
  const { init } = await library
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, ...option })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

function toPlainSvg(svg: string, key: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_whole, rules: string) => attributesOf(rules))
    .replace(/#0[12]0[12]0[1-6]/g, (ink) => VARIABLES.get(ink) ?? ink)
    .replace(/zr\d+-/g, `c${key}-`)
    .replace(
      /<svg [^>]*?width="(\d+)" height="(\d+)"[^>]*>/,
      '<svg viewBox="0 0 $1 $2" aria-hidden="true" focusable="false">',
    )
    .replace(/>\s+</g, '><')
}

/** `font-size:12px;font-family:inherit;` as presentation attributes (SVG 2 §6.6); the face is the page's own. */
function attributesOf(rules: string): string {
  return rules
    .split(';')
    .map((rule) => rule.split(':', 2) as [string, string?])
    .filter(([name, value]) => value !== undefined && name !== 'font-family')
    .map(([name, value]) => ` ${name.trim()}="${value?.trim()}"`)
    .join('')
}
