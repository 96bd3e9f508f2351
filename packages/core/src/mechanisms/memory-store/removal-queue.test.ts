import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RemovalQueue, type Removable } from './removal-queue.ts'

function item(removeAt: number): Removable {
  return { removeAt, queuedAt: Number.NaN }
}

describe('RemovalQueue', () => {
  it('answers what is due, the earliest first, and nothing that is not', () => {
    const queue = new RemovalQueue<Removable>()
    const [late, early] = [item(20), item(10)]
    queue.add(late)
    queue.add(early)
    expect(queue.firstDue(9)).toBeUndefined()
    expect(queue.firstDue(10)).toBe(early)
    queue.remove(early)
    expect(queue.firstDue(19)).toBeUndefined()
    expect(queue.firstDue(20)).toBe(late)
  })

  it('finds what became due later or earlier than it was when it came', () => {
    const queue = new RemovalQueue<Removable>()
    const [touched, shortened] = [item(10), item(100)]
    queue.add(touched)
    queue.add(shortened)
    touched.removeAt = 50
    queue.correct(touched)
    shortened.removeAt = 20
    queue.correct(shortened)
    expect(queue.firstDue(19)).toBeUndefined()
    expect(queue.firstDue(20)).toBe(shortened)
    queue.remove(shortened)
    expect(queue.firstDue(49)).toBeUndefined()
    expect(queue.firstDue(50)).toBe(touched)
  })

  it('holds tickets in proportion to its items, however many come and go', () => {
    const queue = new RemovalQueue<Removable>()
    const stays = item(1_000_000)
    queue.add(stays)
    for (let count = 0; count < 10_000; count += 1) {
      const passing = item(500_000 + count)
      queue.add(passing)
      queue.remove(passing)
      stays.removeAt -= 1
      queue.correct(stays)
    }
    expect(queue.ticketCount).toBeLessThan(100)
    expect(queue.firstDue(989_999)).toBeUndefined()
    expect(queue.firstDue(990_000)).toBe(stays)
  })

  it('agrees with a search through all items, whatever happened to them', () => {
    const time = fc.integer({ min: 0, max: 50 })
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), time }),
      fc.record({ do: fc.constant('change' as const), index: fc.nat(20), time }),
      fc.record({ do: fc.constant('remove' as const), index: fc.nat(20) }),
      fc.record({ do: fc.constant('drain' as const), time }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new RemovalQueue<Removable>()
        const items: Removable[] = []
        for (const each of steps) {
          const chosen = 'index' in each ? items[each.index % Math.max(1, items.length)] : undefined
          if (each.do === 'add') {
            const added = item(each.time)
            items.push(added)
            queue.add(added)
          } else if (each.do === 'change' && chosen !== undefined) {
            chosen.removeAt = each.time
            queue.correct(chosen)
          } else if (each.do === 'remove' && chosen !== undefined) {
            items.splice(items.indexOf(chosen), 1)
            queue.remove(chosen)
          } else if (each.do === 'drain') {
            const due = items.filter(({ removeAt }) => removeAt <= each.time).map(({ removeAt }) => removeAt)
            const drained: number[] = []
            for (let first = queue.firstDue(each.time); first !== undefined; first = queue.firstDue(each.time)) {
              drained.push(first.removeAt)
              items.splice(items.indexOf(first), 1)
              queue.remove(first)
            }
            expect(drained).toEqual(due.toSorted((a, b) => a - b))
          }
        }
      }),
    )
  })
})
