// Walks through the bad cells of a table: a button above it goes to the next one.
for (const sheet of document.querySelectorAll('.sheet')) {
  const cells = [...sheet.querySelectorAll('.bad-cell')]
  if (cells.length < 2) continue
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button plain'
  button.textContent = document.documentElement.lang === 'en' ? 'Next bad cell' : '下一处不合格'
  let at = -1
  button.addEventListener('click', () => {
    at = (at + 1) % cells.length
    cells[at].focus()
    cells[at].scrollIntoView({ block: 'nearest', inline: 'center' })
  })
  sheet.before(button)
}
