// Follows a job: asks how far it is, draws it, and goes on when it has ended. Without this script the page reloads itself.
const box = document.querySelector('[data-job]')
const bar = box?.querySelector('progress')
const text = box?.querySelector('[data-job-text]')

async function follow() {
  for (;;) {
    const answer = await fetch(box.dataset.job, { headers: { accept: 'application/json' }, cache: 'no-store' })
    if (!answer.ok) break
    const { ended, done, total, text: words } = await answer.json()
    if (ended) break
    if (text.textContent !== words) text.textContent = words
    if (total > 0) {
      bar.max = total
      bar.value = Math.min(done, total)
    } else bar.removeAttribute('value')
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  location.reload()
}

if (box !== null) follow().catch(() => setTimeout(() => location.reload(), 2000))
