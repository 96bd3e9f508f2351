import type { FastifyInstance, FastifyReply } from 'fastify'

type Sent = (this: FastifyReply) => unknown

/**
 * Makes what lets a reply look sent while it is held, so that Fastify treats a second `send` and an error of the handler
 * as it does after a reply that nobody holds.
 *
 * The getter goes on the prototype that the replies of a Fastify instance share, once, and stays: one on each reply
 * costs more than the rest of holding it.
 *
 * @param isHeld tells whether a reply is held
 * @returns a function to call with a reply before it is held
 */
export function coverReplies(
  instance: FastifyInstance,
  isHeld: (reply: FastifyReply) => boolean,
): (reply: FastifyReply) => void {
  const held = Symbol('holdfast.held')
  // Only where something is declared do the replies of an instance have a prototype of their own.
  instance.decorateReply(held, {
    getter(this: FastifyReply) {
      return isHeld(this)
    },
  })
  const covered = new WeakSet<object>()

  /** Answers whether the target could be covered. */
  function cover(target: object): boolean {
    const sent = inheritedSent(target)
    return Reflect.defineProperty(target, 'sent', {
      configurable: true,
      get(this: FastifyReply & { [held]: boolean }): unknown {
        return this[held] || sent.call(this)
      },
    })
  }

  return (reply) => {
    const prototype = Object.getPrototypeOf(reply) as object
    if (covered.has(prototype)) return
    if (cover(prototype)) covered.add(prototype)
    else cover(reply)
  }
}

/** Fastify's getter, or the cover of another engine. */
function inheritedSent(target: object): Sent {
  const getter = Object.getOwnPropertyDescriptor(target, 'sent')?.get as Sent | undefined
  return getter ?? inheritedSent(Object.getPrototypeOf(target) as object)
}
