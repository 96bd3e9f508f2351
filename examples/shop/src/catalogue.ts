/** What the shop sells, and who may sign in. A real shop asks its database. */

export interface Product {
  /** Names the product in URLs, and its drawing in `public/art.svg`. */
  readonly sku: string
  readonly name: string
  readonly blurb: string
  /** In cents. */
  readonly price: number
}

export interface DemoUser {
  readonly id: string
  readonly name: string
  readonly role: string
}

export const PRODUCTS: readonly Product[] = [
  { sku: 'anchor', name: 'Folding anchor', blurb: 'Bites in sand and mud, stows in a bucket.', price: 8900 },
  { sku: 'rope', name: 'Three-strand rope', blurb: 'Twenty metres of tarred hemp.', price: 3400 },
  { sku: 'lantern', name: 'Storm lantern', blurb: 'Burns in a gale, packs flat.', price: 4650 },
  { sku: 'compass', name: 'Pocket compass', blurb: 'Brass lid, liquid damped.', price: 5900 },
  { sku: 'buoy', name: 'Ring buoy', blurb: 'Cork core, canvas cover.', price: 4200 },
  { sku: 'bell', name: 'Fog bell', blurb: 'Heard for a mile and a half.', price: 7300 },
  { sku: 'mug', name: 'Enamel mug', blurb: 'Chips with dignity.', price: 1250 },
  { sku: 'shackle', name: 'Bow shackle', blurb: 'Forged, and rated for half a ton.', price: 980 },
]

export const USERS: readonly DemoUser[] = [
  { id: 'ada', name: 'Ada', role: 'keeps the light' },
  { id: 'finn', name: 'Finn', role: 'runs the ferry' },
  { id: 'noor', name: 'Noor', role: 'counts the fish' },
]

const productsBySku = new Map(PRODUCTS.map((product) => [product.sku, product]))
const usersById = new Map(USERS.map((user) => [user.id, user]))

export function findProduct(sku: string): Product | undefined {
  return productsBySku.get(sku)
}

export function findUser(id: string): DemoUser | undefined {
  return usersById.get(id)
}
