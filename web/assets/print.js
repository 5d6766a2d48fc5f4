// Paper needs a script to be asked for: without one the button stays away, and the browser's own menu does it.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
