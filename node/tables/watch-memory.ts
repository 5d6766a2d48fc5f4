import { readFileSync } from 'node:fs'

const EVERY_MILLISECONDS = 25

/**
 * Calls `onExcess` once when a process holds more than `maxBytes` of memory (VmRSS of /proc/<pid>/status). Where there
 * is no /proc nothing is watched, and time and heap limits remain. Gives the function that ends the watch.
 */
export function watchMemory(pid: number, maxBytes: number, onExcess: () => void): () => void {
  const timer = setInterval(() => {
    const held = residentBytes(pid)
    if (held === undefined || held <= maxBytes) return
    clearInterval(timer)
    onExcess()
  }, EVERY_MILLISECONDS)
  return () => clearInterval(timer)
}

function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    // The process has just ended, or the system has no /proc.
    return undefined
  }
}
