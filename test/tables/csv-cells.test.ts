/** Exports as CSV: no cell is a formula, and numbers stay numbers. */
import t from 'tap'
import { writeCsv, writeCsvRow } from '#web/pages/csv.ts'

t.test('no cell is a formula', async (t) => {
  for (const text of ['=1+1', '+a', '-a', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1+1', '－1', '＠SUM(1)'])
    t.match(writeCsvRow([text]), /^"?'/, JSON.stringify(text))
})

t.test('numbers, days and quotes are what they are', async (t) => {
  t.equal(writeCsvRow(['-5', '+1.5%', 3, true, null, '2026-11-25']), '-5,+1.5%,3,true,,2026-11-25\r\n')
  t.equal(writeCsvRow(['说 "好"\n再说']), '"说 ""好""\n再说"\r\n')
  t.equal(writeCsv(['甲'], [['乙']]), '\uFEFF甲\r\n乙\r\n')
})
