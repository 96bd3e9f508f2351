import type { FastifyReply } from 'fastify'

/**
 * Makes what lets a reply look sent while it is held, so that Fastify treats a second `send` and an error of the handler
 * as it does after a reply that nobody holds.
 *
 * The getter is the same for all replies, and stays once it is there: anything else makes each reply a class of its own
 * to the JavaScript engine, which costs more than the commit.
 *
 * @param isHeld tells whether a reply is held
 * @returns a function to call with a reply before it is held
 */
export function coverReplies(isHeld: (reply: FastifyReply) => boolean): (reply: FastifyReply) => void {
  const cover: PropertyDescriptor = {
    configurable: true,
    get(this: FastifyReply): unknown {
      return isHeld(this) || Reflect.get(Object.getPrototypeOf(this) as object, 'sent', this)
    },
  }
  return (reply) => void Object.defineProperty(reply, 'sent', cover)
}
