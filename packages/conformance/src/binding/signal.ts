/** Something that happens once and can be awaited. */
export class Signal {
  readonly fired: Promise<void>
  #fire: () => void = () => {}

  constructor() {
    this.fired = new Promise((resolve) => {
      this.#fire = resolve
    })
  }

  fire(): void {
    this.#fire()
  }
}
