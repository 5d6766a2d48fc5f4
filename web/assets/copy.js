// A button beside each text made for copying. Browsers lend the clipboard to secure pages only; without it nothing appears.
for (const box of navigator.clipboard ? document.querySelectorAll('[data-copy]') : []) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button quiet no-print'
  button.append(box.dataset.copy)
  const done = document.createElement('span')
  done.role = 'status'
  done.className = 'small'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(box.querySelector('code').textContent)
    done.textContent = '✓'
  })
  box.append(button, done)
}
