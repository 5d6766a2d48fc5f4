/** Runs `action` while no other process of this clone does; `nameChild` tells the lock the pid of a child that must end first. */
export function withLock<T>(
  path: string,
  onWait: () => void,
  action: (nameChild: (pid: number | undefined) => void) => Promise<T>,
): Promise<T>
