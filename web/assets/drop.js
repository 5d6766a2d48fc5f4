// A place to drop files on: they go into the file field beside it, which works by itself as well.
for (const area of document.querySelectorAll('[data-drop]')) {
  const field = area.querySelector('input[type="file"]')
  const over = (on) => area.classList.toggle('over', on)
  area.addEventListener('dragover', (event) => {
    if (![...event.dataTransfer.types].includes('Files')) return
    event.preventDefault()
    over(true)
  })
  area.addEventListener('dragleave', () => over(false))
  area.addEventListener('drop', (event) => {
    event.preventDefault()
    over(false)
    const given = [...event.dataTransfer.files]
    if (given.length === 0) return
    const kept = new DataTransfer()
    for (const file of area.dataset.drop === 'one' ? given.slice(0, 1) : given) kept.items.add(file)
    field.files = kept.files
    field.dispatchEvent(new Event('change', { bubbles: true }))
  })
}

// How far the upload has come. Without scripts the browser shows its own progress. Where the answer itself is the page to
// see, and no redirect to one, the form is the browser's to send.
for (const form of document.querySelectorAll('form[enctype="multipart/form-data"]:not([data-answer="page"])')) {
  form.addEventListener('submit', (event) => {
    const chosen = [...form.querySelectorAll('input[type="file"]')].some((field) => field.files.length > 0)
    if (!chosen) return
    event.preventDefault()
    send(form, event.submitter)
  })
}

function send(form, submitter) {
  const bar = document.createElement('progress')
  bar.max = 1
  bar.value = 0
  bar.className = 'upload-progress'
  bar.setAttribute('aria-label', document.documentElement.lang === 'en' ? 'Upload' : '上传')
  form.append(bar)
  const request = new XMLHttpRequest()
  request.upload.addEventListener('progress', (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total
  })
  request.addEventListener('load', () => {
    if (request.status < 400) location.assign(JSON.parse(request.responseText).location)
    else bar.replaceWith(complaint(request.status, request.responseText))
  })
  request.addEventListener('error', () => bar.replaceWith(complaint(0, '')))
  request.open('POST', form.action)
  // A refusal comes as its problem object, a redirect as the place to go to.
  request.setRequestHeader('accept', 'application/json')
  request.send(new FormData(form, submitter))
}

function complaint(status, answer) {
  const words = document.createElement('p')
  words.className = 'error'
  words.setAttribute('role', 'alert')
  words.textContent = sentence(status, answer)
  return words
}

function sentence(status, answer) {
  const lang = document.documentElement.lang === 'en' ? 'en' : 'zh'
  try {
    const { detail, remedy, requestId } = JSON.parse(answer)
    return `${detail[lang]} ${remedy[lang]}${status >= 500 ? ` ${requestId}` : ''}`
  } catch {
    const lost = { zh: '上传中断，请检查网络后重试。', en: 'The upload broke off: check the network and try again.' }
    const failed = { zh: `上传没有成功（${status}），请重试。`, en: `The upload failed (${status}): try again.` }
    return (status === 0 ? lost : failed)[lang]
  }
}
