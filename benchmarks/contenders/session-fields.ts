/** How large the fields of a session are, as JSON. */
export type FieldsSize = '350' | '4k'

/** What every contender keeps for a user. */
export interface SessionFields {
  user: string
  visits: number
  name: string
  email: string
  locale: string
  roles: string[]
  cart: { sku: string; quantity: number; price: number }[]
  csrf: string
}

const CART_LENGTH: Readonly<Record<FieldsSize, number>> = { '350': 2, '4k': 88 }

/** Makes the fields of a user: about 350 B or 4 KB of JSON. */
export function fieldsOf(user: string, size: string): SessionFields {
  const length = CART_LENGTH[size as FieldsSize]
  return {
    user,
    visits: 0,
    name: 'Ada Byron King, Countess of Lovelace',
    email: `${user}@example.com`,
    locale: 'en-GB',
    roles: ['customer', 'reviewer'],
    cart: Array.from({ length }, (_, index) => ({ sku: `sku-${1000 + index}`, quantity: 2, price: 1995 })),
    csrf: 'pT0zYV2h9Qm4rXk7sWb1NcEd',
  }
}
