/** What the options of other libraries are called here: somebody who comes from them is told at the first start. */

const NAME = "write `cookie: { name: 'id' }`."
const LENGTHS = 'write `idleTimeout` and `absoluteTimeout`.'
const SECRET =
  'tokens are random, and need no secret. Leave it out, or write `seal: { keys: [secret] }` to encrypt what the store holds.'
const KEYS = 'write `keys: [secret]`.'

const ANYWHERE: Readonly<Record<string, string>> = {
  name: NAME,
  key: NAME,
  cookieName: NAME,
  maxAge: LENGTHS,
  ttl: LENGTHS,
  rolling: 'use moves the idle deadline by itself, so leave it out.',
  resave: 'what did not change is not written, so leave it out.',
  saveUninitialized: 'an empty session is not kept, so leave it out.',
  unset: '`logout` and `destroy` say what is to happen, so leave it out.',
  genid: 'tokens are random, so leave it out.',
  proxy:
    "tell the framework: `app.set('trust proxy', 1)` in Express, `app.proxy = true` in Koa, `trustProxy: true` in Fastify.",
}

/** For engines with a store. */
export const FOREIGN_OPTIONS: Readonly<Record<string, string>> = { ...ANYWHERE, secret: SECRET, keys: SECRET }

/** For sessions in cookies. */
export const FOREIGN_COOKIE_OPTIONS: Readonly<Record<string, string>> = {
  ...ANYWHERE,
  key: KEYS,
  secret: KEYS,
  password: KEYS,
}
