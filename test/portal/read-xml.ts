/** An element with its text and children. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const PIECE = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g

/** Reads XML as strictly as a feed reader would; throws where it is not well-formed. */
export function readXml(text: string): Element {
  const [head] = /^<\?xml version="1.0" encoding="utf-8"\?>\s*/i.exec(text) ?? []
  if (head === undefined) throw new Error('no XML declaration')
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  PIECE.lastIndex = head.length
  while (PIECE.lastIndex < text.length) {
    const at = PIECE.lastIndex
    const found = PIECE.exec(text)
    if (found === null) throw new Error(`not well-formed at ${at}: ${text.slice(at, at + 60)}`)
    const [, closing, name = '', attributes = '', empty, characters] = found
    const inside = open.at(-1) as Element
    if (characters !== undefined) inside.text += decode(characters)
    else if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes <${inside.name}>`)
    } else {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key, value]) => [key, decode(value as string)])
      const element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' }
      inside.children.push(element)
      if (empty !== '/') open.push(element)
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one whole element')
  return root.children[0] as Element
}

function decode(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 §2.2 has no place for them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) throw new Error('a character that XML forbids')
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const found = ENTITIES[name]
    if (found === undefined || !whole.endsWith(';')) throw new Error(`unknown entity ${whole}`)
    return found
  })
}

export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name)
}

export function textOf(element: Element, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text
}
