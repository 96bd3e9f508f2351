/** What the shop keeps in a session. */
export interface ShopData {
  /** One SKU for each piece. */
  cart: string[]
  /** Messages for the next page. */
  flash: string[]
}

// From here on `req.session` knows these fields in the whole program.
declare module '@holdfast/express' {
  interface Register {
    data: ShopData
  }
}
