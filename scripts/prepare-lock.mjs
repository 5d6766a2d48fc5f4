import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'

const beatMs = 2_000
const staleMs = 30_000

/**
 * Runs `action` while no other process of this clone does. The lock file names its holder and the holder's
 * current child, so that a holder killed with -9 is taken over at once, yet never while its child still writes.
 * A process id may have been given to somebody else since: a lock that nobody has touched for 30 s is stale too.
 * @template T
 * @param {string} path
 * @param {() => void} onWait called once if another process holds the lock
 * @param {(nameChild: (pid: number | undefined) => void) => Promise<T>} action tells the pid of a child it starts
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, action) {
  const mine = `${path}.${process.pid}`
  mkdirSync(dirname(path), { recursive: true })
  await takeLock(path, mine, onWait)
  const beat = setInterval(() => touch(path), beatMs)
  const release = () => {
    if (readLock(path)?.pids[0] === process.pid) rmSync(path, { force: true })
  }
  process.on('exit', release)
  try {
    return await action((child) => {
      writeFileSync(mine, describe(child))
      renameSync(mine, path)
    })
  } finally {
    clearInterval(beat)
    process.off('exit', release)
    release()
  }
}

async function takeLock(path, mine, onWait) {
  writeFileSync(mine, describe())
  try {
    for (let waited = false; !tryLink(mine, path); ) {
      if (breakStale(path, mine)) continue
      if (!waited) onWait()
      waited = true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

const describe = (child) => JSON.stringify({ host: hostname(), pids: child ? [process.pid, child] : [process.pid] })

/** A hard link appears with its contents or not at all, and fails where one exists: no half-written lock is ever read. */
function tryLink(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock whose holder is gone. Renaming first, then comparing, keeps a second waiter from removing the first one's new lock. */
function breakStale(path, mine) {
  const seen = readLock(path)
  if (seen === undefined) return true
  if (!isStale(seen)) return false
  const removed = `${mine}.stale`
  try {
    renameSync(path, removed)
  } catch {
    return true
  }
  if (readFileSync(removed, 'utf8') !== seen.text) tryLink(removed, path)
  rmSync(removed, { force: true })
  return true
}

function readLock(path) {
  try {
    const text = readFileSync(path, 'utf8')
    return { text, ageMs: Date.now() - statSync(path).mtimeMs, ...parseHolder(text) }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A power cut can leave an empty file, which names nobody and so is held by nobody. */
function parseHolder(text) {
  try {
    return JSON.parse(text)
  } catch {
    return { host: hostname(), pids: [] }
  }
}

function isStale({ ageMs, host, pids }) {
  return ageMs > staleMs || (host === hostname() && !pids.some(isAlive))
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Slept longer than a lock stays good, it may be somebody else's or gone by now: nothing is left to keep fresh. */
function touch(path) {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
