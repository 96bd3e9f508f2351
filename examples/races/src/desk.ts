/**
 * Where handlers send their errands: it stands for the database query or the call to another service for which a
 * handler waits. The races decide when an errand is done, so that requests overlap in every round and not by luck.
 */
export interface Desk {
  /** Waits in a handler until the errand is done. */
  run(errand: string): Promise<void>
  /** Resolves when so many handlers wait for the errand. */
  arrived(errand: string, handlers: number): Promise<void>
  /** Lets all go on that wait for the errand. */
  done(errand: string): void
}

const PATIENCE = 10_000

interface Errand {
  readonly finished: Promise<void>
  readonly finish: () => void
  waiting: number
  onArrival: () => void
}

export function createDesk(): Desk {
  const errands = new Map<string, Errand>()
  const find = (name: string): Errand => {
    const errand = errands.get(name) ?? openErrand()
    errands.set(name, errand)
    return errand
  }

  return {
    run: (name) => {
      const errand = find(name)
      errand.waiting++
      errand.onArrival()
      return errand.finished
    },
    arrived: (name, handlers) =>
      new Promise((resolve, reject) => {
        const errand = find(name)
        const giveUp = (): void => reject(new Error(`Only ${errand.waiting} of ${handlers} handlers came for ${name}.`))
        const timer = setTimeout(giveUp, PATIENCE)
        errand.onArrival = () => {
          if (errand.waiting < handlers) return
          clearTimeout(timer)
          resolve()
        }
        errand.onArrival()
      }),
    done: (name) => {
      find(name).finish()
      errands.delete(name)
    },
  }
}

function openErrand(): Errand {
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { finished, finish, waiting: 0, onArrival: () => {} }
}
