/** Runs jobs of one name one after another; jobs of different names do not wait for each other. */
export type InTurn = <T>(name: string, job: () => Promise<T>) => Promise<T>

/** Two at once on one dataset would sign the same number twice. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return (name, job) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(job, job)
    last.set(name, turn)
    const leave = (): void => {
      if (last.get(name) === turn) last.delete(name)
    }
    turn.then(leave, leave)
    return turn
  }
}
