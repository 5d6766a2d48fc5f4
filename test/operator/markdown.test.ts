/** Markdown of operators: whatever is written into it stays text. */
import fc from 'fast-check'
import t from 'tap'
import { renderMarkdown } from '#web/components/markdown.ts'

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'text <b onclick="x">b</b>',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt&colon;alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](data:text/html;base64,PHNjcmlwdD4=)',
  '[a](vbscript:x)',
  '[a](//evil.example)',
  '[a](/\\evil.example)',
  '[a](https://x.example "t\\" onmouseover=alert(1) x=\\"")',
  '[a](https://x.example/"onmouseover="alert(1))',
  '![a](https://x.example/a.png)',
  '![a" onerror="alert(1)](x)',
  '<javascript:alert(1)>',
  '[ref]\n\n[ref]: javascript:alert(1)',
  '| <img src=x> |\n|--|\n| [a](javascript:x) |',
  '```"><script>\n<script>alert(1)</script>\n```',
  '<svg/onload=alert(1)>',
  '&lt;script&gt;',
  '<!-- x --><iframe src=//x>',
  '<style>*{}</style>',
  '<a href="javascript:x">a</a>',
]
const KNOWN =
  /^<\/?(?:p|h[2-6]|em|strong|del|ul|ol|li|blockquote|br|hr|code|tr|thead|tbody|table|td)>$|^<ol start="\d+">$|^<th scope="col">$|^<pre tabindex="0">$|^<div class="table-wrap" tabindex="0">$|^<\/(?:pre|th|div|a)>$/
const LINK =
  /^<a href="(?:https?:\/\/|mailto:|\/(?![/\\])|#|\.{0,2}[\p{L}\p{N}_-])[^"<>\s]*"(?: title="[^"<>]*")? rel="noreferrer">$/u

/** Tags that the renderer did not make itself. */
function strange(markup: string): string[] {
  return (markup.match(/<[^>]*>/g) ?? []).filter((tag) => !KNOWN.test(tag) && !LINK.test(tag))
}

t.test('nothing but known marks comes out of Markdown', async (t) => {
  for (const attack of ATTACKS) t.same(strange(renderMarkdown(attack)), [], attack)
  const piece = fc.oneof(
    fc.constantFrom(...ATTACKS, '<', '>', '"', '[', '](', ')', '|', '\n', '`', '*', 'javascript:', '&', '#', '!'),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => strange(renderMarkdown(pieces.join(''))).length === 0),
  )
  t.match(renderMarkdown('# 标题'), '<h2>标题</h2>', "below the page's own heading")
  t.match(renderMarkdown('[指南](/guides/join) <a@b.example>'), '<a href="/guides/join" rel="noreferrer">')
})
