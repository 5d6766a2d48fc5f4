// Suggestions under the search field (ARIA combobox with a list box). Without this script the form searches as it is.
const field = document.querySelector('input[data-suggest]')
if (field) attach(field)

function attach(input) {
  const list = document.createElement('ul')
  list.id = list.className = 'suggestions'
  list.role = 'listbox'
  list.ariaLabel = input.ariaLabel
  list.hidden = true
  input.after(list)
  input.role = 'combobox'
  input.ariaAutoComplete = 'list'
  input.ariaExpanded = 'false'
  input.setAttribute('aria-controls', list.id)

  let at = -1
  let asked
  let timer

  function show(found) {
    list.replaceChildren(...found.map(optionOf))
    at = -1
    list.hidden = found.length === 0
    input.ariaExpanded = String(found.length > 0)
    input.removeAttribute('aria-activedescendant')
  }

  function optionOf({ kind, text, href }, index) {
    const option = document.createElement('li')
    option.id = `suggestion-${index}`
    option.role = 'option'
    option.ariaSelected = 'false'
    option.dataset.href = href
    option.append(text)
    if (kind === 'member') {
      const mark = document.createElement('small')
      mark.append(input.dataset.member)
      option.append(' ', mark)
    }
    return option
  }

  /** Past either end the field itself is meant. */
  function mark(next) {
    const options = [...list.children]
    at = next < -1 ? options.length - 1 : next === options.length ? -1 : next
    options.forEach((option, index) => {
      option.ariaSelected = String(index === at)
    })
    options[at]?.scrollIntoView({ block: 'nearest' })
    if (at < 0) input.removeAttribute('aria-activedescendant')
    else input.setAttribute('aria-activedescendant', options[at].id)
  }

  async function ask() {
    asked?.abort()
    asked = new AbortController()
    const words = input.value.trim()
    try {
      const url = `${input.dataset.suggest}?words=${encodeURIComponent(words)}`
      show(words === '' ? [] : await (await fetch(url, { signal: asked.signal })).json())
    } catch (error) {
      if (error.name !== 'AbortError') show([])
    }
  }

  const keys = {
    ArrowDown: () => mark(at + 1),
    ArrowUp: () => mark(at - 1),
    Escape: () => show([]),
    Enter: () => location.assign(list.children[at].dataset.href),
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, 120)
  })
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden || !keys[event.key] || (event.key === 'Enter' && at < 0)) return
    event.preventDefault()
    keys[event.key]()
  })
  list.addEventListener('mousedown', (event) => event.preventDefault())
  list.addEventListener('click', ({ target }) => {
    const option = target.closest('[role=option]')
    if (option) location.assign(option.dataset.href)
  })
  input.addEventListener('blur', () => show([]))
}
